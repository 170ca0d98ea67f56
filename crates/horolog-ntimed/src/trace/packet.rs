use core::fmt;

use horolog_ntp::{LeapIndicator, Mode, ReferenceId, Stratum, Version};
use horolog_time::{Precision, UnixTime};

use crate::c_format::Fixed;
use crate::{Exchange, Refusal, date};

/// A reply as it stands in a trace, in brackets: times are seconds relative to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TracePacket {
    /// Leap indicator.
    pub leap: LeapIndicator,
    /// Version.
    pub version: Version,
    /// Mode.
    pub mode: Mode,
    /// Stratum.
    pub stratum: Stratum,
    /// Poll exponent, as an unsigned number.
    pub poll: u8,
    /// Precision exponent.
    pub precision: i8,
    /// Root delay in seconds.
    pub root_delay: f64,
    /// Root dispersion in seconds.
    pub root_dispersion: f64,
    /// Reference ID.
    pub reference_id: ReferenceId,
    /// Reference time less T1.
    pub reference: f64,
    /// T1, when the request left by the local clock.
    pub t1: UnixTime,
    /// T2 - T1.
    pub there: f64,
    /// T3 - T2.
    pub processing: f64,
    /// T4 - T3; 0 where it is not known when the reply arrived.
    pub back: f64,
}

impl TracePacket {
    /// The exchange, by a local clock to which `added` seconds were added since.
    ///
    /// `None` where it is not known when the reply arrived.
    #[must_use]
    pub fn exchange(&self, added: f64) -> Option<Exchange> {
        (self.back != 0.0).then(|| self.times(added))
    }

    /// The same reply by a local clock to which `added` seconds were added since.
    ///
    /// Without a time of arrival it stays without.
    #[must_use]
    pub fn with_added(&self, added: f64) -> Self {
        let back = self.back;
        let moved = self.with_times(&self.times(added));
        if back == 0.0 {
            Self { back, ..moved }
        } else {
            moved
        }
    }

    fn times(&self, added: f64) -> Exchange {
        let t1 = date::from_unix(self.t1);
        let t2 = date::add(t1, self.there);
        let t3 = date::add(t2, self.processing);
        let t4 = date::add(t3, self.back);
        Exchange {
            leap: self.leap,
            version: self.version,
            mode: self.mode,
            stratum: self.stratum,
            precision: Precision::from_exponent(self.precision),
            reference_id: self.reference_id,
            reference: date::add(t1, self.reference),
            t1: date::add(t1, added),
            t2,
            t3,
            t4: date::add(t4, added),
        }
    }

    /// Why the original's filter does not use the reply, whenever it arrived.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        Refusal::of(&self.times(0.0))
    }

    /// The same of an [`Evaluator`](crate::Evaluator).
    pub(crate) fn coarse_refusal(&self) -> Option<Refusal> {
        Refusal::of_coarse(&self.times(0.0))
    }

    /// The same reply with the times of `exchange`.
    #[must_use]
    pub fn with_times(&self, exchange: &Exchange) -> Self {
        Self {
            reference: date::difference(exchange.reference, exchange.t1),
            t1: date::to_unix(exchange.t1),
            there: date::difference(exchange.t2, exchange.t1),
            processing: exchange.processing(),
            back: exchange.high(),
            ..*self
        }
    }
}

/// In brackets, as the original's `NTP_Tool_Format` does.
impl fmt::Display for TracePacket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "[{} {} {} {:3} {:3} {:4} {} {} 0x{:08x} {} {} {} {} {}]",
            self.leap.to_bits(),
            self.version,
            self.mode.to_bits(),
            self.stratum,
            self.poll,
            self.precision,
            Fixed(self.root_delay, 9),
            Fixed(self.root_dispersion, 9),
            u32::from_be_bytes(self.reference_id.to_octets()),
            Fixed(self.reference, 9),
            self.t1,
            Fixed(self.there, 9),
            Fixed(self.processing, 9),
            Fixed(self.back, 9),
        )
    }
}
