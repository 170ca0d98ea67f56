//! Who left when: the numbers of the datagrams sent and the kernel's reports about them.

use std::net::UdpSocket;

use super::{Sent, Stamp};
use crate::NetError;

/// Keeps our numbers and the kernel's in step.
#[derive(Debug)]
pub(super) struct Transmitter {
    /// Whether the kernel reports.
    reports: bool,
    /// The number of the next datagram.
    next: u32,
    /// Our number of the datagram the kernel counts as 0.
    zero: u32,
}

impl Transmitter {
    pub(super) const fn new(reports: bool) -> Self {
        Self {
            reports,
            next: 0,
            zero: 0,
        }
    }

    /// The kernel took a datagram.
    pub(super) fn sent(&mut self, stamp: Stamp) -> Sent {
        let id = self.next;
        self.next = id.wrapping_add(1);
        Sent { id, stamp }
    }

    /// The kernel took no datagram. Whether it gave it a number all the same depends on the kernel
    /// and on the error, so the counting starts afresh; reports about earlier datagrams are lost.
    pub(super) fn failed(&mut self, socket: &UdpSocket) {
        if !self.reports {
            return;
        }
        while let Ok(Some(_)) = self.poll(socket) {}
        self.reports = kernel::restart(socket);
        self.zero = self.next;
    }

    /// The next report, if there is one.
    pub(super) fn poll(&self, socket: &UdpSocket) -> Result<Option<Sent>, NetError> {
        if !self.reports {
            return Ok(None);
        }
        Ok(kernel::poll(socket)?.map(|(sequence, time)| Sent {
            id: self.zero.wrapping_add(sequence),
            stamp: Stamp::kernel(time),
        }))
    }
}

pub(super) use kernel::enable;

#[cfg(target_os = "linux")]
mod kernel {
    use std::net::UdpSocket;
    use std::os::fd::AsFd;

    use horolog_time::NtpTimestamp;
    use nix::sys::socket::{MsgFlags, TimestampingFlag, setsockopt, sockopt};

    use crate::NetError;
    use crate::udp::wire;

    /// Timestamps of what comes, as ancillary data.
    const RECEIVE: TimestampingFlag = TimestampingFlag::SOF_TIMESTAMPING_SOFTWARE
        .union(TimestampingFlag::SOF_TIMESTAMPING_RX_SOFTWARE);

    /// Timestamps of what leaves, in the error queue, numbered and without the datagram itself.
    const TRANSMIT: TimestampingFlag = TimestampingFlag::SOF_TIMESTAMPING_TX_SOFTWARE
        .union(TimestampingFlag::SOF_TIMESTAMPING_OPT_ID)
        .union(TimestampingFlag::SOF_TIMESTAMPING_OPT_TSONLY);

    /// Asks for receive timestamps, and for transmit timestamps if `transmit`. Whether the latter
    /// will come.
    pub(in crate::udp) fn enable(socket: &impl AsFd, transmit: bool) -> bool {
        let both = RECEIVE.union(TRANSMIT);
        if transmit && setsockopt(socket, sockopt::Timestamping, &both).is_ok() {
            return true;
        }
        // Without them the times are those of user space, which each stamp says.
        let _ = setsockopt(socket, sockopt::Timestamping, &RECEIVE);
        false
    }

    /// Makes the kernel count from 0, which it does when `OPT_ID` is set that was not.
    pub(super) fn restart(socket: &UdpSocket) -> bool {
        enable(socket, false);
        enable(socket, true)
    }

    /// The next number and time in the error queue.
    pub(super) fn poll(socket: &UdpSocket) -> Result<Option<(u32, NtpTimestamp)>, NetError> {
        let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
        loop {
            match wire::receive::<()>(socket, &mut [], flags) {
                Ok(report) => {
                    if let (Some(sequence), Some(time)) =
                        (report.controls.sequence, report.controls.time)
                    {
                        return Ok(Some((sequence, time)));
                    }
                }
                Err(error) => return wire::receive_error(None, error).map_or(Ok(None), Err),
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod kernel {
    use std::net::UdpSocket;

    use horolog_time::NtpTimestamp;

    use crate::NetError;

    pub(in crate::udp) fn enable<T>(_: &T, _: bool) -> bool {
        false
    }

    pub(super) fn restart(_: &UdpSocket) -> bool {
        false
    }

    #[expect(clippy::unnecessary_wraps, reason = "it can fail on Linux")]
    pub(super) fn poll(_: &UdpSocket) -> Result<Option<(u32, NtpTimestamp)>, NetError> {
        Ok(None)
    }
}
