use thiserror::Error;

/// Octets that are not what they should be: what is wrong, and where.
///
/// The offset counts octets from the start of what was given: of the message where that is read, of
/// the body where a record's body is.
///
/// # Examples
///
/// ```
/// use horolog_nts::{Record, RecordType};
///
/// let record = Record { critical: true, record_type: RecordType::ERROR, body: &[1] };
/// let error = record.number().unwrap_err();
/// assert_eq!(error.offset(), 0);
/// assert_eq!(error.to_string(), "error body length 1 is not 2, at offset 0");
/// ```
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("{kind}, at offset {offset}")]
pub struct DecodeError {
    kind: DecodeErrorKind,
    offset: usize,
}

impl DecodeError {
    pub(crate) const fn new(kind: DecodeErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> DecodeErrorKind {
        self.kind
    }

    /// Where, in octets from the start of the input.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The same error for an input that starts `octets` further out.
    #[must_use]
    pub const fn nested(mut self, octets: usize) -> Self {
        self.offset = self.offset.saturating_add(octets);
        self
    }
}

/// What is wrong with octets that do not decode.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The input ends inside of a field.
    #[error("{field} needs {needed} octets, {left} are left")]
    Truncated {
        /// Which field.
        field: &'static str,
        /// Octets of the whole field.
        needed: usize,
        /// Octets that are there.
        left: usize,
    },
    /// A length does not follow the rule for it.
    #[error("{field} length {length} is not {rule}")]
    Length {
        /// Whose length.
        field: &'static str,
        /// What it is.
        length: usize,
        /// What it should be.
        rule: &'static str,
    },
    /// A field holds what it must not hold.
    #[error("{field} is {value:#x}, expected {expected}")]
    Value {
        /// Which field.
        field: &'static str,
        /// What stands there.
        value: u32,
        /// What it should be.
        expected: &'static str,
    },
}

/// A record that cannot be written as asked.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum EncodeError {
    /// The buffer ends inside of a field.
    #[error("{field} needs {needed} octets of buffer, {left} are left")]
    BufferTooSmall {
        /// Which field.
        field: &'static str,
        /// Octets of the whole field.
        needed: usize,
        /// Octets of buffer that are left.
        left: usize,
    },
    /// A value is longer than its length field can say.
    #[error("{field} of {length} octets is longer than {max}")]
    TooLong {
        /// Which field.
        field: &'static str,
        /// Its length in octets.
        length: usize,
        /// The most that can be said, in octets.
        max: usize,
    },
}
