//! What the kernel says beside a datagram.

use horolog_time::NtpTimestamp;

use super::LocalAddress;

#[cfg(target_os = "linux")]
pub(super) use linux::SPACE;

/// Elsewhere nothing is asked for.
#[cfg(not(target_os = "linux"))]
pub(super) const SPACE: usize = 0;

/// A buffer that the kernel may write control messages to.
#[repr(C, align(16))]
pub(super) struct Buffer(pub(super) [u8; SPACE]);

impl Buffer {
    pub(super) const fn new() -> Self {
        Self([0; SPACE])
    }
}

/// The control messages of one datagram.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Controls {
    /// When it came, or when it left if this is from the error queue.
    pub(super) time: Option<NtpTimestamp>,
    /// Where it came to.
    pub(super) local: Option<LocalAddress>,
    /// The kernel's number of the datagram that left.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "only Linux says it")
    )]
    pub(super) sequence: Option<u32>,
    /// Whether there was an address, of use or not.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "only Linux says it")
    )]
    pub(super) addressed: bool,
}

#[cfg(not(target_os = "linux"))]
impl Controls {
    /// Nothing was asked for.
    pub(super) fn read<S>(_: &nix::sys::socket::RecvMsg<'_, '_, S>) -> Self {
        Self::default()
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
    use core::time::Duration;

    use horolog_time::{NtpTimestamp, UnixTime};
    use nix::libc;
    use nix::sys::socket::{ControlMessageOwned, RecvMsg, cmsg_space};
    use nix::sys::time::TimeSpec;

    use super::{Controls, LocalAddress};

    /// Room for everything a socket of this crate may be told at once: the three timestamps, the local
    /// address, and in the error queue the reason with an address.
    pub(in crate::udp) const SPACE: usize = cmsg_space::<[libc::timespec; 3]>()
        + cmsg_space::<libc::in6_pktinfo>()
        + cmsg_space::<(libc::sock_extended_err, libc::sockaddr_in6)>();

    impl Controls {
        /// Reads them. Where they did not fit the buffer they are as good as absent.
        pub(in crate::udp) fn read<S>(message: &RecvMsg<'_, '_, S>) -> Self {
            let mut controls = Self::default();
            for control in message.cmsgs().into_iter().flatten() {
                match control {
                    ControlMessageOwned::ScmTimestampsns(times) => {
                        controls.time = timestamp(times.system);
                    }
                    ControlMessageOwned::Ipv4PacketInfo(info) => {
                        // The kernel puts the interface's own address here where the datagram was sent
                        // to many.
                        let address = Ipv4Addr::from(info.ipi_spec_dst.s_addr.to_ne_bytes());
                        let interface = u32::try_from(info.ipi_ifindex).unwrap_or(0);
                        controls.addressed = true;
                        controls.local = Some(LocalAddress::new(IpAddr::V4(address), interface));
                    }
                    ControlMessageOwned::Ipv6PacketInfo(info) => {
                        let address = Ipv6Addr::from(info.ipi6_addr.s6_addr);
                        controls.addressed = true;
                        controls.local = (!address.is_multicast())
                            .then(|| LocalAddress::new(IpAddr::V6(address), info.ipi6_ifindex));
                    }
                    ControlMessageOwned::Ipv4RecvErr(reason, _)
                    | ControlMessageOwned::Ipv6RecvErr(reason, _)
                        if reason.ee_origin == libc::SO_EE_ORIGIN_TIMESTAMPING =>
                    {
                        controls.sequence = Some(reason.ee_data);
                    }
                    _ => {}
                }
            }
            controls
        }
    }

    /// The kernel says 0 for "no timestamp".
    fn timestamp(time: TimeSpec) -> Option<NtpTimestamp> {
        let since_1970 = Duration::from(time);
        let seconds = i64::try_from(since_1970.as_secs()).ok()?;
        let time = UnixTime::new(seconds, since_1970.subsec_nanos()).ok()?;
        (time != UnixTime::EPOCH).then(|| NtpTimestamp::from_unix(time))
    }
}
