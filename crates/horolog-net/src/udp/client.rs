use core::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use core::time::Duration;
use std::net::UdpSocket;

use super::transmitter::{self, Transmitter};
use super::wire::{self, ReceiveTimeout};
use super::{Received, Sent, Stamp};
use crate::NetError;
use crate::error::option;

/// A UDP socket that talks to one server.
///
/// It is connected, so the kernel drops what comes from any other address or port, and it has a
/// random port of its own, which a forger who does not see the traffic has to guess. A client that
/// wants a fresh port for every request opens a fresh socket.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use horolog_net::udp::{Batch, ClientSocket, ServerSocket};
///
/// let mut server = ServerSocket::bind("127.0.0.1:0".parse()?)?;
/// let mut client = ClientSocket::connect(server.local_address()?)?;
/// let sent = client.send(b"ping")?;
///
/// let mut batch = Batch::new(16, 1024);
/// server.receive(&mut batch, Duration::from_secs(5))?;
/// for request in batch.datagrams() {
///     server.send_to(request.payload(), request.source(), request.local())?;
/// }
///
/// let mut buffer = [0; 1024];
/// let received = client.receive(&mut buffer, Duration::from_secs(5))?.unwrap();
/// assert_eq!(buffer[..received.length], *b"ping");
/// let round_trip = received.stamp.time - sent.stamp.time;
/// # let _ = round_trip;
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ClientSocket {
    socket: UdpSocket,
    server: SocketAddr,
    timeout: ReceiveTimeout,
    transmitter: Transmitter,
}

impl ClientSocket {
    /// A socket for one server, with a random port of the address that the routing table chooses.
    ///
    /// # Errors
    ///
    /// * [`NetError::Open`] or [`NetError::Bind`] where the system has no socket or port left.
    /// * [`NetError::Connect`] where there is no route to the server.
    pub fn connect(server: SocketAddr) -> Result<Self, NetError> {
        let any = match server {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        Self::connect_from(SocketAddr::new(any, 0), server)
    }

    /// The same from a given address of this host; port 0 stands for a random one.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect); also [`NetError::Bind`] where the address is not ours or the
    /// port in use.
    pub fn connect_from(local: SocketAddr, server: SocketAddr) -> Result<Self, NetError> {
        let mut reports = false;
        let socket = wire::open(local, false, |socket| {
            reports = transmitter::enable(socket, true);
            Ok(())
        })?;
        socket.connect(server).map_err(|source| NetError::Connect {
            address: server,
            source,
        })?;
        Ok(Self {
            socket,
            server,
            timeout: ReceiveTimeout::default(),
            transmitter: Transmitter::new(reports),
        })
    }

    /// The server's address.
    #[must_use]
    pub const fn server(&self) -> SocketAddr {
        self.server
    }

    /// The address and port the server sees, unless there is a translator between.
    ///
    /// # Errors
    ///
    /// [`NetError::Option`] where the system does not say.
    pub fn local_address(&self) -> Result<SocketAddr, NetError> {
        self.socket.local_addr().map_err(option("getsockname"))
    }

    /// Sends one datagram.
    ///
    /// The time is the kernel's where it reports it at once, as Linux does unless the datagram has
    /// to queue; a late report can be had from [`poll_sent`](Self::poll_sent). Otherwise it is the
    /// clock read right before sending, so that a delay measured from it is never too short.
    ///
    /// # Errors
    ///
    /// * [`NetError::Refused`] where an *earlier* datagram was refused; this one was not sent.
    /// * [`NetError::Interrupted`] where a signal came while waiting for room.
    /// * [`NetError::Send`] for everything else.
    pub fn send(&mut self, datagram: &[u8]) -> Result<Sent, NetError> {
        let before = Stamp::now();
        match self.socket.send(datagram) {
            Ok(_) => {
                let sent = self.transmitter.sent(before);
                // Reports before this one are about datagrams nobody asks about any more.
                while let Ok(Some(report)) = self.poll_sent() {
                    if report.id == sent.id {
                        return Ok(report);
                    }
                }
                Ok(sent)
            }
            Err(source) => {
                self.transmitter.failed(&self.socket);
                Err(wire::send_error(self.server, source))
            }
        }
    }

    /// A report of the kernel when a datagram left that came too late for [`send`](Self::send).
    ///
    /// Does not wait. Worth a look when the reply has come.
    ///
    /// # Errors
    ///
    /// [`NetError::Receive`] where the system fails.
    pub fn poll_sent(&mut self) -> Result<Option<Sent>, NetError> {
        self.transmitter.poll(&self.socket)
    }

    /// Waits for one datagram of the server, `None` if none came within the timeout.
    ///
    /// A longer timeout than a day is a day.
    ///
    /// # Errors
    ///
    /// * [`NetError::Refused`] where the server's host says that nothing listens there.
    /// * [`NetError::Truncated`] where the datagram is longer than the buffer. It is lost.
    /// * [`NetError::Interrupted`] where a signal came first.
    /// * [`NetError::Receive`] for everything else.
    pub fn receive(
        &mut self,
        buffer: &mut [u8],
        timeout: Duration,
    ) -> Result<Option<Received>, NetError> {
        let flags = self.timeout.set(&self.socket, timeout)?;
        match wire::receive::<()>(&self.socket, buffer, flags) {
            Ok(message) if message.truncated => Err(NetError::Truncated {
                capacity: buffer.len(),
            }),
            Ok(message) => Ok(Some(Received {
                length: message.length,
                stamp: message.controls.time.map_or_else(Stamp::now, Stamp::kernel),
            })),
            Err(error) => wire::receive_error(Some(self.server), error).map_or(Ok(None), Err),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use horolog_time::NtpDuration;

    use super::*;
    use crate::clock;
    use crate::udp::{Batch, ServerSocket, StampSource, testing};

    const PATIENCE: Duration = Duration::from_secs(30);

    /// A socket that holds its port and refuses everyone but itself.
    fn refusing() -> (UdpSocket, SocketAddr) {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = socket.local_addr().unwrap();
        socket.connect(address).unwrap();
        (socket, address)
    }

    /// Whether `time` lies between two readings of the clock.
    fn is_between(first: Stamp, time: Stamp, last: Stamp) -> bool {
        time.time - first.time >= NtpDuration::ZERO && last.time - time.time >= NtpDuration::ZERO
    }

    #[test]
    fn an_echo_comes_back_with_times_in_order() {
        testing::await_kernel_stamps();
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let mut server = ServerSocket::bind(address.parse().unwrap()).unwrap();
            let mut client = ClientSocket::connect(server.local_address().unwrap()).unwrap();
            let mut batch = Batch::new(4, 64);
            // Of what was sent, asked and answered.
            let mut kernel = (0, 0, 0);
            for _ in 0..50 {
                let first = Stamp::now();
                let sent = client.send(b"echo").unwrap();
                assert_eq!(server.receive(&mut batch, PATIENCE).unwrap(), 1);
                let request = batch.datagrams().next().unwrap();
                let middle = Stamp::now();
                server
                    .send_to(request.payload(), request.source(), request.local())
                    .unwrap();
                let mut buffer = [0; 64];
                let received = client.receive(&mut buffer, PATIENCE).unwrap().unwrap();
                let last = Stamp::now();
                assert_eq!(&buffer[..received.length], b"echo");
                assert!(is_between(first, sent.stamp, request.stamp()), "{address}");
                assert!(is_between(first, request.stamp(), middle), "{address}");
                assert!(is_between(middle, received.stamp, last), "{address}");
                kernel.0 += u32::from(sent.stamp.source == StampSource::Kernel);
                kernel.1 += u32::from(request.stamp().source == StampSource::Kernel);
                kernel.2 += u32::from(received.stamp.source == StampSource::Kernel);
            }
            if cfg!(target_os = "linux") {
                assert!(
                    kernel.0 > 0 && kernel.1 > 0 && kernel.2 > 0,
                    "{address}: {kernel:?}"
                );
            }
        }
    }

    #[test]
    fn nothing_comes_within_the_timeout() {
        let server = ServerSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let mut client = ClientSocket::connect(server.local_address().unwrap()).unwrap();
        let start = Instant::now();
        for timeout in [0, 1, 50, 50, 0].map(Duration::from_millis) {
            assert_eq!(client.receive(&mut [0; 8], timeout).unwrap(), None);
        }
        assert!(start.elapsed() >= Duration::from_millis(90));
        assert!(start.elapsed() < PATIENCE);
    }

    #[test]
    fn a_report_of_what_was_sent_does_not_end_the_waiting() {
        let server = ServerSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let mut client = ClientSocket::connect(server.local_address().unwrap()).unwrap();
        // Past the client, so that nobody fetches the report.
        client.socket.send(b"x").unwrap();
        let start = Instant::now();
        let timeout = Duration::from_millis(100);
        assert_eq!(client.receive(&mut [0; 8], timeout).unwrap(), None);
        assert!(start.elapsed() >= timeout / 2);
    }

    #[test]
    fn a_refusal_is_an_error_of_its_own_and_passes() {
        let (_socket, address) = refusing();
        let mut client = ClientSocket::connect(address).unwrap();
        client.send(b"anyone?").unwrap();
        match client.receive(&mut [0; 8], PATIENCE) {
            Err(NetError::Refused { address: who }) => assert_eq!(who, address),
            other => panic!("{other:?}"),
        }
        assert_eq!(client.receive(&mut [0; 8], Duration::ZERO).unwrap(), None);
    }

    #[test]
    fn a_refusal_met_while_sending_leaves_the_numbers_right() {
        let (_socket, address) = refusing();
        let mut client = ClientSocket::connect(address).unwrap();
        let (mut taken, mut refused, mut kernel) = (0, 0, 0);
        for _ in 0..20 {
            match client.send(b"anyone?") {
                Ok(sent) => {
                    assert_eq!(sent.id, taken);
                    taken += 1;
                    kernel += u32::from(sent.stamp.source == StampSource::Kernel);
                }
                Err(NetError::Refused { .. }) => refused += 1,
                Err(other) => panic!("{other}"),
            }
        }
        assert!(taken >= 10, "{taken} sent, {refused} refused");
        if cfg!(target_os = "linux") {
            assert_eq!(kernel, taken, "each was reported under its own number");
        }
    }

    #[test]
    fn a_long_datagram_is_reported_not_cut() {
        let mut server = ServerSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let mut client = ClientSocket::connect(server.local_address().unwrap()).unwrap();
        let to = client.local_address().unwrap();
        server.send_to(&[7; 9], to, None).unwrap();
        server.send_to(&[8; 8], to, None).unwrap();
        let mut buffer = [0; 8];
        let error = client.receive(&mut buffer, PATIENCE).unwrap_err();
        assert_eq!(
            error.to_string(),
            "datagram longer than the buffer of 8 octets"
        );
        let received = client.receive(&mut buffer, PATIENCE).unwrap().unwrap();
        assert_eq!((received.length, buffer), (8, [8; 8]));
    }

    #[test]
    fn another_sender_is_not_heard() {
        let server = ServerSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let mut other = ServerSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let mut client = ClientSocket::connect(server.local_address().unwrap()).unwrap();
        let to = client.local_address().unwrap();
        other.send_to(b"forged", to, None).unwrap();
        let timeout = Duration::from_millis(50);
        assert_eq!(client.receive(&mut [0; 8], timeout).unwrap(), None);
    }

    #[test]
    fn every_client_has_its_own_port_of_the_right_family() {
        let mut ports = Vec::new();
        for server in ["127.0.0.1:123", "[::1]:123"] {
            let server: SocketAddr = server.parse().unwrap();
            let clients: Vec<_> = (0..3)
                .map(|_| ClientSocket::connect(server).unwrap())
                .collect();
            for client in clients {
                let local = client.local_address().unwrap();
                assert_eq!(local.ip(), server.ip());
                assert_eq!(client.server(), server);
                ports.push(local.port());
            }
        }
        assert!(!ports.contains(&0));
        assert!(
            ports[..3]
                .iter()
                .all(|port| ports[..3].iter().filter(|p| *p == port).count() == 1)
        );
    }

    #[test]
    fn addresses_that_cannot_be_had_are_errors() {
        let (_socket, taken) = refusing();
        let error = ClientSocket::connect_from(taken, taken).unwrap_err();
        assert!(matches!(error, NetError::Bind { address, .. } if address == taken));
        // TEST-NET-1 is nobody's.
        let elsewhere = "192.0.2.1:0".parse().unwrap();
        let error = ClientSocket::connect_from(elsewhere, taken).unwrap_err();
        assert_eq!(error.to_string(), "cannot bind to 192.0.2.1:0");
        assert!(core::error::Error::source(&error).is_some());
        // A socket of IPv6 has no way to IPv4.
        let v6 = "[::1]:0".parse().unwrap();
        let error = ClientSocket::connect_from(v6, taken).unwrap_err();
        assert!(matches!(error, NetError::Connect { .. }), "{error}");
    }

    #[test]
    fn a_datagram_that_cannot_be_is_an_error() {
        let server = ServerSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let mut client = ClientSocket::connect(server.local_address().unwrap()).unwrap();
        let error = client.send(&vec![0; 1 << 16]).unwrap_err();
        assert!(matches!(error, NetError::Send { .. }), "{error}");
        let before = clock::now();
        let sent = client.send(b"fits").unwrap();
        assert_eq!(sent.id, 0);
        assert!(sent.stamp.time - before >= NtpDuration::ZERO);
    }
}
