use horolog_ntimed::{Density, Rejection};

use super::Surveyed;
use crate::chart;

/// What the others make of a server.
#[derive(Clone, Debug)]
pub struct Standing {
    /// What it says, as a density, if it has a vote.
    pub density: Option<Density>,
    /// Why it does not count; `None` for one that agrees with the majority.
    pub reason: Option<String>,
}

impl Standing {
    /// What it bounds the offset to, low and high: what to add to the local clock, in seconds.
    #[must_use]
    pub fn bounds(&self) -> Option<[f64; 2]> {
        self.density
            .map(|density| [-density.high(), -density.low()])
    }

    /// The offset that it finds most likely.
    #[must_use]
    pub fn middle(&self) -> Option<f64> {
        self.density.map(|density| -density.mid())
    }

    /// Whether it is of the majority.
    #[must_use]
    pub const fn agrees(&self) -> bool {
        self.reason.is_none()
    }
}

/// The reason in words, with offsets as what to add to the local clock and servers by their names.
pub(super) fn reason(rejection: &Rejection, server: &Surveyed, all: &[Surveyed]) -> String {
    let name = |index: usize| {
        all.get(index)
            .map_or("another", |other| other.name.as_str())
    };
    let both = |[low, high]: [f64; 2]| (chart::offset(-high), chart::offset(-low));
    match rejection {
        Rejection::Silent => match &server.trouble {
            Some(trouble) if server.unusable > 0 => format!("replies without time: {trouble}"),
            Some(trouble) => format!("no time: {trouble}"),
            None => "no time".to_owned(),
        },
        Rejection::Duplicate(other) => format!("same address as {}", name(other.index())),
        Rejection::SameServer(other) => format!("same server as {}", name(other.index())),
        Rejection::Falseticker(bounds) => {
            let (low, high) = both(*bounds);
            format!("falseticker: says {low} to {high}")
        }
        Rejection::Contradictory(bounds) => {
            let (low, high) = both(*bounds);
            format!("contradicts itself: {low} is above {high}")
        }
        other => other.to_string(),
    }
}
