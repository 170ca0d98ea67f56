use core::sync::atomic::{AtomicU64, Ordering};

use horolog_https::AnswerKind;
use horolog_net::https::TimeEvent;
use serde::Serialize;

/// What became of clients and requests. Threads count side by side.
#[derive(Debug, Default, Serialize)]
pub(super) struct Counters {
    /// Requests that got the time.
    answered: AtomicU64,
    /// Requests that got something else.
    refused: AtomicU64,
    /// Connections that were one too many.
    too_many: AtomicU64,
    /// Handshakes that failed.
    tls_failed: AtomicU64,
    /// Clients that took too long.
    slow: AtomicU64,
    /// Connections that were over.
    closed: AtomicU64,
}

impl Counters {
    pub(super) fn count(&self, event: &TimeEvent) {
        let counter = match event {
            TimeEvent::Answered(AnswerKind::Time) => &self.answered,
            TimeEvent::Answered(_) => &self.refused,
            TimeEvent::TooMany => &self.too_many,
            TimeEvent::Tls(_) => &self.tls_failed,
            TimeEvent::Slow => &self.slow,
            _ => &self.closed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
