//! Files with secrets: nobody but their owner may read them, and they are never half written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

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
    fs::rename(temporary(path, octets)?, path)
}

/// The same octets in a file beside.
fn temporary(path: &Path, octets: &[u8]) -> io::Result<std::path::PathBuf> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let mut options = OpenOptions::new();
    let mut file: File = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)?;
    file.write_all(octets)?;
    file.sync_all()?;
    Ok(temporary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn files_are_private_and_whole() {
        let directory =
            std::env::temp_dir().join(format!("horolog-private-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let path = directory.join("keys");
        assert!(create(&path, b"first").unwrap());
        assert!(!create(&path, b"second").unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"first");
        replace(&path, b"third").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"third");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        // Nothing else is left behind.
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
        fs::remove_dir_all(&directory).unwrap();
        assert!(replace(&path, b"nowhere").is_err());
    }
}
