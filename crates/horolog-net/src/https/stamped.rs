use core::net::SocketAddr;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Instant;

use crate::timed::Timed;

/// A stream of which every call ends at a certain time, as [`Timed`] has it, and which knows when it
/// last moved octets.
#[derive(Debug)]
pub(super) struct Stamped {
    stream: Timed,
    /// Just before the first write since it was forgotten.
    written: Option<Instant>,
    /// Just after the last read.
    read: Instant,
}

impl Stamped {
    /// Connects, and gives all that comes after it until `end`.
    pub(super) fn connect(address: SocketAddr, end: Instant) -> io::Result<Self> {
        Ok(Self::over(Timed::connect(address, end)?))
    }

    /// Takes what a listener accepted.
    pub(super) fn new(stream: TcpStream, end: Instant) -> io::Result<Self> {
        Ok(Self::over(Timed::new(stream, end)?))
    }

    fn over(stream: Timed) -> Self {
        Self {
            stream,
            written: None,
            read: Instant::now(),
        }
    }

    /// Gives what comes from now on another end.
    pub(super) const fn end_at(&mut self, end: Instant) {
        self.stream.end_at(end);
    }

    /// Forgets when something was written.
    pub(super) const fn forget_written(&mut self) {
        self.written = None;
    }

    /// Just before the first write since it was forgotten.
    pub(super) const fn written(&self) -> Option<Instant> {
        self.written
    }

    /// Just after the last read.
    pub(super) const fn read_at(&self) -> Instant {
        self.read
    }

    /// Whether octets, or the end, are there to be read at once.
    pub(super) fn is_readable(&self) -> io::Result<bool> {
        let stream = self.stream.stream();
        stream.set_nonblocking(true)?;
        let peeked = stream.peek(&mut [0]);
        stream.set_nonblocking(false)?;
        match peeked {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Says that nothing more will be written.
    pub(super) fn finish_writing(&self) {
        // The other side may be gone already.
        let _ = self.stream.stream().shutdown(Shutdown::Write);
    }
}

impl Read for Stamped {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.stream.read(buffer);
        self.read = Instant::now();
        result
    }
}

impl Write for Stamped {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let now = Instant::now();
        let result = self.stream.write(octets);
        self.written.get_or_insert(now);
        result
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;
    use std::net::TcpListener;

    fn pair(end: Instant) -> (Stamped, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = Stamped::connect(listener.local_addr().unwrap(), end).unwrap();
        (stream, listener.accept().unwrap().0)
    }

    #[test]
    fn instants_lie_around_what_was_moved() {
        let (mut stream, mut other) = pair(Instant::now() + Duration::from_secs(30));
        assert_eq!(stream.written(), None);
        let before = Instant::now();
        stream.write_all(&[1]).unwrap();
        let after = Instant::now();
        stream.write_all(&[2]).unwrap();
        let written = stream.written().unwrap();
        assert!(before <= written && written <= after);
        stream.forget_written();
        assert_eq!(stream.written(), None);

        assert!(!stream.is_readable().unwrap());
        other.write_all(&[3]).unwrap();
        stream.read_exact(&mut [0]).unwrap();
        assert!(stream.read_at() >= written);
        // With octets unread the end would be a reset.
        other.read_exact(&mut [0; 2]).unwrap();
        drop(other);
        while !stream.is_readable().unwrap() {}
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    }

    #[test]
    fn a_silent_server_runs_out_of_time() {
        let end = Instant::now() + Duration::from_secs(1);
        let (mut stream, mut other) = pair(end);
        let error = stream.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(Instant::now() >= end);
        // Octets that are there do not help when the time is over.
        other.write_all(&[1]).unwrap();
        let error = stream.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
