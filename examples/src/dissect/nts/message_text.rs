use core::fmt;

use horolog_nts::{AeadAlgorithm, NextProtocol, NumberList};

use super::super::escape::hex;
use super::super::text::Rows;
use super::message::{Body, KeMessage, KeRecord, protocol_name};

/// A title, and a line for each record.
impl fmt::Display for KeMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "NTS-KE message, {} octets", self.length)?;
        let mut rows = Rows::default();
        for record in &self.records {
            add(&mut rows, record);
        }
        if let Some(rest) = &self.rest {
            if !rest.octets.is_empty() {
                let octets = hex(rest.octets);
                rows.add(
                    "no record",
                    format!("{} octets  {octets}", rest.octets.len()),
                );
            }
            rows.add("error", &rest.error);
        }
        rows.fmt(f)
    }
}

fn add(rows: &mut Rows, record: &KeRecord<'_>) {
    let number = record.raw.record_type;
    let critical = if record.raw.critical {
        ", critical"
    } else {
        ""
    };
    let length = record.raw.body.len();
    let (body, error) = match &record.body {
        Ok(body) => (text(body, record.raw.body), None),
        Err(error) => (hex(record.raw.body), Some(error)),
    };
    let value = format!("type {number}{critical}, {length} octets  {body}");
    rows.add(record.name(), value.trim_end());
    if let Some(error) = error {
        rows.add("error", error.to_string());
    }
}

fn text(body: &Body<'_>, octets: &[u8]) -> String {
    match body {
        Body::Opaque => hex(octets),
        Body::Protocols(list) => joined(*list, |number| {
            protocol_name(NextProtocol::from_number(number))
        }),
        Body::Algorithms(list) => joined(*list, |number| AeadAlgorithm::from_number(number).name()),
        Body::Error(code) => named(code.number(), code.name()),
        Body::Warning(code) => named(*code, None),
        Body::Server(name) => (*name).to_owned(),
        Body::Port(port) => port.to_string(),
    }
}

fn joined(list: NumberList<'_>, name: impl Fn(u16) -> Option<&'static str>) -> String {
    let list: Vec<_> = list
        .iter()
        .map(|number| named(number, name(number)))
        .collect();
    list.join(", ")
}

fn named(number: u16, name: Option<&str>) -> String {
    format!("{number} {}", name.unwrap_or("unknown"))
}
