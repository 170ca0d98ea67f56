use horolog_leap_compact::CompactList;
use horolog_time::LeapTable;

use crate::{LeapContent, RecordType, RrsetError, character_strings};

/// Reads the list of a TXT record.
pub(crate) fn text(index: usize, rdata: &[u8]) -> Result<CompactList, RrsetError> {
    let text = character_strings::joined(index, rdata)?;
    CompactList::decode_text(&text).map_err(|source| RrsetError::List { index, source })
}

/// Reads the list of a TYPE65432 record.
pub(crate) fn binary(index: usize, rdata: &[u8]) -> Result<CompactList, RrsetError> {
    CompactList::decode_binary(rdata).map_err(|source| RrsetError::List { index, source })
}

/// The list that is among the records, and how many have none.
pub(crate) fn decode(
    record_type: RecordType,
    rdata: &[impl AsRef<[u8]>],
    read: impl Fn(usize, &[u8]) -> Result<CompactList, RrsetError>,
) -> Result<(LeapContent, usize), RrsetError> {
    let mut list: Option<(usize, LeapTable)> = None;
    let mut foreign = 0_usize;
    // Stays so only without records.
    let mut first_fault = RrsetError::Empty { record_type };
    for (index, rdata) in rdata.iter().enumerate() {
        match (read(index, rdata.as_ref()), &list) {
            (Ok(found), None) => list = Some((index, found.into_table())),
            (Ok(found), Some((first, table))) => {
                if found.table() != table {
                    return Err(RrsetError::Lists {
                        first: *first,
                        second: index,
                    });
                }
            }
            (Err(fault @ RrsetError::List { .. }), _) => {
                if foreign == 0 {
                    first_fault = fault;
                }
                foreign = foreign.saturating_add(1);
            }
            (Err(fault), _) => return Err(fault),
        }
    }
    let (_, table) = list.ok_or(first_fault)?;
    Ok((LeapContent::List(table), foreign))
}
