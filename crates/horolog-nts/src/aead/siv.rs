//! AES-SIV as an AEAD with a nonce: [RFC 5297 § 3](https://www.rfc-editor.org/rfc/rfc5297#section-3).
//!
//! There are two ways to the same octets: [`library`], over the `aes-siv` crate, and with the feature
//! `fast-siv` [`fast`], the mode written out here. A third one is another implementation of [`AesSiv`].

#[cfg(feature = "fast-siv")]
mod fast;
#[cfg(any(test, not(feature = "fast-siv")))]
mod library;

use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncrypt, BlockSizeUser, KeyInit};

#[cfg(feature = "fast-siv")]
use self::fast::FastSiv as Siv;
#[cfg(all(feature = "alloc", feature = "fast-siv"))]
use self::fast::FastSiv as SharedSiv;
#[cfg(not(feature = "fast-siv"))]
use self::library::LibrarySiv as Siv;
#[cfg(all(feature = "alloc", not(feature = "fast-siv")))]
use self::library::SharedLibrarySiv as SharedSiv;
use super::{OpenError, TAG_LENGTH};

/// `AEAD_AES_SIV_CMAC_256`.
pub(super) type AesSivCmac256 = Siv<aes::Aes128Enc>;
/// `AEAD_AES_SIV_CMAC_384`.
pub(super) type AesSivCmac384 = Siv<aes::Aes192Enc>;
/// `AEAD_AES_SIV_CMAC_512`.
pub(super) type AesSivCmac512 = Siv<aes::Aes256Enc>;
/// `AEAD_AES_SIV_CMAC_256` with a key that is shared.
#[cfg(feature = "alloc")]
pub(crate) type SharedAesSivCmac256 = SharedSiv<aes::Aes128Enc>;

/// What a cipher has to be.
pub(crate) trait Cipher:
    BlockCipherEncrypt + BlockSizeUser<BlockSize = U16> + KeyInit
{
}

impl<C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16> + KeyInit> Cipher for C {}

/// AES-SIV with a key, for one message: a reference to a key, which may be to a shared one.
pub(crate) trait AesSiv: Sized {
    /// Turns a plaintext into C, and tells V; none of more headers than there may be.
    fn encrypt(self, headers: &[&[u8]], text: &mut [u8]) -> Option<[u8; TAG_LENGTH]>;

    /// Turns C into the plaintext. Where V is wrong, C is as it was.
    fn decrypt(
        self,
        headers: &[&[u8]],
        tag: &[u8; TAG_LENGTH],
        text: &mut [u8],
    ) -> Result<(), OpenError>;

    /// Turns a plaintext with room for a tag behind it into V and C.
    ///
    /// S2V gets the associated data and then the nonce, each a component of its own, also when empty.
    #[inline]
    fn seal(self, associated_data: &[u8], nonce: &[u8], buffer: &mut [u8]) -> Option<()> {
        let plaintext = buffer.len().checked_sub(TAG_LENGTH)?;
        buffer.copy_within(..plaintext, TAG_LENGTH);
        let (room, text) = buffer.split_first_chunk_mut::<TAG_LENGTH>()?;
        *room = self.encrypt(&[associated_data, nonce], text)?;
        Some(())
    }

    /// Turns V and C into V and the plaintext.
    #[inline]
    fn open<'a>(
        self,
        associated_data: &[u8],
        nonce: &[u8],
        buffer: &'a mut [u8],
    ) -> Result<&'a mut [u8], OpenError> {
        let (tag, text) = buffer
            .split_first_chunk_mut::<TAG_LENGTH>()
            .ok_or(OpenError)?;
        self.decrypt(&[associated_data, nonce], tag, text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests;
