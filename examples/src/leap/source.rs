use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::{Format, Loaded};
use crate::cli::{Context, context};

/// Where systems keep a list, the likeliest first.
const SYSTEM_LISTS: [&str; 4] = [
    "/usr/share/zoneinfo/leap-seconds.list",
    "/etc/ntp/leap-seconds.list",
    "/var/lib/ntp/leap-seconds.list",
    "/usr/share/zoneinfo/right/UTC",
];

/// The most octets of a file that are read.
const LONGEST_FILE: u64 = 1 << 20;

/// The system's own list, if there is one.
#[must_use]
pub fn system_list() -> Option<PathBuf> {
    SYSTEM_LISTS
        .iter()
        .map(PathBuf::from)
        .find(|path| path.is_file())
}

/// Reads a table from a file, or from standard input where it is `-`.
///
/// # Errors
///
/// Where the file cannot be read, or is no table of the format; without a format, where none is
/// recognised.
pub fn load_any(path: &Path, format: Option<Format>) -> Result<Loaded, Context> {
    let what = || format!("cannot read {}", path.display());
    let file = read(path).map_err(context(what()))?;
    let format = format.or_else(|| Format::detect(&file));
    let format = format
        .ok_or("no format of leap seconds is recognised")
        .map_err(context(what()))?;
    format
        .decode(&file)
        .map_err(context(format!("{} as {format}", what())))
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = Vec::new();
    if path == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(LONGEST_FILE)
            .read_to_end(&mut file)?;
    } else {
        std::fs::File::open(path)?
            .take(LONGEST_FILE)
            .read_to_end(&mut file)?;
    }
    Ok(file)
}
