use thiserror::Error;

use crate::Trace;

/// Why a trace cannot be replayed.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum SimulatorError {
    /// The first line is not [`Trace::FORMAT`].
    #[error("the first line is not \"{}\"", Trace::FORMAT)]
    NoFormat,
    /// A reply of a server that no `# Peer` line named.
    #[error("a reply of a server that no \"# Peer\" line named")]
    UnknownPeer,
    /// Time jumps too far ahead to be simulated second by second.
    #[error("more than {max} s without a line")]
    Gap {
        /// How far it may jump.
        max: u32,
    },
}
