//! Times the NTP operations.

use criterion::{Criterion, criterion_group, criterion_main};
use horolog_benches::{ntp, time};

fn operations(criterion: &mut Criterion) {
    time::groups(criterion, ntp::operations());
}

criterion_group! {
    name = benches;
    config = time::config();
    targets = operations
}
criterion_main!(benches);
