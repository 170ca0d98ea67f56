use std::path::PathBuf;

use crate::{Output, Program};

/// A file among the data of the crate that reads lists of leap seconds.
#[must_use]
pub fn leap_data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../crates/horolog-leap-list/tests/data")
        .join(name)
}

/// Runs the program `leap` with these arguments; standard input is empty.
#[must_use]
pub fn leap(arguments: &str) -> Output {
    Program::new("leap").args(arguments).run()
}

/// Has the program `leap` convert a table, and gives back what it wrote and what it told.
///
/// # Panics
///
/// Where it fails.
#[must_use]
pub fn convert_leap(from: &str, to: &str, file: impl Into<Vec<u8>>) -> (Vec<u8>, String) {
    let arguments = format!("convert --from {from} --to {to} -");
    let output = Program::new("leap").args(&arguments).stdin(file).run_raw();
    assert!(output.status.success(), "{arguments}: {output:?}");
    let told = String::from_utf8(output.stderr).expect("text");
    (output.stdout, told)
}
