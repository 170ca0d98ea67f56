//! The character-strings of TXT and HINFO records (RFC 1035 § 3.3).

use alloc::vec::Vec;

use nom::error::Error;
use nom::multi::length_data;
use nom::number::complete::be_u8;
use nom::{IResult, Parser as _};

use crate::{HostInfoRecord, RrsetError};

/// ```text
/// +--------+--------+----/ /-----+
/// | length |   length octets     |
/// +--------+--------+----/ /-----+
/// ```
fn character_string(input: &[u8]) -> IResult<&[u8], &[u8], Error<&[u8]>> {
    length_data(be_u8).parse(input)
}

/// What a record has where its next character-string should be.
fn next<'a>(index: usize, rdata: &[u8], rest: &mut &'a [u8]) -> Result<&'a [u8], RrsetError> {
    match character_string(rest) {
        Ok((behind, string)) => {
            *rest = behind;
            Ok(string)
        }
        Err(_) => Err(RrsetError::CharacterStrings {
            index,
            offset: rdata.len() - rest.len(),
            expected: "a character-string",
        }),
    }
}

/// The octets of all character-strings of a TXT record together; there is at least one.
pub(crate) fn joined(index: usize, rdata: &[u8]) -> Result<Vec<u8>, RrsetError> {
    let mut rest = rdata;
    let mut text = next(index, rdata, &mut rest)?.to_vec();
    while !rest.is_empty() {
        text.extend_from_slice(next(index, rdata, &mut rest)?);
    }
    Ok(text)
}

/// The two character-strings of an HINFO record.
pub(crate) fn host_info(index: usize, rdata: &[u8]) -> Result<HostInfoRecord, RrsetError> {
    let mut rest = rdata;
    let cpu = next(index, rdata, &mut rest)?.to_vec();
    let os = next(index, rdata, &mut rest)?.to_vec();
    if rest.is_empty() {
        return Ok(HostInfoRecord { cpu, os });
    }
    Err(RrsetError::CharacterStrings {
        index,
        offset: rdata.len() - rest.len(),
        expected: "the end of the record",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_1035_section_3_3_14_strings_of_a_txt_record_are_joined() {
        assert_eq!(joined(0, b"\x036+6\x03+1?").unwrap(), b"6+6+1?");
        assert_eq!(joined(0, b"\x00").unwrap(), b"");
        assert_eq!(joined(0, b"\x00\x025?\x00").unwrap(), b"5?");
        let long = [&[255; 256][..], &[1, b'x']].concat();
        assert_eq!(joined(0, &long).unwrap().len(), 256);
    }

    #[test]
    fn strings_that_are_cut_are_refused_where_they_start() {
        for (rdata, offset) in [(&b""[..], 0), (b"\x01", 0), (b"\x025?\x03+1", 3)] {
            let error = joined(7, rdata).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("record 7: expected a character-string at octet {offset}")
            );
        }
    }

    #[test]
    fn rfc_1035_section_3_3_2_an_hinfo_record_has_two_strings() {
        let record = host_info(0, b"\x01A\x04what").unwrap();
        assert_eq!((record.cpu(), record.os()), (&b"A"[..], &b"what"[..]));
        assert_eq!(record.to_string(), "A: what");
        let whole = b"\x01A\x04what";
        for length in 0..whole.len() {
            assert!(host_info(0, &whole[..length]).is_err(), "{length}");
        }
        let error = host_info(0, b"\x01A\x04what\x00").unwrap_err();
        assert_eq!(
            error.to_string(),
            "record 0: expected the end of the record at octet 7"
        );
        assert_eq!(
            host_info(0, b"\x01\n\x01\xff").unwrap().to_string(),
            "\\n: \\xff"
        );
    }
}
