use crate::StatusCode;

/// What a request gets.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AnswerKind {
    /// The time.
    Time,
    /// The place is right, the method is not HEAD.
    MethodNotAllowed,
    /// There is nothing but the time.
    NotFound,
    /// It is no request of HTTP/1.
    BadRequest,
    /// Its head is too long.
    TooLong,
}

impl AnswerKind {
    /// The status that says so.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Time => StatusCode::NO_CONTENT,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::TooLong => StatusCode::FIELDS_TOO_LARGE,
        }
    }

    /// The status in words.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Time => "No Content",
            Self::MethodNotAllowed => "Method Not Allowed",
            Self::NotFound => "Not Found",
            Self::BadRequest => "Bad Request",
            Self::TooLong => "Request Header Fields Too Large",
        }
    }
}
