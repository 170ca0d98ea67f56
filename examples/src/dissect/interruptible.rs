//! Standard input that a signal ends, even where nothing comes from it.

use core::time::Duration;
use std::io::{self, Read};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;

use crate::stop::Signals;

/// Reads what a thread of its own reads, and ends when the signals say stop.
///
/// The thread may stay behind in a read that never returns; the end of the program ends it.
#[derive(Debug)]
pub struct Interruptible {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: io::Cursor<Vec<u8>>,
    signals: Signals,
}

const CHUNK: usize = 64 * 1024;
/// How soon a signal is seen.
const PATIENCE: Duration = Duration::from_millis(50);

impl Interruptible {
    /// Starts to read.
    pub fn new(reader: impl Read + Send + 'static, signals: Signals) -> Self {
        // Room for none: the thread waits with its chunk until that before is used up.
        let (sender, chunks) = mpsc::sync_channel(0);
        thread::spawn(move || pass_on(reader, &sender));
        Self {
            chunks,
            chunk: io::Cursor::default(),
            signals,
        }
    }
}

impl Read for Interruptible {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.chunk.read(buffer)?;
            if read > 0 || buffer.is_empty() || self.signals.should_stop() {
                return Ok(read);
            }
            match self.chunks.recv_timeout(PATIENCE) {
                Ok(chunk) => self.chunk = io::Cursor::new(chunk?),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
    }
}

/// Passes chunks on to the end, or until nobody takes them.
fn pass_on(mut reader: impl Read, sender: &SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut chunk = vec![0; CHUNK];
        let result = match reader.read(&mut chunk) {
            Ok(0) => return,
            Ok(read) => {
                chunk.truncate(read);
                Ok(chunk)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let is_end = result.is_err();
        if sender.send(result).is_err() || is_end {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_octets_come_through() {
        let octets: Vec<u8> = (0..=255).cycle().take(3 * CHUNK + 1).collect();
        let source = io::Cursor::new(octets.clone());
        let mut read = Vec::new();
        let mut reader = Interruptible::new(source, Signals::default());
        reader.read_to_end(&mut read).unwrap();
        assert_eq!(read, octets);
    }

    #[test]
    fn errors_come_through() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("broken"))
            }
        }
        let mut reader = Interruptible::new(Broken, Signals::default());
        let error = reader.read(&mut [0; 8]).unwrap_err();
        assert_eq!(error.to_string(), "broken");
    }

    #[test]
    fn a_stop_ends_a_read_that_would_wait_for_ever() {
        let (silent, _writer) = io::pipe().unwrap();
        let signals = Signals::default();
        let mut reader = Interruptible::new(silent, signals.clone());
        thread::scope(|scope| {
            let read = scope.spawn(move || reader.read(&mut [0; 8]));
            signals.stop();
            assert_eq!(read.join().unwrap().unwrap(), 0);
        });
    }
}
