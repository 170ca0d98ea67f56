use core::fmt;

use horolog_time::{LeapTableError, Month};
use thiserror::Error;

/// A list that cannot be read: what is wrong, and where.
///
/// # Examples
///
/// ```
/// use horolog_leap_compact::{Position, TextSteps};
///
/// let error = TextSteps::new(b"6+06?").find_map(Result::err).unwrap();
/// assert_eq!(error.position(), Position::Octet(2));
/// assert_eq!(
///     error.to_string(),
///     "expected a gap of 1 to 999 months, found '0', at octet 2",
/// );
/// ```
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("{kind}, at {position}")]
pub struct DecodeError {
    kind: DecodeErrorKind,
    position: Position,
}

impl DecodeError {
    pub(crate) const fn new(kind: DecodeErrorKind, position: Position) -> Self {
        Self { kind, position }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> DecodeErrorKind {
        self.kind
    }

    /// Where.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }
}

/// What is wrong with a list.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// Something else should have stood there.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What should have stood there.
        expected: &'static str,
        /// What stood there.
        found: Found,
    },
    /// The codes of a binary list add up to a longer gap than there can be.
    #[error("expected a gap of 1 to 999 months, found {months}")]
    Gap {
        /// What they add up to.
        months: u32,
    },
    /// The list goes on into the end of 9999-12 or past it.
    #[error("expected a month before 9999-12, found {gap} months from {month} on")]
    PastCalendar {
        /// The gap.
        gap: u32,
        /// The month it counts from.
        month: Month,
    },
    /// The leap seconds and the expiry make no table.
    #[error(transparent)]
    Table(LeapTableError),
}

/// What stood where something else was expected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Found {
    /// An octet of a text.
    Octet(u8),
    /// Four bits of a binary list.
    Nibble(u8),
    /// Nothing: the list ended.
    End,
}

/// `'x'`, `0xf` or `the end`.
impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Octet(octet) => write!(f, "'{}'", octet.escape_ascii()),
            Self::Nibble(nibble) => write!(f, "{nibble:#x}"),
            Self::End => f.write_str("the end"),
        }
    }
}

/// Where in a list, from 0.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Position {
    /// Octets from the start of a text.
    Octet(usize),
    /// Nibbles from the start of a binary list; two make an octet.
    Nibble(usize),
}

/// `octet 3` or `nibble 3`.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Octet(offset) => write!(f, "octet {offset}"),
            Self::Nibble(offset) => write!(f, "nibble {offset}"),
        }
    }
}
