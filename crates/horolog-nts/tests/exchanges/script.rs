//! Random numbers that are not: what a capture's sender drew.

use core::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};

/// Gives the octets it was given, and fails where there are no more.
pub(crate) struct Script<'a>(pub(crate) &'a [u8]);

impl TryRng for Script<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("nothing draws 32 bits")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut octets = [0; 8];
        self.try_fill_bytes(&mut octets)?;
        Ok(u64::from_be_bytes(octets))
    }

    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), Infallible> {
        let (drawn, rest) = self.0.split_at(octets.len());
        octets.copy_from_slice(drawn);
        self.0 = rest;
        Ok(())
    }
}

impl TryCryptoRng for Script<'_> {}
