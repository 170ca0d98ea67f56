use nom::Parser;
use nom::error::ParseError;

use super::{ExtensionField, ExtensionType};
use crate::mac::{MacTrailer, mac_trailer};
use crate::parse::{self, Failure, Parsed, Refused, octets, u16};
use crate::{DecodeError, DecodeErrorKind};

/// Which rules extension fields follow, by where they stand.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum FieldLayout {
    /// Behind the header of an NTPv4 packet: fields of at least 16 octets, then perhaps a MAC; the
    /// last field has at least 28 octets where no MAC follows (RFC 7822 § 3).
    V4,
    /// Inside of an NTS Authenticator: fields of at least 4 octets, no MAC (RFC 8915 § 5.6).
    NtsPlaintext,
    /// Behind the header of an NTPv5 packet (draft): fields of at least 4 octets whose length does
    /// not count the padding, no MAC.
    V5,
}

impl FieldLayout {
    /// The least length of a field, in octets with its header.
    #[must_use]
    pub const fn minimum(self) -> usize {
        match self {
            Self::V4 => 16,
            Self::NtsPlaintext | Self::V5 => ExtensionField::HEADER_LENGTH,
        }
    }

    /// The least length of a last field that no MAC follows, in octets with its header.
    ///
    /// A shorter one could be taken for a MAC.
    #[must_use]
    pub const fn last_minimum(self) -> usize {
        match self {
            Self::V4 => 28,
            Self::NtsPlaintext | Self::V5 => self.minimum(),
        }
    }
}

/// What can stand behind a header.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Trailing<'a> {
    /// An extension field.
    Field(ExtensionField<'a>),
    /// A message authentication code, always the last.
    Mac(MacTrailer<'a>),
}

/// Goes through what stands behind a header, one item at a time.
///
/// Tells fields from a MAC by the octets that remain, as every implementation does
/// ([RFC 5906 § 10](https://www.rfc-editor.org/rfc/rfc5906#section-10),
/// [RFC 7822 § 3](https://www.rfc-editor.org/rfc/rfc7822#section-3)): 20 or 24 are a MAC, 4 zeros
/// right behind the header a crypto-NAK, 28 and more start with a field. After an error it ends.
/// Each step takes at least four octets, so it always ends.
///
/// # Examples
///
/// ```
/// use horolog_ntp::{FieldLayout, FieldWalker, Trailing};
///
/// let mut octets = vec![0xf0, 0x0d, 0x00, 0x10]; // a field of 16 octets
/// octets.extend([0; 12]);
/// octets.extend([0, 0, 0, 9]); // and a MAC: key ID 9
/// octets.extend([0xab; 16]);
///
/// let items: Result<Vec<_>, _> = FieldWalker::new(&octets, FieldLayout::V4).collect();
/// assert!(matches!(items?[..], [Trailing::Field(_), Trailing::Mac(_)]));
/// # Ok::<(), horolog_ntp::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct FieldWalker<'a> {
    rest: &'a [u8],
    layout: FieldLayout,
    start: usize,
    offset: usize,
}

impl<'a> FieldWalker<'a> {
    /// Walks over `octets`, which start at offset 0.
    #[must_use]
    pub const fn new(octets: &'a [u8], layout: FieldLayout) -> Self {
        Self {
            rest: octets,
            layout,
            start: 0,
            offset: 0,
        }
    }

    /// Walks over what stands in `packet` behind its first `offset` octets; offsets count from the
    /// start of the packet.
    #[inline]
    #[must_use]
    pub fn behind(packet: &'a [u8], offset: usize, layout: FieldLayout) -> Self {
        let rest = packet.get(offset..).unwrap_or_default();
        Self {
            rest,
            layout,
            start: offset,
            offset,
        }
    }

    /// Where the next item starts.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The octets not walked over yet.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    #[inline]
    fn advance<T>(&mut self, rest: &'a [u8], item: T) -> T {
        self.offset += self.rest.len() - rest.len();
        self.rest = rest;
        item
    }

    #[inline(never)]
    fn next_or_explain(&mut self) -> Result<Trailing<'a>, DecodeError> {
        let parsed = item(self.rest, self.layout, self.is_first());
        match parse::offset(self.rest, parsed) {
            Ok((rest, item)) => Ok(self.advance(rest, item)),
            Err(error) => {
                self.rest = &[];
                Err(error.nested(self.offset))
            }
        }
    }

    const fn is_first(&self) -> bool {
        self.offset == self.start
    }
}

impl<'a> Iterator for FieldWalker<'a> {
    type Item = Result<Trailing<'a>, DecodeError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        if self.layout != FieldLayout::V5
            && let Ok((rest, item)) = item::<Refused>(self.rest, self.layout, self.is_first())
        {
            return Some(Ok(self.advance(rest, item)));
        }
        Some(self.next_or_explain())
    }
}

impl core::iter::FusedIterator for FieldWalker<'_> {}

/// What comes next.
#[inline]
fn item<'a, E>(input: &'a [u8], layout: FieldLayout, first: bool) -> Parsed<'a, Trailing<'a>, E>
where
    E: Failure + ParseError<&'a [u8]>,
{
    match layout {
        FieldLayout::V4 => v4_item(input, first),
        FieldLayout::NtsPlaintext => padded_field(input, layout).map(trailing_field),
        FieldLayout::V5 => v5(input).map(trailing_field),
    }
}

#[inline]
fn trailing_field<'a>((rest, field): (&'a [u8], ExtensionField<'a>)) -> (&'a [u8], Trailing<'a>) {
    (rest, Trailing::Field(field))
}

/// What stands behind an NTPv4 header or field.
#[inline]
pub(crate) fn v4_item<'a, E>(input: &'a [u8], first: bool) -> Parsed<'a, Trailing<'a>, E>
where
    E: Failure + ParseError<&'a [u8]>,
{
    match input.len() {
        28.. => padded_field(input, FieldLayout::V4).map(trailing_field),
        4 if first => mac_trailer.map(Trailing::Mac).parse(input),
        20 | 24 => mac_trailer.map(Trailing::Mac).parse(input),
        length => Err(parse::fail(
            input,
            DecodeErrorKind::Length {
                field: "trailer",
                length,
                rule: "that of a MAC (20, 24) or of a last field (28 or more)",
            },
        )),
    }
}

/// A field whose length counts its padding.
#[inline]
pub(crate) fn padded_field<'a, E>(
    input: &'a [u8],
    layout: FieldLayout,
) -> Parsed<'a, ExtensionField<'a>, E>
where
    E: Failure + ParseError<&'a [u8]>,
{
    let (behind_type, field_type) = u16("extension field type").parse(input)?;
    let (rest, length) = u16("extension field length").parse(behind_type)?;
    let length = usize::from(length);
    if length < layout.minimum() || length % 4 != 0 {
        let rule = match layout {
            FieldLayout::V4 => "a multiple of 4 from 16 on",
            FieldLayout::NtsPlaintext | FieldLayout::V5 => "a multiple of 4 from 4 on",
        };
        return Err(parse::fail(
            behind_type,
            DecodeErrorKind::Length {
                field: "extension field",
                length,
                rule,
            },
        ));
    }
    let value = length - ExtensionField::HEADER_LENGTH;
    let (rest, value) = octets("extension field value", value).parse(rest)?;
    Ok((rest, field(field_type, value)))
}

/// A field whose length does not count its padding, which must be there.
fn v5<'a, E>(input: &'a [u8]) -> Parsed<'a, ExtensionField<'a>, E>
where
    E: Failure + ParseError<&'a [u8]>,
{
    let (behind_type, field_type) = u16("extension field type").parse(input)?;
    let (rest, length) = u16("extension field length").parse(behind_type)?;
    let length = usize::from(length);
    if length < FieldLayout::V5.minimum() {
        let kind = DecodeErrorKind::Length {
            field: "extension field",
            length,
            rule: "4 or more",
        };
        return Err(parse::fail(behind_type, kind));
    }
    let (rest, value) = octets(
        "extension field value",
        length - ExtensionField::HEADER_LENGTH,
    )
    .parse(rest)?;
    let (rest, _) = octets(
        "extension field padding",
        length.next_multiple_of(4) - length,
    )
    .parse(rest)?;
    Ok((rest, field(field_type, value)))
}

#[inline]
fn field(field_type: u16, value: &[u8]) -> ExtensionField<'_> {
    ExtensionField {
        field_type: ExtensionType::from_bits(field_type),
        value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn walk(octets: &[u8], layout: FieldLayout) -> Result<Vec<Trailing<'_>>, String> {
        FieldWalker::new(octets, layout)
            .collect::<Result<_, _>>()
            .map_err(|error| error.to_string())
    }

    fn field_of(length: u16, octets: usize) -> Vec<u8> {
        let mut field = vec![0xf0, 0x0d];
        field.extend(length.to_be_bytes());
        field.resize(octets, 0x77);
        field
    }

    #[test]
    fn rfc_7822_section_3_a_last_field_below_28_octets_cannot_be_told_from_a_mac() {
        for (octets, is_field) in [(20, false), (24, false), (28, true), (32, true)] {
            let octets = field_of(u16::try_from(octets).unwrap(), octets);
            let items = walk(&octets, FieldLayout::V4).unwrap();
            assert_eq!(
                matches!(items[..], [Trailing::Field(_)]),
                is_field,
                "{}",
                octets.len()
            );
        }
        for octets in [4, 8, 12, 16, 21, 26] {
            assert!(
                walk(&field_of(16, octets), FieldLayout::V4).is_err(),
                "{octets}"
            );
        }
    }

    #[test]
    fn rfc_7822_section_3_fields_of_16_octets_stand_before_others_and_before_a_mac() {
        for behind in [20, 24, 28] {
            let mut octets = field_of(16, 16);
            octets.extend(field_of(28, behind));
            assert_eq!(walk(&octets, FieldLayout::V4).unwrap().len(), 2, "{behind}");
        }
    }

    #[test]
    fn rfc_7822_section_3_bad_lengths_name_their_offset() {
        let mut octets = field_of(28, 28);
        octets.extend(field_of(30, 32));
        let error = "extension field length 30 is not a multiple of 4 from 16 on, at offset 30";
        assert_eq!(walk(&octets, FieldLayout::V4).unwrap_err(), error);
        let error = "extension field length 12 is not a multiple of 4 from 16 on, at offset 2";
        assert_eq!(walk(&field_of(12, 40), FieldLayout::V4).unwrap_err(), error);
        let error = "extension field value needs 36 octets, 28 are left, at offset 4";
        assert_eq!(walk(&field_of(40, 32), FieldLayout::V4).unwrap_err(), error);
        let error = "extension field length 0 is not a multiple of 4 from 4 on, at offset 2";
        assert_eq!(
            walk(&field_of(0, 32), FieldLayout::NtsPlaintext).unwrap_err(),
            error
        );
        assert_eq!(
            walk(&[0; 48], FieldLayout::V5).unwrap_err(),
            "extension field length 0 is not 4 or more, at offset 2"
        );
    }

    #[test]
    fn a_crypto_nak_stands_right_behind_the_header() {
        let items = walk(&[0; 4], FieldLayout::V4).unwrap();
        assert!(matches!(items[..], [Trailing::Mac(mac)] if mac.is_crypto_nak()));
        assert!(walk(&[0, 0, 0, 1], FieldLayout::V4).is_err());
        let mut octets = field_of(28, 28);
        octets.extend([0; 4]);
        assert!(walk(&octets, FieldLayout::V4).is_err());
    }

    #[test]
    fn v5_fields_may_have_any_length_and_need_their_padding() {
        let octets = [
            0xf5, 0xff, 0, 9, b'd', b'r', b'a', b'f', b't', 0, 0, 0, 0xf5, 1, 0, 4,
        ];
        let items = walk(&octets, FieldLayout::V5).unwrap();
        assert!(
            matches!(items[..], [Trailing::Field(draft), Trailing::Field(padding)]
            if draft.value == b"draft" && padding.value.is_empty())
        );
        let error = walk(&octets[..11], FieldLayout::V5).unwrap_err();
        assert_eq!(
            error,
            "extension field padding needs 3 octets, 2 are left, at offset 9"
        );
    }

    #[test]
    fn behind_a_short_packet_there_is_nothing() {
        assert_eq!(
            FieldWalker::behind(&[0; 10], 48, FieldLayout::V4).next(),
            None
        );
    }

    proptest! {
        #[test]
        fn the_way_that_explains_agrees(mut octets in proptest::collection::vec(any::<u8>(), 4..80), length in 0..20_u8) {
            octets[2..4].copy_from_slice(&[0, length * 4]);
            for layout in [FieldLayout::V4, FieldLayout::NtsPlaintext, FieldLayout::V5] {
                let mut walker = FieldWalker::new(&octets, layout);
                prop_assert_eq!(walker.clone().next(), Some(walker.next_or_explain()));
            }
        }

        #[test]
        fn walks_end_and_cover_the_octets(octets in proptest::collection::vec(any::<u8>(), 0..400)) {
            for layout in [FieldLayout::V4, FieldLayout::NtsPlaintext, FieldLayout::V5] {
                let mut walker = FieldWalker::new(&octets, layout);
                let count = walker.by_ref().count();
                prop_assert!(count <= octets.len() / 4 + 1);
                prop_assert!(walker.offset() <= octets.len());
                prop_assert!(walker.next().is_none());
            }
        }
    }
}
