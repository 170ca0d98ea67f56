use core::fmt;

use thiserror::Error;

/// Octets that are not what they should be: what is wrong, and where.
///
/// The offset counts octets from the start of what was given to `decode`.
///
/// # Examples
///
/// ```
/// use horolog_ntp::Header;
///
/// let error = Header::decode(&[0x23; 18]).unwrap_err();
/// assert_eq!(error.offset(), 16);
/// assert_eq!(error.to_string(), "reference timestamp needs 8 octets, 2 are left, at offset 16");
/// ```
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("{kind}, at offset {offset}")]
pub struct DecodeError {
    kind: DecodeErrorKind,
    offset: usize,
}

impl DecodeError {
    /// What is wrong, and where; for decoders of what NTP packets carry.
    #[must_use]
    pub const fn new(kind: DecodeErrorKind, offset: usize) -> Self {
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
        /// What stands in the packet.
        length: usize,
        /// What it should be.
        rule: &'static str,
    },
    /// A field holds what it must not hold.
    #[error("{field} is {value:#x}, expected {expected}")]
    Value {
        /// Which field.
        field: &'static str,
        /// What stands in the packet.
        value: u32,
        /// What it should be.
        expected: &'static str,
    },
    /// Octets are left over.
    #[error("{left} octets are left over after {after}")]
    Trailing {
        /// How many.
        left: usize,
        /// Behind what.
        after: &'static str,
    },
}

/// A packet that cannot be written as asked.
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
    /// A receiver could not read the packet as it was meant.
    #[error("{field} would be ambiguous: {reason}")]
    Ambiguous {
        /// Which field.
        field: &'static str,
        /// Why.
        reason: &'static str,
    },
}

/// Refuses a write that does not fit.
#[inline]
pub(crate) fn reserve(
    buffer: &impl bytes::BufMut,
    needed: usize,
    field: &'static str,
) -> Result<(), EncodeError> {
    let left = buffer.remaining_mut();
    if left < needed {
        return Err(EncodeError::BufferTooSmall {
            field,
            needed,
            left,
        });
    }
    Ok(())
}

/// Writes octets as lower-case hexadecimal digits.
pub(crate) fn write_hex(f: &mut fmt::Formatter<'_>, octets: &[u8]) -> fmt::Result {
    octets.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
}
