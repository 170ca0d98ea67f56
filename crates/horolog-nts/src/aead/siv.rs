//! AES-SIV as an AEAD with a nonce: [RFC 5297 § 3](https://www.rfc-editor.org/rfc/rfc5297#section-3).

use aes::{Aes128, Aes192, Aes256};
use aes_siv::siv::CmacSiv;
use aes_siv::{KeyInit, Tag};

use super::{OpenError, TAG_LENGTH};

/// The three key sizes; each operation expands the key anew.
pub(super) trait Siv: KeyInit {
    fn encrypt(&mut self, headers: [&[u8]; 2], text: &mut [u8]) -> Result<Tag, aes_siv::Error>;
    fn decrypt(
        &mut self,
        headers: [&[u8]; 2],
        text: &mut [u8],
        tag: &Tag,
    ) -> Result<(), aes_siv::Error>;
}

macro_rules! siv {
    ($($cipher:ty),*) => {$(
        impl Siv for CmacSiv<$cipher> {
            fn encrypt(&mut self, headers: [&[u8]; 2], text: &mut [u8]) -> Result<Tag, aes_siv::Error> {
                self.encrypt_inout_detached(headers, text.into())
            }

            fn decrypt(&mut self, headers: [&[u8]; 2], text: &mut [u8], tag: &Tag) -> Result<(), aes_siv::Error> {
                self.decrypt_inout_detached(headers, text.into(), tag)
            }
        }
    )*};
}

siv!(Aes128, Aes192, Aes256);

/// Turns a plaintext with room for a tag behind it into V and C.
///
/// S2V gets the associated data and then the nonce, each a component of its own, also when empty.
pub(super) fn seal<S: Siv>(
    mut siv: S,
    associated_data: &[u8],
    nonce: &[u8],
    buffer: &mut [u8],
) -> Option<()> {
    let plaintext = buffer.len().checked_sub(TAG_LENGTH)?;
    buffer.copy_within(..plaintext, TAG_LENGTH);
    let (room, text) = buffer.split_first_chunk_mut::<TAG_LENGTH>()?;
    let tag = siv.encrypt([associated_data, nonce], text).ok()?;
    *room = tag.into();
    Some(())
}

/// Turns V and C into V and the plaintext.
pub(super) fn open<'a, S: Siv>(
    mut siv: S,
    associated_data: &[u8],
    nonce: &[u8],
    buffer: &'a mut [u8],
) -> Result<&'a mut [u8], OpenError> {
    let (tag, text) = buffer
        .split_first_chunk_mut::<TAG_LENGTH>()
        .ok_or(OpenError)?;
    siv.decrypt([associated_data, nonce], text, &Tag::from(*tag))
        .map_err(|_| OpenError)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    fn encrypted(key: [u8; 32], headers: &[&[u8]], plaintext: &[u8]) -> Vec<u8> {
        let mut text = plaintext.to_vec();
        let tag = CmacSiv::<Aes128>::new(&key.into())
            .encrypt_inout_detached(headers, text.as_mut_slice().into())
            .unwrap();
        [tag.as_slice(), &text].concat()
    }

    /// Source: RFC 5297 appendix A.1: one header, no nonce.
    #[test]
    fn rfc_5297_appendix_a_1() {
        let key = hex!("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
        let header = hex!("101112131415161718191a1b1c1d1e1f2021222324252627");
        let plaintext = hex!("112233445566778899aabbccddee");
        let expected = hex!("85632d07c6e8f37f950acd320a2ecc93 40c02b9690c4dc04daef7f6afe5c");
        assert_eq!(encrypted(key, &[&header], &plaintext), expected);
    }

    /// Source: RFC 5297 appendix A.2: two headers and a nonce.
    #[test]
    fn rfc_5297_appendix_a_2() {
        let key = hex!("7f7e7d7c7b7a79787776757473727170404142434445464748494a4b4c4d4e4f");
        let first = hex!(
            "00112233445566778899aabbccddeeffdeaddadadeaddadaffeeddccbbaa99887766554433221100"
        );
        let second = hex!("102030405060708090a0");
        let nonce = hex!("09f911029d74e35bd84156c5635688c0");
        let expected = hex!(
            "7bdb6e3b432667eb06f4d14bff2fbd0f cb900f2fddbe404326601965c889bf17"
            "dba77ceb094fa663b7a3f748ba8af829ea64ad544a272e9c485b62a3fd5c0d"
        );
        assert_eq!(
            encrypted(
                key,
                &[&first, &second, &nonce],
                b"this is some plaintext to encrypt using SIV-AES"
            ),
            expected
        );
    }

    /// Source: computed with Python: what comes out where an empty component is dropped.
    #[test]
    fn a_dropped_component_is_another_function() {
        let key = hex!("0123456789abcdeff0123456789abcdeef0123456789abcddef0123456789abc");
        let nonce = hex!("101112131415161718191a1b1c1d1e1f");
        let right = hex!("223eb594e0e0254b00258e219a1ca421");
        let dropped = hex!("74a24f565d41a1bd1121cce736117527");
        assert_eq!(encrypted(key, &[&[], &nonce], &[]), right);
        assert_eq!(encrypted(key, &[&nonce], &[]), dropped);
    }
}
