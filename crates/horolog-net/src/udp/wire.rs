//! System calls that the client's and the server's socket share.

use core::net::SocketAddr;
use core::time::Duration;
use std::io::{self, IoSliceMut};
use std::net::UdpSocket;
use std::os::fd::AsRawFd;

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, SockaddrLike, recvmsg};
use socket2::{Domain, Protocol, Socket, Type};

use super::controls::{Buffer, Controls};
use crate::NetError;
use crate::error::option;

/// What addresses a socket has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Family {
    V4,
    V6,
}

impl Family {
    pub(super) const fn of(address: SocketAddr) -> Self {
        match address {
            SocketAddr::V4(_) => Self::V4,
            SocketAddr::V6(_) => Self::V6,
        }
    }
}

/// A socket bound to `local`; one of IPv6 does not take IPv4.
pub(super) fn open(
    local: SocketAddr,
    reuse_port: bool,
    prepare: impl FnOnce(&Socket) -> Result<(), NetError>,
) -> Result<UdpSocket, NetError> {
    let socket = Socket::new(Domain::for_address(local), Type::DGRAM, Some(Protocol::UDP))
        .map_err(NetError::Open)?;
    if local.is_ipv6() {
        socket.set_only_v6(true).map_err(option("IPV6_V6ONLY"))?;
    }
    if reuse_port {
        socket
            .set_reuse_port(true)
            .map_err(option("SO_REUSEPORT"))?;
    }
    // Before the port exists, so that no datagram comes without what the options give it.
    prepare(&socket)?;
    socket
        .bind(&local.into())
        .map_err(|source| NetError::Bind {
            address: local,
            source,
        })?;
    Ok(socket.into())
}

/// The error of a call that sends to `address`.
pub(super) fn send_error(address: SocketAddr, source: io::Error) -> NetError {
    match source.kind() {
        io::ErrorKind::Interrupted => NetError::Interrupted,
        io::ErrorKind::ConnectionRefused => NetError::Refused { address },
        _ => NetError::Send { address, source },
    }
}

/// The error of a call that receives, from `peer` if connected. `None` if there is nothing to
/// receive yet.
pub(super) fn receive_error(peer: Option<SocketAddr>, error: Errno) -> Option<NetError> {
    match (error, peer) {
        (Errno::EAGAIN, _) => None,
        (Errno::EINTR, _) => Some(NetError::Interrupted),
        (Errno::ECONNREFUSED, Some(address)) => Some(NetError::Refused { address }),
        _ => Some(NetError::Receive(error.into())),
    }
}

/// A datagram in the caller's buffer.
pub(super) struct Message<S> {
    pub(super) length: usize,
    pub(super) truncated: bool,
    /// Of no use for a report.
    #[cfg_attr(
        target_os = "linux",
        expect(dead_code, reason = "recvmmsg does it there")
    )]
    pub(super) source: Option<S>,
    pub(super) controls: Controls,
}

/// Receives one datagram, or with `MSG_ERRQUEUE` one report.
pub(super) fn receive<S: SockaddrLike>(
    socket: &UdpSocket,
    buffer: &mut [u8],
    flags: MsgFlags,
) -> Result<Message<S>, Errno> {
    let mut space = Buffer::new();
    let mut slices = [IoSliceMut::new(buffer)];
    let message = recvmsg::<S>(socket.as_raw_fd(), &mut slices, Some(&mut space.0), flags)?;
    Ok(Message {
        length: message.bytes,
        truncated: message.flags.contains(MsgFlags::MSG_TRUNC),
        controls: Controls::read(&message),
        source: message.address,
    })
}

/// The longest timeout. Beyond some centuries the kernel would wait for ever, and then a signal need
/// not end the waiting.
const LONGEST: Duration = Duration::from_hours(24);

/// The receive timeout a socket has, so that it is set only when it changes.
#[derive(Debug, Default)]
pub(super) struct ReceiveTimeout(Option<Duration>);

impl ReceiveTimeout {
    /// Makes the socket wait at most `timeout`, together with the flags returned.
    pub(super) fn set(
        &mut self,
        socket: &UdpSocket,
        timeout: Duration,
    ) -> Result<MsgFlags, NetError> {
        let timeout = timeout.min(LONGEST);
        // A timeout of 0 would mean "for ever" to the kernel.
        if timeout.is_zero() {
            return Ok(MsgFlags::MSG_DONTWAIT);
        }
        if self.0 != Some(timeout) {
            socket
                .set_read_timeout(Some(timeout))
                .map_err(option("SO_RCVTIMEO"))?;
            self.0 = Some(timeout);
        }
        Ok(MsgFlags::empty())
    }
}
