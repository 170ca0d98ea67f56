use horolog_time::LeapSign;

use crate::{Scratch, VirtualClock};

/// Something that was done to a [`VirtualClock`], and what the clock was then: the truth, not what a
/// program thinks.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockChange {
    /// By what it was done.
    pub what: String,
    /// Seconds that were added at once.
    pub step: f64,
    /// Seconds that it is ahead of the system's clock now.
    pub error: f64,
    /// What it gains on the system's clock from now on, in parts per million.
    pub ppm: f64,
    /// Whether it counts as synchronised.
    pub synchronised: bool,
    /// The leap second that it was told of.
    pub leap: Option<LeapSign>,
    /// TAI-UTC in seconds; 0 where it was never told.
    pub tai_utc: i32,
}

// Of the status bits that a kernel has.
const STA_INS: u32 = 0x10;
const STA_DEL: u32 = 0x20;
const STA_UNSYNC: u32 = 0x40;

impl ClockChange {
    /// What was told of changes in a folder.
    ///
    /// # Panics
    ///
    /// Where a line tells of none.
    #[must_use]
    pub fn all(scratch: &Scratch) -> Vec<Self> {
        let log = VirtualClock::log(scratch);
        let parse = |line: &String| Self::parse(line).unwrap_or_else(|| panic!("{line}"));
        log.iter().map(parse).collect()
    }

    /// `TIME WHAT step SECONDS error SECONDS rate PPM ppm tai SECONDS status BITS …`, where WHAT may be words.
    fn parse(line: &str) -> Option<Self> {
        let (_, rest) = line.split_once(' ')?;
        let (what, _) = rest.split_once(" step ")?;
        let mut words = rest[what.len()..].split_whitespace();
        let mut after = |name| words.find(|word| *word == name).and_then(|_| words.next());
        let [step, error, ppm, tai] = ["step", "error", "rate", "tai"].map(&mut after);
        let bits = u32::from_str_radix(after("status")?.strip_prefix("0x")?, 16).ok()?;
        Some(Self {
            what: what.to_owned(),
            step: step?.parse().ok()?,
            error: error?.parse().ok()?,
            ppm: ppm?.parse().ok()?,
            synchronised: bits & STA_UNSYNC == 0,
            leap: match bits & (STA_INS | STA_DEL) {
                0 => None,
                STA_INS => Some(LeapSign::Positive),
                STA_DEL => Some(LeapSign::Negative),
                _ => return None,
            },
            tai_utc: tai?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart() {
        let line = "1795378382.5 set offset step -0.3 error 0.00001 rate 40.5 ppm tai 0 status 0x2040 state 5";
        let change = ClockChange::parse(line).unwrap();
        assert_eq!(change.what, "set offset");
        assert!((change.step + 0.3).abs() < 1e-12 && (change.error - 1e-5).abs() < 1e-12);
        assert!((change.ppm - 40.5).abs() < 1e-12 && !change.synchronised);
        assert_eq!((change.leap, change.tai_utc), (None, 0));
        let line = line.replace("2040", "2010").replace("tai 0", "tai 36");
        let change = ClockChange::parse(&line).unwrap();
        assert!(change.synchronised);
        assert_eq!(
            (change.leap, change.tai_utc),
            (Some(LeapSign::Positive), 36)
        );
        assert_eq!(ClockChange::parse("1795378382.5 rate step"), None);
    }
}
