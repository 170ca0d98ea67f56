/// How an axis turns numbers into places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// Evenly.
    Linear,
    /// By the logarithm.
    Log,
    /// By the logarithm either way from 0, evenly up to this number.
    Symmetric(f64),
}

/// One axis of a picture: what it shows, from where to where, and where its labels stand.
#[derive(Clone, Debug)]
pub struct Axis {
    title: String,
    scale: Scale,
    range: [f64; 2],
    ticks: Vec<(f64, String)>,
}

/// Labels are at most about this many.
const LABELS: f64 = 6.0;

impl Axis {
    /// An axis of spans of time or offsets, in seconds; shown in the unit that fits. An empty range
    /// is widened.
    #[must_use]
    pub fn seconds(what: &str, scale: Scale, range: [f64; 2]) -> Self {
        let range = widened(scale, range);
        let largest = range[0].abs().max(range[1].abs());
        let (unit, size) = match scale {
            Scale::Linear => unit(largest),
            Scale::Log | Scale::Symmetric(_) => ("", 1.0),
        };
        let ticks = match scale {
            Scale::Linear => even(range, size),
            Scale::Log => decades(range)
                .into_iter()
                .map(|value| (value, short(value, "")))
                .collect(),
            Scale::Symmetric(even) => symmetric(range, even),
        };
        let title = if unit.is_empty() {
            what.to_owned()
        } else {
            format!("{what} ({unit})")
        };
        Self {
            title,
            scale,
            range,
            ticks,
        }
    }

    /// An axis of time from 0 on, in seconds; shown in the unit that fits.
    #[must_use]
    pub fn time(what: &str, end: f64) -> Self {
        let range = widened(Scale::Linear, [0.0, end]);
        let (unit, size) = match end {
            end if end <= 300.0 => ("s", 1.0),
            end if end <= 10_800.0 => ("min", 60.0),
            end if end <= 345_600.0 => ("h", 3600.0),
            _ => ("d", 86_400.0),
        };
        Self {
            title: format!("{what} ({unit})"),
            scale: Scale::Linear,
            range,
            ticks: even(range, size),
        }
    }

    /// An axis of plain numbers; the title says their unit.
    #[must_use]
    pub fn numbers(title: &str, scale: Scale, range: [f64; 2]) -> Self {
        let range = widened(scale, range);
        let ticks = match scale {
            Scale::Linear | Scale::Symmetric(_) => even(range, 1.0),
            Scale::Log => decades(range)
                .into_iter()
                .map(|value| (value, power(value)))
                .collect(),
        };
        Self {
            title: title.to_owned(),
            scale,
            range,
            ticks,
        }
    }

    /// An axis of names, the first at 0.
    #[must_use]
    pub fn names<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let ticks: Vec<_> = (0_u32..)
            .map(f64::from)
            .zip(names.into_iter().map(str::to_owned))
            .collect();
        let last = ticks.last().map_or(0.0, |(place, _)| *place);
        Self {
            title: String::new(),
            scale: Scale::Linear,
            range: [last + 0.5, -0.5],
            ticks,
        }
    }

    /// An axis of whole numbers from 0 to one that is not above this by much.
    #[must_use]
    pub fn counts(title: &str, most: f64) -> Self {
        let mut axis = Self::numbers(title, Scale::Linear, [0.0, most * 1.08]);
        axis.ticks.retain(|(value, _)| value.fract() == 0.0);
        for (value, label) in &mut axis.ticks {
            *label = format!("{value:.0}");
        }
        axis
    }

    /// The same axis with another title.
    #[must_use]
    pub fn with_title(mut self, title: &str) -> Self {
        title.clone_into(&mut self.title);
        self
    }

    /// What stands beside it.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Numbers with their labels.
    #[must_use]
    pub fn ticks(&self) -> &[(f64, String)] {
        &self.ticks
    }

    /// From where to where.
    #[must_use]
    pub const fn range(&self) -> [f64; 2] {
        self.range
    }

    /// Where a number stands: 0 at the start of the axis, 1 at its end, beyond that outside.
    #[must_use]
    pub fn place(&self, value: f64) -> f64 {
        let [start, end] = self.range.map(|value| self.scale.place(value));
        (self.scale.place(value) - start) / (end - start)
    }

    /// Numbers that stand evenly on the axis, the ends included.
    #[must_use]
    pub fn steps(&self, count: u32) -> Vec<f64> {
        let [start, end] = self.range.map(|value| self.scale.place(value));
        (0..=count)
            .map(|step| start + (end - start) * f64::from(step) / f64::from(count))
            .map(|place| self.scale.value(place))
            .collect()
    }
}

impl Scale {
    fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log => value.max(f64::MIN_POSITIVE).log10(),
            Self::Symmetric(even) => (value / even).asinh(),
        }
    }

    fn value(self, place: f64) -> f64 {
        match self {
            Self::Linear => place,
            Self::Log => 10_f64.powf(place),
            Self::Symmetric(even) => place.sinh() * even,
        }
    }
}

fn widened(scale: Scale, [low, high]: [f64; 2]) -> [f64; 2] {
    if scale == Scale::Log {
        let low = low.max(f64::MIN_POSITIVE);
        let high = high.max(low);
        return if high < low * 3.0 {
            [low / 2.0, high * 2.0]
        } else {
            [low, high]
        };
    }
    if high - low > 1e-12 * (low.abs() + high.abs()) && high > low {
        return [low, high];
    }
    let more = (high.abs() * 1e-6).max(1e-9);
    [low - more, high + more]
}

fn unit(largest: f64) -> (&'static str, f64) {
    match largest {
        s if s < 1e-6 => ("ns", 1e-9),
        s if s < 1e-3 => ("us", 1e-6),
        s if s < 1.0 => ("ms", 1e-3),
        _ => ("s", 1.0),
    }
}

/// Round numbers of a unit in a range.
fn even([low, high]: [f64; 2], size: f64) -> Vec<(f64, String)> {
    let (low, high) = (low.min(high) / size, low.max(high) / size);
    let raw = (high - low) / LABELS;
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|step| *step >= raw)
        .unwrap_or(raw);
    let decimals = (0_u8..12)
        .find(|decimals| step * 10_f64.powi(i32::from(*decimals)) > 0.999)
        .unwrap_or(12);
    let first = (low / step).ceil();
    (0_u32..20)
        .map(|number| (first + f64::from(number)) * step)
        .take_while(|value| *value <= high + step * 1e-9)
        .map(|value| {
            let value = if value.abs() < step * 1e-6 {
                0.0
            } else {
                value
            };
            let decimals = usize::from(decimals);
            (value * size, format!("{value:.decimals$}"))
        })
        .collect()
}

/// Powers of ten in a range, not too many; where there are few, twice and five times them too.
fn decades([low, high]: [f64; 2]) -> Vec<f64> {
    let (first, last) = (low.log10().floor(), high.log10().ceil());
    let step = ((last - first) / (LABELS + 2.0)).ceil().max(1.0);
    let within = |value: &f64| (low * 0.999..=high * 1.001).contains(value);
    let mut powers = Vec::new();
    let mut exponent = (first / step).floor() * step;
    while exponent <= last {
        powers.push(10_f64.powf(exponent));
        exponent += step;
    }
    let whole: Vec<f64> = powers.iter().copied().filter(within).collect();
    if whole.len() > 2 {
        return whole;
    }
    let parts = powers
        .iter()
        .flat_map(|power| [1.0, 2.0, 5.0].map(|n| n * power));
    parts.filter(within).collect()
}

/// 0 and powers of ten either way, the same ones.
fn symmetric([low, high]: [f64; 2], even_up_to: f64) -> Vec<(f64, String)> {
    let (first, last) = (even_up_to, high.max(-low));
    if last <= first * 3.0 || low >= 0.0 || high <= 0.0 {
        let sign = |value: f64| if value < 0.0 { "-" } else { "+" };
        return even([low, high], 1.0)
            .into_iter()
            .map(|(value, _)| match value {
                0.0 => (value, "0".to_owned()),
                _ => (value, short(value.abs(), sign(value))),
            })
            .collect();
    }
    let mut ticks = vec![(0.0, "0".to_owned())];
    for power in decades([first, last]) {
        for (value, sign) in [(power, "+"), (-power, "-")] {
            if (low..=high).contains(&value) {
                ticks.push((value, short(power, sign)));
            }
        }
    }
    ticks
}

/// `+10 ms`, without decimals that say nothing.
fn short(seconds: f64, sign: &str) -> String {
    let (unit, size) = unit(seconds * 1.000_001);
    let text = format!("{:.3}", seconds / size);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    // Less than a picosecond.
    let text = if text.is_empty() { "0" } else { text };
    format!("{sign}{text} {unit}")
}

fn power(value: f64) -> String {
    if (0.01..1e5).contains(&value) {
        let decimals = usize::from(value < 0.999) + usize::from(value < 0.0999);
        format!("{value:.decimals$}")
    } else {
        let text = format!("{value:.0e}").replace('e', "·10^");
        text.strip_prefix("1·").map_or(text.clone(), str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks()
            .iter()
            .map(|(_, label)| label.as_str())
            .collect()
    }

    #[test]
    fn labels_are_round_and_name_their_unit() {
        let axis = Axis::seconds("offset", Scale::Linear, [-0.000_31, 0.000_52]);
        assert_eq!(axis.title(), "offset (us)");
        assert_eq!(labels(&axis), ["-200", "0", "200", "400"]);
        let axis = Axis::seconds("delay", Scale::Log, [0.000_03, 0.2]);
        assert_eq!(axis.title(), "delay");
        assert_eq!(labels(&axis), ["100 us", "1 ms", "10 ms", "100 ms"]);
        let axis = Axis::seconds("offset", Scale::Symmetric(1e-4), [-0.002, 0.3]);
        assert_eq!(
            labels(&axis),
            [
                "0", "+100 us", "-100 us", "+1 ms", "-1 ms", "+10 ms", "+100 ms"
            ]
        );
        let axis = Axis::seconds("offset", Scale::Symmetric(1e-3), [-0.001, 0.002]);
        assert_eq!(
            labels(&axis),
            [
                "-1 ms", "-500 us", "0", "+500 us", "+1 ms", "+1.5 ms", "+2 ms"
            ]
        );
        let axis = Axis::numbers("density", Scale::Log, [0.1, 1e7]);
        assert_eq!(labels(&axis)[..3], ["0.1", "1", "10"]);
        let axis = Axis::numbers("density", Scale::Log, [1e5, 1e9]);
        assert_eq!(labels(&axis)[..2], ["10^5", "10^6"]);
        let axis = Axis::time("time", 14_400.0);
        assert_eq!(axis.title(), "time (h)");
        assert_eq!(labels(&axis), ["0", "1", "2", "3", "4"]);
        let axis = Axis::time("time", 90.0);
        assert_eq!(axis.title(), "time (s)");
        let axis = Axis::names(["a", "b"]);
        assert!(
            (axis.place(0.0) - 0.75).abs() < 1e-12,
            "the first is at the top"
        );
    }

    proptest! {
        #[test]
        fn any_range_has_places(low in -1e10..1e10_f64, width in 0.0..1e10_f64, log: bool, even_up_to in 1e-9..1.0_f64) {
            for scale in [if log { Scale::Log } else { Scale::Linear }, Scale::Symmetric(even_up_to)] {
                let axis = Axis::seconds("x", scale, [low, low + width]);
                prop_assert!(axis.ticks().len() < 60, "{axis:?}");
                for (value, _) in axis.ticks() {
                    prop_assert!(axis.place(*value).is_finite(), "{axis:?}");
                }
                prop_assert!(axis.steps(10).iter().all(|value| value.is_finite()), "{axis:?}");
            }
        }
    }
}
