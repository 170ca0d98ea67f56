use bytes::BufMut;
use horolog_ntp::{EncodeError, ExtensionField, ExtensionType};
use rand_core::CryptoRng;

use crate::aead::{SealingKey, TAG_LENGTH};

/// Octets of the two lengths in front of the nonce.
const LENGTHS: usize = 4;
/// How errors call it.
const NAME: &str = "NTS authenticator";

/// An authenticator that is about to be written: how long its parts are.
///
/// The plaintext is written where it is going to be encrypted, so nothing is copied:
///
/// ```text
/// | packet so far | type, length | lengths | nonce | plaintext, room for the tag | padding |
/// ^ 0             ^ start                          ^ plaintext_start
/// ```
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Where it starts: the length of all that it authenticates.
    pub(super) start: usize,
    pub(super) nonce: usize,
    pub(super) plaintext: usize,
    pub(super) additional_padding: usize,
}

impl Layout {
    /// Where the plaintext goes.
    pub(super) const fn plaintext_start(&self) -> usize {
        self.start + ExtensionField::HEADER_LENGTH + LENGTHS + self.nonce.next_multiple_of(4)
    }

    /// Where the packet ends.
    pub(super) const fn end(&self) -> usize {
        self.plaintext_start()
            + (self.plaintext + TAG_LENGTH).next_multiple_of(4)
            + self.additional_padding
    }

    /// Draws the nonce, encrypts the plaintext in place, and writes what stands around it. Tells where
    /// the packet ends.
    ///
    /// RFC 8915 § 5.6: the associated data are all the octets of the packet up to this field.
    pub(super) fn seal(
        &self,
        key: impl SealingKey,
        rng: &mut (impl CryptoRng + ?Sized),
        packet: &mut [u8],
    ) -> Result<usize, EncodeError> {
        let (end, length) = (self.end(), packet.len());
        let needed = end - self.start;
        let too_long = EncodeError::TooLong {
            field: NAME,
            length: needed,
            max: ExtensionField::MAX_LENGTH,
        };
        let field_length = u16::try_from(needed)
            .ok()
            .filter(|_| needed <= ExtensionField::MAX_LENGTH)
            .ok_or(too_long)?;
        let too_small = EncodeError::BufferTooSmall {
            field: NAME,
            needed,
            left: length.saturating_sub(self.start),
        };
        let (associated_data, field) = packet
            .get_mut(..end)
            .and_then(|packet| packet.split_at_mut_checked(self.start))
            .ok_or(too_small)?;
        let (mut head, body) = field
            .split_at_mut_checked(self.plaintext_start() - self.start)
            .ok_or(too_small)?;
        let (text, padding) = body
            .split_at_mut_checked(self.plaintext + TAG_LENGTH)
            .ok_or(too_small)?;
        padding.fill(0);
        // Both are shorter than the field.
        let short = |length| u16::try_from(length).map_err(|_| too_long);
        head.put_u16(ExtensionType::NTS_AUTHENTICATOR.to_bits());
        head.put_u16(field_length);
        head.put_u16(short(self.nonce)?);
        head.put_u16(short(text.len())?);
        let (nonce, padding) = head.split_at_mut_checked(self.nonce).ok_or(too_small)?;
        padding.fill(0);
        rng.fill_bytes(nonce);
        key.seal_message(associated_data, nonce, text)
            .map_err(|_| too_long)?;
        Ok(end)
    }
}

#[cfg(test)]
mod tests;
