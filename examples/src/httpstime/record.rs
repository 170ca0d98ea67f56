use horolog_https::{Round, TimeUrl};
use horolog_time::OffsetBounds;
use serde::Serialize;

use crate::units;

/// What `httpstime client` prints of a server as JSON. Scripts rely on these names.
#[derive(Debug, Serialize)]
pub(super) struct Record {
    server: String,
    rounds: u32,
    /// Seconds to add to this clock, at least.
    low: f64,
    mid: f64,
    /// At most.
    high: f64,
    width: f64,
    x_httpstime: bool,
}

impl Record {
    pub(super) fn new(url: &TimeUrl, last: &Round) -> Self {
        let bounds = last.bounds;
        Self {
            server: url.to_string(),
            rounds: last.number,
            low: bounds.low().as_seconds_f64(),
            mid: bounds.mid().as_seconds_f64(),
            high: bounds.high().as_seconds_f64(),
            width: bounds.width().as_seconds_f64(),
            x_httpstime: last.httpstime.is_some(),
        }
    }
}

/// Columns of a picture.
const COLUMNS: u32 = 48;

/// One round for people: the bounds in numbers, and where they lie in the first ones.
pub(super) fn line(first: OffsetBounds, round: &Round) -> String {
    let bounds = round.bounds;
    format!(
        "round {:>2}  {:>9} to {:>9}  width {:>8}  |{}|",
        round.number,
        units::offset(bounds.low()),
        units::offset(bounds.high()),
        units::span(bounds.width()),
        picture(first, bounds)
    )
}

/// Where bounds lie in others, a column at least.
fn picture(first: OffsetBounds, bounds: OffsetBounds) -> String {
    let whole = first.width().as_seconds_f64();
    let share = |offset: horolog_time::NtpDuration| {
        let from = offset.saturating_sub(first.low()).as_seconds_f64();
        from / whole * f64::from(COLUMNS)
    };
    let (start, end) = (share(bounds.low()), share(bounds.high()));
    (0..COLUMNS)
        .map(|column| {
            let (left, right) = (f64::from(column), f64::from(column + 1));
            if start < right && end > left {
                '#'
            } else {
                '.'
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use horolog_time::NtpDuration;

    fn bounds(low: i64, high: i64) -> OffsetBounds {
        let [low, high] = [low, high].map(|ms| NtpDuration::from_nanoseconds(ms * 1_000_000));
        OffsetBounds::new(low.unwrap(), high.unwrap()).unwrap()
    }

    #[test]
    fn the_picture_shows_where_the_bounds_lie() {
        let first = bounds(-240, 240);
        assert_eq!(picture(first, first), "#".repeat(48));
        assert_eq!(
            picture(first, bounds(-240, -230)),
            format!("#{}", ".".repeat(47))
        );
        assert_eq!(
            picture(first, bounds(229, 240)),
            format!("{}##", ".".repeat(46))
        );
        assert_eq!(picture(first, bounds(1, 2)).matches('#').count(), 1);
    }
}
