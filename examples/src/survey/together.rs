use horolog_ntimed::Density;

use super::pictures::{columns, range, time};
use super::{Findings, Plate, Standing, Surveyed, Taken};
use crate::chart::{self, Axis, Colour, Key, Mark, Picture, Scale};

/// Points of a curve.
const STEPS: u32 = 240;
/// Points of a triangle besides.
const TRIANGLE_STEPS: u32 = 32;
/// Columns of the histogram.
const COLUMNS: u32 = 60;

/// For which screen pictures of all servers are drawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Screen {
    /// As wide as a page.
    Wide,
    /// As narrow as a telephone.
    Narrow,
}

/// Offsets beyond so many times what those that agree allow are left out, or nothing else shows.
const WILD: f64 = 1e4;

/// The pictures of all servers together. None where nobody told the time.
#[must_use]
pub fn plates_together(findings: &Findings, screen: Screen) -> Vec<Plate> {
    let Some(all) = Together::new(findings, screen) else {
        return Vec::new();
    };
    let mut plates = vec![all.places()];
    plates.extend(all.densities());
    plates.extend([all.offsets(), all.delays(), all.wedge(), all.histogram()]);
    plates
}

/// What the pictures have in common: offsets are drawn from the centre, by their logarithm either
/// way, so that a server on the LAN and one that lies by hours both have their place.
struct Together<'f> {
    findings: &'f Findings,
    centre: f64,
    scale: Scale,
    range: [f64; 2],
    legend: Vec<(Key, String)>,
    screen: Screen,
}

/// A server that told the time.
type Told<'f> = (Colour, &'f Surveyed, &'f Standing);

impl<'f> Together<'f> {
    fn new(findings: &'f Findings, screen: Screen) -> Option<Self> {
        let centre = findings.centre();
        let told = || told(findings);
        told().next()?;
        let ends = |only_agreeing: bool, most: f64| {
            let servers = told().filter(move |(.., standing)| !only_agreeing || standing.agrees());
            let ends = servers.flat_map(|(_, server, standing)| {
                let samples = server.samples.iter().flat_map(Taken::bounds);
                samples.chain(standing.bounds().into_iter().flatten())
            });
            let ends = ends.map(|offset| offset - centre);
            range(ends.filter(|end| end.abs() <= most))
        };
        let [low, high] = ends(true, f64::INFINITY);
        let most = if low < high {
            high.max(-low) * WILD
        } else {
            f64::INFINITY
        };
        let ends = ends(false, most);
        let widths = told().filter_map(|(_, _, standing)| standing.bounds());
        let narrowest = widths
            .map(|[low, high]| (high - low) / 2.0)
            .fold(f64::INFINITY, f64::min);
        let narrowest = if narrowest.is_finite() {
            narrowest.max(1e-8)
        } else {
            1e-4
        };
        let legend =
            told().map(|(colour, server, _)| (Key::Dot(colour), chart::shortened(&server.name)));
        Some(Self {
            findings,
            centre,
            scale: Scale::Symmetric(narrowest / 2.0),
            range: [ends[0] * 1.6 - narrowest, ends[1] * 1.6 + narrowest],
            legend: legend.collect(),
            screen,
        })
    }

    /// How offsets are called: from what they are drawn.
    fn title(&self) -> &'static str {
        if self.findings.offset().is_some() {
            "distance from the agreed offset"
        } else {
            "distance from the middle offset"
        }
    }

    fn offset_axis(&self) -> Axis {
        Axis::seconds(self.title(), self.scale, self.range)
    }

    /// With the offset that is in the middle.
    fn offset_axis_below(&self) -> Axis {
        let title = format!("{}, {}", self.title(), chart::offset(self.centre));
        self.offset_axis().with_title(&title)
    }

    fn apart(&self, offset: f64) -> f64 {
        offset - self.centre
    }

    fn picture(&self, title: &str, x: Axis, y: Axis, marks: Vec<Mark>) -> Picture {
        Picture {
            title: title.to_owned(),
            x,
            y,
            width: match self.screen {
                Screen::Wide => 1216,
                Screen::Narrow => 400,
            },
            height: match self.screen {
                Screen::Wide => 360,
                Screen::Narrow => 300,
            },
            marks,
            legend: self.legend.clone(),
        }
    }

    /// Each server's bounds, below each other; of one that told no time, why.
    fn places(&self) -> Plate {
        let names = self.findings.servers.iter();
        let y = Axis::names(names.map(|server| server.name.as_str()));
        let [left, right] = self.range;
        let mut marks = Vec::new();
        if let Some([low, high]) = self.findings.bounds() {
            let [bottom, top] = y.range();
            let band = [self.apart(low), self.apart(high), bottom, top];
            marks.push(Mark::Boxes(Colour::Agreed, 0.3, vec![band]));
        }
        for ((number, server, standing), row) in self.findings.each().zip((0_u32..).map(f64::from))
        {
            let colour = Colour::Series(number);
            if let Some([low, high]) = standing.bounds() {
                let bounds = [self.apart(low), self.apart(high), row - 0.22, row + 0.22];
                marks.push(Mark::Boxes(colour, 0.35, vec![bounds]));
            }
            let best = server
                .summary
                .best()
                .map(|best| best.offset().as_seconds_f64());
            let Some(middle) = standing.middle().or(best) else {
                let words = if server.unusable > 0 {
                    "replies without time"
                } else {
                    "no time"
                };
                marks.push(Mark::Words(Colour::Bad, [left, row], words.to_owned()));
                continue;
            };
            let place = self.apart(middle);
            if (left..=right).contains(&place) {
                marks.push(Mark::Dots(colour, vec![[place, row]]));
                continue;
            }
            let words = format!("far outside: {}", chart::offset(middle));
            marks.push(Mark::Words(Colour::Bad, [left, row], words));
        }
        let rows = u32::try_from(self.findings.servers.len())
            .unwrap_or(u32::MAX)
            .min(200);
        let mut picture = self.picture(
            "Where each server puts the time",
            self.offset_axis_below(),
            y,
            marks,
        );
        picture.height = 96 + rows * 30;
        picture.legend.clear();
        Plate {
            name: "places",
            caption: "The bar is what a server's replies bound the offset to, the point what it finds most \
                      likely. The green band is common to all that agree; a bar beside it is a falseticker's."
                .to_owned(),
            picture,
        }
    }

    /// The densities and their sum, all of them and enlarged around the peak.
    fn densities(&self) -> Vec<Plate> {
        let all: Vec<(Colour, Density)> = told(self.findings)
            .filter_map(|(colour, _, standing)| Some((colour, standing.density?)))
            .filter(|(_, density)| density.at(density.mid()) > 0.0)
            .collect();
        if all.is_empty() {
            return Vec::new();
        }
        let heights = range(all.iter().map(|(_, density)| density.at(density.mid())));
        let corners = all.iter().flat_map(|(_, density)| corners(*density));
        let highest = corners
            .map(|offset| self.findings.density(offset))
            .fold(heights[1], f64::max);
        let y = [(heights[0] / 20.0).max(highest / 1e9), highest * 3.0];
        let y = Axis::numbers("density (1/s)", Scale::Log, y);
        let whole = self.density_picture(
            "How likely each offset is, and the sum",
            self.offset_axis_below(),
            y.clone(),
            &all,
        );
        let mut plates = vec![Plate {
            name: "densities",
            caption: "A triangle has its tip at what a server finds most likely and its feet at its \
                      bounds, so near servers are narrow and tall. The thick line is the sum; its peak is \
                      what is most likely in all. Both scales are logarithmic."
                .to_owned(),
            picture: whole,
        }];
        if let Some([peak, _]) = self.findings.peak() {
            let near = all.iter().filter(|(_, density)| density.contains(-peak));
            let widths = near.map(|(_, density)| density.high() - density.low());
            let width = widths.fold(f64::INFINITY, f64::min);
            let peak = self.apart(peak);
            let x = Axis::seconds(
                "distance from the peak",
                Scale::Linear,
                [peak - width * 1.5, peak + width * 1.5],
            );
            plates.push(Plate {
                name: "densities-peak",
                caption: "The same around the peak, with an even scale for the offset.".to_owned(),
                picture: self.density_picture("The same, around the peak", x, y, &all),
            });
        }
        plates
    }

    fn density_picture(&self, title: &str, x: Axis, y: Axis, all: &[(Colour, Density)]) -> Picture {
        let [left, right] = x.range();
        let mut places = x.steps(STEPS);
        let triangles = all.iter().flat_map(|(_, density)| {
            let [low, mid, high] = corners(*density);
            // A narrow one has little room on the axis.
            let parts = (0..=TRIANGLE_STEPS)
                .map(move |step| low + (high - low) * f64::from(step) / f64::from(TRIANGLE_STEPS));
            parts.chain([mid])
        });
        places.extend(triangles.map(|offset| self.apart(offset)));
        places.retain(|place| (left..=right).contains(place));
        places.sort_by(f64::total_cmp);
        let floor = y.range()[0];
        let sum = places
            .iter()
            .map(|place| [*place, self.findings.density(place + self.centre)]);
        let sum: Vec<_> = sum.collect();
        // Where there is nothing, there is no line.
        let mut marks: Vec<_> = sum
            .split(|[_, density]| *density < floor)
            .filter(|part| !part.is_empty())
            .map(|part| Mark::Line(Colour::Ink, 4, part.to_vec()))
            .collect();
        for (colour, density) in all {
            let [low, _, high] = corners(*density).map(|offset| self.apart(offset));
            let inside = places.iter().filter(|place| (low..=high).contains(*place));
            let curve = inside.map(|place| [*place, density.at(-(place + self.centre))]);
            let curve = curve.filter(|[_, density]| *density >= floor);
            // At its bounds it falls to nothing, which has no place on the axis.
            let feet = [low, high].map(|foot| {
                let inside = (left..=right).contains(&foot);
                inside.then_some([foot, floor])
            });
            let whole = feet[0].into_iter().chain(curve).chain(feet[1]);
            marks.push(Mark::Line(*colour, 2, whole.collect()));
            let tip = [self.apart(-density.mid()), density.at(density.mid())];
            marks.push(Mark::Dots(*colour, vec![tip]));
        }
        if let Some([peak, weight]) = self.findings.peak() {
            let word = format!("peak {}, {weight:.0} 1/s", chart::offset(peak));
            marks.push(Mark::Upright(Colour::Ink, self.apart(peak), word));
        }
        let mut picture = self.picture(title, x, y, marks);
        picture
            .legend
            .push((Key::Line(Colour::Ink, 4), "sum".to_owned()));
        picture
    }

    fn offsets(&self) -> Plate {
        let mut marks: Vec<_> = told(self.findings)
            .map(|(colour, server, _)| {
                let bounds = server.samples.iter().map(|taken| {
                    let [low, high] = taken.bounds().map(|offset| self.apart(offset));
                    [taken.seconds(), low, high]
                });
                Mark::Whiskers(colour, 0.18, Mark::thin(&bounds.collect::<Vec<_>>()))
            })
            .collect();
        marks.extend(self.dots(Taken::seconds, |taken| self.apart(taken.offset())));
        let (x, y) = (time(self.findings), self.offset_axis());
        Plate {
            name: "offset",
            caption: format!(
                "All replies, with what each of them proves. Near 0 the scale is even, beyond that \
                 logarithmic either way.{}",
                self.outside()
            ),
            picture: self.picture("Offset over time, with its bounds", x, y, marks),
        }
    }

    /// Which servers lie outside of the pictures, as a sentence; empty where all are inside.
    fn outside(&self) -> String {
        let [left, right] = self.range;
        let names: Vec<_> = told(self.findings)
            .filter(|(_, server, _)| {
                let mut offsets = server
                    .samples
                    .iter()
                    .map(|taken| self.apart(taken.offset()));
                !offsets.any(|offset| (left..=right).contains(&offset))
            })
            .map(|(_, server, _)| chart::shortened(&server.name))
            .collect();
        if names.is_empty() {
            return String::new();
        }
        format!(" Far outside: {}.", names.join(", "))
    }

    fn delays(&self) -> Plate {
        let marks = self.dots(Taken::seconds, Taken::delay);
        let y = Axis::seconds("delay", Scale::Log, self.delay_range());
        Plate {
            name: "delay",
            caption: "The time on the way, there and back, on a logarithmic scale.".to_owned(),
            picture: self.picture("Delay over time", time(self.findings), y, marks),
        }
    }

    fn wedge(&self) -> Plate {
        let marks = self.dots(Taken::delay, |taken| self.apart(taken.offset()));
        let x = Axis::seconds("delay", Scale::Log, self.delay_range());
        let y = self.offset_axis();
        Plate {
            name: "wedge",
            caption: "Replies with little delay are worth most. A server whose replies with little delay \
                      lie apart from the others' is off, or its path is longer one way."
                .to_owned(),
            picture: self.picture("Offset against delay", x, y, marks),
        }
    }

    fn histogram(&self) -> Plate {
        let x = self.offset_axis_below();
        let mut highest: f64 = 1.0;
        let mut marks = Vec::new();
        for (colour, server, _) in told(self.findings) {
            let offsets: Vec<_> = server
                .samples
                .iter()
                .map(|taken| self.apart(taken.offset()))
                .collect();
            let columns = columns(&x, &offsets, COLUMNS);
            highest = columns
                .iter()
                .map(|[.., count]| *count)
                .fold(highest, f64::max);
            let filled = columns.into_iter().filter(|[.., count]| *count > 0.0);
            marks.push(Mark::Boxes(colour, 0.6, filled.collect()));
        }
        let y = Axis::counts("replies", highest);
        Plate {
            name: "histogram",
            caption: "How often each offset was measured.".to_owned(),
            picture: self.picture("How often which offset", x, y, marks),
        }
    }

    fn dots(&self, x: impl Fn(&Taken) -> f64, y: impl Fn(&Taken) -> f64) -> Vec<Mark> {
        let dots = told(self.findings).map(|(colour, server, _)| {
            let points: Vec<_> = server
                .samples
                .iter()
                .map(|taken| [x(taken), y(taken)])
                .collect();
            Mark::Dots(colour, Mark::thin(&points))
        });
        dots.collect()
    }

    fn delay_range(&self) -> [f64; 2] {
        let samples = told(self.findings).flat_map(|(_, server, _)| &server.samples);
        let [low, high] = range(samples.map(Taken::delay));
        [low / 1.5, high * 1.5]
    }
}

/// What to add to the clock at a triangle's corners, the least first.
fn corners(density: Density) -> [f64; 3] {
    [-density.high(), -density.mid(), -density.low()]
}

fn told(findings: &Findings) -> impl Iterator<Item = Told<'_>> {
    let told = findings
        .each()
        .filter(|(_, server, _)| !server.samples.is_empty());
    told.map(|(number, server, standing)| (Colour::Series(number), server, standing))
}

#[cfg(test)]
mod tests;
