use nom::Parser;

use super::PeerStatus;
use crate::DecodeError;
use crate::parse::{self, Parsed, u16};

/// One association in the answer to a request for the system's status.
///
/// # Examples
///
/// See [`Associations`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Association {
    /// The association ID.
    pub id: u16,
    /// The peer's status.
    pub status: PeerStatus,
}

/// Goes through the associations in the answer to a request for the system's status.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |       Association ID          |          Peer Status          |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// After an error it ends. Defined in
/// [RFC 9327 § 4](https://www.rfc-editor.org/rfc/rfc9327#section-4).
///
/// # Examples
///
/// ```
/// use horolog_ntp::control::{Associations, ControlMessage};
///
/// let octets = b"\xd6\x81\x00\x01\xc0\x16\x00\x00\x00\x00\x00\x04\x45\x67\x90\x14";
/// let message = ControlMessage::decode(octets)?;
/// let associations: Result<Vec<_>, _> = Associations::new(message.data).collect();
/// assert_eq!(associations?[0].id, 17767);
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Associations<'a> {
    data: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Associations<'a> {
    /// Goes through the data of a message, or of several that were put together.
    #[must_use]
    pub const fn new(data: &'a [u8]) -> Self {
        Self { data, rest: data }
    }
}

impl Iterator for Associations<'_> {
    /// [`DecodeErrorKind::Truncated`](crate::DecodeErrorKind::Truncated) where the data end inside
    /// of an association.
    type Item = Result<Association, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let parsed = parse::offset(self.data, association(self.rest));
        self.rest = parsed.map_or(&[][..], |(rest, _)| rest);
        Some(parsed.map(|(_, association)| association))
    }
}

impl core::iter::FusedIterator for Associations<'_> {}

fn association(input: &[u8]) -> Parsed<'_, Association> {
    (u16("association ID"), u16("peer status"))
        .map(|(id, status)| Association {
            id,
            status: PeerStatus::from_bits(status),
        })
        .parse(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_data_that_end_inside_of_an_association() {
        let data = [0x45, 0x67, 0x90, 0x14, 0x45, 0x68, 0x90];
        let mut associations = Associations::new(&data);
        assert!(associations.next().unwrap().is_ok());
        assert_eq!(
            associations.next().unwrap().unwrap_err().to_string(),
            "peer status needs 2 octets, 1 are left, at offset 6"
        );
        assert_eq!(associations.next(), None);
    }
}
