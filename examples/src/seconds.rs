//! Seconds on a command line.

use core::time::Duration;

/// Decimal seconds from 0 to a day.
///
/// # Errors
///
/// What was expected instead.
pub fn seconds(text: &str) -> Result<Duration, &'static str> {
    decimal(text)
        .filter(|duration| *duration <= Duration::from_hours(24))
        .ok_or("expected seconds from 0 to 86400")
}

/// Decimal seconds, of which there may be none but not fewer.
#[must_use]
pub fn decimal(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_end_after_a_day() {
        assert_eq!(seconds("0.25"), Ok(Duration::from_millis(250)));
        assert_eq!(seconds("86400"), Ok(Duration::from_hours(24)));
        for bad in ["", "soon", "-1", "nan", "inf", "1e300", "86400.1"] {
            assert_eq!(seconds(bad), Err("expected seconds from 0 to 86400"));
        }
        assert_eq!(decimal("86400.5"), Some(Duration::from_millis(86_400_500)));
    }
}
