mod comments;
mod grammar;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

pub use comments::{CommentPlace, ListComments};
pub use writer::ListWriter;

use core::str::FromStr;

use horolog_time::{LeapTable, UtcInstant};

use self::reader::Reader;
use crate::{HashRule, HashState, LeapListError};

/// The contents of a leap-seconds.list: the table and what is known of its integrity.
///
/// ```text
/// #$  3992312697                     last update, seconds since 1900-01-01T00:00:00Z
/// #@  4023129600                     expiry
/// 2272060800  10  # 1 Jan 1972       the start: TAI-UTC is 10 s
/// 2287785600  11  # 1 Jul 1972       the first second after a leap second, TAI-UTC from then on
/// #h  a9bad145 84c31c70 …            SHA-1 over the digits above
/// ```
///
/// Everything else after a `#` is a comment ([`ListComments`] keeps them). Lines may be blank and may
/// end with CR LF. The expiry and the line of the start must be there; the time of the update may be
/// missing. Whether the hash may be is for the caller to say with a [`HashRule`]: where it is absent,
/// a list cut off between two lines reads as a shorter list. Cut off within a line or before its
/// first leap second it is an error even then.
///
/// [`ListWriter`] writes lists.
///
/// # Examples
///
/// ```
/// use horolog_leap_list::{HashRule, LeapListError, LeapSecondsList};
///
/// let whole = b"#@ 2303683200\n2272060800 10\n2287785600 11\n";
/// assert_eq!(LeapSecondsList::decode(whole), Err(LeapListError::NoHash));
/// let list = LeapSecondsList::decode_with(whole, HashRule::IfPresent)?;
/// assert_eq!(list.table().leaps().len(), 1);
///
/// let cut_off = "#@ 2303683200\n2272060800 1".parse::<LeapSecondsList>();
/// assert_eq!(
///     cut_off.unwrap_err().to_string(),
///     "line 2, offset 25: expected TAI-UTC 10 at the start",
/// );
/// # Ok::<(), LeapListError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LeapSecondsList {
    table: LeapTable,
    hash_state: HashState,
}

impl LeapSecondsList {
    /// Reads a list whose hash must be there and right.
    ///
    /// # Errors
    ///
    /// * [`LeapListError::Malformed`] where the text does not follow the format or is cut off.
    /// * [`LeapListError::Table`] where seconds do not ascend, or the expiry is too early.
    /// * [`LeapListError::NoHash`] where there is no hash.
    /// * [`LeapListError::WrongHash`] where the hash is wrong.
    pub fn decode(text: &[u8]) -> Result<Self, LeapListError> {
        Self::decode_with(text, HashRule::Required)
    }

    /// Reads a list whose hash may be absent, or anything: see [`hash_state`](Self::hash_state).
    ///
    /// # Errors
    ///
    /// * [`LeapListError::Malformed`] where the text does not follow the format or is cut off.
    /// * [`LeapListError::Table`] where seconds do not ascend, or the expiry is too early.
    /// * [`LeapListError::NoHash`] where there is no hash, with [`HashRule::Required`].
    /// * [`LeapListError::WrongHash`] where the hash is wrong, but with [`HashRule::Any`].
    pub fn decode_with(text: &[u8], rule: HashRule) -> Result<Self, LeapListError> {
        let mut reader = Reader::new();
        grammar::lines(text, |line| reader.take(line)).map_err(|fault| fault.in_text(text))?;
        let (table, hash_state) = reader.finish(text, rule)?;
        Ok(Self { table, hash_state })
    }

    /// The leap seconds.
    #[must_use]
    pub const fn table(&self) -> &LeapTable {
        &self.table
    }

    /// The leap seconds, without the list around them.
    #[must_use]
    pub fn into_table(self) -> LeapTable {
        self.table
    }

    /// The time of the last update, if the list gives it.
    #[must_use]
    pub const fn updated(&self) -> Option<UtcInstant> {
        self.table.updated()
    }

    /// Whether the list has a hash and whether it is right.
    #[must_use]
    pub const fn hash_state(&self) -> HashState {
        self.hash_state
    }
}

/// As [`LeapSecondsList::decode`].
impl FromStr for LeapSecondsList {
    type Err = LeapListError;

    fn from_str(text: &str) -> Result<Self, LeapListError> {
        Self::decode(text.as_bytes())
    }
}
