//! Times the NTS operations.

use criterion::{Criterion, criterion_group, criterion_main};
use horolog_benches::{nts, time};

fn operations(criterion: &mut Criterion) {
    time::groups(criterion, nts::operations());
}

criterion_group! {
    name = benches;
    config = time::config();
    targets = operations
}
criterion_main!(benches);
