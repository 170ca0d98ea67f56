use std::path::{Path, PathBuf};
use std::{fs, io};

use horolog_https::RefusalList;

use crate::cli::{Context, context};

/// A list of servers that do not offer time, in a file.
#[derive(Debug)]
pub(super) struct RefusalFile {
    path: Option<PathBuf>,
    pub(super) list: RefusalList,
}

impl RefusalFile {
    /// Reads a file; one that is not there is an empty list.
    pub(super) fn read(path: Option<&Path>) -> Result<Self, Context> {
        let list = match path {
            None => RefusalList::new(),
            Some(path) => {
                let what = || format!("cannot read {}", path.display());
                match fs::read_to_string(path) {
                    Ok(text) => text.parse().map_err(context(what()))?,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => RefusalList::new(),
                    Err(error) => return Err(context(what())(error)),
                }
            }
        };
        Ok(Self {
            path: path.map(Path::to_owned),
            list,
        })
    }

    /// Writes it back.
    pub(super) fn write(&self) -> Result<(), Context> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        fs::write(path, self.list.to_string())
            .map_err(context(format!("cannot write {}", path.display())))
    }
}
