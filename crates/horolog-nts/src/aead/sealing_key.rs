use super::{AeadKey, ExpandedKey, SealError};

/// A key to seal one message with: expanded for it, or already.
pub(crate) trait SealingKey {
    /// As [`AeadKey::seal`].
    fn seal_message(
        self,
        associated_data: &[u8],
        nonce: &[u8],
        buffer: &mut [u8],
    ) -> Result<(), SealError>;
}

impl SealingKey for &AeadKey {
    fn seal_message(
        self,
        associated_data: &[u8],
        nonce: &[u8],
        buffer: &mut [u8],
    ) -> Result<(), SealError> {
        self.seal(associated_data, nonce, buffer)
    }
}

impl SealingKey for &mut ExpandedKey {
    fn seal_message(
        self,
        associated_data: &[u8],
        nonce: &[u8],
        buffer: &mut [u8],
    ) -> Result<(), SealError> {
        self.seal(associated_data, nonce, buffer)
    }
}
