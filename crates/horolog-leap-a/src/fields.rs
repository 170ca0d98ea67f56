//! The four fields of an address.

use core::net::Ipv4Addr;

use horolog_time::{LeapSign, Month, TaiUtc};

use crate::crc::crc;
use crate::{AddressError, EncodeError};

/// The number of 1971-12, field value 1, less that field value.
const MONTH_0: i32 = -2;
/// The largest value of the month's 11 bits.
const MAX_MONTH: i32 = 2047;
/// The largest value of TAI-UTC's 7 bits.
const MAX_TAI_UTC: i32 = 127;

/// Month and TAI-UTC, within what their fields can hold, and the bits of the event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Fields {
    pub(crate) month: Month,
    pub(crate) tai_utc: TaiUtc,
    pub(crate) delta: Delta,
}

/// The two bits of the event.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Delta {
    /// 0, 1 and 2.
    Event(Option<LeapSign>),
    /// 3.
    Illegal,
}

impl Fields {
    /// Checks class and CRC; a month 0, which is 1971-11, is left to [`has_month`](Self::has_month).
    pub(crate) fn decode(address: Ipv4Addr) -> Result<Self, AddressError> {
        let word = address.to_bits();
        if word >> 28 != 0b1111 {
            let address = address.into();
            return Err(AddressError::NotClassE { address });
        }
        let message = (word >> 8) & 0xf_ffff;
        let expected = crc(message);
        let [.., found] = word.to_be_bytes();
        if found != expected {
            return Err(AddressError::CrcMismatch { address, expected });
        }
        let month = (message >> 9).cast_signed() + MONTH_0;
        let tai_utc = (message & 0x7f).cast_signed();
        Ok(Self {
            month: Month::from_number(month).map_err(|_| AddressError::IllegalMonth { address })?,
            tai_utc: TaiUtc::from_seconds(tai_utc),
            delta: match (message >> 7) & 3 {
                0 => Delta::Event(None),
                1 => Delta::Event(Some(LeapSign::Negative)),
                2 => Delta::Event(Some(LeapSign::Positive)),
                _ => Delta::Illegal,
            },
        })
    }

    pub(crate) const fn has_month(self) -> bool {
        self.month.number() > MONTH_0
    }

    /// Refuses what the fields cannot hold.
    pub(crate) const fn check(month: Month, tai_utc: TaiUtc) -> Result<(), EncodeError> {
        let field = month.number().saturating_sub(MONTH_0);
        if field < 1 || field > MAX_MONTH {
            return Err(EncodeError::Month { month });
        }
        if tai_utc.seconds() < 0 || tai_utc.seconds() > MAX_TAI_UTC {
            return Err(EncodeError::TaiUtc { tai_utc });
        }
        Ok(())
    }

    /// The address; the fields have been [checked](Self::check).
    pub(crate) fn encode(self) -> Ipv4Addr {
        let month = (self.month.number() - MONTH_0).cast_unsigned();
        let delta = match self.delta {
            Delta::Event(None) => 0,
            Delta::Event(Some(LeapSign::Negative)) => 1,
            Delta::Event(Some(LeapSign::Positive)) => 2,
            Delta::Illegal => 3,
        };
        let message = month << 9 | delta << 7 | self.tai_utc.seconds().cast_unsigned();
        Ipv4Addr::from_bits(0xf << 28 | message << 8 | u32::from(crc(message)))
    }
}
