use bytes::BufMut;

use super::RecordType;
use crate::EncodeError;

/// One NTS-KE record as it stands.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |C|         Record Type         |          Body Length          |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// .                                                               .
/// .                           Record Body                         .
/// .                                                               .
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// The length counts the body alone, and nothing is padded. Records are read from a connection with
/// [`RecordReader`](crate::RecordReader). What the body should hold depends on the type; the methods
/// that read it name the type in their errors but do not ask for a certain one.
///
/// Defined in [RFC 8915 § 4](https://www.rfc-editor.org/rfc/rfc8915#section-4).
///
/// # Examples
///
/// ```
/// use horolog_nts::{Record, RecordType};
///
/// let record = Record { critical: true, record_type: RecordType::NEXT_PROTOCOL, body: &[0, 0] };
/// assert!(record.numbers()?.iter().eq([0]));
///
/// let mut octets = Vec::new();
/// record.encode(&mut octets)?;
/// assert_eq!(octets, [0x80, 0x01, 0x00, 0x02, 0x00, 0x00]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Record<'a> {
    /// Whether a receiver that does not know the type has to refuse the message.
    pub critical: bool,
    /// The type.
    pub record_type: RecordType,
    /// The octets behind the length.
    pub body: &'a [u8],
}

/// The first bit of a record.
const CRITICAL: u16 = 0x8000;

impl<'a> Record<'a> {
    /// Octets of type and length.
    pub const HEADER_LENGTH: usize = 4;

    /// The record that ends a message (RFC 8915 § 4.1.1).
    pub const END_OF_MESSAGE: Self = Self {
        critical: true,
        record_type: RecordType::END_OF_MESSAGE,
        body: &[],
    };

    pub(super) const fn from_parts(bits: u16, body: &'a [u8]) -> Self {
        Self {
            critical: bits & CRITICAL != 0,
            record_type: RecordType::from_bits(bits),
            body,
        }
    }

    /// Octets that [`encode`](Self::encode) writes.
    #[must_use]
    pub const fn encoded_len(&self) -> usize {
        Self::HEADER_LENGTH + self.body.len()
    }

    /// Appends the record.
    ///
    /// # Errors
    ///
    /// [`EncodeError::TooLong`] for a body above 65535 octets, [`EncodeError::BufferTooSmall`]; then
    /// nothing was written.
    pub fn encode(&self, buffer: &mut impl BufMut) -> Result<(), EncodeError> {
        Self::encode_header(self.critical, self.record_type, self.body.len(), buffer)?;
        buffer.put_slice(self.body);
        Ok(())
    }

    /// Appends type and length of a record, if there is room for the body too.
    pub(crate) fn encode_header(
        critical: bool,
        record_type: RecordType,
        body: usize,
        buffer: &mut impl BufMut,
    ) -> Result<(), EncodeError> {
        let length = u16::try_from(body).map_err(|_| EncodeError::TooLong {
            field: "record body",
            length: body,
            max: usize::from(u16::MAX),
        })?;
        let left = buffer.remaining_mut();
        let needed = Self::HEADER_LENGTH + body;
        if left < needed {
            return Err(EncodeError::BufferTooSmall {
                field: "record",
                needed,
                left,
            });
        }
        let critical = if critical { CRITICAL } else { 0 };
        buffer.put_u16(critical | record_type.to_bits());
        buffer.put_u16(length);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_a_body_that_its_length_cannot_say() {
        let body = vec![0; 65_536];
        let record = Record {
            body: &body,
            ..Record::END_OF_MESSAGE
        };
        let error = record.encode(&mut Vec::new()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "record body of 65536 octets is longer than 65535"
        );
        let record = Record {
            body: &body[1..],
            ..record
        };
        assert_eq!(record.encode(&mut Vec::new()), Ok(()));
    }

    #[test]
    fn rejects_a_buffer_too_small() {
        let record = Record {
            body: &[1, 2, 3],
            ..Record::END_OF_MESSAGE
        };
        for left in 0..7 {
            let mut buffer = [0xa5; 7];
            assert_eq!(
                record.encode(&mut &mut buffer[..left]),
                Err(EncodeError::BufferTooSmall {
                    field: "record",
                    needed: 7,
                    left
                })
            );
            assert_eq!(buffer, [0xa5; 7]);
        }
    }

    #[test]
    fn encodes_over_a_dirty_buffer() {
        let mut buffer = [0xa5; 9];
        let record = Record {
            critical: false,
            record_type: RecordType::from_bits(0x4001),
            body: &[1, 2, 3],
        };
        record.encode(&mut buffer.as_mut_slice()).unwrap();
        assert_eq!(buffer, [0x40, 0x01, 0, 3, 1, 2, 3, 0xa5, 0xa5]);
    }
}
