use horolog_time::{LeapSecond, LeapTable};

/// The first leap second that one table has and another has not, though both know of its time; `None`
/// where they agree.
///
/// That one of them knows more than the other, such as a leap second that was announced since, is no
/// contradiction.
#[must_use]
pub fn contradiction(first: &LeapTable, second: &LeapTable) -> Option<String> {
    let known = first.valid_until().min(second.valid_until());
    let leaps = |table: &LeapTable| -> Vec<LeapSecond> {
        let leaps = table.leaps().iter().copied();
        leaps.filter(|leap| leap.end() < known).collect()
    };
    let (ours, theirs) = (leaps(first), leaps(second));
    let places = ours.len().max(theirs.len());
    (0..places).find_map(|place| {
        let (a, b) = (ours.get(place), theirs.get(place));
        (a != b).then(|| format!("leap second {}: {} and {}", place + 1, leap(a), leap(b)))
    })
}

pub(super) fn leap(leap: Option<&LeapSecond>) -> String {
    leap.map_or_else(
        || "none".to_owned(),
        |leap| format!("{} {:+}", leap.month(), leap.sign().as_i32()),
    )
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::*;

    fn table(text: &str) -> LeapTable {
        Format::Txt.decode(text.as_bytes()).unwrap().table
    }

    #[test]
    fn tables_are_compared_as_far_as_both_know() {
        for (a, b, said) in [
            ("6+6+12?", "6+6+12?", None),
            // One is valid for longer, and knows of one more leap second.
            ("6+6+12?", "6+6+60?", None),
            ("6+6+12?", "6+6+24+6?", None),
            // At the very end of its time a table does not know.
            ("6+6+12?", "6+6+12+6?", None),
            (
                "6+6+13?",
                "6+6+12+6?",
                Some("leap second 3: none and 1973-12 +1"),
            ),
            (
                "6+6+12?",
                "6+6-12?",
                Some("leap second 2: 1972-12 +1 and 1972-12 -1"),
            ),
            (
                "6+6+12?",
                "6+18?",
                Some("leap second 2: 1972-12 +1 and none"),
            ),
            (
                "6+12?",
                "12+6?",
                Some("leap second 1: 1972-06 +1 and 1972-12 +1"),
            ),
        ] {
            let [a, b] = [a, b].map(table);
            assert_eq!(contradiction(&a, &b).as_deref(), said, "{a:?} {b:?}");
            assert_eq!(contradiction(&b, &a).is_some(), said.is_some());
        }
    }
}
