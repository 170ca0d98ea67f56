/// A number over time, of which no more is kept than a picture can show.
///
/// Time is cut into columns, each of which keeps its first, last, lowest and highest point: a line
/// through these covers the same pixels as one through all. When time goes on past the last column,
/// two become one, so any length fits and memory is bounded.
#[derive(Clone, Debug)]
pub struct Series {
    /// Seconds of a column.
    width: f64,
    columns: Vec<Option<Column>>,
    /// The next point is not joined to those before.
    cut: bool,
    count: u64,
}

/// What a column keeps. Points are time and value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// The first point.
    pub first: [f64; 2],
    /// The lowest point.
    pub low: [f64; 2],
    /// The highest point.
    pub high: [f64; 2],
    /// The last point.
    pub last: [f64; 2],
    /// How many points there were.
    pub count: u64,
    /// The mean time and value.
    pub mean: [f64; 2],
    /// A line does not come from the column before.
    cut: bool,
}

/// The most columns; pictures are about as many pixels wide.
const MOST: u64 = 1024;
/// What is so many times as far from the mean as usual stands out.
const SPIKE: f64 = 10.0;
/// Seconds of a column at first; a power of two, so that time is cut exactly.
const FINEST: f64 = 1.0 / 16.0;

impl Series {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            width: FINEST,
            columns: Vec::new(),
            cut: false,
            count: 0,
        }
    }

    /// Takes a point. What is not finite, or before 0, is no point.
    pub fn push(&mut self, time: f64, value: f64) {
        if !(time.is_finite() && time >= 0.0 && value.is_finite()) {
            return;
        }
        while time >= self.width * number(MOST) {
            self.halve();
        }
        let number = index(time / self.width);
        if self.columns.len() <= number {
            self.columns.resize(number + 1, None);
        }
        let point = Column::of_point(time, value, core::mem::take(&mut self.cut));
        if let Some(column) = self.columns.get_mut(number) {
            *column = Some(column.map_or(point, |before| before.join(point)));
        }
        self.count += 1;
    }

    /// The next point is not joined to those before.
    pub const fn cut(&mut self) {
        self.cut = true;
    }

    /// Whether there is no point.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many points there were.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Whether columns have so many points that a line through all is a blot.
    #[must_use]
    pub fn is_dense(&self) -> bool {
        self.columns()
            .count()
            .try_into()
            .is_ok_and(|columns: u64| self.count > columns * 2)
    }

    /// The columns that have points, in order.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().flatten()
    }

    /// The columns between cuts.
    pub fn pieces(&self) -> impl Iterator<Item = Vec<&Column>> {
        let mut columns = self.columns().peekable();
        core::iter::from_fn(move || {
            let mut piece = vec![columns.next()?];
            piece.extend(core::iter::from_fn(|| {
                columns.next_if(|column| !column.cut)
            }));
            Some(piece)
        })
    }

    /// Lines through the points, each in order of time.
    #[must_use]
    pub fn lines(&self) -> Vec<Vec<[f64; 2]>> {
        let line = |piece: Vec<&Column>| {
            let mut line: Vec<_> = piece.into_iter().flat_map(Column::points).collect();
            line.dedup();
            line
        };
        self.pieces().map(line).collect()
    }

    /// Highest and lowest points that stand out: so far from their column's mean that they are many
    /// times as far as it is usual. An area that reaches to one of them alone is easily overlooked.
    #[must_use]
    pub fn spikes(&self) -> Vec<[f64; 2]> {
        let ends = self.columns().flat_map(|column| {
            let away = |point: [f64; 2]| ((point[1] - column.mean[1]).abs(), point);
            [away(column.low), away(column.high)]
        });
        let ends: Vec<_> = ends.collect();
        let mut usual: Vec<_> = ends.iter().map(|(away, _)| *away).collect();
        usual.sort_by(f64::total_cmp);
        let usual = usual.get(usual.len() / 2).copied().unwrap_or_default();
        let out = |(away, _): &&(f64, _)| *away > usual * SPIKE;
        ends.iter().filter(out).map(|(_, point)| *point).collect()
    }

    /// From the lowest to the highest value; `None` without a point.
    #[must_use]
    pub fn range(&self) -> Option<[f64; 2]> {
        let ends = self.columns().map(|column| [column.low[1], column.high[1]]);
        ends.reduce(|[low, high], [other_low, other_high]| {
            [low.min(other_low), high.max(other_high)]
        })
    }

    /// Two columns become one, as long as two.
    fn halve(&mut self) {
        let pairs = self.columns.chunks(2);
        self.columns = pairs
            .map(|pair| match *pair {
                [Some(a), Some(b)] => Some(a.join(b)),
                [a, b] => a.or(b),
                [a] => a,
                _ => None,
            })
            .collect();
        self.width *= 2.0;
    }
}

impl Default for Series {
    fn default() -> Self {
        Self::new()
    }
}

impl Column {
    const fn of_point(time: f64, value: f64, cut: bool) -> Self {
        let point = [time, value];
        Self {
            first: point,
            low: point,
            high: point,
            last: point,
            count: 1,
            mean: point,
            cut,
        }
    }

    fn join(self, later: Self) -> Self {
        let count = self.count + later.count;
        let share = number(self.count) / number(count);
        Self {
            first: self.first,
            low: if later.low[1] < self.low[1] {
                later.low
            } else {
                self.low
            },
            high: if later.high[1] > self.high[1] {
                later.high
            } else {
                self.high
            },
            last: later.last,
            count,
            mean: [0, 1].map(|axis| share * self.mean[axis] + (1.0 - share) * later.mean[axis]),
            // A gap within a column is too narrow to see.
            cut: self.cut,
        }
    }

    /// The points it keeps, in order of time, each once.
    fn points(&self) -> Vec<[f64; 2]> {
        let mut points = vec![self.first, self.low, self.high, self.last];
        points.sort_by(|a, b| a[0].total_cmp(&b[0]));
        // Of several at one time the last stays the last.
        points.dedup();
        points
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact below 2^53")]
const fn number(count: u64) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 0 to less than MOST"
)]
const fn index(place: f64) -> usize {
    place as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn series(points: &[[f64; 2]]) -> Series {
        let mut series = Series::new();
        for [time, value] in points {
            series.push(*time, *value);
        }
        series
    }

    #[test]
    fn few_points_are_all_kept() {
        let points = [[0.0, 1.0], [16.0, -2.0], [32.0, 0.5]];
        let series = series(&points);
        assert_eq!(series.lines(), [points.to_vec()]);
        assert_eq!(series.range(), Some([-2.0, 1.0]));
        assert!(series.columns().all(|column| column.count == 1));
        assert!(!series.is_dense());
        assert!(Series::new().is_empty() && Series::new().lines().is_empty());
        assert_eq!(Series::new().range(), None);
    }

    #[test]
    fn what_is_no_number_is_no_point() {
        let bad = [
            [f64::NAN, 0.0],
            [0.0, f64::NAN],
            [0.0, f64::INFINITY],
            [f64::INFINITY, 0.0],
            [-1.0, 0.0],
        ];
        assert!(series(&bad).is_empty());
    }

    #[test]
    fn a_million_points_keep_their_spikes_in_little_room() {
        let mut series = Series::new();
        for second in 0_u32..1_000_000 {
            let value = match second {
                123_456 => 50.0,
                765_432 => -70.0,
                _ => f64::from(second % 7),
            };
            series.push(f64::from(second) * 16.0, value);
        }
        assert_eq!(series.count(), 1_000_000);
        let columns = series.columns().count();
        assert!((512..=1024).contains(&columns), "{columns}");
        assert!(series.columns.capacity() <= 2048);
        let [line] = &series.lines()[..] else {
            panic!("one line");
        };
        assert!(line.contains(&[123_456.0 * 16.0, 50.0]));
        assert!(line.contains(&[765_432.0 * 16.0, -70.0]));
        assert!(line.len() <= 4 * columns);
        assert!(series.is_dense());
        assert_eq!(series.range(), Some([-70.0, 50.0]));
        let spikes = [[123_456.0 * 16.0, 50.0], [765_432.0 * 16.0, -70.0]];
        assert_eq!(series.spikes(), spikes);
        assert!(
            series
                .columns()
                .all(|column| (2.5..3.5).contains(&column.mean[1]))
        );
    }

    #[test]
    fn a_gap_parts_the_line() {
        let mut series = series(&[[0.0, 1.0], [10.0, 2.0]]);
        series.cut();
        series.push(20.0, 3.0);
        series.push(30.0, 4.0);
        let parts = [
            vec![[0.0, 1.0], [10.0, 2.0]],
            vec![[20.0, 3.0], [30.0, 4.0]],
        ];
        assert_eq!(series.lines(), parts);
        // Still so when columns have become longer.
        series.push(70.0, 5.0);
        assert_eq!(series.lines().len(), 2);
        assert_eq!(series.lines()[0], parts[0]);
    }

    proptest! {
        /// Beside all points in memory.
        #[test]
        fn columns_are_what_was_in_them(
            steps in proptest::collection::vec((0.0..1e3_f64, -1e300..1e300_f64), 1..400),
        ) {
            let mut time = 0.0;
            let all: Vec<[f64; 2]> = steps
                .into_iter()
                .map(|(step, value)| {
                    time += step;
                    [time, value]
                })
                .collect();
            let series = series(&all);
            prop_assert!(u64::try_from(series.columns.len()).unwrap() <= MOST);
            let mut rest = &all[..];
            for column in series.columns() {
                let (own, later) = rest.split_at(usize::try_from(column.count).unwrap());
                rest = later;
                let values = || own.iter().map(|[_, value]| *value);
                // The same numbers to the last bit, so a tolerance has no place.
                let bits = |point: [f64; 2]| point.map(f64::to_bits);
                prop_assert_eq!(bits(column.first), bits(own[0]));
                prop_assert_eq!(bits(column.last), bits(own[own.len() - 1]));
                let low = values().fold(f64::INFINITY, f64::min);
                let high = values().fold(f64::NEG_INFINITY, f64::max);
                prop_assert_eq!(column.low[1].to_bits(), low.to_bits());
                prop_assert_eq!(column.high[1].to_bits(), high.to_bits());
                prop_assert!(own.contains(&column.low) && own.contains(&column.high));
                prop_assert!(column.last[0] - column.first[0] <= series.width);
                let mean = values().map(|value| value / number(column.count)).sum::<f64>();
                prop_assert!((column.mean[1] - mean).abs() <= 1e-9 * 1e300);
            }
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn any_time_ends(time in 0.0..f64::MAX, value: f64) {
            let series = series(&[[0.0, 0.0], [time, value]]);
            prop_assert!(series.columns().count() <= 2);
        }
    }
}
