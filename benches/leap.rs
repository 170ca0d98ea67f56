//! Times the leap-second operations.

use criterion::{Criterion, criterion_group, criterion_main};
use horolog_benches::{leap, time};

fn operations(criterion: &mut Criterion) {
    time::groups(criterion, leap::operations());
}

criterion_group! {
    name = benches;
    config = time::config();
    targets = operations
}
criterion_main!(benches);
