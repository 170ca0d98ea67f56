//! One extension field, decoded as far as its type is known.

use horolog_ntp::{
    AutokeyType, ChecksumComplement, ChronyMonoRoot, DecodeError, ExtensionField, ExtensionType,
    FieldLayout, FieldValue, LeapListField, NetworkCorrection, NtsAuthenticator, NtsCookie,
    UniqueIdentifier, v5,
};

use super::nts::opening::Opening;

/// A field and what it says.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    /// The field as it stands.
    pub raw: ExtensionField<'a>,
    /// What its type makes of it.
    pub value: Result<Value<'a>, DecodeError>,
}

/// What a field says, by its type.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// Octets that say nothing more.
    Opaque,
    /// Octets of a type that is not known, or that somebody else uses in another way.
    Unknown,
    /// An NTS authenticator.
    Authenticator {
        /// As it stands.
        sealed: NtsAuthenticator<'a>,
        /// What comes of opening it.
        opening: Opening,
    },
    /// A checksum complement.
    ChecksumComplement {
        /// The two octets.
        complement: u16,
        /// Whether the UDP checksum is right with it, where that is known.
        balances: Option<bool>,
    },
    /// A network correction, the registered one or chrony's.
    NetworkCorrection(NetworkCorrection),
    /// The list of leap seconds, or the request for it.
    LeapList(LeapListField<'a>),
    /// chrony's finer root values.
    MonoRoot(ChronyMonoRoot),
    /// A field of Autokey.
    Autokey(AutokeyType),
    /// The MAC of a version 5 packet.
    Mac(v5::Mac<'a>),
    /// A request for a part of the reference IDs.
    ReferenceIdsRequest(v5::ReferenceIdsRequest),
    /// A part of the reference IDs.
    ReferenceIdsResponse(v5::ReferenceIdsResponse<'a>),
    /// What a server supports.
    ServerInformation(v5::ServerInformation),
    /// The corrections of the devices on the way.
    Correction(v5::Correction),
    /// When the clock was last set.
    ReferenceTimestamp(v5::ReferenceTimestamp),
    /// The arrival on a clock that is never stepped.
    MonotonicReceiveTimestamp(v5::MonotonicReceiveTimestamp),
    /// The arrival in another timescale.
    SecondaryReceiveTimestamp(v5::SecondaryReceiveTimestamp),
    /// The name of a draft.
    DraftIdentification(v5::DraftIdentification<'a>),
}

impl<'a> Field<'a> {
    /// Octets of a field's type and length.
    pub const HEADER_LENGTH: usize = ExtensionField::HEADER_LENGTH;

    /// Decodes a field that stands in a packet of that layout, whose UDP checksum is right or not.
    #[must_use]
    pub fn new(raw: ExtensionField<'a>, layout: FieldLayout, checksum: Option<bool>) -> Self {
        let value = match value(raw, checksum) {
            // In version 4 anybody may use these types for something else.
            Err(_) if raw.field_type.is_private() && layout != FieldLayout::V5 => {
                Ok(Value::Unknown)
            }
            value => value,
        };
        Self { raw, value }
    }

    /// Octets of the field as its header tells.
    #[must_use]
    pub const fn length(&self) -> usize {
        Self::HEADER_LENGTH + self.raw.value.len()
    }

    /// What is wrong with its value, if anything is; the field starts at `offset`.
    #[must_use]
    pub fn error_at(&self, offset: usize) -> Option<String> {
        let error = self.value.as_ref().err()?;
        let error = error.nested(offset + Self::HEADER_LENGTH);
        Some(format!("{}: {error}", self.name()))
    }

    /// The name of its type, or `unknown`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.raw.field_type.name().unwrap_or("unknown")
    }
}

fn value(raw: ExtensionField<'_>, checksum: Option<bool>) -> Result<Value<'_>, DecodeError> {
    let octets = raw.value;
    Ok(match raw.field_type {
        ExtensionType::UNIQUE_IDENTIFIER => {
            UniqueIdentifier::decode_value(octets).map(|_| Value::Opaque)?
        }
        ExtensionType::NTS_COOKIE => NtsCookie::decode_value(octets).map(|_| Value::Opaque)?,
        ExtensionType::NTS_COOKIE_PLACEHOLDER | ExtensionType::V5_PADDING => Value::Opaque,
        ExtensionType::NTS_AUTHENTICATOR => {
            let sealed = NtsAuthenticator::decode_value(octets)?;
            let opening = Opening::NoKey;
            Value::Authenticator { sealed, opening }
        }
        ExtensionType::CHECKSUM_COMPLEMENT => Value::ChecksumComplement {
            complement: ChecksumComplement::decode_value(octets)?.complement,
            balances: checksum,
        },
        ExtensionType::NETWORK_CORRECTION | ExtensionType::CHRONY_NETWORK_CORRECTION => {
            Value::NetworkCorrection(NetworkCorrection::decode_value(octets)?)
        }
        ExtensionType::LEAP_LIST => Value::LeapList(LeapListField::decode_value(octets)?),
        ExtensionType::CHRONY_MONO_ROOT => Value::MonoRoot(ChronyMonoRoot::decode_value(octets)?),
        ExtensionType::V5_MAC => Value::Mac(v5::Mac::decode_value(octets)?),
        ExtensionType::V5_REFERENCE_IDS_REQUEST => {
            Value::ReferenceIdsRequest(v5::ReferenceIdsRequest::decode_value(octets)?)
        }
        ExtensionType::V5_REFERENCE_IDS_RESPONSE => {
            Value::ReferenceIdsResponse(v5::ReferenceIdsResponse::decode_value(octets)?)
        }
        ExtensionType::V5_SERVER_INFORMATION => {
            Value::ServerInformation(v5::ServerInformation::decode_value(octets)?)
        }
        ExtensionType::V5_CORRECTION => Value::Correction(v5::Correction::decode_value(octets)?),
        ExtensionType::V5_REFERENCE_TIMESTAMP => {
            Value::ReferenceTimestamp(v5::ReferenceTimestamp::decode_value(octets)?)
        }
        ExtensionType::V5_MONOTONIC_RECEIVE_TIMESTAMP => {
            Value::MonotonicReceiveTimestamp(v5::MonotonicReceiveTimestamp::decode_value(octets)?)
        }
        ExtensionType::V5_SECONDARY_RECEIVE_TIMESTAMP => {
            Value::SecondaryReceiveTimestamp(v5::SecondaryReceiveTimestamp::decode_value(octets)?)
        }
        ExtensionType::V5_DRAFT_IDENTIFICATION => {
            Value::DraftIdentification(v5::DraftIdentification::decode_value(octets)?)
        }
        other => AutokeyType::from_type(other).map_or(Value::Unknown, Value::Autokey),
    })
}
