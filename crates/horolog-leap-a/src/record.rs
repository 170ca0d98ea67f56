use core::fmt;
use core::net::Ipv4Addr;

use horolog_time::{Month, TaiUtc};

use crate::fields::{Delta, Fields};
use crate::{AddressError, LeapAnnouncement, ListEnd};

/// What an address of a set can be: an announcement, or the end of the list.
///
/// # Examples
///
/// ```
/// use core::net::Ipv4Addr;
/// use horolog_leap_a::LeapRecord;
///
/// let record = LeapRecord::from_addr(Ipv4Addr::new(241, 179, 152, 73))?;
/// assert!(matches!(record, LeapRecord::End(_)));
/// assert_eq!(record.to_string(), "1989-12 dtai=24 end");
/// # Ok::<(), horolog_leap_a::AddressError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum LeapRecord {
    /// What happens at the end of a month.
    Announcement(LeapAnnouncement),
    /// Nothing is known after the end of a month.
    End(ListEnd),
}

impl LeapRecord {
    /// Reads an address.
    ///
    /// # Errors
    ///
    /// The first of these that holds:
    ///
    /// * [`AddressError::NotClassE`] outside of 240.0.0.0/4.
    /// * [`AddressError::CrcMismatch`] where the last octet is not the CRC.
    /// * [`AddressError::IllegalMonth`] for month 0.
    pub fn from_addr(address: Ipv4Addr) -> Result<Self, AddressError> {
        let fields = Fields::decode(address)?;
        if !fields.has_month() {
            return Err(AddressError::IllegalMonth { address });
        }
        let (month, tai_utc) = (fields.month, fields.tai_utc);
        Ok(match fields.delta {
            Delta::Event(event) => {
                Self::Announcement(LeapAnnouncement::from_checked(month, tai_utc, event))
            }
            Delta::Illegal => Self::End(ListEnd::from_checked(month, tai_utc)),
        })
    }

    /// The address that says this.
    #[must_use]
    pub fn to_addr(self) -> Ipv4Addr {
        match self {
            Self::Announcement(announcement) => announcement.to_addr(),
            Self::End(end) => end.to_addr(),
        }
    }

    /// The month at whose end something happens.
    #[must_use]
    pub const fn month(self) -> Month {
        match self {
            Self::Announcement(announcement) => announcement.month(),
            Self::End(end) => end.month(),
        }
    }

    /// TAI-UTC until the end of the month.
    #[must_use]
    pub const fn tai_utc(self) -> TaiUtc {
        match self {
            Self::Announcement(announcement) => announcement.tai_utc(),
            Self::End(end) => end.tai_utc(),
        }
    }
}

/// As [`LeapRecord::from_addr`].
impl TryFrom<Ipv4Addr> for LeapRecord {
    type Error = AddressError;

    fn try_from(address: Ipv4Addr) -> Result<Self, AddressError> {
        Self::from_addr(address)
    }
}

impl From<LeapRecord> for Ipv4Addr {
    fn from(record: LeapRecord) -> Self {
        record.to_addr()
    }
}

/// As that of the record.
impl fmt::Display for LeapRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Announcement(announcement) => announcement.fmt(f),
            Self::End(end) => end.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Class E as a whole: what is read is written again, all else is refused.
    #[test]
    fn one_address_in_256_is_a_record() {
        // A prime step meets all deltas and many months.
        for message in (0..1_u32 << 20).filter(|message| message % 1009 == 0) {
            let read = (0..=u8::MAX)
                .map(|crc| Ipv4Addr::from_bits(0xf << 28 | message << 8 | u32::from(crc)))
                .filter(|address| match LeapRecord::from_addr(*address) {
                    Ok(record) => record.to_addr() == *address,
                    Err(AddressError::IllegalMonth { .. }) => message >> 9 == 0,
                    Err(_) => false,
                });
            assert_eq!(read.count(), 1, "{message:#x}");
        }
    }

    #[test]
    fn bad_addresses_are_refused() {
        for (text, message) in [
            ("127.240.133.76", "not class E"),
            ("255.209.76.40", "CRC mismatch"),
            ("240.0.10.40", "illegal month"),
            ("240.1.138.34", "illegal month"),
        ] {
            let error = LeapRecord::from_addr(text.parse().unwrap()).unwrap_err();
            assert!(error.to_string().starts_with(message), "{error}");
        }
    }
}
