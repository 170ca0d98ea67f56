//! AES-SIV of the `aes-siv` crate.

use aes_siv::siv::CmacSiv;
use aes_siv::{Key, KeyInit, Tag};
#[cfg(feature = "alloc")]
use zeroize::Zeroize;

use super::{AesSiv, Cipher};
use crate::aead::{OpenError, TAG_LENGTH};

/// A key of one owner, whose S2V is expanded once. The crate wants its state for itself while it
/// works, and expands the key of the encryption for each message.
pub(crate) struct LibrarySiv<C: Cipher>(CmacSiv<C>)
where
    CmacSiv<C>: KeyInit;

impl<C: Cipher> LibrarySiv<C>
where
    CmacSiv<C>: KeyInit,
{
    /// Takes a secret; none where it has another length.
    #[inline]
    pub(crate) fn new(secret: &[u8]) -> Option<Self> {
        let secret: &Key<CmacSiv<C>> = secret.try_into().ok()?;
        Some(Self(CmacSiv::new(secret)))
    }

    /// Does one thing with a secret: what is made of it stays where it is made.
    #[inline]
    pub(crate) fn with<R>(secret: &[u8], once: impl FnOnce(&mut Self) -> R) -> Option<R> {
        Self::new(secret).map(|mut siv| once(&mut siv))
    }
}

impl<C: Cipher> AesSiv for &mut LibrarySiv<C>
where
    CmacSiv<C>: KeyInit,
{
    #[inline]
    fn encrypt(self, headers: &[&[u8]], text: &mut [u8]) -> Option<[u8; TAG_LENGTH]> {
        let tag = self.0.encrypt_inout_detached(headers, text.into()).ok()?;
        Some(tag.into())
    }

    #[inline]
    fn decrypt(
        self,
        headers: &[&[u8]],
        tag: &[u8; TAG_LENGTH],
        text: &mut [u8],
    ) -> Result<(), OpenError> {
        self.0
            .decrypt_inout_detached(headers, text.into(), &Tag::from(*tag))
            .map_err(|_| OpenError)
    }
}

/// A key as it is, for what is shared: each message expands it anew.
#[cfg(feature = "alloc")]
pub(crate) struct SharedLibrarySiv<C: Cipher>
where
    CmacSiv<C>: KeyInit,
{
    secret: Key<CmacSiv<C>>,
}

#[cfg(feature = "alloc")]
impl<C: Cipher> SharedLibrarySiv<C>
where
    CmacSiv<C>: KeyInit,
{
    /// Takes a secret; none where it has another length.
    #[inline]
    pub(crate) fn new(secret: &[u8]) -> Option<Self> {
        let secret: &Key<CmacSiv<C>> = secret.try_into().ok()?;
        Some(Self {
            secret: secret.clone(),
        })
    }
}

#[cfg(feature = "alloc")]
impl<C: Cipher> AesSiv for &SharedLibrarySiv<C>
where
    CmacSiv<C>: KeyInit,
{
    #[inline]
    fn encrypt(self, headers: &[&[u8]], text: &mut [u8]) -> Option<[u8; TAG_LENGTH]> {
        LibrarySiv(CmacSiv::<C>::new(&self.secret)).encrypt(headers, text)
    }

    #[inline]
    fn decrypt(
        self,
        headers: &[&[u8]],
        tag: &[u8; TAG_LENGTH],
        text: &mut [u8],
    ) -> Result<(), OpenError> {
        LibrarySiv(CmacSiv::<C>::new(&self.secret)).decrypt(headers, tag, text)
    }
}

#[cfg(feature = "alloc")]
impl<C: Cipher> Drop for SharedLibrarySiv<C>
where
    CmacSiv<C>: KeyInit,
{
    #[inline]
    fn drop(&mut self) {
        self.secret.as_mut_slice().zeroize();
    }
}
