use core::cmp::Ordering;

use hickory_resolver::net::runtime::{Time as _, TokioTime};
use hickory_resolver::proto::rr::SerialNumber;
use horolog_time::{UnixTime, UtcInstant};

/// The instant at which signatures are looked at: that of the resolver library, which reads the
/// system's clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// Unix seconds.
    seconds: u64,
}

impl Clock {
    pub(super) fn now() -> Self {
        Self::at(TokioTime::current_time())
    }

    pub(super) const fn at(seconds: u64) -> Self {
        Self { seconds }
    }

    /// The low 32 bits, which is what signatures have.
    fn serial(self) -> u32 {
        u32::try_from(self.seconds & u64::from(u32::MAX)).unwrap_or_default()
    }

    /// How an instant of a signature compares with now (RFC 4034 § 3.1.5: by serial number
    /// arithmetic). One that is 68 years away counts as past.
    pub(super) fn compare(self, instant: SerialNumber) -> Ordering {
        let now = SerialNumber::new(self.serial());
        instant.partial_cmp(&now).unwrap_or(Ordering::Less)
    }

    /// The instant of a signature that is nearest to now.
    pub(super) fn utc(self, instant: SerialNumber) -> UtcInstant {
        let offset = instant.get().wrapping_sub(self.serial()).cast_signed();
        let now = i64::try_from(self.seconds).unwrap_or(i64::MAX);
        let time = UnixTime::from_seconds(now.saturating_add(i64::from(offset)));
        UtcInstant::from_unix(time).unwrap_or(UtcInstant::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_4034_section_3_1_5_instants_are_serial_numbers() {
        // 2106-02-07T06:28:16Z, when 32 bits begin anew.
        let wrap = 1_u64 << 32;
        for (now, instant, order, text) in [
            (wrap, u32::MAX, Ordering::Less, "2106-02-07T06:28:15Z"),
            (wrap - 1, 0, Ordering::Greater, "2106-02-07T06:28:16Z"),
            (wrap + 5, 5, Ordering::Equal, "2106-02-07T06:28:21Z"),
            (
                1_000_000_000,
                999_999_999,
                Ordering::Less,
                "2001-09-09T01:46:39Z",
            ),
            (0, 1 << 31, Ordering::Less, "1901-12-13T20:45:52Z"),
        ] {
            let clock = Clock::at(now);
            let instant = SerialNumber::new(instant);
            assert_eq!(clock.compare(instant), order, "{text}");
            assert_eq!(clock.utc(instant).to_string(), text);
        }
    }
}
