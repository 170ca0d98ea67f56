use alloc::vec::Vec;
use core::net::Ipv6Addr;

use horolog_leap_compact::{LastSecond, decode_addresses};
use horolog_time::LeapTable;

use super::address;
use crate::{RecordType, RrsetError};

/// The list of all addresses.
pub(crate) fn decode(rdata: &[impl AsRef<[u8]>]) -> Result<LeapTable, RrsetError> {
    let mut addresses = Vec::with_capacity(rdata.len());
    for (index, rdata) in rdata.iter().enumerate() {
        let octets = address(RecordType::AAAA, index, rdata.as_ref())?;
        let address = Ipv6Addr::from_octets(octets);
        LastSecond::from_addr(address)
            .map_err(|source| RrsetError::LastSecond { index, source })?;
        addresses.push(address);
    }
    addresses.sort_unstable();
    addresses.dedup();
    decode_addresses(addresses).map_err(RrsetError::LastSeconds)
}
