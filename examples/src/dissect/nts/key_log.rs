//! TLS key logs, as `SSLKEYLOGFILE` names them: RFC 9850.

use std::collections::HashSet;
use std::io::{self, BufRead};

use horolog_nts::ExporterSecret;
use thiserror::Error;

use super::super::bounded_lines::{BoundedLines, Line};
use crate::mac_key::octets;

/// The most sessions of a key log: for a packet that none of them opens, all are tried.
pub const MOST_SESSIONS: usize = 4096;

/// The label of the lines that matter.
const LABEL: &str = "EXPORTER_SECRET";
/// Octets of the random number in a TLS client's first message.
const CLIENT_RANDOM: usize = 32;
/// The most octets of a line; the longest that is known has 180.
const LONGEST_LINE: u64 = 4096;

/// Why a key log cannot be used.
#[derive(Debug, Error)]
pub enum KeyLogError {
    /// The system refuses.
    #[error("cannot read")]
    Io(#[from] io::Error),
    /// A line is longer than any of a key log.
    #[error("line {0} is longer than any of a key log")]
    TooLong(u64),
    /// A line with the label has not two parts behind it.
    #[error("line {0} is not {LABEL}, a client random and a secret")]
    Parts(u64),
    /// The client random is not one.
    #[error("the client random in line {0} is not {digits} hexadecimal digits", digits = 2 * CLIENT_RANDOM)]
    ClientRandom(u64),
    /// The secret is not one.
    #[error("the secret in line {0} is not 64 or 96 hexadecimal digits")]
    Secret(u64),
    /// There are more sessions than are tried.
    #[error("line {0} is of one more session than the {MOST_SESSIONS} that are tried")]
    TooMany(u64),
}

/// Reads the exporter secrets of a key log, each once, in their order.
///
/// Lines with other labels are passed over, whatever they hold. Which session a packet belongs to
/// is not known: that stands in the cookie, which only the server can read.
///
/// # Errors
///
/// [`KeyLogError`], for the first bad line.
pub fn exporter_secrets(reader: impl BufRead) -> Result<Vec<ExporterSecret>, KeyLogError> {
    let mut lines = BoundedLines::new(reader, LONGEST_LINE);
    let mut seen = HashSet::new();
    let mut secrets = Vec::new();
    while let Some(line) = lines.read()? {
        let line = match line {
            Line::Whole(line) => String::from_utf8_lossy(line).into_owned(),
            Line::TooLong => return Err(KeyLogError::TooLong(lines.number())),
        };
        let number = lines.number();
        let mut words = line.split_ascii_whitespace();
        if words.next() != Some(LABEL) {
            continue;
        }
        let (Some(random), Some(digits), None) = (words.next(), words.next(), words.next()) else {
            return Err(KeyLogError::Parts(number));
        };
        let random = octets(random)
            .filter(|random| random.len() == CLIENT_RANDOM)
            .ok_or(KeyLogError::ClientRandom(number))?;
        let octets = octets(digits).ok_or(KeyLogError::Secret(number))?;
        let secret = ExporterSecret::new(&octets).ok_or(KeyLogError::Secret(number))?;
        // Where both sides write to one log, a session stands there twice.
        if !seen.insert((random, octets)) {
            continue;
        }
        if secrets.len() == MOST_SESSIONS {
            return Err(KeyLogError::TooMany(number));
        }
        secrets.push(secret);
    }
    Ok(secrets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<usize, String> {
        exporter_secrets(text.as_bytes())
            .map(|secrets| secrets.len())
            .map_err(|error| error.to_string())
    }

    fn line(random: usize, secret: usize) -> String {
        format!("EXPORTER_SECRET {random:064x} {}\n", "5a".repeat(secret))
    }

    #[test]
    fn lines_with_other_labels_are_passed_over() {
        let text = "# comment\n\nCLIENT_RANDOM zz\nEARLY_EXPORTER_SECRET 00 00\nEXPORTER_SECRETS\n";
        assert_eq!(read(text), Ok(0));
        assert_eq!(read(""), Ok(0));
        let text = [
            text,
            &line(1, 32),
            "\r\n",
            &line(2, 48).replace('\n', "\r\n"),
        ]
        .concat();
        assert_eq!(read(&text), Ok(2));
        assert_eq!(read(text.trim_end()), Ok(2));
    }

    #[test]
    fn octets_that_are_no_text_are_passed_over() {
        let text = [&b"\xff\xfe\x00\n"[..], line(1, 32).as_bytes()].concat();
        assert_eq!(exporter_secrets(&*text).unwrap().len(), 1);
    }

    #[test]
    fn a_session_counts_once() {
        let twice = [line(1, 32), line(1, 32), line(2, 32)].concat();
        assert_eq!(read(&twice), Ok(2));
    }

    #[test]
    fn bad_lines_are_told_with_their_number() {
        let good = line(1, 32);
        for (bad, error) in [
            (
                "EXPORTER_SECRET\n".to_owned(),
                "line 2 is not EXPORTER_SECRET, a client random and a secret",
            ),
            (
                line(1, 32).replace('\n', " 00\n"),
                "line 2 is not EXPORTER_SECRET, a client random and a secret",
            ),
            (
                format!("EXPORTER_SECRET 00 {}", "00".repeat(32)),
                "the client random in line 2 is not 64 hexadecimal digits",
            ),
            (
                line(1, 31),
                "the secret in line 2 is not 64 or 96 hexadecimal digits",
            ),
            (
                line(1, 32).replace("5a5a\n", "5a5x\n"),
                "the secret in line 2 is not 64 or 96 hexadecimal digits",
            ),
            (
                line(1, 32).replace("5a\n", "5\n"),
                "the secret in line 2 is not 64 or 96 hexadecimal digits",
            ),
            ("x".repeat(5000), "line 2 is longer than any of a key log"),
        ] {
            let text = [&good, &bad].map(String::as_str).concat();
            assert_eq!(read(&text), Err(error.to_owned()), "{bad}");
        }
    }

    #[test]
    fn sessions_are_bounded() {
        let all: String = (0..MOST_SESSIONS).map(|random| line(random, 32)).collect();
        assert_eq!(read(&all), Ok(MOST_SESSIONS));
        let again = all.clone() + &line(0, 32);
        assert_eq!(read(&again), Ok(MOST_SESSIONS));
        let more = all + &line(MOST_SESSIONS, 32);
        let error = "line 4097 is of one more session than the 4096 that are tried";
        assert_eq!(read(&more), Err(error.to_owned()));
    }
}
