use core::net::SocketAddr;

use horolog_ntp::{Discard, KissCode, MacAlgorithm, Measurement, Unusable};
use horolog_nts::AeadAlgorithm;

/// What happened to one request, or before it.
#[derive(Clone, Debug)]
pub enum Event {
    /// Keys were established; of no request.
    Established {
        /// Where NTP is asked from now on.
        address: SocketAddr,
        /// The AEAD algorithm that was negotiated.
        algorithm: AeadAlgorithm,
        /// The cookies that came.
        cookies: usize,
    },
    /// No keys were established, and why; of no request.
    NotEstablished(String),
    /// A reply that tells time.
    Sample(Sample),
    /// No reply within the timeout, though perhaps datagrams that were none.
    Lost {
        /// Datagrams that did not answer the request.
        discarded: u32,
        /// Whether the server's host says that nothing listens there.
        refused: bool,
        /// Why the last of them that answers the request, but not under the key, was not believed.
        unauthentic: Option<Discard>,
    },
    /// No reply but an NTS NAK: the server does not know the cookie.
    Nak,
    /// No request: there is no cookie to spend.
    NoCookie,
    /// A kiss code.
    Kiss(KissCode),
    /// A reply without usable time.
    Unusable(Unusable),
}

/// A measurement, and what vouches for it.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// The measurement.
    pub measurement: Measurement,
    /// What vouches for it.
    pub proof: Proof,
}

/// What vouches for a measurement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Proof {
    /// Nothing.
    None,
    /// A MAC.
    Mac(MacAlgorithm),
    /// NTS.
    Nts {
        /// The AEAD algorithm.
        algorithm: AeadAlgorithm,
        /// Cookies that are left.
        cookies: usize,
    },
}

impl Proof {
    /// `none`, `mac-` and the algorithm, `nts`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::None => "none".to_owned(),
            Self::Mac(algorithm) => format!("mac-{algorithm}"),
            Self::Nts { .. } => "nts".to_owned(),
        }
    }
}
