use bytes::BufMut;
use nom::Parser;
use nom::error::ParseError;

use super::KeyId;
use crate::error::reserve;
use crate::parse::{self, Failure, Parsed, u32};
use crate::{DecodeError, EncodeError};

/// The message authentication code at the end of a packet: a key identifier and a digest.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                         Key Identifier                        |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// .                           Digest                              .
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// A key identifier of zero without a digest is a crypto-NAK: the server could not authenticate
/// the request.
///
/// Defined in [RFC 5905 § 7.3](https://www.rfc-editor.org/rfc/rfc5905#section-7.3) and appendix A.
///
/// # Examples
///
/// ```
/// use horolog_ntp::{KeyId, MacTrailer};
///
/// let octets = [0, 0, 0, 5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
/// let mac = MacTrailer::decode(&octets)?;
/// assert_eq!((mac.key_id, mac.digest.len()), (KeyId::new(5), 16));
/// assert!(MacTrailer::decode(&[0; 4])?.is_crypto_nak());
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct MacTrailer<'a> {
    /// Which key.
    pub key_id: KeyId,
    /// The digest, perhaps cut; empty in a crypto-NAK. Compare it only by
    /// [`MacKey::verify`](crate::MacKey::verify).
    pub digest: &'a [u8],
}

impl<'a> MacTrailer<'a> {
    /// A crypto-NAK.
    pub const CRYPTO_NAK: MacTrailer<'static> = MacTrailer {
        key_id: KeyId::new(0),
        digest: &[],
    };

    /// Decodes all of `octets`.
    ///
    /// # Errors
    ///
    /// * [`DecodeErrorKind::Truncated`](crate::DecodeErrorKind::Truncated) below four octets.
    /// * [`DecodeErrorKind::Value`](crate::DecodeErrorKind::Value) for a key identifier without a digest, unless it is zero.
    pub fn decode(octets: &'a [u8]) -> Result<Self, DecodeError> {
        parse::all(octets, "MAC", mac_trailer)
    }

    /// Appends the MAC.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferTooSmall`]; then nothing was written.
    pub fn encode(&self, buffer: &mut impl BufMut) -> Result<(), EncodeError> {
        reserve(buffer, self.encoded_len(), "MAC")?;
        buffer.put_u32(self.key_id.get());
        buffer.put_slice(self.digest);
        Ok(())
    }

    /// Octets that [`encode`](Self::encode) writes.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        4 + self.digest.len()
    }

    /// Whether this is a crypto-NAK.
    #[must_use]
    pub const fn is_crypto_nak(&self) -> bool {
        self.key_id.get() == 0 && self.digest.is_empty()
    }
}

/// A MAC that takes all of the input.
#[inline]
pub(crate) fn mac_trailer<'a, E>(input: &'a [u8]) -> Parsed<'a, MacTrailer<'a>, E>
where
    E: Failure + ParseError<&'a [u8]>,
{
    let (rest, key_id) = u32("key identifier").parse(input)?;
    let mac = MacTrailer {
        key_id: KeyId::new(key_id),
        digest: rest,
    };
    if rest.is_empty() && !mac.is_crypto_nak() {
        let field = "key identifier without a digest";
        return Err(parse::unexpected(input, field, key_id, "0 (crypto-NAK)"));
    }
    Ok((&[], mac))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_survive_a_dirty_buffer() {
        let octets: Vec<u8> = (0..24).collect();
        let mac = MacTrailer::decode(&octets).unwrap();
        let mut written = [0xa5; 24];
        mac.encode(&mut written.as_mut_slice()).unwrap();
        assert_eq!(written[..], octets);
        assert!(mac.encode(&mut [0; 23].as_mut_slice()).is_err());
    }

    #[test]
    fn rejects_truncation_and_a_key_without_a_digest() {
        for length in 0..4 {
            assert!(MacTrailer::decode(&[0; 4][..length]).is_err());
        }
        assert_eq!(
            MacTrailer::decode(&[0, 0, 1, 0]).unwrap_err().to_string(),
            "key identifier without a digest is 0x100, expected 0 (crypto-NAK), at offset 0"
        );
    }
}
