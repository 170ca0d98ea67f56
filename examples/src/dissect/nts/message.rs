//! One message of the NTS key establishment, decoded record by record.

use std::io::{self, Read};

use horolog_nts::{
    AeadAlgorithm, DecodeError, ErrorCode, NextProtocol, NumberList, Record, RecordReader,
    RecordType,
};
use thiserror::Error;

use super::keys::NTP_V5_DRAFT;
pub use super::message_record::RecordLine;
use crate::mac_key::octets;

/// A message as far as it can be decoded.
#[derive(Clone, Debug)]
pub struct KeMessage<'a> {
    /// Octets that it has.
    pub length: usize,
    /// The records before the end, or before the first that is not whole.
    pub records: Vec<KeRecord<'a>>,
    /// What stands behind them.
    pub rest: Option<Rest<'a>>,
}

/// A record and what it says.
#[derive(Clone, Debug)]
pub struct KeRecord<'a> {
    /// Where it starts.
    pub offset: usize,
    /// The record as it stands.
    pub raw: Record<'a>,
    /// What its type makes of the body; offsets count from the start of the message.
    pub body: Result<Body<'a>, DecodeError>,
}

/// Octets that are no record of the message.
#[derive(Clone, Debug)]
pub struct Rest<'a> {
    /// Where they start.
    pub offset: usize,
    /// The octets.
    pub octets: &'a [u8],
    /// Why they are none.
    pub error: String,
}

/// What a body says, by the record's type.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// Nothing more than its octets: a cookie, or of a type that is not looked into.
    Opaque,
    /// Protocols that are offered or agreed on.
    Protocols(NumberList<'a>),
    /// AEAD algorithms that are offered or agreed on.
    Algorithms(NumberList<'a>),
    /// What the server could not do.
    Error(ErrorCode),
    /// What the server warns of.
    Warning(u16),
    /// The NTP server to ask.
    Server(&'a str),
    /// The port to ask.
    Port(u16),
}

/// Why digits are no message.
#[derive(Debug, Error)]
pub enum HexError {
    /// The system refuses.
    #[error("cannot read")]
    Io(#[from] io::Error),
    /// There are other characters, or one digit is left over.
    #[error("not an even number of hexadecimal digits")]
    Digits,
    /// There are more than a message can have.
    #[error("more than {MOST_CHARACTERS} characters")]
    TooLong,
}

/// The most characters of a message in hex: those of 65536 octets, and as many spaces and more.
const MOST_CHARACTERS: u64 = 512 * 1024;

/// Reads a message in hexadecimal digits, white space ignored.
///
/// # Errors
///
/// [`HexError`].
pub fn read_hex(reader: impl Read) -> Result<Vec<u8>, HexError> {
    let mut text = Vec::new();
    let mut limited = reader.take(MOST_CHARACTERS + 1);
    limited.read_to_end(&mut text)?;
    if limited.limit() == 0 {
        return Err(HexError::TooLong);
    }
    text.retain(|octet| !octet.is_ascii_whitespace());
    str::from_utf8(&text)
        .ok()
        .and_then(octets)
        .ok_or(HexError::Digits)
}

impl<'a> KeMessage<'a> {
    /// Takes a message apart.
    #[must_use]
    pub fn new(octets: &'a [u8]) -> Self {
        let mut reader = RecordReader::new();
        let mut message = Self {
            length: octets.len(),
            records: Vec::new(),
            rest: None,
        };
        let error = loop {
            let offset = reader.offset();
            match reader.next_of_whole(octets) {
                Ok(Some(raw)) => message.records.push(KeRecord::new(raw, offset)),
                Ok(None) => break None,
                Err(error) => break Some(error.to_string()),
            }
        };
        let offset = reader.offset();
        let left = octets.get(offset..).unwrap_or_default();
        let behind = (!left.is_empty()).then(|| {
            let length = left.len();
            format!("{length} octets stand behind end-of-message, at offset {offset}")
        });
        message.rest = error.or(behind).map(|error| Rest {
            offset,
            octets: left,
            error,
        });
        message
    }

    /// Whether all could be decoded.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.rest.is_none() && self.records.iter().all(|record| record.body.is_ok())
    }
}

impl<'a> KeRecord<'a> {
    fn new(raw: Record<'a>, offset: usize) -> Self {
        Self {
            offset,
            raw,
            body: body(raw).map_err(|error| error.nested(offset + Record::HEADER_LENGTH)),
        }
    }

    /// The name of its type, or `unknown`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.raw.record_type.name().unwrap_or("unknown")
    }
}

fn body(record: Record<'_>) -> Result<Body<'_>, DecodeError> {
    Ok(match record.record_type {
        RecordType::END_OF_MESSAGE | RecordType::COMPLIANT_GCM_SIV_EXPORTER => {
            record.no_body().map(|()| Body::Opaque)?
        }
        RecordType::NEXT_PROTOCOL => Body::Protocols(record.numbers()?),
        RecordType::ERROR => Body::Error(ErrorCode::from_number(record.number()?)),
        RecordType::WARNING => Body::Warning(record.number()?),
        RecordType::AEAD_ALGORITHM => Body::Algorithms(record.numbers()?),
        RecordType::NEW_COOKIE => record.cookie().map(|_| Body::Opaque)?,
        RecordType::SERVER => Body::Server(record.server_name()?),
        RecordType::PORT => Body::Port(record.number()?),
        _ => Body::Opaque,
    })
}

/// What a protocol is called.
pub(super) const fn protocol_name(protocol: NextProtocol) -> Option<&'static str> {
    match protocol {
        NextProtocol::NTP_V4 => Some("ntpv4"),
        NTP_V5_DRAFT => Some("ntpv5-draft"),
        _ => None,
    }
}

/// What an algorithm is called, in lower case with hyphens.
pub(super) fn algorithm_name(algorithm: AeadAlgorithm) -> Option<String> {
    let name = algorithm.name()?;
    Some(name.to_lowercase().replace('_', "-"))
}

#[cfg(test)]
mod tests;
