use core::net::SocketAddr;
use core::time::Duration;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::time::Instant;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout};
use socket2::{Domain, Protocol, Socket, Type};

/// A stream of which every call ends at a certain time.
///
/// A call that would last longer fails with [`io::ErrorKind::TimedOut`], however little at a time the
/// other side sends. A signal ends it with [`io::ErrorKind::Interrupted`].
#[derive(Debug)]
pub(crate) struct Timed {
    stream: TcpStream,
    end: Instant,
}

impl Timed {
    /// Connects, and gives all that comes after it until `end`.
    pub(crate) fn connect(address: SocketAddr, end: Instant) -> io::Result<Self> {
        left(end)?;
        let domain = Domain::for_address(address);
        let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        // The standard library's own `connect_timeout` goes on after a signal.
        socket.set_nonblocking(true)?;
        match socket.connect(&address.into()) {
            Ok(()) => {}
            Err(error) if is_under_way(&error) => wait_until_connected(&socket, end)?,
            Err(error) => return Err(error),
        }
        socket.set_nonblocking(false)?;
        // What is written is whole: waiting for more would only cost a round trip.
        socket.set_tcp_nodelay(true)?;
        Ok(Self {
            stream: socket.into(),
            end,
        })
    }

    /// Takes what a listener accepted.
    #[cfg(feature = "https")]
    pub(crate) fn new(stream: TcpStream, end: Instant) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_nonblocking(false)?;
        Ok(Self { stream, end })
    }

    /// Gives what comes from now on another end.
    pub(crate) const fn end_at(&mut self, end: Instant) {
        self.end = end;
    }

    /// The stream itself.
    #[cfg(feature = "https")]
    pub(crate) const fn stream(&self) -> &TcpStream {
        &self.stream
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

/// Whether a connection that does not block is being made.
fn is_under_way(error: &io::Error) -> bool {
    error.raw_os_error() == io::Error::from(Errno::EINPROGRESS).raw_os_error()
}

fn wait_until_connected(socket: &Socket, end: Instant) -> io::Result<()> {
    let mut descriptors = [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)];
    while nix::poll::poll(&mut descriptors, milliseconds(left(end)?))? == 0 {}
    socket.take_error()?.map_or(Ok(()), Err)
}

/// As long for the system, rounded up so that a deadline has passed when the wait is over.
pub(crate) fn milliseconds(wait: Duration) -> PollTimeout {
    let milliseconds = wait.as_nanos().div_ceil(1_000_000);
    i32::try_from(milliseconds)
        .ok()
        .and_then(|milliseconds| PollTimeout::try_from(milliseconds).ok())
        .unwrap_or(PollTimeout::MAX)
}

/// So long after an instant; a wait that no clock can say is a year.
pub(crate) fn after(start: Instant, wait: Duration) -> Instant {
    const LONG: Duration = Duration::from_hours(365 * 24);
    start + wait.min(LONG)
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
        let end = Instant::now() + Duration::from_secs(1);
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
    fn what_is_written_is_not_held_back() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let end = after(Instant::now(), Duration::from_mins(1));
        let client = Timed::connect(address, end).unwrap();
        assert!(client.stream.nodelay().unwrap());
        #[cfg(feature = "https")]
        {
            let (stream, _) = listener.accept().unwrap();
            assert!(!stream.nodelay().unwrap());
            let server = Timed::new(stream, end).unwrap();
            assert!(server.stream().nodelay().unwrap());
        }
    }

    #[test]
    fn no_wait_is_too_long() {
        let now = Instant::now();
        assert!(after(now, Duration::MAX) > after(now, Duration::from_hours(1)));
        assert_eq!(
            milliseconds(Duration::from_nanos(1)),
            PollTimeout::from(1_u8)
        );
        assert_eq!(milliseconds(Duration::MAX), PollTimeout::MAX);
    }

    #[test]
    fn no_time_to_connect() {
        let address = SocketAddr::from(([127, 0, 0, 1], 9));
        let error = Timed::connect(address, Instant::now()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
