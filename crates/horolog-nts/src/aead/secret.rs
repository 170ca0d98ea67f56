use core::ops::{Deref, DerefMut};

use zeroize::{Zeroize, ZeroizeOnDrop};

/// Octets that are wiped on drop, all at once: `Zeroizing` of an array wipes them one by one.
pub(crate) struct Secret<const LENGTH: usize>([u8; LENGTH]);

impl<const LENGTH: usize> Secret<LENGTH> {
    /// Zeros, to be written over.
    pub(crate) const fn zeros() -> Self {
        Self([0; LENGTH])
    }
}

impl<const LENGTH: usize> Deref for Secret<LENGTH> {
    type Target = [u8; LENGTH];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<const LENGTH: usize> DerefMut for Secret<LENGTH> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<const LENGTH: usize> Drop for Secret<LENGTH> {
    #[inline]
    fn drop(&mut self) {
        self.0.as_mut_slice().zeroize();
    }
}

impl<const LENGTH: usize> ZeroizeOnDrop for Secret<LENGTH> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aead::MAX_KEY_LENGTH;

    /// Does not compile where it stays in memory.
    #[test]
    fn it_is_wiped() {
        fn wiped<T: ZeroizeOnDrop>() {}
        wiped::<Secret<MAX_KEY_LENGTH>>();
    }
}
