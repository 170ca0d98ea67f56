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
