use core::fmt;

use super::code_point::code_points;

/// The status word of an answer with the error bit: why a server refused a request.
///
/// ```text
///  0                   1
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |  Error Code   |   Reserved    |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
///
/// Defined in [RFC 9327 § 3.4](https://www.rfc-editor.org/rfc/rfc9327#section-3.4).
///
/// # Examples
///
/// ```
/// use horolog_ntp::control::{ErrorCode, ErrorStatus};
///
/// let status = ErrorStatus::from_bits(0x0500);
/// assert_eq!(status.code, ErrorCode::UNKNOWN_VARIABLE);
/// assert_eq!(status.to_string(), "unknown variable name");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct ErrorStatus {
    /// Why.
    pub code: ErrorCode,
    /// Reserved; kept as it stands.
    pub reserved: u8,
}

code_points! {
    /// Why a server refused a request, eight bits.
    ///
    /// Defined in [RFC 9327 § 3.4](https://www.rfc-editor.org/rfc/rfc9327#section-3.4).
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_ntp::control::ErrorCode;
    ///
    /// assert_eq!(ErrorCode::from_bits(7), ErrorCode::PROHIBITED);
    /// ```
    ErrorCode, 0xff;
    /// 0: unspecified.
    UNSPECIFIED = 0, "unspecified";
    /// 1: the request is not authentic.
    AUTHENTICATION = 1, "authentication failure";
    /// 2: the request's length or format is wrong.
    FORMAT = 2, "invalid message length or format";
    /// 3: there is no such opcode.
    OPCODE = 3, "invalid opcode";
    /// 4: there is no such association.
    UNKNOWN_ASSOCIATION = 4, "unknown association ID";
    /// 5: there is no such variable.
    UNKNOWN_VARIABLE = 5, "unknown variable name";
    /// 6: a variable cannot have that value.
    BAD_VALUE = 6, "invalid variable value";
    /// 7: the server's administrator does not allow it.
    PROHIBITED = 7, "administratively prohibited";
}

impl ErrorStatus {
    /// Takes the word as it stands in a message.
    #[must_use]
    pub const fn from_bits(bits: u16) -> Self {
        let [high, reserved] = bits.to_be_bytes();
        Self {
            code: ErrorCode::from_bits(high),
            reserved,
        }
    }

    /// The word as it stands in a message.
    #[must_use]
    pub const fn to_bits(self) -> u16 {
        u16::from_be_bytes([self.code.to_bits(), self.reserved])
    }
}

/// The code.
impl fmt::Display for ErrorStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.code, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_9327_section_3_4_every_word_survives() {
        for bits in 0..=u16::MAX {
            assert_eq!(ErrorStatus::from_bits(bits).to_bits(), bits);
        }
        assert_eq!(ErrorStatus::from_bits(0x0900).to_string(), "9");
    }
}
