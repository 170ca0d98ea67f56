//! AES-SIV of the `aes-siv` crate.

use aes_siv::siv::CmacSiv;
use aes_siv::{Key, KeyInit, Tag};
use zeroize::Zeroize;

use super::{AesSiv, Cipher};
use crate::aead::{OpenError, TAG_LENGTH};

/// A key as it is.
///
/// The crate wants its state for itself while it works and does not copy it, so each message expands
/// the key anew.
pub(crate) struct LibrarySiv<C: Cipher>
where
    CmacSiv<C>: KeyInit,
{
    secret: Key<CmacSiv<C>>,
}

impl<C: Cipher> AesSiv for LibrarySiv<C>
where
    CmacSiv<C>: KeyInit,
{
    #[inline]
    fn new(secret: &[u8]) -> Option<Self> {
        let secret: &Key<CmacSiv<C>> = secret.try_into().ok()?;
        Some(Self {
            secret: secret.clone(),
        })
    }

    #[inline]
    fn encrypt(&self, headers: &[&[u8]], text: &mut [u8]) -> Option<[u8; TAG_LENGTH]> {
        let tag = CmacSiv::<C>::new(&self.secret)
            .encrypt_inout_detached(headers, text.into())
            .ok()?;
        Some(tag.into())
    }

    #[inline]
    fn decrypt(
        &self,
        headers: &[&[u8]],
        tag: &[u8; TAG_LENGTH],
        text: &mut [u8],
    ) -> Result<(), OpenError> {
        CmacSiv::<C>::new(&self.secret)
            .decrypt_inout_detached(headers, text.into(), &Tag::from(*tag))
            .map_err(|_| OpenError)
    }
}

impl<C: Cipher> Drop for LibrarySiv<C>
where
    CmacSiv<C>: KeyInit,
{
    #[inline]
    fn drop(&mut self) {
        self.secret.as_mut_slice().zeroize();
    }
}
