use horolog_ntp::{
    ExtensionField, ExtensionType, FieldLayout, FieldValue, FieldWalker, Header, NtsAuthenticator,
    Trailing, UniqueIdentifier,
};

use crate::DecodeError;

/// The fields of NTS in a packet, up to its authenticator.
///
/// What stands behind the authenticator is protected by nothing. It is not even walked over: no octet
/// of it can make a difference.
#[derive(Clone, Copy, Debug)]
pub(super) struct NtsFields<'a> {
    packet: &'a [u8],
    /// Offset and value.
    identifier: Option<(usize, &'a [u8])>,
    cookie: Option<&'a [u8]>,
    placeholders: usize,
    /// Where it starts, where it ends, and its value.
    authenticator: Option<(usize, usize, &'a [u8])>,
    /// A type that stands there more often than it may.
    pub(super) repeated: Option<ExtensionType>,
}

/// An authenticator that is not opened yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sealed<'a> {
    /// What stands before it, which it authenticates.
    pub(super) associated_data: &'a [u8],
    pub(super) authenticator: NtsAuthenticator<'a>,
    /// Where it ends.
    pub(super) end: usize,
}

impl<'a> NtsFields<'a> {
    /// Walks over the fields of a packet of version 4, to the first authenticator.
    pub(super) fn decode(packet: &'a [u8]) -> Result<Self, DecodeError> {
        let mut found = Self {
            packet,
            identifier: None,
            cookie: None,
            placeholders: 0,
            authenticator: None,
            repeated: None,
        };
        let mut walker = FieldWalker::behind(packet, Header::LENGTH, FieldLayout::V4);
        loop {
            let start = walker.offset();
            let Some(Trailing::Field(field)) = walker.next().transpose()? else {
                return Ok(found); // at the end, or at a MAC, which is the end
            };
            let is_repeated = match field.field_type {
                ExtensionType::UNIQUE_IDENTIFIER => {
                    let value = start + ExtensionField::HEADER_LENGTH;
                    found.identifier.replace((value, field.value)).is_some()
                }
                ExtensionType::NTS_COOKIE => found.cookie.replace(field.value).is_some(),
                ExtensionType::NTS_COOKIE_PLACEHOLDER => {
                    found.placeholders += 1;
                    false
                }
                ExtensionType::NTS_AUTHENTICATOR => {
                    found.authenticator = Some((start, walker.offset(), field.value));
                    return Ok(found);
                }
                _ => false,
            };
            if is_repeated {
                found.repeated.get_or_insert(field.field_type);
            }
        }
    }

    /// Whether there is any field that only NTS has. A Unique Identifier may be used without NTS
    /// (RFC 8915 § 5.3).
    pub(super) const fn is_nts(&self) -> bool {
        self.cookie.is_some() || self.placeholders > 0 || self.authenticator.is_some()
    }

    /// The Unique Identifier, which must be a good one.
    pub(super) fn identifier(&self) -> Result<Option<UniqueIdentifier<'a>>, DecodeError> {
        let decode = |(offset, value)| {
            UniqueIdentifier::decode_value(value).map_err(|error| error.nested(offset))
        };
        self.identifier.map(decode).transpose()
    }

    pub(super) const fn cookie(&self) -> Option<&'a [u8]> {
        self.cookie
    }

    /// How many placeholders there are of a length.
    pub(super) fn placeholders(&self, length: usize) -> usize {
        match self.authenticator {
            Some((start, ..)) if self.placeholders > 0 => {
                let authenticated = self.packet.get(Header::LENGTH..start);
                placeholders(authenticated.unwrap_or_default(), length)
            }
            _ => 0,
        }
    }

    pub(super) fn sealed(&self) -> Result<Option<Sealed<'a>>, DecodeError> {
        let Some((start, end, value)) = self.authenticator else {
            return Ok(None);
        };
        let authenticator = NtsAuthenticator::decode_value(value)
            .map_err(|error| error.nested(start + ExtensionField::HEADER_LENGTH))?;
        Ok(Some(Sealed {
            associated_data: self.packet.get(..start).unwrap_or_default(),
            authenticator,
            end,
        }))
    }
}

/// How many placeholders of a length there are among fields that were walked over before.
pub(super) fn placeholders(fields: &[u8], length: usize) -> usize {
    walked(fields)
        .filter(|field| field.field_type == ExtensionType::NTS_COOKIE_PLACEHOLDER)
        .filter(|field| field.value.len() == length)
        .count()
}

/// The fields in octets that were walked over before, in a packet or in a plaintext.
pub(super) fn walked(octets: &[u8]) -> impl Iterator<Item = ExtensionField<'_>> {
    // Here all fields may be short: the rule for the last one of a packet does not apply.
    FieldWalker::new(octets, FieldLayout::NtsPlaintext).map_while(|item| match item {
        Ok(Trailing::Field(field)) => Some(field),
        _ => None,
    })
}

/// Walks over a plaintext that was just opened.
///
/// RFC 8915 § 5.6: its fields may be arbitrarily short, but are multiples of four octets.
pub(super) fn check_plaintext(plaintext: &[u8]) -> Result<(), DecodeError> {
    FieldWalker::new(plaintext, FieldLayout::NtsPlaintext).try_for_each(|item| item.map(drop))
}
