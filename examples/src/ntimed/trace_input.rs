use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;

use crate::stop::Signals;

/// What a pipe, a terminal or a device says, read in a thread of its own: no signal ends a read that
/// waits. A signal to stop is the end of it.
struct Waiting {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    read: usize,
    signals: Signals,
}

/// Octets of a chunk, of which few are in memory at a time.
const CHUNK: usize = 1 << 16;

/// Opens a trace, `-` for standard input.
pub(super) fn open(path: &Path, signals: &Signals) -> io::Result<Box<dyn BufRead>> {
    // Nothing waits for a file; what is not there is told when it is opened.
    let waits = path == Path::new("-") || path.metadata().is_ok_and(|about| !about.is_file());
    if !waits {
        return Ok(Box::new(BufReader::new(File::open(path)?)));
    }
    Ok(Box::new(BufReader::new(Waiting::new(path, signals))))
}

impl Waiting {
    fn new(path: &Path, signals: &Signals) -> Self {
        let (sender, chunks) = mpsc::sync_channel(1);
        let path = path.to_owned();
        // It is left alone where a stop comes first, until the program ends.
        thread::spawn(move || read(path, &sender));
        Self {
            chunks,
            chunk: Vec::new(),
            read: 0,
            signals: signals.clone(),
        }
    }
}

/// Reads all until nobody wants more.
fn read(path: PathBuf, sender: &SyncSender<io::Result<Vec<u8>>>) {
    let opened: io::Result<Box<dyn Read>> = if path == Path::new("-") {
        Ok(Box::new(io::stdin()))
    } else {
        // A pipe without a writer waits here already.
        File::open(path).map(|file| Box::new(file) as Box<dyn Read>)
    };
    let mut input = match opened {
        Ok(input) => input,
        Err(error) => return drop(sender.send(Err(error))),
    };
    let mut room = vec![0; CHUNK];
    loop {
        let chunk = match input.read(&mut room) {
            Ok(0) => return,
            Ok(length) => Ok(room.get(..length).unwrap_or_default().to_vec()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let failed = chunk.is_err();
        if sender.send(chunk).is_err() || failed {
            return;
        }
    }
}

impl Read for Waiting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.chunk.len() {
            if self.signals.should_stop() {
                return Ok(0);
            }
            match self.chunks.recv_timeout(Signals::STEP) {
                Ok(chunk) => (self.chunk, self.read) = (chunk?, 0),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
        let mut rest = self.chunk.get(self.read..).unwrap_or_default();
        let length = rest.read(buffer)?;
        self.read += length;
        Ok(length)
    }
}
