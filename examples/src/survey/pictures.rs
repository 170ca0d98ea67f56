use super::{Findings, Surveyed, Taken};
use crate::chart::{Axis, Colour, Mark, Picture, Scale};

/// A picture and what it tells.
#[derive(Clone, Debug)]
pub struct Plate {
    /// A word for the name of a file.
    pub name: &'static str,
    /// How to read it.
    pub caption: String,
    /// The picture.
    pub picture: Picture,
}

/// Columns of a histogram.
const COLUMNS: u32 = 24;

/// The pictures of one server: offset, delay, wedge, histogram. None without a sample.
#[must_use]
pub fn plates_of(findings: &Findings, number: usize) -> Vec<Plate> {
    let Some(server) = findings.servers.get(number) else {
        return Vec::new();
    };
    let Some(best) = server
        .samples
        .iter()
        .min_by(|a, b| a.delay().total_cmp(&b.delay()))
    else {
        return Vec::new();
    };
    let colour = Colour::Series(number);
    vec![
        offset(findings, server, colour),
        delay(findings, server, colour),
        wedge(server, best, colour),
        histogram(findings, server, colour),
    ]
}

fn offset(findings: &Findings, server: &Surveyed, colour: Colour) -> Plate {
    let whiskers: Vec<_> = server
        .samples
        .iter()
        .map(|taken| {
            let [low, high] = taken.bounds();
            [taken.seconds(), low, high]
        })
        .collect();
    let range = padded(range(
        whiskers.iter().flat_map(|[_, low, high]| [*low, *high]),
    ));
    let mut marks = agreed(findings, range, |end, [low, high]| [0.0, end, low, high]);
    marks.push(Mark::Whiskers(colour, 0.45, Mark::thin(&whiskers)));
    marks.push(Mark::Dots(
        colour,
        points(server, Taken::seconds, Taken::offset),
    ));
    Plate {
        name: "offset",
        caption:
            "A dot is a reply, its line what that reply alone proves: half the delay either way. \
                  Narrow is good. The green band is what the majority agrees on."
                .to_owned(),
        picture: Picture {
            title: "Offset over time, with its bounds".to_owned(),
            x: time(findings),
            y: Axis::seconds("offset", Scale::Linear, range),
            marks,
            ..small()
        },
    }
}

fn delay(findings: &Findings, server: &Surveyed, colour: Colour) -> Plate {
    let largest = server.samples.iter().map(Taken::delay).fold(0.0, f64::max);
    let delays = points(server, Taken::seconds, Taken::delay);
    Plate {
        name: "delay",
        caption:
            "The time on the way, there and back. A floor with peaks is a path on which packets \
                  sometimes wait."
                .to_owned(),
        picture: Picture {
            title: "Delay over time".to_owned(),
            x: time(findings),
            y: Axis::seconds("delay", Scale::Linear, [0.0, largest * 1.08]),
            marks: vec![
                Mark::Line(colour, 1, delays.clone()),
                Mark::Dots(colour, delays),
            ],
            ..small()
        },
    }
}

fn wedge(server: &Surveyed, best: &Taken, colour: Colour) -> Plate {
    let delays = range(server.samples.iter().map(Taken::delay));
    let end = delays[1] + (delays[1] - delays[0]).max(delays[1] * 0.05) * 0.08;
    let half = (end - best.delay()) / 2.0;
    let sides = [best.offset() - half, best.offset() + half];
    let offsets = server.samples.iter().map(Taken::offset);
    let range = padded(range(offsets.chain(sides)));
    let apex = [best.delay(), best.offset()];
    let start = delays[0] - (end - delays[0]) * 0.06;
    Plate {
        name: "wedge",
        caption:
            "Packets that wait on the way out lie along the upper line, on the way back along the \
                  lower one; the tip, where none waited, is nearest the truth."
                .to_owned(),
        picture: Picture {
            title: "Offset against delay (the wedge)".to_owned(),
            x: Axis::seconds("delay", Scale::Linear, [start, end]),
            y: Axis::seconds("offset", Scale::Linear, range),
            marks: vec![
                Mark::Line(
                    Colour::Muted,
                    1,
                    vec![[end, sides[0]], apex, [end, sides[1]]],
                ),
                Mark::Dots(colour, points(server, Taken::delay, Taken::offset)),
            ],
            ..small()
        },
    }
}

fn histogram(findings: &Findings, server: &Surveyed, colour: Colour) -> Plate {
    let offsets: Vec<_> = server.samples.iter().map(Taken::offset).collect();
    let range = padded(range(offsets.iter().copied()));
    let x = Axis::seconds("offset", Scale::Linear, range);
    let columns = columns(&x, &offsets, COLUMNS);
    let highest = columns.iter().map(|[.., count]| *count).fold(1.0, f64::max);
    let mut marks = vec![Mark::Boxes(
        colour,
        0.8,
        columns
            .into_iter()
            .filter(|[.., count]| *count > 0.0)
            .collect(),
    )];
    if let Some(offset) = findings
        .offset()
        .filter(|offset| (range[0]..=range[1]).contains(offset))
    {
        marks.push(Mark::Upright(Colour::Ink, offset, "agreed".to_owned()));
    }
    Plate {
        name: "histogram",
        caption:
            "How often each offset was measured. Two hills or a long slope to one side tell of a \
                  path that is not the same both ways."
                .to_owned(),
        picture: Picture {
            title: "How often which offset".to_owned(),
            x,
            y: Axis::counts("replies", highest),
            marks,
            ..small()
        },
    }
}

/// Columns of equal width on an axis: left, right, 0 and how many values lie there.
pub(super) fn columns(axis: &Axis, values: &[f64], count: u32) -> Vec<[f64; 4]> {
    let edges = axis.steps(count);
    let pairs = edges.iter().zip(edges.iter().skip(1));
    let within = |left: f64, right: f64| {
        let inside = values.iter().filter(|value| (left..right).contains(*value));
        u32::try_from(inside.count()).map_or(f64::MAX, f64::from)
    };
    pairs
        .map(|(left, right)| [*left, *right, 0.0, within(*left, *right)])
        .collect()
}

/// The time of the survey.
pub(super) fn time(findings: &Findings) -> Axis {
    Axis::time("time since the start", findings.last.as_secs_f64() * 1.02)
}

/// What the majority agrees on as a band, as far as it is within a range.
fn agreed(
    findings: &Findings,
    [bottom, top]: [f64; 2],
    place: impl Fn(f64, [f64; 2]) -> [f64; 4],
) -> Vec<Mark> {
    let bounds = findings
        .bounds()
        .filter(|[low, high]| *high >= bottom && *low <= top);
    bounds
        .map(|bounds| {
            let band = place(findings.last.as_secs_f64() * 1.02, bounds);
            Mark::Boxes(Colour::Agreed, 0.3, vec![band])
        })
        .into_iter()
        .collect()
}

fn points(
    server: &Surveyed,
    x: impl Fn(&Taken) -> f64,
    y: impl Fn(&Taken) -> f64,
) -> Vec<[f64; 2]> {
    let all: Vec<_> = server
        .samples
        .iter()
        .map(|taken| [x(taken), y(taken)])
        .collect();
    Mark::thin(&all)
}

/// From the least to the largest.
pub(super) fn range(values: impl Iterator<Item = f64>) -> [f64; 2] {
    let ends = values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| {
        [low.min(value), high.max(value)]
    });
    if ends[0] <= ends[1] { ends } else { [0.0, 0.0] }
}

/// A little more at both ends.
pub(super) fn padded([low, high]: [f64; 2]) -> [f64; 2] {
    let more = ((high - low) * 0.06).max(5e-9);
    [low - more, high + more]
}

/// A picture of one server, which stands beside others.
fn small() -> Picture {
    Picture {
        title: String::new(),
        x: Axis::numbers("", Scale::Linear, [0.0, 1.0]),
        y: Axis::numbers("", Scale::Linear, [0.0, 1.0]),
        width: 460,
        height: 270,
        marks: Vec::new(),
        legend: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
