//! Files with secrets: nobody but their owner may read them, and they are never half written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Writes a new file; tells `false` where there is one already, which stays as it is.
///
/// # Errors
///
/// Where the file cannot be written.
pub fn create(path: &Path, octets: &[u8]) -> io::Result<bool> {
    let temporary = temporary(path, octets)?;
    // Unlike a rename, a link does not replace what is there.
    let linked = fs::hard_link(&temporary, path);
    fs::remove_file(&temporary)?;
    match linked {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Writes a file in place of the one that may be there.
///
/// # Errors
///
/// Where the file cannot be written; then the old one stays as it is.
pub fn replace(path: &Path, octets: &[u8]) -> io::Result<()> {
    let temporary = temporary(path, octets)?;
    removing(&temporary, fs::rename(&temporary, path))
}

/// The same octets in a file beside.
fn temporary(path: &Path, octets: &[u8]) -> io::Result<PathBuf> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let mut file = match open_new(&temporary) {
        // Of a process that ended before its time. Whose it is, or where it leads to if it is a link,
        // does not matter: it is not opened.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(&temporary)?;
            open_new(&temporary)?
        }
        opened => opened?,
    };
    let written = file.write_all(octets).and_then(|()| file.sync_all());
    removing(&temporary, written)?;
    Ok(temporary)
}

/// A file that is not there yet, for its owner alone.
fn open_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(path)
}

/// Removes a file that is of no use where something failed.
fn removing<T>(temporary: &Path, result: io::Result<T>) -> io::Result<T> {
    if result.is_err() {
        let _ = fs::remove_file(temporary);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn files_are_private_and_whole() {
        let directory =
            std::env::temp_dir().join(format!("horolog-private-{}", std::process::id()));
        // Of a test that was killed, in a process of the same number.
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        let path = directory.join("keys");
        assert!(create(&path, b"first").unwrap());
        assert!(!create(&path, b"second").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"first");
        replace(&path, b"third").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"third");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        // What lies in the way is not written to.
        let other = directory.join("other");
        fs::write(&other, b"open to all").unwrap();
        let name = format!("keys.{}.tmp", std::process::id());
        std::os::unix::fs::symlink(&other, directory.join(name)).unwrap();
        replace(&path, b"fourth").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"fourth");
        assert_eq!(fs::read(&other).unwrap(), b"open to all");
        fs::remove_file(&other).unwrap();
        // Where it fails the old one stays.
        let occupied = directory.join("directory");
        fs::create_dir_all(occupied.join("not empty")).unwrap();
        assert!(replace(&occupied, b"fifth").is_err());
        fs::remove_dir_all(&occupied).unwrap();
        // Nothing else is left behind.
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
        fs::remove_dir_all(&directory).unwrap();
        assert!(replace(&path, b"nowhere").is_err());
    }
}
