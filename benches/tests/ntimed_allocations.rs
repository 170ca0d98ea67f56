//! A trace of any length is replayed at constant memory, and combining allocates a few times only.

use std::io::BufReader;

use allocation_counter::{AllocationInfo, measure};
use horolog_benches::ntimed::{PollTrace, replay};
use horolog_ntimed::{Combiner, Density, Params, Simulator};

/// What a replay of so many polls allocates.
fn replayed(polls: u32, simulator: fn(Params) -> Simulator) -> AllocationInfo {
    let mut combined = 0;
    let info = measure(|| {
        let trace = BufReader::new(PollTrace::new(polls, 2e-6));
        combined = replay(trace, simulator(Params::default()))
            .unwrap()
            .combined;
    });
    assert_eq!(combined, polls);
    info
}

#[test]
fn a_trace_ten_times_as_long_needs_no_more_memory() {
    for simulator in [Simulator::classic, Simulator::new] {
        let short = replayed(10_000, simulator);
        let long = replayed(100_000, simulator);
        assert!(short.bytes_max > 0);
        assert_eq!(short.bytes_max, long.bytes_max);
        assert_eq!((short.bytes_current, long.bytes_current), (0, 0));
    }
}

/// Corners, keys, candidates and their places, whatever the number of sources.
#[test]
fn combining_allocates_as_often_for_many_as_for_few() {
    for sources in [10, 1000] {
        let mut combiner = Combiner::new();
        for at in 0..sources {
            let ahead = f64::from(at) * 1e-6;
            let source = combiner.add_source();
            combiner.set(
                source,
                Density::new(0.5, ahead - 0.01, ahead, ahead + 0.01).ok(),
            );
        }
        let info = measure(|| assert!(combiner.peak().weight > 1.0));
        assert!(info.count_total <= 5, "{sources}: {info:?}");
        assert_eq!(info.bytes_current, 0);
    }
}
