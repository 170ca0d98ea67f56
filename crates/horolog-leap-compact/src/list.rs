use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use bytes::BufMut;
use horolog_time::{LeapTable, Losses, Month};

use crate::outline::{Outline, start_of};
use crate::{BinarySteps, DecodeError, DecodeErrorKind, EncodeError, Step, StepEvent, TextSteps};
use crate::{Position, binary};

/// A list of leap seconds that has a text form and a binary form.
///
/// It has an expiry at the start of a month, and gaps of 1 to 999 months. All leap-second tables of
/// the real world become such a list when their expiry is cut to its month.
///
/// Defined by Tony Finch, "Compact formats for the leap second list", 2021. The forms themselves
/// are drawn at [`TextSteps`] and [`BinarySteps`].
///
/// # Examples
///
/// ```
/// use horolog_leap_compact::CompactList;
///
/// let list: CompactList = "6+6+12+12-5?".parse()?;
/// assert_eq!(list.table().leaps().len(), 4);
/// assert_eq!(list.table().valid_until().to_string(), "1975-06-01T00:00:00Z");
///
/// let octets = list.to_binary();
/// assert_eq!(octets, [0x00, 0x1a, 0x1f]);
/// assert_eq!(CompactList::decode_binary(&octets)?.to_string(), "6+6+12+12-5?");
/// # Ok::<(), horolog_leap_compact::DecodeError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CompactList {
    /// With an expiry at the start of a month, and nothing a list cannot say.
    table: LeapTable,
    /// The month of the expiry.
    expiry: Month,
}

impl CompactList {
    /// Reads the text form.
    ///
    /// # Errors
    ///
    /// * [`DecodeErrorKind::Unexpected`] where the text does not follow the form, ends without its
    ///   `?`, or goes on after it.
    /// * [`DecodeErrorKind::PastCalendar`] where it leads past 9999-11.
    pub fn decode_text(text: &[u8]) -> Result<Self, DecodeError> {
        let mut steps = TextSteps::new(text);
        // A step has two octets at least, a leap second of the real world nearly three.
        let end = Position::Octet(text.len());
        Self::collect(text.len() / 2, end, || steps.step())
    }

    /// Reads the text form from the character-strings of a TXT record, of which it may be more than
    /// one.
    ///
    /// # Errors
    ///
    /// As [`decode_text`](Self::decode_text), with the offset in all of them together.
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_leap_compact::CompactList;
    ///
    /// let list = CompactList::from_character_strings(["6+6+1", "2+5?"])?;
    /// assert_eq!(list.to_string(), "6+6+12+5?");
    /// # Ok::<(), horolog_leap_compact::DecodeError>(())
    /// ```
    pub fn from_character_strings<I>(strings: I) -> Result<Self, DecodeError>
    where
        I: IntoIterator<Item: AsRef<[u8]>>,
    {
        let mut text = Vec::new();
        for string in strings {
            text.extend_from_slice(string.as_ref());
        }
        Self::decode_text(&text)
    }

    /// Reads the binary form, canonical or not.
    ///
    /// # Errors
    ///
    /// * [`DecodeErrorKind::Unexpected`] where the octets end without an expiry, or go on after it.
    /// * [`DecodeErrorKind::Gap`] for a gap of more than 999 months.
    /// * [`DecodeErrorKind::PastCalendar`] where they lead past 9999-11.
    pub fn decode_binary(octets: &[u8]) -> Result<Self, DecodeError> {
        let mut steps = BinarySteps::new(octets);
        let nibbles = octets.len().saturating_mul(2);
        Self::collect(nibbles, Position::Nibble(nibbles), || steps.step())
    }

    /// Takes what a list can say of a table: the expiry is cut to the start of its month, and the
    /// time of update is left out. Both are told as [`Losses`].
    ///
    /// # Errors
    ///
    /// * [`EncodeError::NoExpiry`] for a table without expiry.
    /// * [`EncodeError::Gap`] where leap seconds, or the last of them and the cut expiry, are not 1
    ///   to 999 months apart.
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_leap_compact::CompactList;
    /// use horolog_time::{LeapSign, LeapTable};
    ///
    /// let table = LeapTable::builder()
    ///     .leap("1972-06".parse()?, LeapSign::Positive)
    ///     .expires("1972-12-28T00:00:00Z".parse()?)
    ///     .build()?;
    /// let (list, losses) = CompactList::from_table(&table)?;
    /// assert_eq!(list.to_string(), "6+5?");
    /// assert_eq!(losses.expires(), table.expires());
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn from_table(table: &LeapTable) -> Result<(Self, Losses), EncodeError> {
        let (outline, losses) = Outline::of(table)?;
        let expiry = outline.expiry();
        let leaps = outline.leaps();
        let mut table = LeapTable::builder().reserve(leaps.len());
        for leap in leaps {
            table.push(leap.month(), leap.sign());
        }
        let table = table.expires(start_of(expiry)).build()?;
        Ok((Self { table, expiry }, losses))
    }

    /// The leap seconds and the expiry.
    #[must_use]
    pub const fn table(&self) -> &LeapTable {
        &self.table
    }

    /// The leap seconds and the expiry, without the list around them.
    #[must_use]
    pub fn into_table(self) -> LeapTable {
        self.table
    }

    /// The first month of which nothing is known.
    #[must_use]
    pub const fn expiry(&self) -> Month {
        self.expiry
    }

    /// The octets of the text form.
    #[must_use]
    pub fn text_len(&self) -> usize {
        self.outline().text_len()
    }

    /// The text form; the same as `to_string`, but made in one piece.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.outline().to_text()
    }

    /// The octets of the binary form.
    #[must_use]
    pub fn binary_len(&self) -> usize {
        binary::encoded_len(self.outline())
    }

    /// Writes the binary form, the canonical one.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferTooSmall`] where less than [`binary_len`](Self::binary_len) octets are
    /// left; nothing is written then.
    pub fn encode_binary(&self, buffer: &mut impl BufMut) -> Result<(), EncodeError> {
        binary::encode(self.outline(), buffer)
    }

    /// The binary form, the canonical one.
    #[must_use]
    pub fn to_binary(&self) -> Vec<u8> {
        binary::to_vec(self.outline())
    }

    fn outline(&self) -> Outline<'_> {
        Outline::from_checked(self.table.leaps(), self.expiry)
    }

    /// Makes the list of steps until the expiry.
    #[inline]
    fn collect(
        most_leaps: usize,
        end: Position,
        mut step: impl FnMut() -> Result<Step, DecodeError>,
    ) -> Result<Self, DecodeError> {
        let mut table = LeapTable::builder().reserve(most_leaps.min(MOST_LEAPS));
        loop {
            let step = step()?;
            match step.event() {
                StepEvent::Leap(sign) => table.push(step.month(), sign),
                StepEvent::Expiry => {
                    let expiry = step.boundary();
                    let table = table.expires(start_of(expiry)).build();
                    return match table {
                        Ok(table) => Ok(Self { table, expiry }),
                        Err(error) => Err(DecodeError::new(DecodeErrorKind::Table(error), end)),
                    };
                }
            }
        }
    }
}

/// Room is made for so many leap seconds beforehand; more come one by one.
const MOST_LEAPS: usize = 1024;

/// As [`CompactList::decode_text`].
impl FromStr for CompactList {
    type Err = DecodeError;

    fn from_str(text: &str) -> Result<Self, DecodeError> {
        Self::decode_text(text.as_bytes())
    }
}

/// The text form.
impl fmt::Display for CompactList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.outline().write_text(f)
    }
}

impl From<CompactList> for LeapTable {
    fn from(list: CompactList) -> Self {
        list.into_table()
    }
}

/// Writes the text form of a table; as [`CompactList::from_table`], without a copy of the table.
///
/// # Errors
///
/// * [`EncodeError::NoExpiry`] for a table without expiry.
/// * [`EncodeError::Gap`] where leap seconds, or the last of them and the cut expiry, are not 1 to
///   999 months apart.
pub fn encode_text(table: &LeapTable) -> Result<(String, Losses), EncodeError> {
    let (outline, losses) = Outline::of(table)?;
    Ok((outline.to_text(), losses))
}

/// Writes the binary form of a table; as [`CompactList::from_table`], without a copy of the table.
///
/// # Errors
///
/// * [`EncodeError::NoExpiry`] for a table without expiry.
/// * [`EncodeError::Gap`] where leap seconds, or the last of them and the cut expiry, are not 1 to
///   999 months apart.
pub fn encode_binary(table: &LeapTable) -> Result<(Vec<u8>, Losses), EncodeError> {
    let (outline, losses) = Outline::of(table)?;
    Ok((binary::to_vec(outline), losses))
}

#[cfg(test)]
mod tests;
