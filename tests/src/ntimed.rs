use std::path::PathBuf;

use crate::{Output, Program};

/// A trace among the data of the crate that evaluates exchanges.
#[must_use]
pub fn ntimed_trace(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../crates/horolog-ntimed/tests/data")
        .join(name)
}

/// Runs the program `ntimed` with these arguments; standard input is empty.
///
/// # Panics
///
/// Where it cannot be run or prints what is no text.
#[must_use]
pub fn ntimed(arguments: &str) -> Output {
    Program::new("ntimed").args(arguments).run()
}
