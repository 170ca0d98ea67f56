use horolog_nts::{AeadAlgorithm, NextProtocol, NumberList};
use serde::Serialize;

use super::super::escape::hex;
use super::message::{Body, KeMessage, KeRecord, Rest, algorithm_name, protocol_name};

/// A record of the key establishment in JSON; or what is none, without a type.
#[derive(Debug, Serialize)]
pub struct RecordLine {
    /// From 1.
    index: usize,
    /// Where it starts in the message.
    offset: usize,
    r#type: Option<u16>,
    name: Option<&'static str>,
    critical: Option<bool>,
    /// Octets of the body.
    length: usize,
    /// In hex.
    body: String,
    #[serde(flatten)]
    details: Option<Details>,
    error: Option<String>,
}

/// What a body says, by the record's type.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Details {
    Protocols(Vec<Named>),
    Algorithms(Vec<Named>),
    Code(Named),
    Server(String),
    Port(u16),
}

/// A number with its name, or `unknown`.
#[derive(Debug, Serialize)]
struct Named {
    number: u16,
    name: String,
}

impl RecordLine {
    /// One for each record, and one for what stands behind them.
    pub fn all(message: &KeMessage<'_>) -> impl Iterator<Item = Self> {
        let records = message.records.iter().map(Self::of_record);
        let rest = message.rest.iter().map(Self::of_rest);
        records
            .chain(rest)
            .zip(1..)
            .map(|(line, index)| Self { index, ..line })
    }

    fn of_record(record: &KeRecord<'_>) -> Self {
        Self {
            index: 0,
            offset: record.offset,
            r#type: Some(record.raw.record_type.to_bits()),
            name: Some(record.name()),
            critical: Some(record.raw.critical),
            length: record.raw.body.len(),
            body: hex(record.raw.body),
            details: record.body.as_ref().ok().and_then(details),
            error: record.body.as_ref().err().map(ToString::to_string),
        }
    }

    fn of_rest(rest: &Rest<'_>) -> Self {
        Self {
            index: 0,
            offset: rest.offset,
            r#type: None,
            name: None,
            critical: None,
            length: rest.octets.len(),
            body: hex(rest.octets),
            details: None,
            error: Some(rest.error.clone()),
        }
    }
}

fn details(body: &Body<'_>) -> Option<Details> {
    Some(match body {
        Body::Opaque => return None,
        Body::Protocols(list) => Details::Protocols(all_named(*list, |number| {
            protocol_name(NextProtocol::from_number(number)).map(str::to_owned)
        })),
        Body::Algorithms(list) => Details::Algorithms(all_named(*list, |number| {
            algorithm_name(AeadAlgorithm::from_number(number))
        })),
        Body::Error(code) => {
            Details::Code(Named::new(code.number(), code.name().map(str::to_owned)))
        }
        Body::Warning(code) => Details::Code(Named::new(*code, None)),
        Body::Server(name) => Details::Server((*name).to_owned()),
        Body::Port(port) => Details::Port(*port),
    })
}

fn all_named(list: NumberList<'_>, name: impl Fn(u16) -> Option<String>) -> Vec<Named> {
    let list = list.iter();
    list.map(|number| Named::new(number, name(number)))
        .collect()
}

impl Named {
    fn new(number: u16, name: Option<String>) -> Self {
        let name = name.unwrap_or_else(|| "unknown".to_owned());
        Self { number, name }
    }
}
