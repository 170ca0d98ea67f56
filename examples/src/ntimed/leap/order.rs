use core::fmt;

use horolog_time::{LeapSign, Month, TaiUtc};

/// One thing that a kernel is to be told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KernelOrder {
    /// There is no leap second at the end of this day.
    NoLeap,
    /// There is one, as this day is the last of the month.
    Leap(Month, LeapSign),
    /// TAI-UTC.
    TaiUtc(TaiUtc),
}

/// What the kernel is told, behind `tell the kernel: `.
impl fmt::Display for KernelOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLeap => f.write_str("no leap second today"),
            Self::Leap(month, LeapSign::Positive) => {
                write!(f, "insert a leap second at the end of {month}")
            }
            Self::Leap(month, LeapSign::Negative) => {
                write!(f, "remove the last second of {month}")
            }
            Self::TaiUtc(tai_utc) => write!(f, "TAI-UTC is {tai_utc} s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_people() {
        let month: Month = "2016-12".parse().unwrap();
        for (order, text) in [
            (KernelOrder::NoLeap, "no leap second today"),
            (
                KernelOrder::Leap(month, LeapSign::Positive),
                "insert a leap second at the end of 2016-12",
            ),
            (
                KernelOrder::Leap(month, LeapSign::Negative),
                "remove the last second of 2016-12",
            ),
            (
                KernelOrder::TaiUtc(TaiUtc::from_seconds(37)),
                "TAI-UTC is 37 s",
            ),
        ] {
            assert_eq!(order.to_string(), text);
        }
    }
}
