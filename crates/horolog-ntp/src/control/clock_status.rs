use core::fmt;

use super::code_point::code_points;

/// The status word of a reference clock.
///
/// ```text
///  0                   1
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |   Reserved    | Count | Code  |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// Defined in [RFC 9327 § 3.3](https://www.rfc-editor.org/rfc/rfc9327#section-3.3).
///
/// # Examples
///
/// ```
/// use horolog_ntp::control::{ClockEvent, ClockStatus};
///
/// let status = ClockStatus::from_bits(0x0021);
/// assert_eq!((status.event_count, status.event), (2, ClockEvent::TIMEOUT));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct ClockStatus {
    /// Reserved; kept as it stands.
    pub reserved: u8,
    /// Events since the last time that the status was read, up to 15; only the lower four bits
    /// are sent.
    pub event_count: u8,
    /// The latest event.
    pub event: ClockEvent,
}

code_points! {
    /// What happened to a reference clock, four bits.
    ///
    /// Defined in [RFC 9327 § 3.3](https://www.rfc-editor.org/rfc/rfc9327#section-3.3).
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_ntp::control::ClockEvent;
    ///
    /// assert_eq!(ClockEvent::from_bits(2).to_string(), "bad reply format");
    /// ```
    ClockEvent, 0x0f;
    /// 0: works within its tolerance.
    NOMINAL = 0, "nominal";
    /// 1: did not reply.
    TIMEOUT = 1, "reply timeout";
    /// 2: replied with what cannot be read.
    BAD_FORMAT = 2, "bad reply format";
    /// 3: a fault of hardware or software.
    FAULT = 3, "fault";
    /// 4: the signal does not come through.
    PROPAGATION = 4, "propagation failure";
    /// 5: a date that is none.
    BAD_DATE = 5, "bad date";
    /// 6: a time that is none.
    BAD_TIME = 6, "bad time";
}

impl ClockStatus {
    /// Takes the word as it stands in a message.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        let [reserved, low] = bits.to_be_bytes();
        Self {
            reserved,
            event_count: low >> 4,
            event: ClockEvent::from_bits(low),
        }
    }

    /// The word as it stands in a message.
    #[must_use]
    pub const fn to_bits(self) -> u16 {
        u16::from_be_bytes([self.reserved, self.event_count << 4 | self.event.to_bits()])
    }
}

/// Count and event in words.
impl fmt::Display for ClockStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.event_count == 1 { "" } else { "s" };
        write!(f, "{} event{plural}, {}", self.event_count, self.event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_9327_section_3_3_every_word_survives() {
        for bits in 0..=u16::MAX {
            assert_eq!(ClockStatus::from_bits(bits).to_bits(), bits);
        }
    }

    #[test]
    fn is_shown_in_words() {
        let shown = |bits| ClockStatus::from_bits(bits).to_string();
        assert_eq!(shown(0x0014), "1 event, propagation failure");
        assert_eq!(shown(0x000f), "0 events, 15");
    }
}
