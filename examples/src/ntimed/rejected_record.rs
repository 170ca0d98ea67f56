use core::mem::{Discriminant, discriminant};

use horolog_ntimed::{Rejection, SourceId};
use serde::Serialize;

/// A source that does not count.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(super) struct RejectedRecord {
    pub(super) server: String,
    pub(super) reason: String,
    /// The reason without its numbers.
    #[serde(skip)]
    pub(super) kind: Discriminant<Rejection>,
}

impl RejectedRecord {
    /// A source and its reason, with the names that sources have.
    pub(super) fn new(
        source: SourceId,
        rejection: &Rejection,
        name: impl Fn(SourceId) -> String,
    ) -> Self {
        let reason = match rejection {
            Rejection::Duplicate(other) => format!("same address as {}", name(*other)),
            Rejection::SameServer(other) => format!("same server as {}", name(*other)),
            rejection => rejection.to_string(),
        };
        Self {
            server: name(source),
            reason,
            kind: discriminant(rejection),
        }
    }
}
