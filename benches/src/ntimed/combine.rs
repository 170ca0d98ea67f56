//! The highest point of many densities, beside a plain sort of their bounds.
//!
//! The sort has two numbers of each source, its low and its high bound, and nothing else to do:
//! what was found belongs to no source afterwards. Combining has a third corner, the middle.

use std::hint::black_box;

use horolog_ntimed::{Combiner, Density};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::Operation;
use crate::group::Group;

pub(super) fn operations() -> Vec<Operation> {
    [
        combine("ntimed/combine/10-sources", 10, 1000),
        combine("ntimed/combine/100-sources", 100, 1000),
        combine("ntimed/combine/1000-sources", 1000, 100),
        combine("ntimed/combine/10000-sources", 10_000, 10),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Of all ways from 0.2 ms to 200 ms; one source in twenty is off by up to half a second.
fn densities(sources: usize) -> Vec<Density> {
    let mut random = StdRng::seed_from_u64(1);
    let density = |_| {
        let delay = 0.0002 * 1000_f64.powf(random.random());
        let off = if random.random_bool(0.05) { 0.5 } else { 1e-4 };
        let off = off * random.random_range(-1.0..1.0);
        // The halves of the way differ by 10 % at most.
        let low = off - delay * random.random_range(0.45..0.55);
        let trust = 1.0 / f64::from(random.random_range(1..4_u8));
        Density::new(trust, low, low + delay / 2.0, low + delay).expect("it is in the range")
    };
    (0..sources).map(density).collect()
}

fn combine(name: &'static str, sources: usize, rounds: u64) -> Vec<Operation> {
    let densities = densities(sources);
    let bounds: Vec<_> = densities.iter().flat_map(|d| [d.low(), d.high()]).collect();
    let mut combiner = Combiner::new();
    for density in &densities {
        let source = combiner.add_source();
        combiner.set(source, Some(*density));
    }
    let other = combiner.clone();
    // The middles of some are enough to see whether another place is as high.
    let middles = densities.iter().map(Density::mid).take(100);
    let high = middles.map(|at| combiner.at(at)).fold(0.0, f64::max);
    let highest = combiner.peak();
    assert!(highest.weight >= high, "{highest:?}");
    assert_eq!(
        combiner.at(highest.offset).to_bits(),
        highest.weight.to_bits()
    );
    let mut room = bounds.clone();
    Group::new(name, 16 * sources)
        .with(
            "sort",
            move || {
                room.copy_from_slice(black_box(&bounds));
                room.sort_unstable_by(f64::total_cmp);
                black_box(&room).first().copied()
            },
            |lowest| lowest.is_some_and(|lowest| lowest < 0.0),
        )
        .with(
            "horolog",
            move || black_box(&combiner).peak(),
            move |peak| peak == highest,
        )
        .with(
            "horolog-quorum",
            move || black_box(&other).peak_of(black_box(sources / 2 + 1)),
            |peak| peak.is_some_and(|peak| peak.weight <= highest.weight),
        )
        .over_rounds(rounds)
        .operations()
}
