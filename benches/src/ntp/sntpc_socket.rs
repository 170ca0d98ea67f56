//! What sntpc needs around its codec, which it does not show: a socket and a clock.

use std::hint::black_box;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use sntpc::{NtpTimestampGenerator, NtpUdpSocket};

/// Where all packets come from and go to.
pub(super) const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 123);

/// A clock that stands still.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    pub(super) seconds: u32,
    pub(super) microseconds: u32,
}

impl NtpTimestampGenerator for Clock {
    fn init(&mut self) {
        *self = black_box(*self);
    }

    fn timestamp_sec(&self) -> u64 {
        self.seconds.into()
    }

    fn timestamp_subsec_micros(&self) -> u32 {
        self.microseconds
    }
}

/// A socket that is always ready: it swallows what is sent and receives `answer`.
pub(super) struct Socket {
    pub(super) answer: [u8; 48],
}

impl NtpUdpSocket for Socket {
    async fn send_to(&self, octets: &[u8], _: SocketAddr) -> sntpc::Result<usize> {
        Ok(black_box(octets).len())
    }

    async fn recv_from(&self, buffer: &mut [u8]) -> sntpc::Result<(usize, SocketAddr)> {
        buffer.copy_from_slice(black_box(&self.answer));
        Ok((self.answer.len(), PEER))
    }
}

/// The result of a future that never waits.
pub(super) fn ready<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}
