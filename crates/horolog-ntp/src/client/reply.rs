use thiserror::Error;

use crate::{DecodeError, Header, KissCode, Measurement, Mode, Version};

/// A reply that answers the request: what the server said.
///
/// Whatever it is, the exchange is over; later copies of it are discarded.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reply {
    /// Time.
    Measurement(Measurement),
    /// No time but a kiss code: see [`KissCode::action`].
    Kiss(KissCode),
    /// A header that cannot be used as time, and why.
    Unusable(Unusable, Header),
}

/// Why a server's header cannot be used as time.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Unusable {
    /// The leap indicator is 3, or the stratum 0 without a kiss code or above 15.
    #[error("server is not synchronised")]
    Unsynchronised,
    /// The receive or transmit timestamp is zero.
    #[error("receive or transmit timestamp is zero")]
    NoTime,
    /// Half the root delay and the root dispersion make 16 s or more.
    #[error("root distance is 16 s or more")]
    RootDistance,
    /// The server's clock was set after it answered.
    #[error("reference timestamp is later than the reply")]
    ReferenceTime,
}

/// A datagram that does not answer the request. The client goes on waiting; its state is as before.
///
/// RFC 5905 § 8 has bogus packets change the state of an association, which lets anyone disrupt
/// it; [RFC 9769 § 2](https://www.rfc-editor.org/rfc/rfc9769#section-2) and
/// [RFC 8633 § 5.3](https://www.rfc-editor.org/rfc/rfc8633#section-5.3) put this right.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Discard {
    /// It is no NTP packet.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
    /// No request is outstanding: a duplicate, or a reply that nobody asked for.
    #[error("no request is outstanding")]
    Unexpected,
    /// It is not of the request's version.
    #[error("version {0} is not that of the request")]
    Version(Version),
    /// It is not of mode 4.
    #[error("mode is {0}, not server")]
    Mode(Mode),
    /// The origin timestamp is zero.
    #[error("origin timestamp is zero")]
    ZeroOrigin,
    /// The origin timestamp is not from the request: bogus.
    #[error("origin timestamp is not from the request")]
    Origin,
    /// Receive and transmit timestamps are those of the reply before.
    #[error("receive and transmit timestamps are those of the last reply")]
    Duplicate,
    /// The server could not authenticate the request.
    #[error("crypto-NAK: the server could not authenticate the request")]
    CryptoNak,
    /// It has no MAC, or one that does not verify.
    #[error("not authenticated")]
    Unauthenticated,
}
