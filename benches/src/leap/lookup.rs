//! TAI-UTC of moments.

use std::hint::black_box;

use hifitime::Epoch;
use horolog_time::epoch::UNIX_EPOCH_IN_NTP_SECONDS;
use horolog_time::{TaiInstant, TaiUtc, UnixTime, UtcInstant};

use super::{limit, rows, table};
use crate::Operation;
use crate::group::Group;

/// The seconds that are looked up, over the 27 leap seconds and ten years more.
fn moments() -> [i64; 32] {
    std::array::from_fn(|at| {
        // Without the order that a branch predictor learns at once.
        let at = i64::try_from(at * 13 % 32).unwrap_or_default();
        63_072_000 + 1_234_567 + at * 53_000_000
    })
}

fn utc(unix: i64) -> UtcInstant {
    UtcInstant::from_unix(UnixTime::from_seconds(unix)).expect("the samples are of our time")
}

pub(super) fn lookup() -> Vec<Operation> {
    const GROUP: &str = "leap/lookup/32-moments";
    let rows = rows();
    let sum: i32 = moments()
        .iter()
        .map(|unix| limit::tai_utc(&rows, *unix))
        .sum();
    let (moments, instants) = (moments(), moments().map(utc));
    let (a, b) = (table(), table());
    Group::new(GROUP, 8 * moments.len())
        .with(
            "limit",
            move || -> i32 {
                let rows = black_box(rows.as_slice());
                black_box(&moments)
                    .iter()
                    .map(|unix| limit::tai_utc(rows, *unix))
                    .sum()
            },
            |found| found == sum,
        )
        .with(
            "horolog",
            move || -> i32 {
                let table = black_box(&a);
                let instants = black_box(&instants).iter();
                instants
                    .map(|at| table.tai_utc(*at).map_or(0, TaiUtc::seconds))
                    .sum()
            },
            |found| found == sum,
        )
        .with(
            "horolog-from-unix",
            move || -> i32 {
                let table = black_box(&b);
                let instants = black_box(&moments).iter().map(|unix| {
                    let at = UtcInstant::from_unix(UnixTime::from_seconds(*unix)).ok()?;
                    Some(table.tai_utc(at).ok()?.seconds())
                });
                instants.map(Option::unwrap_or_default).sum()
            },
            |found| found == sum,
        )
        .operations()
}

pub(super) fn to_tai() -> Vec<Operation> {
    const GROUP: &str = "leap/utc-to-tai/32-moments";
    let rows = rows();
    let tai = |unix: &i64| unix + i64::from(limit::tai_utc(&rows, *unix));
    let sum: i64 = moments().iter().map(tai).sum();
    let (moments, instants) = (moments(), moments().map(utc));
    let table = table();
    #[expect(
        clippy::cast_precision_loss,
        reason = "of these seconds nothing is lost"
    )]
    let epochs = moments.map(|unix| Epoch::from_unix_seconds(unix as f64));
    Group::new(GROUP, 8 * moments.len())
        .with(
            "limit",
            move || -> i64 {
                let rows = black_box(rows.as_slice());
                let moments = black_box(&moments).iter();
                moments
                    .map(|unix| unix + i64::from(limit::tai_utc(rows, *unix)))
                    .sum()
            },
            |found| found == sum,
        )
        .with(
            "horolog",
            move || -> i64 {
                let table = black_box(&table);
                let instants = black_box(&instants).iter();
                instants
                    .map(|at| table.to_tai(*at).map_or(0, TaiInstant::seconds))
                    .sum()
            },
            |found| found == sum,
        )
        .with(
            "hifitime",
            move || -> i64 {
                let epochs = black_box(&epochs).iter();
                epochs
                    .map(|epoch| {
                        let (centuries, nanoseconds) = epoch.to_tai_parts();
                        let seconds = i64::try_from(nanoseconds / 1_000_000_000);
                        i64::from(centuries) * 36_525 * 86_400 + seconds.unwrap_or_default()
                            - i64::from(UNIX_EPOCH_IN_NTP_SECONDS)
                    })
                    .sum()
            },
            |found| found == sum,
        )
        .operations()
}
