//! Spans of time for people: four digits and a unit.

use horolog_time::NtpDuration;

/// `1.204 ms`; above a kilosecond in seconds.
#[must_use]
pub fn span(duration: NtpDuration) -> String {
    scaled(duration.as_seconds_f64(), "")
}

/// `+12.30 us`, with the sign always.
#[must_use]
pub fn offset(duration: NtpDuration) -> String {
    let seconds = duration.as_seconds_f64();
    scaled(seconds.abs(), if seconds < 0.0 { "-" } else { "+" })
}

fn scaled(seconds: f64, sign: &str) -> String {
    // What would be rounded to 1000 belongs to the next unit.
    let (value, unit) = match seconds {
        s if s < 0.999_95e-6 => (s * 1e9, "ns"),
        s if s < 0.999_95e-3 => (s * 1e6, "us"),
        s if s < 0.999_95 => (s * 1e3, "ms"),
        s => (s, "s"),
    };
    let decimals = match value {
        v if v < 10.0 => 3,
        v if v < 100.0 => 2,
        v if v < 1000.0 => 1,
        _ => 0,
    };
    format!("{sign}{value:.decimals$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_four_digits_and_a_unit() {
        for (nanoseconds, text) in [
            (0, "+0.000 ns"),
            (12_300, "+12.30 us"),
            (-12_300, "-12.30 us"),
            (1_204_000, "+1.204 ms"),
            (999_940, "+999.9 us"),
            (999_960, "+1.000 ms"),
            (-999_999_999, "-1.000 s"),
            (123_400_000, "+123.4 ms"),
            (-5_000_000_000, "-5.000 s"),
            (123_456_000_000_000, "+123456 s"),
        ] {
            assert_eq!(
                offset(NtpDuration::from_nanoseconds(nanoseconds).unwrap()),
                text
            );
        }
    }
}
