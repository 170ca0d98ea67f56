//! Seconds on a command line.

use core::time::Duration;

/// Decimal seconds from 0 to a day.
///
/// # Errors
///
/// What was expected instead.
pub fn seconds(text: &str) -> Result<Duration, &'static str> {
    let number: f64 = text.parse().map_err(|_| "expected seconds")?;
    let duration = Duration::try_from_secs_f64(number).map_err(|_| "expected seconds from 0 on")?;
    if duration > Duration::from_hours(24) {
        return Err("expected at most 86400 seconds");
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_end_after_a_day() {
        assert_eq!(seconds("0.25"), Ok(Duration::from_millis(250)));
        assert_eq!(seconds("86400"), Ok(Duration::from_hours(24)));
        for (bad, error) in [
            ("", "expected seconds"),
            ("-1", "expected seconds from 0 on"),
            ("nan", "expected seconds from 0 on"),
            ("86400.1", "expected at most 86400 seconds"),
        ] {
            assert_eq!(seconds(bad), Err(error), "{bad}");
        }
    }
}
