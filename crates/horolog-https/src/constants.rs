//! What both sides know: the place to ask, the names of the fields, and limits.

/// The path that is asked, which servers recognise such requests by.
///
/// Source: the IANA registry of well-known URIs, `time`.
pub const PATH: &str = "/.well-known/time";

/// Octets that the head of a request or a response may have, its end included.
pub const MAX_HEAD_LENGTH: usize = 8 * 1024;

/// Fields that a head may have.
pub const MAX_FIELDS: usize = 64;

/// The field with whole seconds ([RFC 9110 § 6.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1)).
pub(crate) const DATE: &str = "Date";

/// The field with decimals.
pub(crate) const HTTPSTIME: &str = "X-HTTPSTIME";

/// Nanoseconds in a second, wide enough for any difference of two times.
pub(crate) const SECOND: i128 = 1_000_000_000;
