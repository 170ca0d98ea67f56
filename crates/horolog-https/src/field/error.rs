use thiserror::Error;

/// A field of a response that does not tell time.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum FieldError {
    /// There is no such field.
    #[error("there is no {field}")]
    Missing {
        /// The field's name.
        field: &'static str,
    },
    /// There is more than one, so it cannot be known which is meant.
    #[error("there is more than one {field}")]
    Repeated {
        /// The field's name.
        field: &'static str,
    },
    /// What it says is not what it has to say.
    #[error("{field}: expected {expected} at offset {offset}")]
    Malformed {
        /// The field's name.
        field: &'static str,
        /// What should have stood there.
        expected: &'static str,
        /// Octets from the start of the value.
        offset: usize,
    },
}
