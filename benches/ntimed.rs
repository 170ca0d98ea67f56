//! Times the evaluation of exchanges.

use criterion::{Criterion, criterion_group, criterion_main};
use horolog_benches::{ntimed, time};

fn operations(criterion: &mut Criterion) {
    time::groups(criterion, ntimed::operations());
}

/// Each takes seconds, but for a test that results hold fewer polls do.
fn replays(criterion: &mut Criterion) {
    let only_tests = std::env::args().any(|argument| argument == "--test");
    let polls = if only_tests { 10_000 } else { 1_000_000 };
    time::groups(criterion, ntimed::replays(polls));
}

criterion_group! {
    name = benches;
    config = time::config();
    targets = operations
}
criterion_group! {
    name = long;
    config = time::config().sample_size(10);
    targets = replays
}
criterion_main!(benches, long);
