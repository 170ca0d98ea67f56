use core::net::SocketAddr;
use core::time::Duration;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

/// A stream of which every call ends at a certain time.
///
/// A call that would last longer fails with [`io::ErrorKind::TimedOut`], however little at a time the
/// other side sends.
#[derive(Debug)]
pub(super) struct Timed {
    stream: TcpStream,
    end: Instant,
}

impl Timed {
    /// Connects, and gives all that comes after it until `end`.
    pub(super) fn connect(address: SocketAddr, end: Instant) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, left(end)?)?;
        // What is written is whole: waiting for more would only cost a round trip.
        stream.set_nodelay(true)?;
        Ok(Self { stream, end })
    }

    /// Gives what comes from now on another end.
    pub(super) const fn end_at(&mut self, end: Instant) {
        self.end = end;
    }
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(left(self.end)?))?;
        self.stream.read(buffer).map_err(timed_out)
    }
}

impl Write for Timed {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(left(self.end)?))?;
        self.stream.write(octets).map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// The time that is left; none is an error, because a timeout of zero stands for ever.
fn left(end: Instant) -> io::Result<Duration> {
    match end.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
        left => Ok(left),
    }
}

/// Systems tell a timeout of a socket in two ways.
fn timed_out(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_silent_server_and_a_trickling_one_run_out_of_time() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let end = Instant::now() + Duration::from_millis(300);
        let mut silent = Timed::connect(address, end).unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        let error = silent.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(Instant::now() >= end);

        // Octets that are there do not help when the time is over.
        stream.write_all(&[1; 100]).unwrap();
        let error = silent.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn no_time_to_connect() {
        let address = SocketAddr::from(([127, 0, 0, 1], 9));
        let error = Timed::connect(address, Instant::now()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
