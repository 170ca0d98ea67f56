use crate::{Knot, KnotServer, Output, Scratch, SignedZone, convert_leap, leap, leap_data};

/// The zone that tests serve.
pub const LEAP_ZONE: &str = "leapsecond.example";

/// An instant at which the tables of tests are valid, as an option.
pub const LEAP_NOW: &str = "--now 2026-11-22T00:00:00Z";

/// A list that the IERS published, until 2027-06-28.
///
/// # Panics
///
/// Where it is not there.
#[must_use]
pub fn iers_list() -> Vec<u8> {
    std::fs::read(leap_data("iers-expires-2027-06-28.list")).expect("a list among the data")
}

/// The zone that `leap convert` writes of a table, with what a zone needs around it.
///
/// # Panics
///
/// Where that fails.
#[must_use]
pub fn leap_zone(format: &str, table: &[u8]) -> String {
    let (fragment, _) = convert_leap(format, "zone", table);
    Knot::zone(&String::from_utf8(fragment).expect("text"))
}

/// The zone of the [list](iers_list), signed now.
#[must_use]
pub fn signed_leap_zone(knot: Knot) -> SignedZone {
    knot.sign(LEAP_ZONE, &leap_zone("list", &iers_list()), None)
}

/// Runs `leap fetch` at a server with trust anchors.
#[must_use]
pub fn fetch_validated(server: &KnotServer, anchors: &str, arguments: &str) -> Output {
    let scratch = Scratch::new();
    let anchors = scratch.write("anchors", anchors);
    leap(&format!(
        "fetch --server {} --trust-anchor {} {LEAP_NOW} {arguments}",
        server.address(),
        anchors.display()
    ))
}
