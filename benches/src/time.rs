//! Wall-clock time, by criterion.

use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};

use crate::Operation;

/// How long each operation is timed.
#[must_use]
pub fn config() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
}

/// Times operations, group by group.
pub fn groups(criterion: &mut Criterion, mut operations: Vec<Operation>) {
    for members in operations.chunk_by_mut(|a, b| a.group() == b.group()) {
        let Some(first) = members.first() else {
            continue;
        };
        let mut group = criterion.benchmark_group(first.group());
        group.throughput(Throughput::Bytes(first.octets() as u64));
        for operation in members {
            time(&mut group, operation);
        }
        group.finish();
    }
}

fn time(group: &mut BenchmarkGroup<'_, WallTime>, operation: &mut Operation) {
    group.bench_function(operation.name(), |bencher| {
        bencher.iter_custom(|times| {
            let start = Instant::now();
            operation.repeat(times);
            start.elapsed()
        });
    });
}
