use core::time::Duration;

/// How long one side of a key establishment waits for the other.
///
/// Both times count from the start of the TCP connection. The RFC asks a server for a timeout but
/// names none ([RFC 8915 § 4](https://www.rfc-editor.org/rfc/rfc8915#section-4)); chrony gives both
/// sides 2 s.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use horolog_nts::{KeServerConfig, KeTimeouts};
///
/// let timeouts = KeTimeouts { exchange: Duration::from_secs(2), ..KeTimeouts::SERVER };
/// let config = KeServerConfig::new().with_timeouts(timeouts);
/// # let _ = config;
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeTimeouts {
    /// Until the TLS handshake is over.
    pub handshake: Duration,
    /// Until the message of the other side is whole.
    pub exchange: Duration,
}

impl KeTimeouts {
    /// What is recommended for clients: 5 s for the handshake, 10 s for all.
    pub const CLIENT: Self = Self {
        handshake: Duration::from_secs(5),
        exchange: Duration::from_secs(10),
    };

    /// What is recommended for servers, whose connections are dear: 3 s for the handshake, 5 s for
    /// all.
    pub const SERVER: Self = Self {
        handshake: Duration::from_secs(3),
        exchange: Duration::from_secs(5),
    };
}

/// What is waited for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KePhase {
    /// The end of the TLS handshake.
    Handshake,
    /// The end of the other side's message.
    Message,
}

/// The deadlines of one connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadlines {
    started: Duration,
    timeouts: KeTimeouts,
    phase: KePhase,
    passed: Option<KePhase>,
}

impl Deadlines {
    pub(super) const fn new(timeouts: KeTimeouts, now: Duration) -> Self {
        Self {
            started: now,
            timeouts,
            phase: KePhase::Handshake,
            passed: None,
        }
    }

    pub(super) const fn handle_handshake(&mut self) {
        self.phase = KePhase::Message;
    }

    pub(super) fn handle_timeout(&mut self, now: Duration) {
        if self.next().is_some_and(|deadline| now >= deadline) {
            self.passed = Some(self.phase);
        }
    }

    /// The next deadline, unless one has passed.
    pub(super) fn next(&self) -> Option<Duration> {
        let KeTimeouts {
            handshake,
            exchange,
        } = self.timeouts;
        let wait = match self.phase {
            KePhase::Handshake => handshake.min(exchange),
            KePhase::Message => exchange,
        };
        let waits = self.passed.is_none();
        waits.then(|| self.started.saturating_add(wait))
    }

    /// What was waited for when a deadline passed.
    pub(super) const fn passed(&self) -> Option<KePhase> {
        self.passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(1_000_000);

    fn after(seconds: u64) -> Duration {
        START + Duration::from_secs(seconds)
    }

    #[test]
    fn the_handshake_ends_before_the_message() {
        let mut deadlines = Deadlines::new(KeTimeouts::CLIENT, START);
        assert_eq!(deadlines.next(), Some(after(5)));
        deadlines.handle_timeout(START + Duration::from_nanos(4_999_999_999));
        assert_eq!(deadlines.passed(), None);
        deadlines.handle_handshake();
        assert_eq!(deadlines.next(), Some(after(10)));
        deadlines.handle_timeout(after(10));
        assert_eq!(deadlines.passed(), Some(KePhase::Message));
        assert_eq!(deadlines.next(), None);
    }

    #[test]
    fn a_handshake_that_does_not_end() {
        let timeouts = KeTimeouts {
            exchange: Duration::from_secs(2),
            ..KeTimeouts::SERVER
        };
        let mut deadlines = Deadlines::new(timeouts, START);
        assert_eq!(deadlines.next(), Some(after(2)));
        deadlines.handle_timeout(after(7));
        assert_eq!(deadlines.passed(), Some(KePhase::Handshake));
    }

    #[test]
    fn no_time_is_too_late() {
        let deadlines = Deadlines::new(KeTimeouts::SERVER, Duration::MAX);
        assert_eq!(deadlines.next(), Some(Duration::MAX));
    }
}
