use horolog_time::{Month, UtcInstant};

use super::Loaded;
use super::contradiction::leap;

/// The first thing in which two tables differ, for people; `None` where they say the same.
///
/// Where one of the formats knows only the month of the expiry, only the month is compared.
#[must_use]
pub fn difference(first: &Loaded, second: &Loaded) -> Option<String> {
    let (ours, theirs) = (first.table.leaps(), second.table.leaps());
    let places = ours.len().max(theirs.len());
    for place in 0..places {
        let (a, b) = (ours.get(place), theirs.get(place));
        if a != b {
            return Some(format!(
                "leap second {}: {} and {}",
                place + 1,
                leap(a),
                leap(b)
            ));
        }
    }
    let by_day = first.format.has_day_of_expiry() && second.format.has_day_of_expiry();
    let [a, b] = [first, second].map(|loaded| loaded.table.expires());
    let same = if by_day {
        a == b
    } else {
        a.map(month) == b.map(month)
    };
    (!same).then(|| format!("expiry: {} and {}", expiry(a), expiry(b)))
}

fn month(expires: UtcInstant) -> Month {
    Month::from(expires.date())
}

fn expiry(expires: Option<UtcInstant>) -> String {
    expires.map_or_else(|| "none".to_owned(), |expires| expires.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::*;

    fn loaded(format: Format, text: &str) -> Loaded {
        format.decode(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_first_difference_is_told() {
        let a = loaded(Format::Txt, "6+6+12?");
        assert_eq!(difference(&a, &loaded(Format::Txt, "6+6+12?")), None);
        let b = loaded(Format::Txt, "6+6-12?");
        assert_eq!(
            difference(&a, &b).unwrap(),
            "leap second 2: 1972-12 +1 and 1972-12 -1"
        );
        let c = loaded(Format::Txt, "6+6+6+6?");
        assert_eq!(
            difference(&a, &c).unwrap(),
            "leap second 3: none and 1973-06 +1"
        );
        let d = loaded(Format::Txt, "6+6+18?");
        let message = "expiry: 1974-01-01T00:00:00Z and 1974-07-01T00:00:00Z";
        assert_eq!(difference(&a, &d).unwrap(), message);
    }
}
