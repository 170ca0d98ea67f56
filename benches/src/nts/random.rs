use core::convert::Infallible;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rand_core::{TryCryptoRng, TryRng};

/// Draws from `ChaCha12` what is asked for, and gives the same octets each time: what is made with
/// them is the same in each turn, so that one response answers all requests.
pub(super) struct Random(StdRng);

impl Random {
    pub(super) fn new() -> Self {
        Self(StdRng::seed_from_u64(1))
    }
}

impl TryRng for Random {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        std::hint::black_box(self.0.next_u32());
        Ok(0x5a5a_5a5a)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        std::hint::black_box(self.0.next_u64());
        Ok(0x5a5a_5a5a_5a5a_5a5a)
    }

    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill_bytes(octets);
        std::hint::black_box(&octets);
        octets.fill(0x5a);
        Ok(())
    }
}

impl TryCryptoRng for Random {}
