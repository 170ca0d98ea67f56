use core::fmt;

use super::code_point::code_points;
use crate::LeapIndicator;

/// The status word of a server as a whole.
///
/// ```text
///  0                   1
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |LI |Clock Src. | Count | Code  |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// Defined in [RFC 9327 § 3.1](https://www.rfc-editor.org/rfc/rfc9327#section-3.1).
///
/// # Examples
///
/// ```
/// use horolog_ntp::LeapIndicator;
/// use horolog_ntp::control::{ClockSource, SystemEvent, SystemStatus};
///
/// let status = SystemStatus::from_bits(0x0615); // a synchronised server
/// assert_eq!(status.leap, LeapIndicator::NoWarning);
/// assert_eq!(status.source, ClockSource::NTP);
/// assert_eq!((status.event_count, status.event), (1, SystemEvent::SYNCHRONISED));
/// assert_eq!(status.to_string(), "leap none, source NTP, 1 event, clock synchronised");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct SystemStatus {
    /// Warning of a leap second, and whether the clock is synchronised.
    pub leap: LeapIndicator,
    /// What the clock is synchronised to.
    pub source: ClockSource,
    /// Events since the last time that the status was read, up to 15; only the lower four bits
    /// are sent.
    pub event_count: u8,
    /// The latest event.
    pub event: SystemEvent,
}

code_points! {
    /// What a server's clock is synchronised to, six bits.
    ///
    /// Defined in [RFC 9327 § 3.1](https://www.rfc-editor.org/rfc/rfc9327#section-3.1).
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_ntp::control::ClockSource;
    ///
    /// assert_eq!(ClockSource::from_bits(4).to_string(), "UHF radio or GPS");
    /// ```
    ClockSource, 0x3f;
    /// 0: unspecified or unknown.
    UNSPECIFIED = 0, "unspecified";
    /// 1: a calibrated atomic clock, such as PPS.
    ATOMIC = 1, "atomic clock";
    /// 2: VLF or LF radio.
    LF_RADIO = 2, "VLF or LF radio";
    /// 3: HF radio.
    HF_RADIO = 3, "HF radio";
    /// 4: UHF radio or satellite.
    UHF_RADIO = 4, "UHF radio or GPS";
    /// 5: local net.
    LOCAL_NET = 5, "local net";
    /// 6: UDP/NTP.
    NTP = 6, "NTP";
    /// 7: UDP/TIME.
    TIME = 7, "TIME";
    /// 8: a wristwatch: set by hand.
    WRISTWATCH = 8, "wristwatch";
    /// 9: a telephone modem.
    MODEM = 9, "modem";
}

code_points! {
    /// What happened to a server, four bits.
    ///
    /// Defined in [RFC 9327 § 3.1](https://www.rfc-editor.org/rfc/rfc9327#section-3.1).
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_ntp::control::SystemEvent;
    ///
    /// assert_eq!(SystemEvent::from_bits(9), SystemEvent::LEAP_ARMED);
    /// ```
    SystemEvent, 0x0f;
    /// 0: unspecified.
    UNSPECIFIED = 0, "unspecified";
    /// 1: the file with the frequency was not there.
    NO_DRIFT_FILE = 1, "no drift file";
    /// 2: the frequency was set.
    FREQUENCY_SET = 2, "frequency set";
    /// 3: a spike was seen.
    SPIKE = 3, "spike detected";
    /// 4: the frequency is being measured.
    FREQUENCY_TRAINING = 4, "frequency training";
    /// 5: the clock is synchronised.
    SYNCHRONISED = 5, "clock synchronised";
    /// 6: the server restarted.
    RESTART = 6, "restart";
    /// 7: the offset is too large to correct.
    PANIC = 7, "panic stop";
    /// 8: no peer is fit to follow.
    NO_SYSTEM_PEER = 8, "no system peer";
    /// 9: a leap second is to come.
    LEAP_ARMED = 9, "leap armed";
    /// 10: it is not to come after all.
    LEAP_DISARMED = 10, "leap disarmed";
    /// 11: a leap second passed.
    LEAP = 11, "leap event";
    /// 12: the clock was stepped.
    CLOCK_STEP = 12, "clock stepped";
    /// 13: the kernel's discipline changed.
    KERNEL = 13, "kernel information changed";
    /// 14: the leap second file was loaded.
    LEAP_FILE_LOADED = 14, "leap second file loaded";
    /// 15: the leap second file is out of date.
    LEAP_FILE_STALE = 15, "leap second file stale";
}

impl SystemStatus {
    /// Takes the word as it stands in a message.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        let [high, low] = bits.to_be_bytes();
        Self {
            leap: LeapIndicator::from_bits(high >> 6),
            source: ClockSource::from_bits(high),
            event_count: low >> 4,
            event: SystemEvent::from_bits(low),
        }
    }

    /// The word as it stands in a message.
    #[must_use]
    pub const fn to_bits(self) -> u16 {
        u16::from_be_bytes([
            self.leap.to_bits() << 6 | self.source.to_bits(),
            self.event_count << 4 | self.event.to_bits(),
        ])
    }
}

/// All four parts in words.
impl fmt::Display for SystemStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.event_count == 1 { "" } else { "s" };
        write!(
            f,
            "leap {}, source {}, {} event{plural}, {}",
            self.leap, self.source, self.event_count, self.event
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The word of the captured answers of an NTPsec that had just started.
    #[test]
    fn captured_word() {
        let status = SystemStatus::from_bits(0xc016);
        assert_eq!(
            status.to_string(),
            "leap unknown, source unspecified, 1 event, restart"
        );
    }

    #[test]
    fn rfc_9327_section_3_1_every_word_survives() {
        for bits in 0..=u16::MAX {
            assert_eq!(SystemStatus::from_bits(bits).to_bits(), bits);
        }
    }
}
