//! How the records of each type make a list.

use crate::{RecordType, RrsetError};

pub(crate) mod a;
pub(crate) mod aaaa;
pub(crate) mod list;

/// The octets of an address.
fn address<const N: usize>(
    record_type: RecordType,
    index: usize,
    rdata: &[u8],
) -> Result<[u8; N], RrsetError> {
    rdata.try_into().map_err(|_| RrsetError::Length {
        index,
        record_type,
        found: rdata.len(),
        expected: N,
    })
}
