use bytes::BufMut;
use nom::Parser;

use super::{ExtensionType, FieldValue};
use crate::parse::{self, Parsed, octets, u16};
use crate::{DecodeError, DecodeErrorKind};

/// The NTS Authenticator and Encrypted Extension Fields: nonce and ciphertext, not opened.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |         Nonce Length          |      Ciphertext Length        |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// .                                                               .
/// .          Nonce, including up to 3 octets padding              .
/// .                                                               .
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// .                                                               .
/// .        Ciphertext, including up to 3 octets padding           .
/// .                                                               .
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// .                                                               .
/// .                      Additional Padding                       .
/// .                                                               .
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// This is the layout alone. What it protects are the octets of the packet before this field; what
/// it hides are extension fields (walk over the plaintext with
/// [`FieldLayout::NtsPlaintext`](crate::FieldLayout::NtsPlaintext)).
///
/// Defined in [RFC 8915 § 5.6](https://www.rfc-editor.org/rfc/rfc8915#section-5.6).
///
/// # Examples
///
/// ```
/// use horolog_ntp::{FieldValue, NtsAuthenticator};
///
/// let mut value = vec![0, 12, 0, 16];
/// value.extend([0xaa; 12]); // nonce
/// value.extend([0xbb; 16]); // ciphertext
/// let authenticator = NtsAuthenticator::decode_value(&value)?;
/// assert_eq!((authenticator.nonce, authenticator.ciphertext), (&[0xaa; 12][..], &[0xbb; 16][..]));
///
/// let mut written = Vec::new();
/// authenticator.encode_value(&mut written);
/// assert_eq!(written, value);
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct NtsAuthenticator<'a> {
    /// The nonce, without padding.
    pub nonce: &'a [u8],
    /// The ciphertext, without padding.
    pub ciphertext: &'a [u8],
    /// Octets behind the ciphertext and its padding.
    pub additional_padding: usize,
}

impl<'a> FieldValue<'a> for NtsAuthenticator<'a> {
    const TYPE: ExtensionType = ExtensionType::NTS_AUTHENTICATOR;

    /// What the padding holds is ignored, as the RFC asks for.
    fn decode_value(value: &'a [u8]) -> Result<Self, DecodeError> {
        parse::offset(value, authenticator(value)).map(|(_, authenticator)| authenticator)
    }

    fn value_len(&self) -> usize {
        let padded = |octets: &[u8]| octets.len().next_multiple_of(4);
        (4 + padded(self.nonce) + padded(self.ciphertext)).saturating_add(self.additional_padding)
    }

    /// # Panics
    ///
    /// Where the buffer is too small, or nonce or ciphertext have more than 65535 octets.
    fn encode_value(&self, buffer: &mut impl BufMut) {
        let length = |octets: &[u8]| u16::try_from(octets.len()).expect("at most 65535 octets");
        buffer.put_u16(length(self.nonce));
        buffer.put_u16(length(self.ciphertext));
        for octets in [self.nonce, self.ciphertext] {
            buffer.put_slice(octets);
            buffer.put_bytes(0, octets.len().next_multiple_of(4) - octets.len());
        }
        buffer.put_bytes(0, self.additional_padding);
    }
}

fn authenticator(input: &[u8]) -> Parsed<'_, NtsAuthenticator<'_>> {
    let (behind_nonce_length, nonce_length) = u16("nonce length").map(usize::from).parse(input)?;
    let (rest, ciphertext_length) = u16("ciphertext length")
        .map(usize::from)
        .parse(behind_nonce_length)?;
    if nonce_length == 0 {
        let kind = DecodeErrorKind::Length {
            field: "nonce",
            length: 0,
            rule: "1 or more",
        };
        return Err(parse::fail(input, kind));
    }
    let (rest, nonce) = padded("nonce", nonce_length).parse(rest)?;
    let (rest, ciphertext) = padded("ciphertext", ciphertext_length).parse(rest)?;
    Ok((
        &[],
        NtsAuthenticator {
            nonce,
            ciphertext,
            additional_padding: rest.len(),
        },
    ))
}

/// `length` octets and zero to three of padding.
fn padded<'a>(
    field: &'static str,
    length: usize,
) -> impl Parser<&'a [u8], Output = &'a [u8], Error = parse::Fault> {
    octets(field, length.next_multiple_of(4))
        .map(move |octets: &[u8]| octets.get(..length).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rfc_8915_section_5_6_padding_is_not_part_of_nonce_and_ciphertext() {
        let value = [
            0, 5, 0, 2, 1, 2, 3, 4, 5, 0xff, 0xff, 0xff, 6, 7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        ];
        let found = NtsAuthenticator::decode_value(&value).unwrap();
        assert_eq!(
            found,
            NtsAuthenticator {
                nonce: &[1, 2, 3, 4, 5],
                ciphertext: &[6, 7],
                additional_padding: 4
            }
        );
    }

    #[test]
    fn rejects_every_truncation() {
        let value = [0, 5, 0, 2, 1, 2, 3, 4, 5, 0, 0, 0, 6, 7, 0, 0];
        for length in 0..value.len() {
            assert!(
                NtsAuthenticator::decode_value(&value[..length]).is_err(),
                "{length}"
            );
        }
        let error = NtsAuthenticator::decode_value(&[0, 0, 0, 0]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "nonce length 0 is not 1 or more, at offset 0"
        );
    }

    #[test]
    #[should_panic(expected = "at most 65535 octets")]
    fn panics_on_a_ciphertext_that_its_length_cannot_say() {
        NtsAuthenticator {
            nonce: &[1],
            ciphertext: &vec![0; 65536],
            additional_padding: 0,
        }
        .encode_value(&mut Vec::new());
    }

    #[test]
    fn a_length_beyond_all_measure_does_not_wrap_around() {
        let authenticator = NtsAuthenticator {
            nonce: &[1],
            ciphertext: &[2],
            additional_padding: usize::MAX,
        };
        assert_eq!(authenticator.value_len(), usize::MAX);
    }

    #[test]
    #[should_panic(expected = "advance out of bounds")]
    fn panics_on_a_buffer_too_small() {
        NtsAuthenticator {
            nonce: &[1],
            ciphertext: &[2],
            additional_padding: 0,
        }
        .encode_value(&mut [0; 11].as_mut_slice());
    }

    proptest! {
        #[test]
        fn any_authenticator_survives(nonce in proptest::collection::vec(any::<u8>(), 1..40),
                                      ciphertext in proptest::collection::vec(any::<u8>(), 0..200), padding in 0..30_usize) {
            let authenticator = NtsAuthenticator { nonce: &nonce, ciphertext: &ciphertext, additional_padding: padding };
            let mut value = vec![0xa5; authenticator.value_len()];
            authenticator.encode_value(&mut value.as_mut_slice());
            prop_assert_eq!(NtsAuthenticator::decode_value(&value), Ok(authenticator));
        }
    }
}
