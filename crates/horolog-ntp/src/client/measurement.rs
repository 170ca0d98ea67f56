use horolog_time::{NtpDuration, NtpTimestamp, OffsetBounds, Precision};

use crate::constants::{MIN_DISPERSION, drift};
use crate::{Header, LeapIndicator};

/// The four timestamps of an exchange and what follows from them.
///
/// ```text
///              T2           T3
///   server  ---+------------+----->
///             /              \
///            /                \
///   client -+------------------+-->
///           T1                 T4
/// ```
///
/// Computed as in [RFC 5905 § 8](https://www.rfc-editor.org/rfc/rfc5905#section-8).
///
/// # Examples
///
/// ```
/// use horolog_ntp::{Header, Measurement};
/// use horolog_time::{NtpDuration, NtpTimestamp, Precision};
///
/// let at = |milliseconds: i64| {
///     NtpTimestamp::from_parts(3_900_000_000, 0) + NtpDuration::from_nanoseconds(milliseconds * 1_000_000).unwrap()
/// };
/// let measurement = Measurement::new([at(0), at(25), at(26), at(11)], Header::default(), Precision::from_exponent(-20));
/// assert_eq!(measurement.offset().as_nanoseconds() / 1_000, 20_000); // the server is 20 ms ahead
/// assert_eq!(measurement.delay().as_nanoseconds() / 1_000, 10_000); // of 10 ms on the way
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measurement {
    timestamps: [NtpTimestamp; 4],
    header: Header,
    precision: Precision,
    interleaved: bool,
}

impl Measurement {
    /// Takes T1 to T4, the reply's header, and the precision of the client's clock.
    #[must_use]
    pub const fn new(timestamps: [NtpTimestamp; 4], header: Header, precision: Precision) -> Self {
        Self {
            timestamps,
            header,
            precision,
            interleaved: false,
        }
    }

    /// The same, told by an interleaved reply.
    pub(super) const fn interleaved(mut self) -> Self {
        self.interleaved = true;
        self
    }

    /// T1: when the request left, by the client's clock.
    #[must_use]
    pub const fn t1(&self) -> NtpTimestamp {
        let [t1, ..] = self.timestamps;
        t1
    }

    /// T2: when the request arrived, by the server's clock.
    #[must_use]
    pub const fn t2(&self) -> NtpTimestamp {
        let [_, t2, ..] = self.timestamps;
        t2
    }

    /// T3: when the reply left, by the server's clock.
    #[must_use]
    pub const fn t3(&self) -> NtpTimestamp {
        let [.., t3, _] = self.timestamps;
        t3
    }

    /// T4: when the reply arrived, by the client's clock.
    #[must_use]
    pub const fn t4(&self) -> NtpTimestamp {
        let [.., t4] = self.timestamps;
        t4
    }

    /// The header of the reply that completed the exchange.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// What the server says of leap seconds.
    #[must_use]
    pub const fn leap(&self) -> LeapIndicator {
        self.header.leap
    }

    /// Whether the timestamps are of the exchange before, as interleaved mode has it: T3 then is
    /// when the reply really left.
    #[must_use]
    pub const fn is_interleaved(&self) -> bool {
        self.interleaved
    }

    /// What to add to the client's clock to get the server's time:
    /// `((T2 - T1) + (T3 - T4)) / 2`.
    #[must_use]
    pub fn offset(&self) -> NtpDuration {
        let [t1, t2, t3, t4] = self.timestamps;
        NtpDuration::mean(t2 - t1, t3 - t4)
    }

    /// Time on the way, there and back: `(T4 - T1) - (T3 - T2)`, and at least the precision of the
    /// client's clock.
    #[must_use]
    pub fn delay(&self) -> NtpDuration {
        let [t1, t2, t3, t4] = self.timestamps;
        (t4 - t1)
            .saturating_sub(t3 - t2)
            .max(self.precision.duration())
    }

    /// The error of reading both clocks and of their drift during the exchange (epsilon).
    #[must_use]
    pub fn dispersion(&self) -> NtpDuration {
        let [t1, .., t4] = self.timestamps;
        self.header
            .precision
            .duration()
            .saturating_add(self.precision.duration())
            .saturating_add(drift(t4 - t1))
    }

    /// How far the offset can be off from the server's clock: half the delay and the dispersion.
    #[must_use]
    pub fn error_bound(&self) -> NtpDuration {
        self.delay().half().saturating_add(self.dispersion())
    }

    /// How far the offset can be off from the reference clock: half of root delay and delay, root
    /// dispersion and dispersion (appendix A.5.5.2 without age and jitter).
    #[must_use]
    pub fn root_distance(&self) -> NtpDuration {
        let delay = NtpDuration::from(self.header.root_delay).saturating_add(self.delay());
        delay
            .max(MIN_DISPERSION)
            .half()
            .saturating_add(self.header.root_dispersion.into())
            .saturating_add(self.dispersion())
    }

    /// The bounds of the offset from true time, if the server's own claims are true: the offset
    /// give or take the [root distance](Self::root_distance).
    #[must_use]
    pub fn bounds(&self) -> OffsetBounds {
        OffsetBounds::around(self.offset(), self.root_distance())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use horolog_time::NtpShort;
    use proptest::prelude::*;

    fn at(nanoseconds: i64) -> NtpTimestamp {
        NtpTimestamp::from_parts(u32::MAX, 0) + NtpDuration::from_nanoseconds(nanoseconds).unwrap()
    }

    fn measure(t: [i64; 4]) -> Measurement {
        let header = Header {
            precision: Precision::from_exponent(-20),
            root_delay: NtpShort::from_bits(1 << 16),
            root_dispersion: NtpShort::from_bits(1 << 15),
            ..Header::default()
        };
        Measurement::new(t.map(at), header, Precision::from_exponent(-23))
    }

    /// The timestamps run across the end of era 0.
    #[test]
    fn rfc_5905_section_8_across_the_era() {
        let measurement = measure([0, 2_005_000_000, 2_005_100_000, 10_100_000]);
        // Four stamps, each rounded to 2^-32 s, are off by a nanosecond at the most.
        for (span, nanoseconds) in [
            (measurement.offset(), 2_000_000_000),
            (measurement.delay(), 10_000_000),
            (measurement.dispersion(), 953 + 119 + 151),
            (measurement.error_bound(), 5_000_000 + 1_223),
            (
                measurement.root_distance(),
                505_000_000 + 500_000_000 + 1_223,
            ),
        ] {
            let off = span.as_nanoseconds() - nanoseconds;
            assert!(off.abs() <= 2, "{span} is not {nanoseconds} ns");
        }
    }

    #[test]
    fn a_negative_delay_is_the_precision() {
        assert_eq!(
            measure([0, 100, 300, 100]).delay(),
            Precision::from_exponent(-23).duration()
        );
    }

    proptest! {
        #[test]
        fn hostile_timestamps_do_no_harm(t: [u64; 4], precision: i8, root_delay: u32, root_dispersion: u32) {
            let header = Header {
                precision: Precision::from_exponent(precision),
                root_delay: NtpShort::from_bits(root_delay),
                root_dispersion: NtpShort::from_bits(root_dispersion),
                ..Header::default()
            };
            let measurement = Measurement::new(t.map(NtpTimestamp::from_bits), header, Precision::from_exponent(precision));
            prop_assert!(measurement.delay() > NtpDuration::ZERO);
            prop_assert!(measurement.error_bound() <= measurement.root_distance().saturating_add(NtpDuration::RESOLUTION));
            prop_assert!(measurement.bounds().contains(measurement.offset()));
        }
    }
}
