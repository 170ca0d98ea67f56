use core::fmt;
use std::net::UdpSocket;

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, SockaddrStorage};

use super::controls::Controls;
use super::datagram::Origin;
use super::wire::Family;
use super::{Datagram, Stamp};

/// Room for the datagrams that a [`ServerSocket`](super::ServerSocket) receives in one call.
///
/// It is made once and filled again and again; after the first datagrams, filling it allocates
/// nothing as long as it serves sockets of one family.
/// It cannot move to another thread: each worker makes its own.
///
/// # Examples
///
/// See [`ServerSocket`](super::ServerSocket).
pub struct Batch {
    headers: headers::Headers,
    /// `count` pieces of `capacity` octets.
    octets: Vec<u8>,
    count: usize,
    capacity: usize,
    notes: Notes,
}

/// What stands in the octets.
#[derive(Default)]
struct Notes {
    entries: Vec<Entry>,
    truncated: usize,
}

/// Which octets are a datagram.
struct Entry {
    start: usize,
    length: usize,
    origin: Origin,
}

impl Batch {
    /// The most datagrams a batch holds.
    pub const MAX_COUNT: usize = 64;

    /// Room for `count` datagrams of up to `capacity` octets each.
    ///
    /// A count outside of 1 to [`MAX_COUNT`](Self::MAX_COUNT) becomes the nearest inside, and a
    /// capacity of 0 becomes 1.
    #[must_use]
    pub fn new(count: usize, capacity: usize) -> Self {
        let count = count.clamp(1, Self::MAX_COUNT);
        let capacity = capacity.max(1);
        Self {
            headers: headers::Headers::default(),
            octets: vec![0; count.saturating_mul(capacity)],
            count,
            capacity,
            notes: Notes {
                entries: Vec::with_capacity(count),
                truncated: 0,
            },
        }
    }

    /// The datagrams received last, in the order they came.
    #[must_use]
    pub fn datagrams(&self) -> impl ExactSizeIterator<Item = Datagram<'_>> {
        self.notes.entries.iter().map(|entry| Datagram {
            payload: self
                .octets
                .get(entry.start..entry.start + entry.length)
                .unwrap_or_default(),
            origin: entry.origin,
        })
    }

    /// How many datagrams there are, without those that were too long.
    #[must_use]
    pub fn len(&self) -> usize {
        self.notes.entries.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.notes.entries.is_empty()
    }

    /// How many datagrams of the last call were longer than the capacity. They are lost.
    #[must_use]
    pub const fn truncated(&self) -> usize {
        self.notes.truncated
    }

    /// Forgets what was received.
    pub(super) fn clear(&mut self) {
        self.notes.entries.clear();
        self.notes.truncated = 0;
    }

    /// Receives at least one datagram, waiting as the flags and the socket's timeout say, and then
    /// as many more as are there.
    pub(super) fn fill(
        &mut self,
        socket: &UdpSocket,
        family: Family,
        flags: MsgFlags,
    ) -> Result<(), Errno> {
        self.clear();
        self.headers.prepare(self.count, family);
        headers::fill(self, socket, flags)
    }
}

impl Notes {
    /// Notes a datagram and whether it was cut. The octets begin at `start`.
    fn add(
        &mut self,
        start: usize,
        length: usize,
        truncated: bool,
        source: Option<&SockaddrStorage>,
        controls: &Controls,
        now: Stamp,
    ) {
        if truncated {
            self.truncated += 1;
            return;
        }
        let v4 = source.and_then(SockaddrStorage::as_sockaddr_in);
        let v6 = source.and_then(SockaddrStorage::as_sockaddr_in6);
        let Some(source) = v4
            .map(|&address| address.into())
            .or_else(|| v6.map(|&address| address.into()))
        else {
            return;
        };
        self.entries.push(Entry {
            start,
            length,
            origin: Origin {
                source,
                local: controls.local,
                stamp: controls.time.map_or(now, Stamp::kernel),
            },
        });
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("count", &self.count)
            .field("capacity", &self.capacity)
            .field("len", &self.len())
            .field("truncated", &self.truncated())
            .finish_non_exhaustive()
    }
}

/// All at once, with recvmmsg.
#[cfg(target_os = "linux")]
mod headers {
    use core::array;
    use std::io::IoSliceMut;
    use std::net::UdpSocket;
    use std::os::fd::AsRawFd;

    use nix::errno::Errno;
    use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg};

    use super::{Batch, Family};
    use crate::udp::Stamp;
    use crate::udp::controls::{Controls, SPACE};

    /// What the kernel fills in, made for sockets of one family.
    ///
    /// It shrinks each header's room for the address and the control messages to what it used, and
    /// `MultiHeaders` does not restore it. So every datagram has to need as much as the one before:
    /// where it does not, new headers are made.
    #[derive(Default)]
    pub(super) struct Headers(Option<(Family, MultiHeaders<SockaddrStorage>)>);

    impl Headers {
        /// Makes headers for the family unless there are any.
        pub(super) fn prepare(&mut self, count: usize, family: Family) {
            if self
                .0
                .as_ref()
                .is_none_or(|(made_for, _)| *made_for != family)
            {
                let headers = MultiHeaders::preallocate(count, Some(vec![0; SPACE]));
                self.0 = Some((family, headers));
            }
        }
    }

    pub(super) fn fill(
        batch: &mut Batch,
        socket: &UdpSocket,
        flags: MsgFlags,
    ) -> Result<(), Errno> {
        let Some((_, headers)) = &mut batch.headers.0 else {
            return Ok(());
        };
        let mut pieces = batch.octets.chunks_exact_mut(batch.capacity);
        let mut slices: [_; Batch::MAX_COUNT] =
            array::from_fn(|_| [IoSliceMut::new(pieces.next().unwrap_or_default())]);
        let messages = recvmmsg(
            socket.as_raw_fd(),
            headers,
            &mut slices,
            flags | MsgFlags::MSG_WAITFORONE,
            None,
        )?;
        let now = Stamp::now();
        let mut complete = true;
        for (index, message) in messages.enumerate() {
            let controls = Controls::read(&message);
            complete &= controls.time.is_some() && controls.addressed;
            batch.notes.add(
                index * batch.capacity,
                message.bytes,
                message.flags.contains(MsgFlags::MSG_TRUNC),
                message.address.as_ref(),
                &controls,
                now,
            );
        }
        if !complete {
            // The first datagrams may have come before the kernel had timestamps switched on.
            batch.headers = Headers::default();
        }
        Ok(())
    }
}

/// One by one.
#[cfg(not(target_os = "linux"))]
mod headers {
    use std::net::UdpSocket;

    use nix::errno::Errno;
    use nix::sys::socket::{MsgFlags, SockaddrStorage};

    use super::{Batch, Family};
    use crate::udp::{Stamp, wire};

    #[derive(Default)]
    pub(super) struct Headers {}

    impl Headers {
        #[expect(clippy::unused_self, reason = "there is something to prepare on Linux")]
        pub(super) fn prepare(&mut self, _: usize, _: Family) {}
    }

    pub(super) fn fill(
        batch: &mut Batch,
        socket: &UdpSocket,
        mut flags: MsgFlags,
    ) -> Result<(), Errno> {
        for index in 0..batch.count {
            let start = index * batch.capacity;
            let Some(piece) = batch.octets.get_mut(start..start + batch.capacity) else {
                break;
            };
            match wire::receive::<SockaddrStorage>(socket, piece, flags) {
                Ok(message) => batch.notes.add(
                    start,
                    message.length,
                    message.truncated,
                    message.source.as_ref(),
                    &message.controls,
                    Stamp::now(),
                ),
                Err(error) if index == 0 => return Err(error),
                Err(_) => break,
            }
            flags = MsgFlags::MSG_DONTWAIT;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use core::net::{Ipv4Addr, SocketAddr};
    use core::time::Duration;

    use crate::udp::{Batch, ClientSocket, ServerSocket, StampSource, testing};

    const PATIENCE: Duration = Duration::from_secs(30);

    fn server_and_client() -> (ServerSocket, ClientSocket) {
        let server = ServerSocket::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let client = ClientSocket::connect(server.local_address().unwrap()).unwrap();
        (server, client)
    }

    fn payloads(batch: &Batch) -> Vec<&[u8]> {
        batch
            .datagrams()
            .map(|datagram| datagram.payload())
            .collect()
    }

    #[test]
    fn takes_what_is_there_up_to_its_size() {
        let (mut server, mut client) = server_and_client();
        let mut batch = Batch::new(3, 8);
        // On a busy machine the last ones may take a moment longer than the first.
        let taken = (0..20).any(|_| {
            for payload in [b"0", b"1", b"2", b"3", b"4"] {
                client.send(payload).unwrap();
            }
            let (mut all, mut counts) = (Vec::new(), Vec::new());
            while all.len() < 5 {
                counts.push(server.receive(&mut batch, PATIENCE).unwrap());
                assert!(!batch.is_empty() && counts.last() == Some(&batch.len()));
                all.extend(payloads(&batch).into_iter().map(<[u8]>::to_vec));
            }
            assert_eq!(all, [b"0", b"1", b"2", b"3", b"4"]);
            assert_eq!(server.receive(&mut batch, Duration::ZERO).unwrap(), 0);
            assert!(batch.is_empty());
            counts == [3, 2]
        });
        assert!(taken);
    }

    #[test]
    fn is_filled_many_times_over_with_nothing_lost() {
        testing::await_kernel_stamps();
        let (mut server, mut client) = server_and_client();
        let mut batch = Batch::new(Batch::MAX_COUNT, 64);
        let local = server.local_address().unwrap();
        let mut kernel = 0;
        for round in 0..100_u8 {
            let length = usize::from(round % 7);
            for number in 0..length {
                client.send(&vec![round; number]).unwrap();
            }
            // On a busy machine the last ones may take a moment longer than the first.
            let mut received = 0;
            while received < length {
                assert_ne!(
                    server.receive(&mut batch, PATIENCE).unwrap(),
                    0,
                    "{received} of {length}"
                );
                for (number, datagram) in (received..).zip(batch.datagrams()) {
                    assert_eq!(datagram.payload(), vec![round; number]);
                    assert_eq!(datagram.source(), client.local_address().unwrap());
                    if cfg!(target_os = "linux") {
                        assert_eq!(datagram.local().unwrap().address(), local.ip());
                    }
                    kernel += u32::from(datagram.stamp().source == StampSource::Kernel);
                }
                received += batch.len();
            }
            assert_eq!(server.receive(&mut batch, Duration::ZERO).unwrap(), 0);
        }
        if cfg!(target_os = "linux") {
            assert!(kernel > 200, "{kernel} of 294 have a kernel timestamp");
        }
    }

    #[test]
    fn serves_sockets_of_both_families_in_turn() {
        let mut batch = Batch::new(2, 8);
        for host in ["127.0.0.1:0", "[::1]:0", "127.0.0.1:0", "[::1]:0"] {
            let mut server = ServerSocket::bind(host.parse().unwrap()).unwrap();
            let asked = server.local_address().unwrap();
            let mut client = ClientSocket::connect(asked).unwrap();
            client.send(b"x").unwrap();
            assert_eq!(server.receive(&mut batch, PATIENCE).unwrap(), 1);
            let datagram = batch.datagrams().next().unwrap();
            assert_eq!(datagram.source(), client.local_address().unwrap());
            if cfg!(target_os = "linux") {
                assert_eq!(datagram.local().unwrap().address(), asked.ip());
            }
        }
    }

    #[test]
    fn counts_what_is_too_long_and_keeps_the_rest() {
        let (mut server, mut client) = server_and_client();
        for payload in [&b"12345678"[..], b"123456789", b"", b"1234567"] {
            client.send(payload).unwrap();
        }
        let mut batch = Batch::new(8, 8);
        let (mut kept, mut truncated) = (Vec::new(), 0);
        // On a busy machine the last ones may take a moment longer than the first.
        while kept.len() + truncated < 4 {
            let received = server.receive(&mut batch, PATIENCE).unwrap();
            assert_ne!(received + batch.truncated(), 0);
            kept.extend(payloads(&batch).into_iter().map(<[u8]>::to_vec));
            truncated += batch.truncated();
        }
        assert_eq!(kept, [&b"12345678"[..], b"", b"1234567"]);
        assert_eq!(truncated, 1);
        assert_eq!(server.receive(&mut batch, Duration::ZERO).unwrap(), 0);
        assert_eq!(batch.truncated(), 0);
    }

    #[test]
    fn sizes_out_of_range_become_the_nearest() {
        let (mut server, mut client) = server_and_client();
        let mut least = Batch::new(0, 0);
        let mut most = Batch::new(usize::MAX, 1);
        // On a busy machine the last ones may take a moment longer than the first.
        let taken = (0..20).any(|_| {
            for _ in 0..=Batch::MAX_COUNT {
                client.send(b"x").unwrap();
            }
            assert_eq!(server.receive(&mut least, PATIENCE).unwrap(), 1);
            let first = server.receive(&mut most, PATIENCE).unwrap();
            let mut received = first;
            while received < Batch::MAX_COUNT {
                received += server.receive(&mut most, PATIENCE).unwrap();
            }
            first == Batch::MAX_COUNT
        });
        assert!(taken);
    }
}
