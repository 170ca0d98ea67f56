use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use horolog_leap_a::{LeapAnnouncement, encode_set};
use horolog_leap_compact::{
    AddressLayout, CompactList, HINFO, HostInfo, character_strings, encode_addresses,
};
use horolog_time::{LeapTable, Losses};
use thiserror::Error;

use crate::newest_announcement;

/// A leap-second table as records of a DNS zone, in the form of zone files (RFC 1035 § 5).
///
/// At the zone's own name, `@`, there are the A records of the whole list with the one that ends
/// it, the AAAA records, the list in a TXT record, in binary as TYPE65432 (RFC 3597), and HINFO
/// records that say what all this is. At `next` there is the A record of the newest announcement.
/// `Display` is the text; include it behind the zone's SOA and NS records.
///
/// # Examples
///
/// ```
/// use horolog_leap_dns::ZoneFragment;
/// use horolog_time::{LeapSign, LeapTable};
///
/// let table = LeapTable::builder()
///     .leap("1972-06".parse()?, LeapSign::Positive)
///     .expires("1972-12-28T00:00:00Z".parse()?)
///     .build()?;
/// let (zone, _) = ZoneFragment::new(&table)?;
/// let text = zone.with_ttl(3600).to_string();
/// assert!(text.contains("@ 3600 IN A 240.15.10.108\n"));
/// assert!(text.contains("next 3600 IN A 240.15.10.108\n"));
/// assert!(text.contains("@ 3600 IN AAAA 1972:6:30::23:59:60\n"));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ZoneFragment {
    ttl: u32,
    set: Vec<Ipv4Addr>,
    newest: Option<LeapAnnouncement>,
    addresses: Vec<Ipv6Addr>,
    text: String,
    binary: Vec<u8>,
}

/// A table that the records cannot say.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ZoneError {
    /// The A records cannot.
    #[error("A records cannot say the table")]
    A(#[from] horolog_leap_a::EncodeError),
    /// The compact list cannot.
    #[error("the compact list cannot say the table")]
    Compact(#[from] horolog_leap_compact::EncodeError),
}

impl ZoneFragment {
    /// Seconds that resolvers may keep a record, unless said otherwise: a day.
    pub const DEFAULT_TTL: u32 = 86_400;

    /// Makes the records, and tells what they cannot say.
    ///
    /// # Errors
    ///
    /// [`ZoneError`] where one of the formats cannot say the table.
    pub fn new(table: &LeapTable) -> Result<(Self, Losses), ZoneError> {
        let (set, losses) = encode_set(table)?;
        let (addresses, _) = encode_addresses(table, AddressLayout::default())?;
        let (list, _) = CompactList::from_table(table)?;
        let fragment = Self {
            ttl: Self::DEFAULT_TTL,
            set,
            newest: newest_announcement(table)?,
            addresses,
            text: list.to_text(),
            binary: list.to_binary(),
        };
        Ok((fragment, losses))
    }

    /// The same with another time to live, in seconds.
    #[must_use]
    pub const fn with_ttl(mut self, seconds: u32) -> Self {
        self.ttl = seconds;
        self
    }
}

impl fmt::Display for ZoneFragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ttl = self.ttl;
        for address in &self.set {
            writeln!(f, "@ {ttl} IN A {address}")?;
        }
        for address in &self.addresses {
            writeln!(f, "@ {ttl} IN AAAA {address}")?;
        }
        write!(f, "@ {ttl} IN TXT")?;
        for string in character_strings(&self.text) {
            f.write_str(" \"")?;
            // Digits and three signs: nothing to be escaped.
            string
                .iter()
                .try_for_each(|&octet| write!(f, "{}", char::from(octet)))?;
            f.write_str("\"")?;
        }
        write!(f, "\n@ {ttl} IN TYPE65432 \\# {} ", self.binary.len())?;
        self.binary
            .iter()
            .try_for_each(|octet| write!(f, "{octet:02X}"))?;
        f.write_str("\n")?;
        for HostInfo { cpu, os } in HINFO {
            writeln!(f, "@ {ttl} IN HINFO \"{cpu}\" \"{os}\"")?;
        }
        if let Some(newest) = self.newest {
            writeln!(f, "next {ttl} IN A {}", newest.to_addr())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use horolog_time::LeapSign;

    #[test]
    fn a_long_list_is_cut_into_character_strings() {
        let mut table = LeapTable::builder().expires("2060-01-01T00:00:00Z".parse().unwrap());
        for year in 1972..2050 {
            let sign = if year % 2 == 0 {
                LeapSign::Positive
            } else {
                LeapSign::Negative
            };
            for month in ["03", "08"] {
                table = table.leap(format!("{year}-{month}").parse().unwrap(), sign);
            }
        }
        let table = table.build().unwrap();
        let (zone, _) = ZoneFragment::new(&table).unwrap();
        let text = zone.to_string();
        let line = text.lines().find(|line| line.contains(" TXT ")).unwrap();
        let strings: Vec<_> = line.split('"').skip(1).step_by(2).collect();
        assert!(strings.len() > 1 && strings.iter().all(|string| string.len() <= 255));
        let list =
            CompactList::from_character_strings(strings.iter().map(|string| string.as_bytes()))
                .unwrap();
        assert_eq!(list.table().leaps(), table.leaps());
    }

    #[test]
    fn a_table_without_expiry_cannot_be_said() {
        let table = LeapTable::builder()
            .leap("1972-06".parse().unwrap(), LeapSign::Positive)
            .build()
            .unwrap();
        assert!(matches!(ZoneFragment::new(&table), Err(ZoneError::A(_))));
    }
}
