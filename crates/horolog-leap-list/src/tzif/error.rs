use horolog_time::LeapTableError;
use thiserror::Error;

/// A `TZif` file whose leap seconds cannot be read. Offsets are in octets from its start.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum TzifError {
    /// The file does not follow the format, or ends too early.
    #[error("offset {offset}: expected {expected}")]
    Malformed {
        /// Where in the file.
        offset: usize,
        /// What should have stood there.
        expected: &'static str,
    },
    /// The file has no leap seconds: its zone counts POSIX time.
    #[error("the file has no leap seconds")]
    NoLeapSeconds,
    /// The records are well-formed, but make no table.
    #[error("offset {offset}: {source}")]
    Table {
        /// The expiry, or the last of the records.
        offset: usize,
        /// What is wrong with the table.
        source: LeapTableError,
    },
}
