use bytes::BufMut;
use nom::Parser;

use super::{ExtensionType, FieldValue};
use crate::parse::{self, Parsed, octets, u16, u32};
use crate::{DecodeError, DecodeErrorKind, EncodeError};

/// An experimental field that carries the list of leap seconds in its compact binary form, so that a
/// client can compare a server's leap indicator with a whole table.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |      Field Type (0xF1EA)      |            Length             |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                      Magic (0x4C656170)                       |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |          List Length          |       Reserved (zero)         |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// .                                                               .
/// .                   List, List Length octets                    .
/// .                                                               .
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// .              Padding (zero) to the end of the field           .
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// | octets of the value | what they hold |
/// |---|---|
/// | 0 to 3 | the magic, `Leap` in ASCII: it tells this field from others of its type |
/// | 4 and 5 | octets of the list, not counting padding |
/// | 6 and 7 | zero |
/// | 8 and on | the list, then zeros; as many octets in all as there is *room*, a multiple of four |
///
/// What follows from the two lengths:
///
/// * List Length 0: a **request**. All behind it is zero. No list has length 0.
/// * List Length up to the room: the **list**. Its length delimits it: octets behind it are padding
///   and zero, such as the three behind a list of 17 in a room of 20.
/// * List Length above the room: the list is **left out**, since an answer is never longer than
///   its request. The whole room is zero. The length is that of the list, for another request.
///
/// An answer is as long as its request. The field is sent only to who asked for it, and only where
/// NTS encrypts it; who asks has it encrypted too. Another number than 0xF1EA, from the range for
/// private and experimental use, is for the two sides to agree on: the field's type is not part of
/// the value.
///
/// The list itself is any octets here; `horolog-leap-compact` reads it (`CompactList::decode_binary`).
///
/// Of our own making; behind the feature `unstable-leap-ef`, and it may change in any release.
///
/// # Examples
///
/// ```
/// use horolog_ntp::{FieldValue, LeapListField};
///
/// // Room for 16 octets, as many as the list has in 2021.
/// let request = LeapListField::request(16);
/// assert_eq!(request.value_len(), 24);
///
/// let list = [0x00, 0x11, 0x11, 0x11, 0x12, 0x11, 0x34, 0x31, 0x21, 0x12, 0x22, 0x9d, 0x56, 0x52, 0xf4];
/// let answer = request.answer(&list)?;
/// assert_eq!(answer.list(), Some(&list[..]));
/// assert_eq!(answer.value_len(), request.value_len());
///
/// // In a room that is too small there is none, but its length is told.
/// let answer = LeapListField::request(12).answer(&list)?;
/// assert_eq!((answer.list(), answer.list_len()), (None, 15));
/// # Ok::<(), horolog_ntp::EncodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct LeapListField<'a> {
    room: usize,
    list_length: u16,
    /// As long as `list_length` says, or empty where it is above the room.
    list: &'a [u8],
}

/// What tells this field from others of its type.
const MAGIC: u32 = 0x4c65_6170;

/// Octets in front of the list.
const HEAD: usize = 8;

/// How errors call the list.
const LIST: &str = "leap list";

impl<'a> LeapListField<'a> {
    /// The most room that a field has.
    pub const MAX_ROOM: usize = 65_532 - 4 - HEAD;

    /// Asks for a list, in room for so many octets; rounded up to a multiple of four, and at most
    /// [`MAX_ROOM`](Self::MAX_ROOM).
    ///
    /// Without room it asks for the length alone.
    #[must_use]
    pub const fn request(room: usize) -> Self {
        let room = if room < Self::MAX_ROOM {
            room.next_multiple_of(4)
        } else {
            Self::MAX_ROOM
        };
        Self {
            room,
            list_length: 0,
            list: &[],
        }
    }

    /// The answer to this field: as long, with the list if there is room for it.
    ///
    /// # Errors
    ///
    /// * [`EncodeError::TooLong`] for a list whose length does not fit 16 bits.
    /// * [`EncodeError::Ambiguous`] for an empty list, which would be a request.
    pub const fn answer<'l>(&self, list: &'l [u8]) -> Result<LeapListField<'l>, EncodeError> {
        let field = LIST;
        if list.is_empty() {
            let reason = "without octets it is a request";
            return Err(EncodeError::Ambiguous { field, reason });
        }
        let Some(list_length) = short(list.len()) else {
            return Err(EncodeError::TooLong {
                field,
                length: list.len(),
                max: 0xffff,
            });
        };
        Ok(LeapListField {
            room: self.room,
            list_length,
            list: if list.len() > self.room { &[] } else { list },
        })
    }

    /// Whether it asks, and says nothing.
    #[must_use]
    pub const fn is_request(&self) -> bool {
        self.list_length == 0
    }

    /// The list; `None` in a request, and where there was no room for it.
    #[must_use]
    pub const fn list(&self) -> Option<&'a [u8]> {
        if self.list.is_empty() {
            None
        } else {
            Some(self.list)
        }
    }

    /// Octets of the list, also of one that was left out; 0 in a request.
    #[must_use]
    pub fn list_len(&self) -> usize {
        self.list_length.into()
    }

    /// Octets that there are for a list.
    #[must_use]
    pub const fn room(&self) -> usize {
        self.room
    }
}

/// A length in 16 bits.
#[expect(clippy::as_conversions, reason = "try_from is not const")]
const fn short(length: usize) -> Option<u16> {
    if length > 0xffff {
        None
    } else {
        #[expect(clippy::cast_possible_truncation, reason = "it was compared")]
        Some(length as u16)
    }
}

impl<'a> FieldValue<'a> for LeapListField<'a> {
    const TYPE: ExtensionType = ExtensionType::LEAP_LIST;

    /// All that has to be zero is: the octets say nothing but what is told here.
    fn decode_value(value: &'a [u8]) -> Result<Self, DecodeError> {
        let parser = |input| leap_list(input, value.len());
        parse::all(value, "leap list field", parser)
    }

    fn value_len(&self) -> usize {
        HEAD + self.room
    }

    fn encode_value(&self, buffer: &mut impl BufMut) {
        buffer.put_u32(MAGIC);
        buffer.put_u16(self.list_length);
        buffer.put_u16(0);
        buffer.put_slice(self.list);
        buffer.put_bytes(0, self.room - self.list.len());
    }
}

/// The value of a field, `length` octets in all.
fn leap_list(input: &[u8], length: usize) -> Parsed<'_, LeapListField<'_>> {
    let (rest, magic) = u32("magic").parse(input)?;
    if magic != MAGIC {
        return Err(parse::unexpected(input, "magic", magic, "0x4c656170"));
    }
    let (behind_length, list_length) = u16("leap list length").parse(rest)?;
    let (rest, reserved) = u16("reserved").parse(behind_length)?;
    if reserved != 0 {
        let reserved = reserved.into();
        return Err(parse::unexpected(behind_length, "reserved", reserved, "0"));
    }
    let room = rest.len();
    if room % 4 != 0 || room > LeapListField::MAX_ROOM {
        let field = "leap list field";
        let rule = "a multiple of 4 from 8 to 65528";
        let kind = DecodeErrorKind::Length {
            field,
            length,
            rule,
        };
        return Err(parse::fail(input, kind));
    }
    let whole = usize::from(list_length);
    let carried = if whole > room { 0 } else { whole };
    let (padding, list) = octets(LIST, carried).parse(rest)?;
    if let Some(place) = padding.iter().position(|&octet| octet != 0) {
        let (octet, rest) = (padding.get(place), padding.get(place..));
        let octet = octet.copied().unwrap_or_default().into();
        let rest = rest.unwrap_or_default();
        return Err(parse::unexpected(rest, "leap list padding", octet, "0"));
    }
    Ok((
        &[],
        LeapListField {
            room,
            list_length,
            list,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ExtensionField, FieldLayout};
    use hex_literal::hex;
    use proptest::prelude::*;

    /// `…+18+59?`, the list of mid 2021 (Tony Finch, Compact formats for the leap second list).
    const LIST: [u8; 16] = hex!("00111111121134312112229D565287FA");

    fn encoded(field: LeapListField<'_>) -> Vec<u8> {
        let mut value = vec![0xa5; field.value_len()];
        field.encode_value(&mut value.as_mut_slice());
        value
    }

    fn error(value: &[u8]) -> String {
        LeapListField::decode_value(value).unwrap_err().to_string()
    }

    #[test]
    fn an_exchange_octet_by_octet() {
        let request = LeapListField::request(16);
        let value = encoded(request);
        assert_eq!(
            value,
            hex!("4C656170 0000 0000 00000000 00000000 00000000 00000000")
        );
        assert_eq!(LeapListField::decode_value(&value), Ok(request));

        let answer = request.answer(&LIST).unwrap();
        let value = encoded(answer);
        assert_eq!(
            value,
            hex!("4C656170 0010 0000 00111111 12113431 2112229D 565287FA")
        );
        assert_eq!(LeapListField::decode_value(&value), Ok(answer));
        let field = ExtensionField {
            field_type: LeapListField::TYPE,
            value: &value,
        };
        let mut octets = Vec::new();
        field
            .encode(FieldLayout::NtsPlaintext, &mut octets)
            .unwrap();
        assert_eq!(octets[..4], hex!("F1EA 001C"));
    }

    #[test]
    fn a_list_of_any_length_is_delimited_by_it() {
        let request = LeapListField::request(17);
        assert_eq!(request.room(), 20);
        for length in 1..=20 {
            let list = [&LIST[..], &[0; 4]].concat();
            let answer = request.answer(&list[..length]).unwrap();
            let value = encoded(answer);
            assert_eq!(value.len(), 28);
            let decoded = LeapListField::decode_value(&value).unwrap();
            assert_eq!(decoded.list(), Some(&list[..length]));
            assert!(!decoded.is_request());
            assert!(value[8 + length..].iter().all(|&octet| octet == 0));
        }
    }

    #[test]
    fn without_room_the_length_alone_is_told() {
        for room in [0, 4, 12] {
            let request = LeapListField::request(room);
            let answer = request.answer(&LIST).unwrap();
            let value = encoded(answer);
            assert_eq!(value.len(), encoded(request).len());
            assert_eq!(value[..8], hex!("4C656170 0010 0000"));
            assert!(value[8..].iter().all(|&octet| octet == 0));
            let decoded = LeapListField::decode_value(&value).unwrap();
            assert_eq!((decoded.list(), decoded.list_len()), (None, 16));
            assert!(!decoded.is_request());
        }
    }

    #[test]
    fn rejects_what_would_be_lost() {
        let good = encoded(LeapListField::request(20).answer(&LIST[..15]).unwrap());
        for length in 0..good.len() {
            // Without any of the list it is an answer where there is no room; and padding may go.
            let cut = LeapListField::decode_value(&good[..length]);
            assert_eq!(cut.is_err(), ![8, 24].contains(&length), "{length}");
        }
        let with = |place: usize, octet: u8| {
            let mut value = good.clone();
            value[place] = octet;
            error(&value)
        };
        assert_eq!(
            with(0, 0),
            "magic is 0x656170, expected 0x4c656170, at offset 0"
        );
        assert_eq!(with(7, 9), "reserved is 0x9, expected 0, at offset 6");
        assert_eq!(
            with(23, 1),
            "leap list padding is 0x1, expected 0, at offset 23"
        );
        assert_eq!(
            with(27, 2),
            "leap list padding is 0x2, expected 0, at offset 27"
        );
        assert_eq!(
            error(&good[..27]),
            "leap list field length 27 is not a multiple of 4 from 8 to 65528, at offset 0"
        );
        assert_eq!(
            error(&good[..5]),
            "leap list length needs 2 octets, 1 are left, at offset 4"
        );
        // A request with something in its room.
        assert_eq!(
            with(5, 0),
            "leap list padding is 0x11, expected 0, at offset 9"
        );
    }

    #[test]
    fn rejects_lists_that_cannot_be_said() {
        let request = LeapListField::request(usize::MAX);
        assert_eq!(request.room(), LeapListField::MAX_ROOM);
        let error = request.answer(&[]).unwrap_err();
        let field = super::LIST;
        assert!(matches!(error, EncodeError::Ambiguous { .. }), "{error}");
        let (length, max) = (65_536, 65_535);
        assert_eq!(
            request.answer(&vec![1; length]),
            Err(EncodeError::TooLong { field, length, max })
        );
        // Above the room of any field, but its length can be told.
        assert_eq!(request.answer(&vec![1; max]).unwrap().list(), None);
        let value = encoded(request);
        assert_eq!(LeapListField::decode_value(&value), Ok(request));
    }

    proptest! {
        #[test]
        fn values_survive_a_dirty_buffer(room in 0..80_usize, list in proptest::collection::vec(any::<u8>(), 1..80)) {
            let request = LeapListField::request(room);
            let answer = request.answer(&list).unwrap();
            let value = encoded(answer);
            prop_assert_eq!(value.len(), request.value_len());
            prop_assert_eq!(LeapListField::decode_value(&value), Ok(answer));
            prop_assert_eq!(answer.list().is_some(), list.len() <= request.room());
            prop_assert_eq!(answer.list_len(), list.len());
        }

        #[test]
        fn what_decodes_encodes_to_the_same(length in 0..24_u8, rest in proptest::collection::vec(prop_oneof![3 => Just(0), 1 => any::<u8>()], 0..40)) {
            let value = [&hex!("4C656170 00")[..], &[length, 0, 0], &rest].concat();
            match LeapListField::decode_value(&value) {
                Ok(field) => prop_assert_eq!(encoded(field), value),
                Err(error) => prop_assert!(error.offset() <= value.len()),
            }
        }
    }
}
