//! Sending from a given address of this host.

use core::net::SocketAddr;
use std::io;
use std::net::UdpSocket;

use super::LocalAddress;
#[cfg(not(target_os = "linux"))]
use super::wire::Family;
#[cfg(not(target_os = "linux"))]
use crate::NetError;

/// Sends from the address the socket is bound to or the routing table chooses.
fn send_plainly(socket: &UdpSocket, datagram: &[u8], to: SocketAddr) -> io::Result<()> {
    socket.send_to(datagram, to).map(drop)
}

/// There is no way to choose the address.
#[cfg(not(target_os = "linux"))]
pub(super) fn send(
    socket: &UdpSocket,
    datagram: &[u8],
    to: SocketAddr,
    _: Option<LocalAddress>,
) -> io::Result<()> {
    send_plainly(socket, datagram, to)
}

/// There is no way to learn the address.
#[cfg(not(target_os = "linux"))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Linux")]
pub(super) fn ask_for_address<T>(_: &T, _: Family) -> Result<(), NetError> {
    Ok(())
}

#[cfg(target_os = "linux")]
pub(super) use linux::{ask_for_address, send};

#[cfg(target_os = "linux")]
mod linux {
    use core::cell::RefCell;
    use core::net::{IpAddr, SocketAddr};
    use std::io::{self, IoSlice};
    use std::net::UdpSocket;
    use std::os::fd::{AsFd, AsRawFd};

    use nix::libc;
    use nix::sys::socket::{
        ControlMessage, MsgFlags, MultiHeaders, SockaddrStorage, cmsg_space, sendmmsg, setsockopt,
        sockopt,
    };

    use super::{LocalAddress, send_plainly};
    use crate::NetError;
    use crate::error::option;
    use crate::udp::wire::Family;

    /// Makes the kernel say to which address each datagram went.
    pub(in crate::udp) fn ask_for_address(
        socket: &impl AsFd,
        family: Family,
    ) -> Result<(), NetError> {
        match family {
            Family::V4 => {
                setsockopt(socket, sockopt::Ipv4PacketInfo, &true).map_err(option("IP_PKTINFO"))
            }
            Family::V6 => setsockopt(socket, sockopt::Ipv6RecvPacketInfo, &true)
                .map_err(option("IPV6_RECVPKTINFO")),
        }
    }

    /// Space for one message and its source address. sendmsg would allocate it for every datagram,
    /// and it cannot be kept in a socket that moves between threads.
    struct Headers {
        v4: MultiHeaders<SockaddrStorage>,
        v6: MultiHeaders<SockaddrStorage>,
    }

    impl Headers {
        fn new() -> Self {
            let v4 = cmsg_space::<libc::in_pktinfo>();
            let v6 = cmsg_space::<libc::in6_pktinfo>();
            Self {
                v4: MultiHeaders::preallocate(1, Some(vec![0; v4])),
                v6: MultiHeaders::preallocate(1, Some(vec![0; v6])),
            }
        }
    }

    thread_local! {
        static HEADERS: RefCell<Headers> = RefCell::new(Headers::new());
    }

    /// Sends `from` an address, or plainly if there is none.
    pub(in crate::udp) fn send(
        socket: &UdpSocket,
        datagram: &[u8],
        to: SocketAddr,
        from: Option<LocalAddress>,
    ) -> io::Result<()> {
        let Some(from) = from else {
            return send_plainly(socket, datagram, to);
        };
        HEADERS.with_borrow_mut(|headers| match from.address() {
            IpAddr::V4(address) => {
                let info = libc::in_pktinfo {
                    ipi_ifindex: 0,
                    ipi_spec_dst: libc::in_addr {
                        s_addr: u32::from_ne_bytes(address.octets()),
                    },
                    ipi_addr: libc::in_addr { s_addr: 0 },
                };
                let control = ControlMessage::Ipv4PacketInfo(&info);
                send_with(socket, &mut headers.v4, datagram, to, control)
            }
            IpAddr::V6(address) => {
                let link_local = address.is_unicast_link_local();
                let info = libc::in6_pktinfo {
                    ipi6_addr: libc::in6_addr {
                        s6_addr: address.octets(),
                    },
                    // The answer to a global address may leave over another link.
                    ipi6_ifindex: if link_local { from.interface() } else { 0 },
                };
                let control = ControlMessage::Ipv6PacketInfo(&info);
                send_with(socket, &mut headers.v6, datagram, to, control)
            }
        })
    }

    fn send_with(
        socket: &UdpSocket,
        headers: &mut MultiHeaders<SockaddrStorage>,
        datagram: &[u8],
        to: SocketAddr,
        control: ControlMessage<'_>,
    ) -> io::Result<()> {
        let slices = [[IoSlice::new(datagram)]];
        sendmmsg(
            socket.as_raw_fd(),
            headers,
            &slices,
            [Some(SockaddrStorage::from(to))],
            [control],
            MsgFlags::empty(),
        )?;
        Ok(())
    }
}
