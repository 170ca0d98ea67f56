use core::fmt;

use super::code_point::code_points;

/// The status word of a peer.
///
/// ```text
///  0                   1
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// | Status  | SEL | Count | Code  |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// Defined in [RFC 9327 § 3.2](https://www.rfc-editor.org/rfc/rfc9327#section-3.2).
///
/// # Examples
///
/// ```
/// use horolog_ntp::control::{PeerEvent, PeerFlags, PeerSelection, PeerStatus};
///
/// let status = PeerStatus::from_bits(0x961a);
/// assert!(status.flags.contains(PeerFlags::CONFIGURED | PeerFlags::REACHABLE));
/// assert_eq!(status.selection, PeerSelection::SYSTEM_PEER);
/// assert_eq!((status.event_count, status.event), (1, PeerEvent::SYSTEM_PEER));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct PeerStatus {
    /// The five bits of the peer's status.
    pub flags: PeerFlags,
    /// How far the peer came in the selection.
    pub selection: PeerSelection,
    /// Events since the last time that the status was read, up to 15; only the lower four bits
    /// are sent.
    pub event_count: u8,
    /// The latest event.
    pub event: PeerEvent,
}

/// The five bits at the start of a peer's status word.
///
/// # Examples
///
/// ```
/// use horolog_ntp::control::PeerFlags;
///
/// let flags = PeerFlags::from_bits(0b10010);
/// assert_eq!(flags, PeerFlags::CONFIGURED | PeerFlags::REACHABLE);
/// assert!(!flags.contains(PeerFlags::AUTHENTIC));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct PeerFlags(u8);

code_points! {
    /// How far a peer came in the selection, three bits.
    ///
    /// Defined in [RFC 9327 § 3.2](https://www.rfc-editor.org/rfc/rfc9327#section-3.2).
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_ntp::control::PeerSelection;
    ///
    /// assert_eq!(PeerSelection::from_bits(1).to_string(), "falseticker");
    /// ```
    PeerSelection, 0x07;
    /// 0: rejected.
    REJECT = 0, "reject";
    /// 1: discarded by the intersection algorithm.
    FALSETICKER = 1, "falseticker";
    /// 2: discarded as there are enough.
    EXCESS = 2, "excess";
    /// 3: discarded by the cluster algorithm.
    OUTLIER = 3, "outlier";
    /// 4: included by the combine algorithm.
    CANDIDATE = 4, "candidate";
    /// 5: in reserve.
    BACKUP = 5, "backup";
    /// 6: the system peer.
    SYSTEM_PEER = 6, "system peer";
    /// 7: the system peer, by its pulse per second.
    PPS_PEER = 7, "PPS peer";
}

code_points! {
    /// What happened to a peer, four bits.
    ///
    /// Defined in [RFC 9327 § 3.2](https://www.rfc-editor.org/rfc/rfc9327#section-3.2).
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_ntp::control::PeerEvent;
    ///
    /// assert_eq!(PeerEvent::from_bits(4).to_string(), "reachable");
    /// ```
    PeerEvent, 0x0f;
    /// 0: unspecified.
    UNSPECIFIED = 0, "unspecified";
    /// 1: the association was made.
    MOBILISE = 1, "mobilised";
    /// 2: the association was given up.
    DEMOBILISE = 2, "demobilised";
    /// 3: the peer is no longer reachable.
    UNREACHABLE = 3, "unreachable";
    /// 4: the peer is reachable.
    REACHABLE = 4, "reachable";
    /// 5: the association restarted.
    RESTART = 5, "restart";
    /// 6: no answer came to a one-time request.
    NO_REPLY = 6, "no reply";
    /// 7: the peer sent kiss code RATE.
    RATE = 7, "rate exceeded";
    /// 8: the peer sent kiss code DENY.
    DENY = 8, "access denied";
    /// 9: the peer warns of a leap second.
    LEAP_ARMED = 9, "leap armed";
    /// 10: the peer became the system peer.
    SYSTEM_PEER = 10, "became system peer";
    /// 11: something happened to a reference clock: see its status word.
    CLOCK = 11, "clock event";
    /// 12: authentication failed.
    AUTHENTICATION = 12, "authentication failed";
    /// 13: a spike was left out.
    POPCORN = 13, "popcorn spike suppressed";
    /// 14: the peer went to interleaved mode.
    INTERLEAVED = 14, "entering interleaved mode";
    /// 15: the peer went back from interleaved mode.
    INTERLEAVE_ERROR = 15, "interleave error";
}

impl PeerStatus {
    /// Takes the word as it stands in a message.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        let [high, low] = bits.to_be_bytes();
        Self {
            flags: PeerFlags::from_bits(high >> 3),
            selection: PeerSelection::from_bits(high),
            event_count: low >> 4,
            event: PeerEvent::from_bits(low),
        }
    }

    /// The word as it stands in a message.
    #[must_use]
    pub const fn to_bits(self) -> u16 {
        u16::from_be_bytes([
            self.flags.to_bits() << 3 | self.selection.to_bits(),
            self.event_count << 4 | self.event.to_bits(),
        ])
    }
}

/// All four parts in words.
impl fmt::Display for PeerStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.event_count == 1 { "" } else { "s" };
        write!(
            f,
            "{}, {}, {} event{plural}, {}",
            self.flags, self.selection, self.event_count, self.event
        )
    }
}

impl PeerFlags {
    /// The association was configured and lasts.
    pub const CONFIGURED: Self = Self(0x10);
    /// Authentication is enabled.
    pub const AUTHENTICATED: Self = Self(0x08);
    /// The last packet was authentic.
    pub const AUTHENTIC: Self = Self(0x04);
    /// The peer is reachable.
    pub const REACHABLE: Self = Self(0x02);
    /// The peer broadcasts.
    pub const BROADCAST: Self = Self(0x01);

    const NAMES: [(Self, &str); 5] = [
        (Self::CONFIGURED, "configured"),
        (Self::AUTHENTICATED, "authentication enabled"),
        (Self::AUTHENTIC, "authentic"),
        (Self::REACHABLE, "reachable"),
        (Self::BROADCAST, "broadcast"),
    ];

    /// Takes the lower five bits.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 0x1f)
    }

    /// The five bits.
    #[must_use]
    pub const fn to_bits(self) -> u8 {
        self.0
    }

    /// Whether all of `flags` are set.
    #[must_use]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }
}

impl core::ops::BitOr for PeerFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The names of the bits that are set, with `+` between them, or `none`.
impl fmt::Display for PeerFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = Self::NAMES.iter().filter(|(flag, _)| self.contains(*flag));
        f.write_str(names.next().map_or("none", |(_, name)| name))?;
        names.try_for_each(|(_, name)| write!(f, "+{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The word of the local clock in the captured answers of NTPsec.
    #[test]
    fn captured_word() {
        let status = PeerStatus::from_bits(0x9014);
        assert_eq!(
            status.to_string(),
            "configured+reachable, reject, 1 event, reachable"
        );
        assert_eq!(PeerFlags::default().to_string(), "none");
    }

    #[test]
    fn rfc_9327_section_3_2_every_word_survives() {
        for bits in 0..=u16::MAX {
            assert_eq!(PeerStatus::from_bits(bits).to_bits(), bits);
        }
    }
}
