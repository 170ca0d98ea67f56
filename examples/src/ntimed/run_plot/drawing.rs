use horolog_ntimed::Simulator;

use super::{Bounds, RunPlot, Source};
use crate::chart::{self, Axis, Colour, Column, Key, Mark, Panel, Scale, Series, Stack};

/// Pixels.
const WIDTH: u32 = 1000;

/// Each so many columns a long line has its sign.
const SIGNS: usize = 64;

/// What the axes of offsets show.
const AHEAD: &str = "clock ahead by";

impl RunPlot {
    /// The picture of a run that has ended: panels below each other that share the time, as an `svg`
    /// element.
    #[must_use]
    pub fn to_svg(mut self, title: &str, simulator: &Simulator) -> String {
        self.note_end(simulator);
        let mut panels = vec![
            self.bounds_panel(),
            self.offset_panel(),
            self.weight_panel(),
            self.frequency_panel(),
        ];
        if !simulator.is_classic() {
            panels.push(self.quorum_panel());
        }
        let stack = Stack {
            title: format!("Replay of {title}"),
            notes: self.notes(simulator.is_classic()),
            x: Axis::time("time since the start", self.time),
            width: WIDTH,
            events: self.events(),
            panels,
        };
        stack.to_svg()
    }

    fn notes(&self, is_classic: bool) -> Vec<String> {
        let how = if is_classic {
            "Evaluated as the original does"
        } else {
            "Evaluated with quorum and ageing"
        };
        let count = |count: u64, one: &str| {
            let end = if count == 1 { "" } else { "s" };
            format!("{count} {one}{end}")
        };
        let bumps = self.bumps_of_run().count();
        let bumps = count(u64::try_from(bumps).unwrap_or(u64::MAX), "bump");
        let steps = count(self.steps.count(), "step");
        let mut notes = vec![format!(
            "{how}: {} replies, {} of them usable; {steps} of the clock, {bumps}.",
            self.replies, self.evaluated
        )];
        let last = |series: &Series| series.columns().last().map(|column| column.last[1]);
        let mut end = Vec::new();
        if let (Some(offset), Some(weight)) = (last(&self.offset), last(&self.weight)) {
            let which = if offset < 0.0 { "behind" } else { "ahead" };
            let offset = chart::span(offset.abs());
            end.push(format!("clock {which} by {offset}, weight {weight:.0} 1/s"));
        }
        if let (Some(agreeing), Some(voters)) = (last(&self.agreeing), last(&self.voters)) {
            end.push(format!("{agreeing:.0} of {voters:.0} servers agree"));
        }
        if let Some(steering) = last(&self.steering) {
            end.push(format!("steering {:+.3} ppm", steering * 1e6));
        }
        if !end.is_empty() {
            notes.push(format!("At the end: {}.", end.join(", ")));
        }
        if self.offset.is_dense() {
            notes.push(
                "Lines are means of what stands in the same place, areas reach from the lowest to the highest of it, points stand out."
                    .to_owned(),
            );
        }
        notes
    }

    fn bumps_of_run(&self) -> impl Iterator<Item = &horolog_ntimed::Bump> {
        self.bumps.iter().filter(|bump| bump.when <= self.time)
    }

    fn events(&self) -> Vec<(Colour, f64, String)> {
        let steps = self.steps.columns().map(|column| {
            let [time, size] = column.first;
            let word = match column.count {
                1 => format!("step {}", chart::offset(size)),
                count => format!("{count} steps"),
            };
            (Colour::Muted, time, word)
        });
        let bumps = self.bumps_of_run().map(|bump| {
            let phase = (bump.phase != 0.0).then(|| chart::offset(bump.phase));
            let ppm = format!("{:+.3} ppm", bump.frequency * 1e6);
            let ppm = (bump.frequency != 0.0).then_some(ppm);
            let words = [Some("bump".to_owned()), phase, ppm].into_iter().flatten();
            let word = words.collect::<Vec<_>>().join(" ");
            (Colour::Bad, bump.when, word)
        });
        let mut events: Vec<_> = bumps.chain(steps).collect();
        events.sort_by(|(_, a, _), (_, b, _)| a.total_cmp(b));
        events
    }

    fn bounds_panel(&self) -> Panel {
        let mut marks = Vec::new();
        let mut legend = Vec::new();
        let count = u32::try_from(self.sources.len()).map_or(f64::MAX, f64::from);
        // Many above each other are not to be a wall.
        let opacity = (0.8 / count).clamp(0.02, 0.3);
        let numbered = self.sources.iter().enumerate();
        for (number, source) in numbered {
            let colour = Colour::Series(number);
            marks.extend(source.bounds.marks(colour, opacity));
            legend.push((Key::Dot(colour), source.legend()));
        }
        if !self.others.mid.is_empty() {
            // Several servers have no mean.
            let Bounds { low, mid, high } = &self.others;
            marks.extend(areas(low, high, Colour::Muted, opacity));
            marks.extend(areas(mid, mid, Colour::Muted, 0.3));
            let key = Key::Area(Colour::Muted, 0.3);
            legend.push((key, "all other servers".to_owned()));
        }
        // Points on top of all bounds.
        marks.sort_by_key(|mark| matches!(mark, Mark::Dots(..) | Mark::Line(..)));
        let all = || {
            let sources = self.sources.iter().map(|source| &source.bounds);
            sources.chain([&self.others])
        };
        let ranges = all().flat_map(|bounds| [bounds.low.range(), bounds.high.range()]);
        let narrowest = all().filter_map(Bounds::narrowest);
        let narrowest = narrowest.fold(f64::INFINITY, f64::min);
        Panel {
            title: "Bounds that each server's replies put on the clock's error, pale, and what is most likely"
                .to_owned(),
            y: offsets(ranges, narrowest / 2.0),
            height: 240,
            marks,
            legend,
        }
    }

    fn offset_panel(&self) -> Panel {
        let mut means: Vec<_> = self
            .offset
            .columns()
            .map(|column| column.mean[1].abs())
            .collect();
        means.sort_by(f64::total_cmp);
        let usual = means.get(means.len() / 2).copied().unwrap_or_default();
        let bounds = [
            self.agreed.low.range(),
            self.agreed.high.range(),
            self.offset.range(),
        ];
        let y = offsets(bounds, usual);
        let mut marks = self.no_majority_marks(&y);
        let areas = areas(&self.agreed.low, &self.agreed.high, Colour::Agreed, 0.35);
        let mut legend = vec![(Key::Line(Colour::Ink, 2), "combined".to_owned())];
        if !areas.is_empty() {
            let key = Key::Area(Colour::Agreed, 0.35);
            legend.push((key, "what all that agree allow".to_owned()));
        }
        marks.extend(areas);
        marks.extend(line(&self.offset, Colour::Ink));
        if !self.no_majority.is_empty() {
            legend.push((Key::Area(Colour::Bad, 0.25), "no majority".to_owned()));
        }
        Panel {
            title: "Combined offset".to_owned(),
            y,
            height: 200,
            marks,
            legend,
        }
    }

    fn weight_panel(&self) -> Panel {
        let [low, high] = self.weight.range().unwrap_or([1.0, 10.0]);
        let y = Axis::numbers("density (1/s)", Scale::Log, [low / 1.5, high * 1.5]);
        let mut marks = self.no_majority_marks(&y);
        marks.extend(line(&self.weight, Colour::Ink));
        Panel {
            title: "Weight: how likely the combined offset is".to_owned(),
            y,
            height: 130,
            marks,
            legend: Vec::new(),
        }
    }

    fn frequency_panel(&self) -> Panel {
        let ppm = |series: &Series, colour: Colour| {
            let to_ppm = |[time, frequency]: &[f64; 2]| [*time, frequency * 1e6];
            let lines = series.lines().into_iter();
            let ppm = lines.map(move |line| line.iter().map(to_ppm).collect());
            ppm.map(move |line| Mark::Line(colour, 2, line))
        };
        let mut ranges = vec![self.steering.range()];
        let (mut marks, mut legend) = (Vec::new(), Vec::new());
        if self.bumps_of_run().any(|bump| bump.frequency != 0.0) {
            ranges.push(self.frequency.range());
            marks.extend(ppm(&self.frequency, Colour::Bad));
            legend = vec![
                (Key::Line(Colour::Ink, 2), "by steering".to_owned()),
                (
                    Key::Line(Colour::Bad, 2),
                    "by steering and bumps".to_owned(),
                ),
            ];
        }
        marks.extend(ppm(&self.steering, Colour::Ink));
        let [low, high] = padded(union(ranges)).map(|frequency| frequency * 1e6);
        Panel {
            title: "What is added to the clock's frequency".to_owned(),
            y: Axis::numbers("frequency (ppm)", Scale::Linear, [low, high]),
            height: 150,
            marks,
            legend,
        }
    }

    fn quorum_panel(&self) -> Panel {
        let most = self.voters.range().map_or(1.0, |[_, most]| most);
        let y = Axis::counts("servers", most);
        let mut marks: Vec<_> = steps(&self.voters)
            .into_iter()
            .map(|line| {
                let area = line.into_iter().map(|[time, count]| [time, 0.0, count]);
                Mark::Area(Colour::Muted, 0.25, area.collect())
            })
            .collect();
        marks.extend(self.no_majority_marks(&y));
        let agreeing = steps(&self.agreeing).into_iter();
        marks.extend(agreeing.map(|line| Mark::Line(Colour::Ink, 2, line)));
        let legend = [
            (Key::Line(Colour::Ink, 2), "agree"),
            (Key::Area(Colour::Muted, 0.25), "vote"),
        ];
        Panel {
            title: "How many servers agree".to_owned(),
            y,
            height: 90,
            marks,
            legend: legend.map(|(key, word)| (key, word.to_owned())).to_vec(),
        }
    }

    /// When there was no majority, from the bottom to the top.
    fn no_majority_marks(&self, y: &Axis) -> Vec<Mark> {
        let [bottom, top] = y.range();
        // What stands as near as the columns of pixels is one.
        let near = self.time / f64::from(WIDTH) * 4.0;
        let mut boxes: Vec<[f64; 4]> = Vec::new();
        for column in self.no_majority.columns() {
            let (from, to) = (column.first[0], column.last[0]);
            match boxes.last_mut() {
                Some([_, end, ..]) if from - *end < near => *end = to,
                _ => boxes.push([from, to, bottom, top]),
            }
        }
        vec![Mark::Boxes(Colour::Bad, 0.25, boxes)]
    }
}

impl Source {
    fn legend(&self) -> String {
        let host = chart::shortened(&self.host);
        match (self.fault, self.bounds.mid.is_empty()) {
            (_, true) => format!("{host}: nothing usable"),
            (Some(fault), false) => format!("{host}: {fault} at the end"),
            (None, false) => host,
        }
    }
}

impl Bounds {
    /// Bounds, pale, and what is most likely; as areas around a line where there are many.
    fn marks(&self, colour: Colour, opacity: f64) -> Vec<Mark> {
        if self.mid.is_dense() {
            let mut marks = areas(&self.low, &self.high, colour, opacity);
            marks.extend(areas(&self.mid, &self.mid, colour, opacity));
            let means: Vec<_> = self.mid.columns().map(|column| column.mean).collect();
            let some = means.iter().skip(SIGNS / 2).step_by(SIGNS).copied();
            let dots = some.chain(self.mid.spikes());
            marks.push(Mark::Dots(colour, dots.collect()));
            marks.push(Mark::Line(colour, 2, means));
            return marks;
        }
        let mids = || self.mid.columns();
        let both = self.low.columns().zip(self.high.columns());
        let bounds = both.map(|(low, high)| [low.mean[0], low.low[1], high.high[1]]);
        let spread = mids().filter(|column| column.count > 1);
        let spread = spread.map(|column| [column.mean[0], column.low[1], column.high[1]]);
        vec![
            Mark::Whiskers(colour, opacity, bounds.collect()),
            Mark::Whiskers(colour, 0.6, spread.collect()),
            Mark::Dots(colour, mids().map(|column| column.mean).collect()),
        ]
    }

    /// Half of what the best replies leave open.
    fn narrowest(&self) -> Option<f64> {
        let both = self.low.columns().zip(self.high.columns());
        let halves = both.map(|(low, high)| (high.mean[1] - low.mean[1]) / 2.0);
        halves.filter(|half| *half > 0.0).reduce(f64::min)
    }
}

/// From the lowest of one series to the highest of another that came with it.
fn areas(low: &Series, high: &Series, colour: Colour, opacity: f64) -> Vec<Mark> {
    let pieces = low.pieces().zip(high.pieces());
    let area = |(low, high): (Vec<&Column>, Vec<&Column>)| {
        let edges = low.into_iter().zip(high).flat_map(|(low, high)| {
            let times = [low.first[0], low.last[0]];
            times.map(|time| [time, low.low[1], high.high[1]])
        });
        Mark::Area(colour, opacity, edges.collect())
    };
    pieces.map(area).collect()
}

/// A line, with all between the lowest and the highest points, pale, where there are many.
fn line(series: &Series, colour: Colour) -> Vec<Mark> {
    if !series.is_dense() {
        let lines = series.lines().into_iter();
        return lines.map(|line| Mark::Line(colour, 2, line)).collect();
    }
    let mut marks = areas(series, series, colour, 0.3);
    marks.push(Mark::Dots(colour, series.spikes()));
    let means = |piece: Vec<&Column>| piece.into_iter().map(|column| column.mean).collect();
    marks.extend(
        series
            .pieces()
            .map(|piece| Mark::Line(colour, 2, means(piece))),
    );
    marks
}

/// Lines that stay level until the next point.
fn steps(series: &Series) -> Vec<Vec<[f64; 2]>> {
    let lines = series.lines().into_iter();
    lines
        .map(|line| {
            let mut level = Vec::new();
            let mut before = None;
            for [time, value] in line {
                level.extend(before.map(|before| [time, before]));
                level.push([time, value]);
                before = Some(value);
            }
            level
        })
        .collect()
}

/// An axis of offsets that shows what is usually small beside what is once large.
fn offsets(ranges: impl IntoIterator<Item = Option<[f64; 2]>>, usual: f64) -> Axis {
    let [low, high] = union(ranges);
    let largest = high.max(-low);
    let usual = if usual.is_finite() {
        usual.max(1e-9)
    } else {
        largest
    };
    if largest < usual * 20.0 {
        return Axis::seconds(AHEAD, Scale::Linear, padded([low, high]));
    }
    let range = [
        low - low.abs() * 0.3 - usual,
        high + high.abs() * 0.3 + usual,
    ];
    Axis::seconds(AHEAD, Scale::Symmetric(usual), range)
}

/// What holds all ranges; around 0 where there are none.
fn union(ranges: impl IntoIterator<Item = Option<[f64; 2]>>) -> [f64; 2] {
    let both = |[low, high]: [f64; 2], [other_low, other_high]: [f64; 2]| {
        [low.min(other_low), high.max(other_high)]
    };
    ranges
        .into_iter()
        .flatten()
        .reduce(both)
        .unwrap_or_default()
}

/// A little more at both ends.
fn padded([low, high]: [f64; 2]) -> [f64; 2] {
    let more = ((high - low) * 0.06).max(1e-10);
    [low - more, high + more]
}
