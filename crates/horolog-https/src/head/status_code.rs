use core::fmt;

/// The status code of a response ([RFC 9110 § 15](https://www.rfc-editor.org/rfc/rfc9110#section-15)).
///
/// # Examples
///
/// ```
/// use horolog_https::StatusCode;
///
/// assert!(StatusCode::NO_CONTENT.offers_time());
/// assert!(!StatusCode::new(404).offers_time());
/// assert_eq!(StatusCode::new(404).to_string(), "404");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct StatusCode(u16);

impl StatusCode {
    /// What the request asked for is there, and would have a body.
    pub const OK: Self = Self(200);
    /// What the request asked for has no body.
    pub const NO_CONTENT: Self = Self(204);
    /// The request cannot be read.
    pub const BAD_REQUEST: Self = Self(400);
    /// There is no such place.
    pub const NOT_FOUND: Self = Self(404);
    /// The place does not take this method.
    pub const METHOD_NOT_ALLOWED: Self = Self(405);
    /// The head is longer than the server takes.
    pub const FIELDS_TOO_LARGE: Self = Self(431);

    /// Takes a number.
    #[must_use]
    pub const fn new(code: u16) -> Self {
        Self(code)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// Whether it is one of the two with which servers offer time, 200 and 204. All else, a redirection
    /// included, means that the server does not want to be asked.
    #[must_use]
    pub const fn offers_time(self) -> bool {
        matches!(self, Self::OK | Self::NO_CONTENT)
    }

    /// Whether another response follows. None follows 101, behind which it is another protocol.
    pub(crate) const fn is_interim(self) -> bool {
        matches!(self.0, 100 | 102..=199)
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}
