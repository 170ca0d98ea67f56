use core::num::NonZeroUsize;

use nom::bytes::streaming::take;
use nom::combinator::map_opt;
use nom::{IResult, Needed, Parser};

use super::{Record, RecordType};
use crate::{DecodeError, DecodeErrorKind};

/// The most octets of a message that are taken.
///
/// A client should accept responses of this length; a server has to accept requests of 1024 octets
/// ([RFC 8915 § 4](https://www.rfc-editor.org/rfc/rfc8915#section-4)).
pub const MAX_MESSAGE_LENGTH: usize = 65_536;

/// Reads the records of one NTS-KE message from a buffer that grows.
///
/// The reader holds only where it stands. Give it all that was received so far of the message, from
/// its first octet on, each time; a record borrows from that. It makes no difference at which octets
/// what was received is cut.
///
/// A message ends with the first End of Message record, whatever its critical bit and body are; what
/// stands behind it is not looked at. A message that grows above the limit is an error as soon as a
/// length says so.
///
/// # Examples
///
/// ```
/// use horolog_nts::{NextRecord, RecordReader, RecordType};
///
/// let message = [0x80, 0x01, 0x00, 0x02, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00];
/// let mut reader = RecordReader::new();
///
/// // Five octets have arrived: one of the first record is wanting.
/// assert!(matches!(reader.next(&message[..5])?, NextRecord::NeedMore(n) if n.get() == 1));
///
/// let NextRecord::Record(record) = reader.next(&message)? else { panic!() };
/// assert_eq!(record.record_type, RecordType::NEXT_PROTOCOL);
/// let NextRecord::Record(record) = reader.next(&message)? else { panic!() };
/// assert_eq!(record.record_type, RecordType::END_OF_MESSAGE);
/// assert_eq!(reader.next(&message)?, NextRecord::End);
/// # Ok::<(), horolog_nts::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RecordReader {
    offset: usize,
    limit: usize,
    ended: bool,
}

/// What a [`RecordReader`] found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NextRecord<'a> {
    /// A record; the reader stands behind it.
    Record(Record<'a>),
    /// The next record is not there yet; it needs this many octets at least.
    NeedMore(NonZeroUsize),
    /// The End of Message record was the last.
    End,
}

impl RecordReader {
    /// Starts at a message's first octet, with a limit of [`MAX_MESSAGE_LENGTH`].
    #[must_use]
    pub const fn new() -> Self {
        Self::with_limit(MAX_MESSAGE_LENGTH)
    }

    /// Starts at a message's first octet; it must not have more than `limit` octets.
    #[must_use]
    pub const fn with_limit(limit: usize) -> Self {
        Self {
            offset: 0,
            limit,
            ended: false,
        }
    }

    /// Where the next record starts, in octets from the start of the message.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The next record of `received`, all octets of the message so far.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::Length`] where the message would be longer than the limit. Then the reader
    /// stays where it is.
    pub fn next<'a>(&mut self, received: &'a [u8]) -> Result<NextRecord<'a>, DecodeError> {
        if self.ended {
            return Ok(NextRecord::End);
        }
        let rest = received.get(self.offset..).unwrap_or_default();
        let room = self.limit.saturating_sub(self.offset);
        // Without an End of Message there has to be another header at least.
        if room < Record::HEADER_LENGTH {
            return Err(self.too_long(Record::HEADER_LENGTH));
        }
        let needed = match record(rest) {
            Ok((_, record)) if record.encoded_len() <= room => {
                self.offset += record.encoded_len();
                self.ended = record.record_type == RecordType::END_OF_MESSAGE;
                return Ok(NextRecord::Record(record));
            }
            Ok((_, record)) => {
                return Err(self.too_long(record.encoded_len()));
            }
            Err(nom::Err::Incomplete(Needed::Size(needed))) => needed,
            // No other parser is used.
            Err(_) => NonZeroUsize::MIN,
        };
        let length = rest.len().saturating_add(needed.get());
        if length > room {
            return Err(self.too_long(length));
        }
        Ok(NextRecord::NeedMore(needed))
    }

    /// The next record of a message of which no more octets will come.
    ///
    /// # Errors
    ///
    /// * What [`next`](Self::next) says.
    /// * [`DecodeErrorKind::Truncated`] where a record is not whole or there is no End of Message.
    pub fn next_of_whole<'a>(
        &mut self,
        message: &'a [u8],
    ) -> Result<Option<Record<'a>>, DecodeError> {
        match self.next(message)? {
            NextRecord::Record(record) => Ok(Some(record)),
            NextRecord::End => Ok(None),
            NextRecord::NeedMore(needed) => {
                let left = message.len().saturating_sub(self.offset);
                let kind = DecodeErrorKind::Truncated {
                    field: "record",
                    needed: left.saturating_add(needed.get()),
                    left,
                };
                Err(DecodeError::new(kind, self.offset))
            }
        }
    }

    const fn too_long(&self, record: usize) -> DecodeError {
        let kind = DecodeErrorKind::Length {
            field: "message",
            length: self.offset.saturating_add(record),
            rule: "within the limit",
        };
        DecodeError::new(kind, self.offset)
    }
}

impl Default for RecordReader {
    fn default() -> Self {
        Self::new()
    }
}

/// A record, RFC 8915 figure 2.
fn record(input: &[u8]) -> IResult<&[u8], Record<'_>, ()> {
    let (rest, (bits, length)) = header(input)?;
    let (rest, body) = take(length)(rest)?;
    Ok((rest, Record::from_parts(bits, body)))
}

/// Critical bit and type, and the length of the body.
fn header(input: &[u8]) -> IResult<&[u8], (u16, u16), ()> {
    map_opt(take(Record::HEADER_LENGTH), |octets: &[u8]| match *octets {
        [a, b, c, d] => Some((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))),
        _ => None,
    })
    .parse(input)
}

#[cfg(test)]
mod tests;
