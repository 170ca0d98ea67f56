use horolog_leap_compact::CompactList;
use horolog_ntp::{Version, v5};
use serde::Serialize;

use super::escape::hex;
use super::field::{Field, Value};
use super::json::timestamp;

/// One extension field in JSON: the same keys for all, then those of its type.
#[derive(Debug, Serialize)]
pub(super) struct FieldRecord {
    r#type: String,
    name: &'static str,
    length: usize,
    /// In hex; an authenticator has its parts in its stead.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(flatten)]
    details: Option<Details>,
    /// Why the value is not what the type demands.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// What a field says, by its type.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Details {
    Authenticator {
        nonce: String,
        ciphertext_length: usize,
        /// Whether it is genuine; `null` where its keys are not known.
        opened: Option<bool>,
        inner: Vec<FieldRecord>,
    },
    ChecksumComplement {
        complement: String,
        balances: Option<bool>,
    },
    NetworkCorrection {
        correction: f64,
    },
    LeapList {
        /// Octets that there are for a list.
        room: usize,
        /// Octets of the list, also of one that was left out; 0 in a request.
        list_length: usize,
        /// The list as text, if it is one.
        list: Option<String>,
    },
    MonoRoot {
        root_delay: f64,
        root_dispersion: f64,
        monotonic_receive: String,
        monotonic_epoch: u32,
    },
    Autokey {
        operation: u8,
        response: bool,
        error_response: bool,
    },
    Mac {
        key_id: u32,
    },
    ReferenceIdsRequest {
        offset: u16,
    },
    ServerInformation {
        versions: Vec<u8>,
    },
    Correction {
        origin_correction: Option<f64>,
        origin_path_id: u16,
        delay_correction: Option<f64>,
        delay_path_id: u16,
        checksum_complement: String,
    },
    Timestamp {
        timestamp: String,
    },
    MonotonicReceive {
        epoch_id: u32,
        timestamp: String,
    },
    SecondaryReceive {
        timescale: u8,
        era: u8,
        timestamp: String,
    },
    Draft {
        draft: String,
    },
}

impl From<&Field<'_>> for FieldRecord {
    fn from(field: &Field<'_>) -> Self {
        let is_authenticator = matches!(field.value, Ok(Value::Authenticator { .. }));
        Self {
            r#type: field.raw.field_type.to_string(),
            name: field.name(),
            length: field.length(),
            value: (!is_authenticator).then(|| hex(field.raw.value)),
            details: field.value.as_ref().ok().and_then(details),
            error: field.value.as_ref().err().map(ToString::to_string),
        }
    }
}

fn details(value: &Value<'_>) -> Option<Details> {
    Some(match value {
        Value::Opaque | Value::Unknown | Value::ReferenceIdsResponse(_) => return None,
        Value::Authenticator { sealed, opening } => Details::Authenticator {
            nonce: hex(sealed.nonce),
            ciphertext_length: sealed.ciphertext.len(),
            opened: opening.opened(),
            inner: opening.plaintext().map_or_else(Vec::new, |plaintext| {
                let (fields, _) = plaintext.fields();
                fields.iter().map(FieldRecord::from).collect()
            }),
        },
        &Value::ChecksumComplement {
            complement,
            balances,
        } => Details::ChecksumComplement {
            complement: format!("{complement:#06x}"),
            balances,
        },
        Value::NetworkCorrection(field) => Details::NetworkCorrection {
            correction: field.correction.as_seconds_f64(),
        },
        Value::LeapList(field) => Details::LeapList {
            room: field.room(),
            list_length: field.list_len(),
            list: field.list().and_then(list_text),
        },
        Value::MonoRoot(field) => Details::MonoRoot {
            root_delay: field.root_delay.as_seconds_f64(),
            root_dispersion: field.root_dispersion.as_seconds_f64(),
            monotonic_receive: timestamp(field.monotonic_receive),
            monotonic_epoch: field.monotonic_epoch,
        },
        Value::Autokey(kind) => Details::Autokey {
            operation: kind.operation(),
            response: kind.is_response(),
            error_response: kind.is_error(),
        },
        Value::Mac(v5::Mac(mac)) => Details::Mac {
            key_id: mac.key_id.get(),
        },
        Value::ReferenceIdsRequest(field) => Details::ReferenceIdsRequest {
            offset: field.offset(),
        },
        Value::ServerInformation(field) => Details::ServerInformation {
            versions: versions(*field).collect(),
        },
        Value::Correction(field) => Details::Correction {
            origin_correction: seconds(field.origin_correction),
            origin_path_id: field.origin_path_id,
            delay_correction: seconds(field.delay_correction),
            delay_path_id: field.delay_path_id,
            checksum_complement: format!("{:#06x}", field.checksum_complement),
        },
        Value::ReferenceTimestamp(field) => Details::Timestamp {
            timestamp: timestamp(field.timestamp),
        },
        Value::MonotonicReceiveTimestamp(field) => Details::MonotonicReceive {
            epoch_id: field.epoch_id,
            timestamp: timestamp(field.timestamp),
        },
        Value::SecondaryReceiveTimestamp(field) => Details::SecondaryReceive {
            timescale: field.timescale.to_bits(),
            era: field.era,
            timestamp: timestamp(field.timestamp),
        },
        Value::DraftIdentification(draft) => Details::Draft {
            draft: draft.as_str().to_owned(),
        },
    })
}

/// A compact list as text, where the octets are one.
pub(super) fn list_text(octets: &[u8]) -> Option<String> {
    let list = CompactList::decode_binary(octets).ok()?;
    Some(list.to_text())
}

fn seconds(correction: v5::PathCorrection) -> Option<f64> {
    correction
        .duration()
        .map(horolog_time::NtpDuration::as_seconds_f64)
}

/// The versions that a server says it supports.
pub(super) fn versions(information: v5::ServerInformation) -> impl Iterator<Item = u8> {
    (1..=7).filter(move |&version| information.supports(Version::from_bits(version)))
}
