use thiserror::Error;

/// A line of a trace that does not follow the form of its kind.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("line {line}, column {column}: expected {expected}")]
#[non_exhaustive]
pub struct TraceError {
    /// The line, counted from 1.
    pub line: u64,
    /// Octets from the start of the line, counted from 1.
    pub column: usize,
    /// What should have stood there.
    pub expected: &'static str,
}
