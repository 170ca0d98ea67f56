use core::fmt::Write as _;

use horolog_ntp::v5;

use super::field::{Field, Value};
use super::field_record::{list_text, versions};
use super::nts::opening::Opening;
use super::stamps::Stamps;
use super::text::{Rows, shortened};
use crate::units::{offset, span};

/// Adds a row of an extension field, and rows of those in it.
pub(super) fn field(rows: &mut Rows, field: &Field<'_>, stamps: &Stamps) {
    add(rows, field, stamps, "");
    if let Ok(Value::Authenticator { opening, .. }) = &field.value
        && let Some(plaintext) = opening.plaintext()
    {
        for inner in &plaintext.fields().0 {
            add(rows, inner, stamps, "  ");
        }
    }
}

fn add(rows: &mut Rows, field: &Field<'_>, stamps: &Stamps, indent: &str) {
    let label = match field.raw.field_type.name() {
        Some(name) => format!("{indent}{name}"),
        None => format!("{indent}unknown {}", field.raw.field_type),
    };
    let mut text = format!("{} octets", field.length());
    let details = match &field.value {
        Ok(value) => details(value, field.raw.value, stamps),
        Err(_) => shortened(field.raw.value),
    };
    if !details.is_empty() {
        // Writing to a string cannot fail.
        let _ = write!(text, "  {details}");
    }
    rows.add(label, text);
}

fn details(value: &Value<'_>, octets: &[u8], stamps: &Stamps) -> String {
    match value {
        Value::Opaque if octets.iter().all(|&octet| octet == 0) => "zeros".to_owned(),
        Value::Opaque | Value::Unknown | Value::ReferenceIdsResponse(_) => shortened(octets),
        Value::Authenticator { sealed, opening } => {
            let verdict = match opening {
                Opening::NoKey => "closed".to_owned(),
                Opening::Refused => "NOT GENUINE under the keys given".to_owned(),
                Opening::Opened(plaintext) => format!("opened with {}", plaintext.keys()),
            };
            format!(
                "nonce {}, ciphertext of {} octets, {verdict}",
                shortened(sealed.nonce),
                sealed.ciphertext.len()
            )
        }
        Value::ChecksumComplement {
            complement,
            balances,
        } => {
            let verdict = match balances {
                Some(true) => ", the UDP checksum is right",
                Some(false) => ", the UDP checksum is WRONG",
                None => "",
            };
            format!("{complement:#06x}{verdict}")
        }
        Value::NetworkCorrection(field) => offset(field.correction),
        Value::LeapList(field) if field.is_request() => {
            format!("asks for a list of up to {} octets", field.room())
        }
        Value::LeapList(field) => match field.list() {
            Some(list) => list_text(list).unwrap_or_else(|| shortened(list)),
            None => format!("left out: {} octets", field.list_len()),
        },
        Value::MonoRoot(field) => format!(
            "delay {}, dispersion {}, monotonic {}, epoch {}",
            span(field.root_delay.into()),
            span(field.root_dispersion.into()),
            field.monotonic_receive,
            field.monotonic_epoch
        ),
        Value::Autokey(kind) => kind.to_string(),
        Value::Mac(v5::Mac(mac)) => format!("key {}", mac.key_id),
        Value::ReferenceIdsRequest(field) => format!("from {}", field.offset()),
        Value::ServerInformation(field) => {
            let versions: Vec<_> = versions(*field)
                .map(|version| version.to_string())
                .collect();
            format!("versions {}", versions.join(" "))
        }
        Value::Correction(field) => format!(
            "origin {} (path {}), delay {} (path {}), complement {:#06x}",
            correction(field.origin_correction),
            field.origin_path_id,
            correction(field.delay_correction),
            field.delay_path_id,
            field.checksum_complement
        ),
        Value::ReferenceTimestamp(field) => stamps.show(field.timestamp),
        Value::MonotonicReceiveTimestamp(field) => {
            format!("{}, epoch {}", field.timestamp, field.epoch_id)
        }
        Value::SecondaryReceiveTimestamp(field) => format!(
            "{} in {}, era {}",
            field.timestamp, field.timescale, field.era
        ),
        Value::DraftIdentification(draft) => draft.as_str().to_owned(),
    }
}

fn correction(correction: v5::PathCorrection) -> String {
    correction
        .duration()
        .map_or_else(|| "overflow".to_owned(), offset)
}
