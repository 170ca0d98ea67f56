use horolog_ntp::{LeapIndicator, Measurement, Mode, ReferenceId, Stratum, Version};
use horolog_time::{NtpDate, Precision};

use crate::date;

/// One exchange with a server: the four timestamps and what the reply said of itself.
///
/// It bounds the local clock's error, local less remote: `T1 - T2 <= error <= T4 - T3`.
///
/// # Examples
///
/// ```
/// use horolog_ntimed::Trace;
///
/// let line = "Poll a 192.0.2.1 [0 4 4   1   6  -20 0.000060000 0.001500000 0x7f7f0101 \
///     -24.547789182 1416000000.136364221 -0.001743793 0.000033379 0.002243280]";
/// let Trace::Poll { packet, .. } = Trace::decode(line, 1)? else {
///     panic!();
/// };
/// let exchange = packet.exchange(0.0).expect("a reply arrived");
/// assert!((exchange.low() - 0.001743793).abs() < 1e-12);
/// assert!((exchange.high() - 0.002243280).abs() < 1e-12);
/// # Ok::<(), horolog_ntimed::TraceError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exchange {
    /// Leap indicator of the reply.
    pub leap: LeapIndicator,
    /// Version of the reply.
    pub version: Version,
    /// Mode of the reply.
    pub mode: Mode,
    /// The server's stratum.
    pub stratum: Stratum,
    /// The precision of the server's clock, by which T2 and T3 may be off.
    pub precision: Precision,
    /// The server's reference ID.
    pub reference_id: ReferenceId,
    /// When the server's clock was last set.
    pub reference: NtpDate,
    /// When the request left, by the local clock.
    pub t1: NtpDate,
    /// When the request arrived, by the server's clock.
    pub t2: NtpDate,
    /// When the reply left, by the server's clock.
    pub t3: NtpDate,
    /// When the reply arrived, by the local clock.
    pub t4: NtpDate,
}

impl Exchange {
    /// The exchange behind a measurement, whose timestamps belong to the era around `pivot`.
    ///
    /// `None` where T1 to T4 is unknown. An unknown reference time becomes the start of the scale,
    /// which every filter refuses as too old.
    ///
    /// Of an [interleaved](Measurement::is_interleaved) measurement the timestamps are those of the
    /// exchange before, and the rest is of now. That the server's clock was set in between is not
    /// held against it: T3 then stands for the reference time.
    #[must_use]
    pub fn from_measurement(measurement: &Measurement, pivot: NtpDate) -> Option<Self> {
        let at = |timestamp| NtpDate::from_timestamp(timestamp, pivot);
        let header = measurement.header();
        let mut reference = at(header.reference).unwrap_or(NtpDate::PRIME_EPOCH);
        let t3 = at(measurement.t3())?;
        if measurement.is_interleaved() && at(header.receive).is_some_and(|t2| reference <= t2) {
            reference = reference.min(t3);
        }
        Some(Self {
            leap: header.leap,
            version: header.version,
            mode: header.mode,
            stratum: header.stratum,
            precision: header.precision,
            reference_id: header.reference_id,
            reference,
            t1: at(measurement.t1())?,
            t2: at(measurement.t2())?,
            t3,
            t4: at(measurement.t4())?,
        })
    }

    /// T1 - T2 in seconds: the local clock is not less ahead.
    #[must_use]
    pub fn low(&self) -> f64 {
        date::difference(self.t1, self.t2)
    }

    /// T4 - T3 in seconds: the local clock is not more ahead.
    #[must_use]
    pub fn high(&self) -> f64 {
        date::difference(self.t4, self.t3)
    }

    /// T3 - T2 in seconds: how long the server took.
    #[must_use]
    pub fn processing(&self) -> f64 {
        date::difference(self.t3, self.t2)
    }

    /// T3 less the reference time, in seconds.
    #[must_use]
    pub fn reference_age(&self) -> f64 {
        date::difference(self.t3, self.reference)
    }

    /// Whether this reply and `other` show the same stratum, reference ID and reference time, as
    /// two addresses of one server do.
    ///
    /// Reference times within 4 ns of each other are the same: traces keep nanoseconds relative to
    /// T1.
    #[must_use]
    pub fn is_same_server(&self, other: &Self) -> bool {
        !self.differs_in_source(other)
            && date::difference(self.reference, other.reference).abs() < 4e-9
    }

    /// Whether the replies show another stratum or reference ID.
    pub(crate) fn differs_in_source(&self, other: &Self) -> bool {
        self.stratum != other.stratum || self.reference_id != other.reference_id
    }
}
