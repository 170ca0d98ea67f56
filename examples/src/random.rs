//! The operating system's random numbers.

use rand_core::{CryptoRng, Rng, TryRng, UnwrapErr};

/// The operating system's generator. It panics where the system has none, which Linux has had
/// since 2014.
#[must_use]
pub const fn system() -> impl CryptoRng + Clone {
    UnwrapErr(getrandom::SysRng)
}

/// Fills a secret with random octets.
pub fn fill(octets: &mut [u8]) {
    system().fill_bytes(octets);
}

/// 64 random bits, for a seed.
#[must_use]
pub fn seed() -> u64 {
    let Ok(bits) = system().try_next_u64();
    bits
}
