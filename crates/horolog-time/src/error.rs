use thiserror::Error;

/// A value or a text that one of this crate's types cannot hold.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum TimeError {
    /// A number lies outside of what its field can say.
    #[error("{field} {value} is not in {min}..={max}")]
    OutOfRange {
        /// Which field.
        field: &'static str,
        /// What was given.
        value: i64,
        /// The smallest value allowed.
        min: i64,
        /// The largest value allowed.
        max: i64,
    },
    /// The result of a conversion does not fit its type.
    #[error("{0} overflows")]
    Overflow(
        /// Which quantity.
        &'static str,
    ),
    /// A text does not follow its form.
    #[error("expected {expected} at offset {offset}")]
    Text {
        /// What should have stood there.
        expected: &'static str,
        /// Octets from the start of the text.
        offset: usize,
    },
}

impl TimeError {
    /// `value`, if it lies in `min..=max`.
    pub(crate) const fn check(
        field: &'static str,
        value: i64,
        min: i64,
        max: i64,
    ) -> Result<i64, Self> {
        if value < min || value > max {
            return Err(Self::OutOfRange {
                field,
                value,
                min,
                max,
            });
        }
        Ok(value)
    }
}
