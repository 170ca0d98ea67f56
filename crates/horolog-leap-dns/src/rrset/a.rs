use alloc::vec::Vec;
use core::net::Ipv4Addr;

use horolog_leap_a::{AddressError, LeapAnnouncement, LeapRecord, decode_set};

use super::address;
use crate::{LeapContent, RecordType, RrsetError};

/// A list where one record ends it, else announcements; and how many addresses are foreign.
pub(crate) fn decode(rdata: &[impl AsRef<[u8]>]) -> Result<(LeapContent, usize), RrsetError> {
    let (records, foreign) = of_class_e(rdata, LeapRecord::from_addr)?;
    let is_list = records
        .iter()
        .any(|record| matches!(record, LeapRecord::End(_)));
    let content = if is_list {
        let addresses = records.into_iter().map(LeapRecord::to_addr);
        LeapContent::List(decode_set(addresses).map_err(RrsetError::Set)?)
    } else {
        let announcements = records.into_iter().filter_map(|record| match record {
            LeapRecord::Announcement(announcement) => Some(announcement),
            LeapRecord::End(_) => None,
        });
        LeapContent::Announcements(by_month(announcements.collect())?)
    };
    Ok((content, foreign))
}

/// Announcements, and how many addresses are foreign.
pub(crate) fn decode_announcements(
    rdata: &[impl AsRef<[u8]>],
) -> Result<(LeapContent, usize), RrsetError> {
    let (announcements, foreign) = of_class_e(rdata, LeapAnnouncement::from_addr)?;
    Ok((
        LeapContent::Announcements(by_month(announcements)?),
        foreign,
    ))
}

/// Each different address of class E, read; and how many others there are.
fn of_class_e<T>(
    rdata: &[impl AsRef<[u8]>],
    read: impl Fn(Ipv4Addr) -> Result<T, AddressError>,
) -> Result<(Vec<T>, usize), RrsetError> {
    let mut addresses = Vec::with_capacity(rdata.len());
    let mut foreign = 0_usize;
    let mut first_foreign = None;
    for (index, rdata) in rdata.iter().enumerate() {
        let octets = address(RecordType::A, index, rdata.as_ref())?;
        let address = Ipv4Addr::from_octets(octets);
        match read(address) {
            Ok(record) => addresses.push((address, record)),
            Err(error @ AddressError::NotClassE { .. }) => {
                foreign = foreign.saturating_add(1);
                first_foreign.get_or_insert(error);
            }
            Err(source) => return Err(RrsetError::Address { index, source }),
        }
    }
    if let (true, Some(first)) = (addresses.is_empty(), first_foreign) {
        let count = foreign;
        return Err(RrsetError::Foreign { count, first });
    }
    // RFC 2181 § 5: an RRset has no two records that are the same.
    addresses.sort_unstable_by_key(|(address, _)| *address);
    addresses.dedup_by_key(|(address, _)| *address);
    let records = addresses.into_iter().map(|(_, record)| record);
    Ok((records.collect(), foreign))
}

fn by_month(mut announcements: Vec<LeapAnnouncement>) -> Result<Vec<LeapAnnouncement>, RrsetError> {
    announcements.sort_unstable_by_key(|announcement| announcement.month());
    for pair in announcements.windows(2) {
        if let [a, b] = pair
            && a.month() == b.month()
        {
            return Err(RrsetError::Announcements { month: a.month() });
        }
    }
    Ok(announcements)
}
