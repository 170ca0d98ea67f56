use horolog_time::LeapTableError;
use thiserror::Error;

use crate::ListHash;

/// A leap-second file that cannot be read.
///
/// Lines count from 1, offsets in octets from the start of the text.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum LeapListError {
    /// The text does not follow the format, or ends too early.
    #[error("line {line}, offset {offset}: expected {expected}")]
    Malformed {
        /// The line of the fault.
        line: usize,
        /// Where in the text.
        offset: usize,
        /// What should have stood there.
        expected: &'static str,
    },
    /// The lines are well-formed, but make no table.
    #[error("line {line}, offset {offset}: {source}")]
    Table {
        /// The line of the fault.
        line: usize,
        /// Where in the text.
        offset: usize,
        /// What is wrong with the table.
        source: LeapTableError,
    },
    /// The text has no hash, so that nobody knows if it is whole.
    #[error("the list has no hash: it may be cut off")]
    NoHash,
    /// The hash in the text is not the hash of the text.
    #[error("the hash is {found} where {computed} was computed")]
    WrongHash {
        /// The hash of the text.
        computed: ListHash,
        /// The hash in the text.
        found: ListHash,
    },
}
