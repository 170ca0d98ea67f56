use horolog_time::{NtpShort, NtpTimestamp, Precision};

use crate::{LeapIndicator, ReferenceId, Stratum};

/// What a server says of its own clock: the system variables of
/// [RFC 5905 § 11.1](https://www.rfc-editor.org/rfc/rfc5905#section-11.1).
///
/// # Examples
///
/// ```
/// use horolog_ntp::{Stratum, SystemState};
///
/// let system = SystemState { stratum: Stratum::new(3), ..SystemState::local_primary() };
/// assert!(system.is_synchronised());
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SystemState {
    /// Warning of a leap second, [`LeapIndicator::Unknown`] while not synchronised.
    pub leap: LeapIndicator,
    /// Distance from a reference clock.
    pub stratum: Stratum,
    /// The precision of the server's clock.
    pub precision: Precision,
    /// Round-trip delay to the reference clock.
    pub root_delay: NtpShort,
    /// Dispersion to the reference clock.
    pub root_dispersion: NtpShort,
    /// What the server is synchronised to.
    pub reference_id: ReferenceId,
    /// When the clock was last set or corrected. A server that takes its system clock as it is may
    /// leave it unknown; while it is synchronised, replies then say the time of the request's
    /// arrival, or in interleaved mode their transmit timestamp.
    pub reference: NtpTimestamp,
}

impl SystemState {
    /// A server that offers its own clock as a primary one: stratum 1, `LOCL`, no root delay and
    /// dispersion.
    #[must_use]
    pub const fn local_primary() -> Self {
        Self {
            leap: LeapIndicator::NoWarning,
            stratum: Stratum::PRIMARY,
            precision: Precision::from_exponent(-20),
            root_delay: NtpShort::ZERO,
            root_dispersion: NtpShort::ZERO,
            reference_id: ReferenceId::LOCAL,
            reference: NtpTimestamp::UNKNOWN,
        }
    }

    /// Whether clients may use the server's time.
    #[must_use]
    pub fn is_synchronised(&self) -> bool {
        self.leap != LeapIndicator::Unknown && self.stratum.is_synchronised()
    }
}
