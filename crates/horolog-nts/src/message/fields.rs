//! What requests and responses have in common: the records that may stand once, and how they are
//! read and written.

use bytes::BufMut;

use super::MessageError;
use super::numbers::{CodePoint, Numbers};
use crate::{
    AeadAlgorithm, DecodeError, EncodeError, NextProtocol, NumberList, Record, RecordReader,
    RecordType,
};

/// Which of the two messages is read.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Side {
    Request,
    Response,
}

/// The records that may stand once, by type.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Fields<'a> {
    pub(super) next_protocols: Option<Numbers<'a, NextProtocol>>,
    pub(super) algorithms: Option<Numbers<'a, AeadAlgorithm>>,
    pub(super) server: Option<&'a str>,
    pub(super) port: Option<u16>,
    pub(super) compliant_gcm_siv_exporter: bool,
}

impl<'a> Fields<'a> {
    /// Reads a whole message. Errors, warnings and cookies are given to `other`, with the offset of
    /// the record.
    pub(super) fn read(
        message: &'a [u8],
        side: Side,
        mut other: impl FnMut(&Record<'a>, usize) -> Result<(), MessageError>,
    ) -> Result<Self, MessageError> {
        let mut reader = RecordReader::new();
        let mut fields = Self::default();
        let mut offset = 0;
        while let Some(record) = reader.next_of_whole(message)? {
            match record.record_type {
                RecordType::ERROR | RecordType::WARNING | RecordType::NEW_COOKIE => {
                    other(&record, offset)?;
                }
                _ => fields.take(&record, offset, side)?,
            }
            offset = reader.offset();
        }
        let left = message.len().saturating_sub(offset);
        if left > 0 {
            return Err(MessageError::Trailing { left, offset });
        }
        Ok(fields)
    }

    fn take(&mut self, record: &Record<'a>, offset: usize, side: Side) -> Result<(), MessageError> {
        let record_type = record.record_type;
        let nested = |error| in_body(error, offset);
        let list = || -> Result<NumberList<'a>, MessageError> {
            let list = record.numbers().map_err(nested)?;
            if side == Side::Request && list.is_empty() {
                return Err(misplaced(record_type, "empty", offset));
            }
            if side == Side::Response && record_type == RecordType::AEAD_ALGORITHM && list.len() > 1
            {
                return Err(misplaced(record_type, "a list of more than one", offset));
            }
            Ok(list)
        };
        let twice = match record_type {
            RecordType::END_OF_MESSAGE => {
                record.no_body().map_err(nested)?;
                if !record.critical {
                    return Err(misplaced(record_type, "not critical", offset));
                }
                false
            }
            RecordType::NEXT_PROTOCOL => {
                let list = Numbers::Received(list()?);
                self.next_protocols.replace(list).is_some()
            }
            RecordType::AEAD_ALGORITHM => {
                let list = Numbers::Received(list()?);
                self.algorithms.replace(list).is_some()
            }
            RecordType::SERVER => {
                let name = record.server_name().map_err(nested)?;
                self.server.replace(name).is_some()
            }
            RecordType::PORT => {
                let port = record.number().map_err(nested)?;
                self.port.replace(port).is_some()
            }
            RecordType::COMPLIANT_GCM_SIV_EXPORTER => {
                self.compliant_gcm_siv_exporter = true;
                false
            }
            _ if record.critical => {
                return Err(MessageError::UnknownCritical {
                    record_type,
                    offset,
                });
            }
            _ => false,
        };
        if twice {
            return Err(misplaced(record_type, "there twice", offset));
        }
        Ok(())
    }

    /// Refuses a message without protocols, or with NTPv4 and without algorithms.
    pub(super) fn check_negotiation(&self) -> Result<(), MessageError> {
        let record_type = if self.next_protocols.is_none() {
            RecordType::NEXT_PROTOCOL
        } else if self.algorithms.is_none() && self.names_ntp_v4() {
            RecordType::AEAD_ALGORITHM
        } else {
            return Ok(());
        };
        Err(MessageError::Missing { record_type })
    }

    /// The protocols, if there is a list of them.
    pub(super) fn next_protocols(&self) -> impl Iterator<Item = NextProtocol> + use<'a> {
        self.next_protocols.into_iter().flat_map(Numbers::iter)
    }

    /// The algorithms, if there is a list of them.
    pub(super) fn algorithms(&self) -> impl Iterator<Item = AeadAlgorithm> + use<'a> {
        self.algorithms.into_iter().flat_map(Numbers::iter)
    }

    /// Whether NTPv4 is among the protocols.
    pub(super) fn names_ntp_v4(&self) -> bool {
        self.next_protocols()
            .any(|named| named == NextProtocol::NTP_V4)
    }

    /// Octets of these records and the End of Message.
    pub(super) fn encoded_len(&self) -> usize {
        let header = Record::HEADER_LENGTH;
        let list = |numbers: Option<usize>| numbers.map_or(0, |numbers| header + 2 * numbers);
        list(self.next_protocols.map(Numbers::len))
            + list(self.algorithms.map(Numbers::len))
            + usize::from(self.compliant_gcm_siv_exporter) * header
            + self.port.map_or(0, |_| header + 2)
            + self.server.map_or(0, |name| header + name.len())
            + header
    }

    /// Refuses lists that their length field cannot say, and a buffer without room for `needed`
    /// octets.
    pub(super) fn check(&self, buffer: &impl BufMut, needed: usize) -> Result<(), EncodeError> {
        let max = usize::from(u16::MAX) - 1;
        let longest = [
            self.next_protocols.map(Numbers::len),
            self.algorithms.map(Numbers::len),
        ];
        let length = 2 * longest.into_iter().flatten().max().unwrap_or_default();
        if length > max {
            return Err(EncodeError::TooLong {
                field: "record body",
                length,
                max,
            });
        }
        let left = buffer.remaining_mut();
        if left < needed {
            return Err(EncodeError::BufferTooSmall {
                field: "message",
                needed,
                left,
            });
        }
        Ok(())
    }

    /// Writes the lists and the record that belongs to them.
    pub(super) fn put_lists(&self, buffer: &mut impl BufMut) -> Result<(), EncodeError> {
        if let Some(list) = self.next_protocols {
            put_list(RecordType::NEXT_PROTOCOL, list, buffer)?;
        }
        if let Some(list) = self.algorithms {
            put_list(RecordType::AEAD_ALGORITHM, list, buffer)?;
        }
        if self.compliant_gcm_siv_exporter {
            put(false, RecordType::COMPLIANT_GCM_SIV_EXPORTER, &[], buffer)?;
        }
        Ok(())
    }

    /// Writes the name of the NTP server.
    ///
    /// A client should not make this and the port critical; a server may
    /// ([RFC 8915 § 4.1.7](https://www.rfc-editor.org/rfc/rfc8915#section-4.1.7)), so that a client
    /// that does not understand them asks nobody else.
    pub(super) fn put_server(
        &self,
        critical: bool,
        buffer: &mut impl BufMut,
    ) -> Result<(), EncodeError> {
        self.server.map_or(Ok(()), |name| {
            put(critical, RecordType::SERVER, name.as_bytes(), buffer)
        })
    }

    /// Writes the port of the NTP server.
    pub(super) fn put_port(
        &self,
        critical: bool,
        buffer: &mut impl BufMut,
    ) -> Result<(), EncodeError> {
        self.port.map_or(Ok(()), |port| {
            put(critical, RecordType::PORT, &port.to_be_bytes(), buffer)
        })
    }
}

/// Writes a record.
pub(super) fn put(
    critical: bool,
    record_type: RecordType,
    body: &[u8],
    buffer: &mut impl BufMut,
) -> Result<(), EncodeError> {
    let record = Record {
        critical,
        record_type,
        body,
    };
    record.encode(buffer)
}

/// Writes a critical record with a list of numbers.
fn put_list<T: CodePoint>(
    record_type: RecordType,
    numbers: Numbers<'_, T>,
    buffer: &mut impl BufMut,
) -> Result<(), EncodeError> {
    Record::encode_header(true, record_type, 2 * numbers.len(), buffer)?;
    for number in numbers.iter() {
        buffer.put_u16(number.number());
    }
    Ok(())
}

/// Checks the name of a server as one that is received is checked.
pub(crate) fn server_name(name: &str) -> Result<&str, DecodeError> {
    let record = Record {
        critical: false,
        record_type: RecordType::SERVER,
        body: name.as_bytes(),
    };
    record.server_name()
}

/// An error in the body of the record at `offset`.
pub(super) const fn in_body(error: DecodeError, offset: usize) -> DecodeError {
    error.nested(offset + Record::HEADER_LENGTH)
}

pub(super) const fn misplaced(
    record_type: RecordType,
    fault: &'static str,
    offset: usize,
) -> MessageError {
    MessageError::Misplaced {
        record_type,
        fault,
        offset,
    }
}
