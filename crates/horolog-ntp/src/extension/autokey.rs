use core::fmt;

use super::ExtensionType;

/// What an Autokey field is, by its type alone.
///
/// Autokey is recognised so that it can be named; nothing here speaks it.
/// [RFC 8633 § 4.2](https://www.rfc-editor.org/rfc/rfc8633#section-4.2): it SHOULD NOT be used.
///
/// The type is `0x0200 | operation`, with bit 15 set in responses and bits 15 and 14 in error
/// responses ([RFC 5906 § 10](https://www.rfc-editor.org/rfc/rfc5906#section-10), as put right by
/// [RFC 9748](https://www.rfc-editor.org/rfc/rfc9748)). The nibble-swapped numbers of old
/// implementations (0x0002, 0x0102 …) are reserved in the registry and are recognised too. So is
/// 0x0204, which is an NTS Cookie where the packet has other NTS fields.
///
/// # Examples
///
/// ```
/// use horolog_ntp::{AutokeyType, ExtensionType};
///
/// let kind = AutokeyType::from_type(ExtensionType::from_bits(0x8201)).unwrap();
/// assert_eq!(kind.to_string(), "autokey association response");
/// assert_eq!(AutokeyType::from_type(ExtensionType::UNIQUE_IDENTIFIER), None);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct AutokeyType {
    operation: u8,
    direction: Direction,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Direction {
    Request,
    Response,
    Error,
}

/// The operations, by number.
const OPERATIONS: [&str; 10] = [
    "no-operation",
    "association",
    "certificate",
    "cookie",
    "autokey",
    "leapseconds",
    "sign",
    "iff",
    "gq",
    "mv",
];

impl AutokeyType {
    /// What `field_type` is, if it is one of Autokey's.
    #[must_use]
    pub const fn from_type(field_type: ExtensionType) -> Option<Self> {
        let [high, low] = field_type.to_bits().to_be_bytes();
        let direction = match high & 0xc0 {
            0x00 => Direction::Request,
            0x80 => Direction::Response,
            0xc0 => Direction::Error,
            _ => return None,
        };
        let ((2, operation) | (operation, 2)) = (high & 0x3f, low) else {
            return None;
        };
        if operation > 9 {
            return None;
        }
        Some(Self {
            operation,
            direction,
        })
    }

    /// The operation's number, 0 to 9.
    #[must_use]
    pub const fn operation(self) -> u8 {
        self.operation
    }

    /// Whether bit 15 is set.
    #[must_use]
    pub const fn is_response(self) -> bool {
        !matches!(self.direction, Direction::Request)
    }

    /// Whether bits 15 and 14 are set.
    #[must_use]
    pub const fn is_error(self) -> bool {
        matches!(self.direction, Direction::Error)
    }
}

impl fmt::Display for AutokeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = OPERATIONS
            .get(usize::from(self.operation))
            .unwrap_or(&"unknown");
        let direction = match self.direction {
            Direction::Request => "request",
            Direction::Response => "response",
            Direction::Error => "error",
        };
        write!(f, "autokey {operation} {direction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_9748_table_1() {
        for operation in 0..10_u8 {
            for (high, error, response) in [
                (0x02, false, false),
                (0x82, false, true),
                (0xc2, true, true),
            ] {
                let field_type = ExtensionType::from_bits(u16::from_be_bytes([high, operation]));
                let kind = AutokeyType::from_type(field_type).unwrap();
                assert_eq!(
                    (kind.operation(), kind.is_error(), kind.is_response()),
                    (operation, error, response)
                );
                let swapped =
                    ExtensionType::from_bits(u16::from_be_bytes([high & 0xc0 | operation, 2]));
                assert_eq!(
                    AutokeyType::from_type(swapped).unwrap().operation(),
                    operation
                );
            }
        }
        assert!(AutokeyType::from_type(ExtensionType::NTS_COOKIE).is_some());
        for other in [
            0x0104, 0x0304, 0x0404, 0x2005, 0x020a, 0x4201, 0xf323, 0x0000,
        ] {
            assert_eq!(
                AutokeyType::from_type(ExtensionType::from_bits(other)),
                None,
                "{other:#06x}"
            );
        }
    }
}
