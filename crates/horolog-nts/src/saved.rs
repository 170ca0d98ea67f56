//! What is common to the octets in which secrets are saved.
//!
//! Four octets that say what it is, one with the version of the layout, and at the end the SHA-256 of
//! all that stands before. The checksum tells damage, not malice: who can write the file has its
//! secrets.

use alloc::vec::Vec;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{DecodeError, DecodeErrorKind};

/// Octets of the checksum.
const CHECKSUM_LENGTH: usize = 32;

/// Octets of magic and version.
const HEAD_LENGTH: usize = 5;

/// Writes saved octets.
pub(crate) struct SavedWriter(Zeroizing<Vec<u8>>);

impl SavedWriter {
    /// Starts with magic and version. What is put must have `length` octets, so that no copy of it is
    /// left behind where the room became too small.
    pub(crate) fn new(magic: [u8; 4], version: u8, length: usize) -> Self {
        let length = HEAD_LENGTH + length + CHECKSUM_LENGTH;
        let mut writer = Self(Zeroizing::new(Vec::with_capacity(length)));
        writer.put(&magic);
        writer.put(&[version]);
        writer
    }

    pub(crate) fn put(&mut self, octets: &[u8]) {
        self.0.extend_from_slice(octets);
    }

    /// Adds the checksum.
    pub(crate) fn finish(mut self) -> Zeroizing<Vec<u8>> {
        let checksum = Sha256::digest(&*self.0);
        self.put(&checksum);
        self.0
    }
}

/// Reads saved octets, and knows how far it has come.
pub(crate) struct SavedReader<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> SavedReader<'a> {
    /// Checks magic, version and checksum.
    pub(crate) fn new(
        octets: &'a [u8],
        magic: [u8; 4],
        version: u8,
        expected: &'static str,
    ) -> Result<Self, DecodeError> {
        let mut reader = Self {
            rest: octets,
            offset: 0,
        };
        let found = reader.array("magic")?;
        if found != magic {
            return Err(value_error("magic", u32::from_be_bytes(found), expected, 0));
        }
        let [found] = reader.array("version")?;
        if found != version {
            return Err(value_error("version", found.into(), "1", magic.len()));
        }
        let end = octets.len().saturating_sub(CHECKSUM_LENGTH);
        let mut behind = Self {
            rest: octets.get(end.max(HEAD_LENGTH)..).unwrap_or_default(),
            offset: end.max(HEAD_LENGTH),
        };
        let checksum: [u8; CHECKSUM_LENGTH] = behind.array("checksum")?;
        let (covered, _) = octets.split_at_checked(end).unwrap_or_default();
        if Sha256::digest(covered).as_slice() != checksum {
            let [a, b, c, d, ..] = checksum;
            return Err(value_error(
                "checksum",
                u32::from_be_bytes([a, b, c, d]),
                "the SHA-256 of what is before it",
                end,
            ));
        }
        reader.rest = covered.get(HEAD_LENGTH..).unwrap_or_default();
        Ok(reader)
    }

    /// How many octets were read.
    pub(crate) const fn offset(&self) -> usize {
        self.offset
    }

    /// The next octets.
    pub(crate) fn take(
        &mut self,
        field: &'static str,
        needed: usize,
    ) -> Result<&'a [u8], DecodeError> {
        let left = self.rest.len();
        let (taken, rest) = self.rest.split_at_checked(needed).ok_or_else(|| {
            let kind = DecodeErrorKind::Truncated {
                field,
                needed,
                left,
            };
            DecodeError::new(kind, self.offset)
        })?;
        self.rest = rest;
        self.offset += needed;
        Ok(taken)
    }

    /// The next octets, a number of which is known.
    pub(crate) fn array<const N: usize>(
        &mut self,
        field: &'static str,
    ) -> Result<[u8; N], DecodeError> {
        let offset = self.offset;
        let taken = self.take(field, N)?;
        taken.try_into().map_err(|_| {
            let kind = DecodeErrorKind::Length {
                field,
                length: taken.len(),
                rule: "as told",
            };
            DecodeError::new(kind, offset)
        })
    }

    /// The next two octets as a number.
    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, DecodeError> {
        self.array(field).map(u16::from_be_bytes)
    }

    /// The next four octets as a number.
    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.array(field).map(u32::from_be_bytes)
    }

    /// Checks that nothing is left.
    pub(crate) fn finish(&self, after: &'static str) -> Result<(), DecodeError> {
        match self.rest.len() {
            0 => Ok(()),
            left => {
                let kind = DecodeErrorKind::Trailing { left, after };
                Err(DecodeError::new(kind, self.offset))
            }
        }
    }
}

/// A field that holds what it must not hold.
pub(crate) const fn value_error(
    field: &'static str,
    value: u32,
    expected: &'static str,
    offset: usize,
) -> DecodeError {
    let kind = DecodeErrorKind::Value {
        field,
        value,
        expected,
    };
    DecodeError::new(kind, offset)
}

/// Puts the right checksum behind octets whose contents were changed.
#[cfg(test)]
pub(crate) fn with_checksum(octets: &[u8]) -> Vec<u8> {
    let covered = &octets[..octets.len() - CHECKSUM_LENGTH];
    [covered, Sha256::digest(covered).as_slice()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAGIC: [u8; 4] = *b"TEST";

    fn error(octets: &[u8]) -> String {
        let found = SavedReader::new(octets, MAGIC, 1, "TEST").map(|_| ());
        found.unwrap_err().to_string()
    }

    #[test]
    fn reads_in_order_and_to_the_end() {
        let mut writer = SavedWriter::new(MAGIC, 1, 5);
        writer.put(&[1, 2, 3, 4, 5]);
        let saved = writer.finish();
        assert_eq!((saved.len(), saved.capacity()), (42, 42));
        let mut reader = SavedReader::new(&saved, MAGIC, 1, "TEST").unwrap();
        assert_eq!((reader.offset(), reader.u16("two")), (5, Ok(0x0102)));
        assert_eq!(
            reader.finish("two").unwrap_err().to_string(),
            "3 octets are left over after two, at offset 7"
        );
        assert_eq!(
            reader.u32("four").unwrap_err().to_string(),
            "four needs 4 octets, 3 are left, at offset 7"
        );
        assert_eq!(reader.take("three", 3), Ok(&[3, 4, 5][..]));
        assert_eq!((reader.offset(), reader.finish("three")), (10, Ok(())));
    }

    #[test]
    fn tells_damage_apart() {
        let saved = SavedWriter::new(MAGIC, 1, 0).finish();
        assert!(SavedReader::new(&saved, MAGIC, 1, "TEST").is_ok());
        assert_eq!(
            error(&saved[..3]),
            "magic needs 4 octets, 3 are left, at offset 0"
        );
        assert_eq!(
            error(&saved[..4]),
            "version needs 1 octets, 0 are left, at offset 4"
        );
        assert_eq!(
            error(&saved[..36]),
            "checksum needs 32 octets, 31 are left, at offset 5"
        );
        assert_eq!(
            error(b"TEXT"),
            "magic is 0x54455854, expected TEST, at offset 0"
        );
        assert_eq!(
            error(b"TEST\x02"),
            "version is 0x2, expected 1, at offset 4"
        );
        let mut damaged = saved.to_vec();
        damaged[5] = 0xff;
        let expected = ", expected the SHA-256 of what is before it, at offset 5";
        assert!(error(&damaged).ends_with(expected), "{}", error(&damaged));
    }
}
