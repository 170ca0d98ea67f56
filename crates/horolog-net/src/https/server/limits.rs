use core::time::Duration;

/// What a [`TimeListener`](super::TimeListener) spends on clients.
///
/// A connection takes a thread and some tens of KiB, so their number bounds the memory of all.
///
/// # Examples
///
/// ```
/// use horolog_net::https::TimeLimits;
///
/// let limits = TimeLimits { connections: 8, ..TimeLimits::default() };
/// assert_eq!(limits.requests, 100);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TimeLimits {
    /// Connections at once; others are closed.
    pub connections: usize,
    /// Connections at once from one address; others are closed.
    pub per_address: usize,
    /// Requests on one connection; it is closed behind the last answer.
    pub requests: u32,
    /// Time for the handshake.
    pub handshake: Duration,
    /// Time from one answer to the end of the next request.
    pub idle: Duration,
}

/// 64 connections, 16 from one address, 100 requests, ten seconds for the handshake, 30 for a request.
impl Default for TimeLimits {
    fn default() -> Self {
        Self {
            connections: 64,
            per_address: 16,
            requests: 100,
            handshake: Duration::from_secs(10),
            idle: Duration::from_secs(30),
        }
    }
}
