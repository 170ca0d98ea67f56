use horolog_time::NtpTimestamp;

use crate::clock;

/// When a datagram came or went, and who looked at the clock.
///
/// # Examples
///
/// ```
/// use horolog_net::udp::{Stamp, StampSource};
///
/// let stamp = Stamp::now();
/// assert_eq!(stamp.source, StampSource::UserSpace);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Stamp {
    /// The reading of the system clock.
    pub time: NtpTimestamp,
    /// Where it was read.
    pub source: StampSource,
}

/// Where the clock was read for a [`Stamp`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum StampSource {
    /// In the kernel: when the network card's driver handed the datagram up or was handed it. The
    /// scheduling of the program does not touch it.
    Kernel,
    /// In this program, right after receiving or right before sending.
    UserSpace,
}

impl Stamp {
    /// The clock, read here.
    #[must_use]
    pub fn now() -> Self {
        Self {
            time: clock::now(),
            source: StampSource::UserSpace,
        }
    }

    /// The kernel's reading.
    pub(super) fn kernel(time: NtpTimestamp) -> Self {
        Self {
            time,
            source: StampSource::Kernel,
        }
    }
}
