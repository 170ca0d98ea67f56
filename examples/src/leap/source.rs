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

/// The most octets that a file may have.
const LONGEST_FILE: usize = 1 << 20;

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
    let none = if file.is_empty() {
        "the file is empty"
    } else {
        "no format of leap seconds is recognised"
    };
    let format = format.ok_or(none).map_err(context(what()))?;
    format
        .decode(&file)
        .map_err(context(format!("{} as {format}", what())))
}

/// The octets of a file, or of standard input where it is `-`.
pub(super) fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    if path == Path::new("-") {
        read_all(std::io::stdin().lock())
    } else {
        read_all(std::fs::File::open(path)?)
    }
}

/// The octets of a source that is not too long: a list that is cut may look whole.
fn read_all(source: impl std::io::Read) -> std::io::Result<Vec<u8>> {
    let mut file = Vec::new();
    source
        .take(LONGEST_FILE as u64 + 1)
        .read_to_end(&mut file)?;
    if file.len() > LONGEST_FILE {
        let kind = std::io::ErrorKind::FileTooLarge;
        let message = format!("it has more than {LONGEST_FILE} octets");
        return Err(std::io::Error::new(kind, message));
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_long_is_not_cut() {
        let most = std::io::repeat(b'#').take(LONGEST_FILE as u64);
        assert_eq!(read_all(most).unwrap().len(), LONGEST_FILE);
        let error = read_all(std::io::repeat(b'#')).unwrap_err();
        assert_eq!(error.to_string(), "it has more than 1048576 octets");
    }
}
