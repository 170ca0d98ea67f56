//! AES-GCM-SIV: [RFC 8452](https://www.rfc-editor.org/rfc/rfc8452).

use aes_gcm_siv::{AeadInOut, Nonce, Tag};

use super::{OpenError, TAG_LENGTH};

/// The AEAD of either key size.
pub(super) trait GcmSiv:
    AeadInOut<NonceSize = aes_gcm_siv::aead::consts::U12, TagSize = aes_gcm_siv::aead::consts::U16>
{
}

impl<A> GcmSiv for A where
    A: AeadInOut<
            NonceSize = aes_gcm_siv::aead::consts::U12,
            TagSize = aes_gcm_siv::aead::consts::U16,
        >
{
}

/// Turns a plaintext with room for a tag behind it into C and T.
pub(super) fn seal(
    aead: &impl GcmSiv,
    associated_data: &[u8],
    nonce: &[u8],
    buffer: &mut [u8],
) -> Option<()> {
    let nonce = Nonce::try_from(nonce).ok()?;
    let (text, room) = buffer.split_last_chunk_mut::<TAG_LENGTH>()?;
    let tag = aead
        .encrypt_inout_detached(&nonce, associated_data, text.into())
        .ok()?;
    *room = tag.into();
    Some(())
}

/// Turns C and T into the plaintext and T.
pub(super) fn open<'a>(
    aead: &impl GcmSiv,
    associated_data: &[u8],
    nonce: &[u8],
    buffer: &'a mut [u8],
) -> Result<&'a mut [u8], OpenError> {
    let nonce = Nonce::try_from(nonce).map_err(|_| OpenError)?;
    let (text, tag) = buffer
        .split_last_chunk_mut::<TAG_LENGTH>()
        .ok_or(OpenError)?;
    aead.decrypt_inout_detached(
        &nonce,
        associated_data,
        (&mut *text).into(),
        &Tag::from(*tag),
    )
    .map_err(|_| OpenError)?;
    Ok(text)
}
