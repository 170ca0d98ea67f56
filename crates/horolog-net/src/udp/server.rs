use core::net::SocketAddr;
use core::time::Duration;
use std::net::UdpSocket;

use super::transmitter::{self, Transmitter};
use super::wire::{self, Family, ReceiveTimeout};
use super::{Batch, LocalAddress, Sent, ServerOptions, Stamp, answer};
use crate::NetError;
use crate::error::option;

/// A UDP socket that answers whoever asks.
///
/// It is bound to an address of IPv4 or of IPv6, never of both: one at `[::]` takes IPv6 only, so
/// a server for both opens two, and may do so at the same port. On Linux it learns to which address
/// of the host each datagram went, and can answer from there.
///
/// A loop that should stop on request asks with a timeout and looks at its flag in between; a
/// signal ends the waiting at once, with [`NetError::Interrupted`].
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use horolog_net::NetError;
/// use horolog_net::udp::{Batch, ClientSocket, ServerOptions, ServerSocket};
///
/// let options = ServerOptions::new().transmit_stamps(true);
/// let mut server = ServerSocket::bind_with("127.0.0.1:0".parse()?, options)?;
/// let mut batch = Batch::new(32, 1024);
///
/// let mut client = ClientSocket::connect(server.local_address()?)?;
/// client.send(b"a question")?;
///
/// // The body of the loop.
/// match server.receive(&mut batch, Duration::from_secs(5)) {
///     Ok(_) | Err(NetError::Interrupted) => {}
///     Err(error) => return Err(error.into()),
/// }
/// for request in batch.datagrams() {
///     assert_eq!(request.payload(), b"a question");
///     server.send_to(b"an answer", request.source(), request.local())?;
/// }
/// while let Some(sent) = server.poll_sent()? {
///     println!("answer {} left at {}", sent.id, sent.stamp.time);
/// }
/// # assert_eq!(batch.len(), 1);
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ServerSocket {
    socket: UdpSocket,
    family: Family,
    timeout: ReceiveTimeout,
    transmitter: Transmitter,
}

impl ServerSocket {
    /// A socket at `address`; port 0 stands for a random one.
    ///
    /// # Errors
    ///
    /// As [`bind_with`](Self::bind_with).
    pub fn bind(address: SocketAddr) -> Result<Self, NetError> {
        Self::bind_with(address, ServerOptions::new())
    }

    /// A socket at `address` with options.
    ///
    /// # Errors
    ///
    /// * [`NetError::Bind`] where the address is in use, not ours, or needs more rights.
    /// * [`NetError::Open`] or [`NetError::Option`] where the system lacks what is needed.
    pub fn bind_with(address: SocketAddr, options: ServerOptions) -> Result<Self, NetError> {
        let mut reports = false;
        let family = Family::of(address);
        let socket = wire::open(address, options.reuse_port, |socket| {
            reports = transmitter::enable(socket, options.transmit_stamps);
            answer::ask_for_address(socket, family)
        })?;
        Ok(Self {
            socket,
            family,
            timeout: ReceiveTimeout::default(),
            transmitter: Transmitter::new(reports),
        })
    }

    /// The address the socket is bound to, with its port.
    ///
    /// # Errors
    ///
    /// [`NetError::Option`] where the system does not say.
    pub fn local_address(&self) -> Result<SocketAddr, NetError> {
        self.socket.local_addr().map_err(option("getsockname"))
    }

    /// Waits for datagrams and takes all that are there, up to the batch's size.
    ///
    /// Returns how many there are, 0 if none came within the timeout (a longer one than a day is a
    /// day). What stood in the batch is gone in any case.
    ///
    /// # Errors
    ///
    /// * [`NetError::Interrupted`] where a signal came first.
    /// * [`NetError::Receive`] for everything else.
    pub fn receive(&mut self, batch: &mut Batch, timeout: Duration) -> Result<usize, NetError> {
        batch.clear();
        let flags = self.timeout.set(&self.socket, timeout)?;
        match batch.fill(&self.socket, self.family, flags) {
            Ok(()) => Ok(batch.len()),
            Err(error) => wire::receive_error(None, error).map_or(Ok(0), Err),
        }
    }

    /// Sends one datagram, from the given address of this host if there is one.
    ///
    /// The time is the clock read right before sending. Where the options ask for transmit
    /// timestamps, the kernel's comes later from [`poll_sent`](Self::poll_sent) with the same `id`.
    /// Only Linux heeds `from`.
    ///
    /// # Errors
    ///
    /// * [`NetError::Interrupted`] where a signal came while waiting for room.
    /// * [`NetError::Send`] for everything else; a server goes on to the next one. With transmit
    ///   timestamps, reports about earlier datagrams that were not fetched yet are lost.
    pub fn send_to(
        &mut self,
        datagram: &[u8],
        to: SocketAddr,
        from: Option<LocalAddress>,
    ) -> Result<Sent, NetError> {
        let before = Stamp::now();
        match answer::send(&self.socket, datagram, to, from) {
            Ok(()) => Ok(self.transmitter.sent(before)),
            Err(source) => {
                self.transmitter.failed(&self.socket);
                Err(wire::send_error(to, source))
            }
        }
    }

    /// The next report of the kernel when a datagram left. Does not wait.
    ///
    /// Not every datagram gets one, and one that had to queue gets it late.
    ///
    /// # Errors
    ///
    /// [`NetError::Receive`] where the system fails.
    pub fn poll_sent(&mut self) -> Result<Option<Sent>, NetError> {
        self.transmitter.poll(&self.socket)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use horolog_time::NtpDuration;

    use super::*;
    use crate::udp::{ClientSocket, StampSource};

    const PATIENCE: Duration = Duration::from_secs(30);

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    /// One question to `asked` through a server bound to `bound`, and whether the answer reaches
    /// the client, whose socket takes it only from the address it asked.
    #[cfg(target_os = "linux")]
    fn answers_from(bound: &str, asked: &str) {
        let mut server = ServerSocket::bind(address(bound)).unwrap();
        let port = server.local_address().unwrap().port();
        let asked = SocketAddr::new(address(asked).ip(), port);
        let mut client = ClientSocket::connect(asked).unwrap();
        let mut batch = Batch::new(1, 64);
        for _ in 0..5 {
            client.send(b"question").unwrap();
            assert_eq!(server.receive(&mut batch, PATIENCE).unwrap(), 1);
            let request = batch.datagrams().next().unwrap();
            assert_eq!(request.source(), client.local_address().unwrap());
            assert_eq!(request.local().unwrap().address(), asked.ip());
            server
                .send_to(b"answer", request.source(), request.local())
                .unwrap();
            let received = client.receive(&mut [0; 64], PATIENCE).unwrap().unwrap();
            assert_eq!(received.length, 6);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_answer_leaves_from_the_address_that_was_asked() {
        answers_from("0.0.0.0:0", "127.0.0.1:0");
        answers_from("0.0.0.0:0", "127.0.0.2:0");
        answers_from("127.0.0.3:0", "127.0.0.3:0");
        answers_from("[::]:0", "[::1]:0");
        answers_from("[::1]:0", "[::1]:0");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn without_an_address_the_answer_leaves_from_another() {
        let mut server = ServerSocket::bind(address("0.0.0.0:0")).unwrap();
        let port = server.local_address().unwrap().port();
        let asked = SocketAddr::new(address("127.0.0.2:0").ip(), port);
        let mut client = ClientSocket::connect(asked).unwrap();
        let to = client.local_address().unwrap();
        // The client's own address is 127.0.0.1 or .2, depending on the kernel's choice; from .3
        // the answer is never the one it waits for.
        let from = LocalAddress::new(address("127.0.0.3:0").ip(), 0);
        server.send_to(b"answer", to, Some(from)).unwrap();
        let timeout = Duration::from_millis(50);
        assert_eq!(client.receive(&mut [0; 8], timeout).unwrap(), None);
    }

    #[test]
    fn both_families_fit_on_one_port() {
        // The port may be taken for the other family by someone else, so try a few.
        let pair = (0..20).find_map(|_| {
            let v6 = ServerSocket::bind(address("[::]:0")).unwrap();
            let port = v6.local_address().unwrap().port();
            let v4 = SocketAddr::new(address("0.0.0.0:0").ip(), port);
            Some((v6, ServerSocket::bind(v4).ok()?))
        });
        let (mut v6, mut v4) = pair.unwrap();
        let port = v4.local_address().unwrap().port();
        let mut batch = Batch::new(2, 8);
        for host in ["127.0.0.1:0", "[::1]:0"] {
            let to = SocketAddr::new(address(host).ip(), port);
            ClientSocket::connect(to).unwrap().send(b"x").unwrap();
            let (right, wrong) = if to.is_ipv4() {
                (&mut v4, &mut v6)
            } else {
                (&mut v6, &mut v4)
            };
            assert_eq!(right.receive(&mut batch, PATIENCE).unwrap(), 1);
            assert_eq!(wrong.receive(&mut batch, Duration::ZERO).unwrap(), 0);
        }
    }

    #[test]
    fn a_port_is_shared_on_request_only() {
        let options = ServerOptions::new().reuse_port(true);
        let mut first = ServerSocket::bind_with(address("127.0.0.1:0"), options).unwrap();
        let shared = first.local_address().unwrap();
        let error = ServerSocket::bind(shared).unwrap_err();
        assert!(matches!(error, NetError::Bind { address, .. } if address == shared));
        let mut second = ServerSocket::bind_with(shared, options).unwrap();

        let mut client = ClientSocket::connect(shared).unwrap();
        for _ in 0..4 {
            client.send(b"x").unwrap();
        }
        let mut batch = Batch::new(8, 8);
        // All go to the same of the two, and may take a moment on a busy machine.
        let mut received = 0;
        for _ in 0..PATIENCE.as_millis() / 10 {
            for socket in [&mut first, &mut second] {
                received += socket
                    .receive(&mut batch, Duration::from_millis(5))
                    .unwrap();
            }
            if received == 4 {
                return;
            }
        }
        panic!("{received} of 4 came");
    }

    #[test]
    fn transmit_stamps_carry_the_number_of_what_was_sent() {
        for host in ["127.0.0.1:0", "[::1]:0"] {
            let options = ServerOptions::new().transmit_stamps(true);
            let mut server = ServerSocket::bind_with(address(host), options).unwrap();
            let client = ClientSocket::connect(server.local_address().unwrap()).unwrap();
            let to = client.local_address().unwrap();
            let from = Some(LocalAddress::new(to.ip(), 0));
            let mut sent = Vec::new();
            for number in 0..10 {
                if number == 5 {
                    // What cannot be sent has no number, and the others keep theirs.
                    while let Some(report) = server.poll_sent().unwrap() {
                        check(&sent, report);
                    }
                    server.send_to(&vec![0; 1 << 16], to, from).unwrap_err();
                }
                sent.push(server.send_to(b"x", to, from).unwrap());
            }
            let last = Stamp::now();
            let mut reports = 0;
            while let Some(report) = server.poll_sent().unwrap() {
                check(&sent, report);
                assert!(last.time - report.stamp.time >= NtpDuration::ZERO);
                reports += 1;
            }
            if cfg!(target_os = "linux") {
                assert_eq!(reports, 5, "{host}");
            }
        }
    }

    /// The report is the kernel's and lies between the sending of its datagram and of the next.
    fn check(sent: &[Sent], report: Sent) {
        assert_eq!(report.stamp.source, StampSource::Kernel);
        let known = sent.iter().find(|sent| sent.id == report.id).unwrap();
        assert!(report.stamp.time - known.stamp.time >= NtpDuration::ZERO);
        // The loopback interface takes a datagram before the call that sends it returns.
        if let Some(next) = sent.iter().find(|sent| sent.id == report.id + 1) {
            assert!(next.stamp.time - report.stamp.time >= NtpDuration::ZERO);
        }
    }

    #[test]
    fn no_reports_unless_asked_for() {
        let mut server = ServerSocket::bind(address("127.0.0.1:0")).unwrap();
        let to = server.local_address().unwrap();
        let sent = server.send_to(b"x", to, None).unwrap();
        assert_eq!((sent.id, sent.stamp.source), (0, StampSource::UserSpace));
        assert_eq!(server.poll_sent().unwrap(), None);
    }

    #[test]
    fn nothing_comes_within_the_timeout() {
        let mut server = ServerSocket::bind(address("127.0.0.1:0")).unwrap();
        let mut batch = Batch::new(8, 8);
        let start = Instant::now();
        let timeout = Duration::from_millis(60);
        assert_eq!(server.receive(&mut batch, timeout).unwrap(), 0);
        assert!(start.elapsed() >= timeout / 2 && start.elapsed() < PATIENCE);
    }

    #[test]
    fn a_refused_answer_does_not_trouble_the_next_question() {
        let mut server = ServerSocket::bind(address("127.0.0.1:0")).unwrap();
        let own = server.local_address().unwrap();
        // Connected to somewhere else, so it refuses what the server sends.
        let gone = UdpSocket::bind("127.0.0.1:0").unwrap();
        gone.connect(gone.local_addr().unwrap()).unwrap();
        let gone = (gone.local_addr().unwrap(), gone);
        server.send_to(b"answer", gone.0, None).unwrap();
        server.send_to(b"answer", gone.0, None).unwrap();
        let mut batch = Batch::new(8, 8);
        ClientSocket::connect(own).unwrap().send(b"x").unwrap();
        assert_eq!(server.receive(&mut batch, PATIENCE).unwrap(), 1);
    }

    #[test]
    fn an_answer_across_families_is_an_error() {
        let mut server = ServerSocket::bind(address("127.0.0.1:0")).unwrap();
        let error = server.send_to(b"x", address("[::1]:9"), None).unwrap_err();
        assert!(matches!(error, NetError::Send { .. }), "{error}");
        assert_eq!(error.to_string(), "cannot send to [::1]:9");
    }

    #[test]
    fn a_socket_moves_to_its_worker() {
        fn is_send<T: Send>() {}
        is_send::<ServerSocket>();
        is_send::<ClientSocket>();
    }
}
