//! A table as JSON: `{"start_tai_utc":10,"leaps":[{"month":"1972-06","sign":1,"tai_utc":11},…],
//! "expires":"2026-06-28T00:00:00Z","updated":null}`.

use horolog_time::{LeapSign, LeapTable, TaiUtc};
use serde::{Deserialize, Serialize};

use super::format::AnyError;

/// The object. Its values are checked only when it becomes a table.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    start_tai_utc: i32,
    leaps: Vec<Leap>,
    expires: Option<String>,
    #[serde(default)]
    updated: Option<String>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Leap {
    month: String,
    sign: i32,
    tai_utc: i32,
}

/// Reads a table. TAI-UTC has to follow from the signs.
///
/// # Errors
///
/// Where it is no such object, or contradicts itself.
pub(super) fn decode(file: &[u8]) -> Result<LeapTable, AnyError> {
    let table: Table = serde_json::from_slice(file)?;
    let mut tai_utc = TaiUtc::AT_1972;
    if table.start_tai_utc != tai_utc.seconds() {
        return Err(format!(
            "start_tai_utc is {}, expected {tai_utc}",
            table.start_tai_utc
        )
        .into());
    }
    let mut builder = LeapTable::builder();
    for Leap {
        month,
        sign,
        tai_utc: after,
    } in &table.leaps
    {
        let sign = match sign {
            1 => LeapSign::Positive,
            -1 => LeapSign::Negative,
            _ => return Err(format!("sign of {month} is {sign}, expected 1 or -1").into()),
        };
        tai_utc = tai_utc.after(sign);
        if tai_utc.seconds() != *after {
            return Err(format!("tai_utc of {month} is {after}, expected {tai_utc}").into());
        }
        builder = builder.leap(month.parse()?, sign);
    }
    if let Some(expires) = table.expires {
        builder = builder.expires(expires.parse()?);
    }
    if let Some(updated) = table.updated {
        builder = builder.updated(updated.parse()?);
    }
    Ok(builder.build()?)
}

/// Writes a table, on one line.
pub(super) fn encode(table: &LeapTable) -> Result<String, AnyError> {
    Ok(serde_json::to_string(&Table::from(table))?)
}

impl From<&LeapTable> for Table {
    fn from(table: &LeapTable) -> Self {
        let leaps = table.leaps().iter().map(|leap| Leap {
            month: leap.month().to_string(),
            sign: leap.sign().as_i32(),
            tai_utc: leap.tai_utc().seconds(),
        });
        Self {
            start_tai_utc: TaiUtc::AT_1972.seconds(),
            leaps: leaps.collect(),
            expires: table.expires().map(|expires| expires.to_string()),
            updated: table.updated().map(|updated| updated.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"start_tai_utc":10,"leaps":[{"month":"1972-06","sign":1,"tai_utc":11}],"expires":"1973-06-28T00:00:00Z","updated":null}"#;

    #[test]
    fn a_table_survives() {
        assert_eq!(encode(&decode(TEXT.as_bytes()).unwrap()).unwrap(), TEXT);
    }

    #[test]
    fn contradictions_are_errors() {
        for (from, to, message) in [
            (
                r#""tai_utc":11"#,
                r#""tai_utc":12"#,
                "tai_utc of 1972-06 is 12, expected 11",
            ),
            (
                r#""sign":1"#,
                r#""sign":0"#,
                "sign of 1972-06 is 0, expected 1 or -1",
            ),
            (":10,", ":9,", "start_tai_utc is 9, expected 10"),
        ] {
            let error = decode(TEXT.replace(from, to).as_bytes()).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
        assert!(decode(TEXT.replace("1972-06", "1972-13").as_bytes()).is_err());
        assert!(decode(TEXT.replace("leaps", "leap").as_bytes()).is_err());
    }
}
