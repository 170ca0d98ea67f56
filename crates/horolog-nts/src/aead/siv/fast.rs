//! AES-SIV, written out over the block cipher of the `aes` crate.
//!
//! What depends on the key alone is computed once, and a whole S2V is one call of the cipher, where the
//! `cmac` crate makes three for each component: the processor's AES instructions do little else then.

#![expect(
    clippy::inline_always,
    reason = "what is called has to become part of a function for which AES instructions are enabled"
)]

use aes::cipher::array::Array;
use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncBackend, BlockCipherEncClosure, BlockSizeUser, Key};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::{AesSiv, Cipher};
use crate::aead::{OpenError, TAG_LENGTH};

/// A key, expanded.
pub(crate) struct FastSiv<C> {
    mac: C,
    encryption: C,
    /// None where there is one message alone: its S2V makes them then, for each call of the cipher takes
    /// a while to begin.
    subkeys: Option<Zeroizing<Subkeys>>,
}

/// What S2V needs of its key, as numbers whose first octet is the most significant.
#[derive(Default)]
struct Subkeys {
    /// K1 of CMAC, for a last block that is whole.
    whole: u128,
    /// K2 of CMAC, for a last block that is padded.
    padded: u128,
    /// The CMAC of a block of zeros, with which S2V starts.
    start: u128,
}

impl Subkeys {
    #[inline(always)]
    fn expand<B: BlockCipherEncBackend<BlockSize = U16>>(&mut self, backend: &B) {
        self.whole = double(encrypt(backend, 0));
        self.padded = double(self.whole);
        self.start = encrypt(backend, self.whole);
    }
}

impl Zeroize for Subkeys {
    fn zeroize(&mut self) {
        self.whole.zeroize();
        self.padded.zeroize();
        self.start.zeroize();
    }
}

impl<C: Cipher> AesSiv for &FastSiv<C> {
    #[inline]
    fn encrypt(self, headers: &[&[u8]], text: &mut [u8]) -> Option<[u8; TAG_LENGTH]> {
        let tag = self.s2v(headers, text);
        self.apply_keystream(&tag, text);
        Some(tag)
    }

    #[inline]
    fn decrypt(
        self,
        headers: &[&[u8]],
        tag: &[u8; TAG_LENGTH],
        text: &mut [u8],
    ) -> Result<(), OpenError> {
        self.apply_keystream(tag, text);
        let expected = self.s2v(headers, text);
        if expected.ct_eq(tag).into() {
            return Ok(());
        }
        self.apply_keystream(tag, text);
        Err(OpenError)
    }
}

/// The key of S2V and that of the encryption.
#[inline]
fn halves<C: Cipher>(secret: &[u8]) -> Option<(&Key<C>, &Key<C>)> {
    let (mac, encryption) = secret.split_at_checked(secret.len() / 2)?;
    Some((mac.try_into().ok()?, encryption.try_into().ok()?))
}

impl<C: Cipher> FastSiv<C> {
    /// Takes a secret of two keys, of which the first is that of S2V; none where it has another
    /// length.
    #[cfg(feature = "alloc")]
    #[inline]
    pub(crate) fn new(secret: &[u8]) -> Option<Self> {
        let (mac, encryption) = halves::<C>(secret)?;
        let mut subkeys = Zeroizing::default();
        let mac = C::new(mac);
        mac.encrypt_with_backend(SubkeysOf {
            subkeys: &mut subkeys,
        });
        Some(Self {
            mac,
            encryption: C::new(encryption),
            subkeys: Some(subkeys),
        })
    }

    /// Does one thing with a secret: what is made of it stays where it is made.
    #[inline]
    pub(crate) fn with<R>(secret: &[u8], once: impl FnOnce(&Self) -> R) -> Option<R> {
        let (mac, encryption) = halves::<C>(secret)?;
        Some(once(&Self {
            mac: C::new(mac),
            encryption: C::new(encryption),
            subkeys: None,
        }))
    }

    /// S2V of headers and a text (RFC 5297 § 2.4).
    fn s2v(&self, headers: &[&[u8]], text: &[u8]) -> [u8; TAG_LENGTH] {
        let mut tag = 0;
        self.mac.encrypt_with_backend(S2v {
            subkeys: self.subkeys.as_deref(),
            headers,
            text,
            tag: &mut tag,
        });
        tag.to_be_bytes()
    }

    /// Encrypts or decrypts: CTR, the counter's bits 31 and 63 cleared at the start
    /// (RFC 5297 § 2.5).
    fn apply_keystream(&self, tag: &[u8; TAG_LENGTH], text: &mut [u8]) {
        const CLEARED: u128 = !((1 << 31) | (1 << 63));
        let mut counter = u128::from_be_bytes(*tag) & CLEARED;
        let mut keystream = [[0; TAG_LENGTH]; BLOCKS_AT_ONCE];
        for portion in text.chunks_mut(TAG_LENGTH * BLOCKS_AT_ONCE) {
            let needed = portion.len().div_ceil(TAG_LENGTH);
            let Some(blocks) = keystream.get_mut(..needed) else {
                continue; // there are as many as a portion needs
            };
            for block in &mut *blocks {
                *block = counter.to_be_bytes();
                counter = counter.wrapping_add(1);
            }
            self.encryption
                .encrypt_blocks(Array::cast_slice_from_core_mut(blocks));
            let (whole, last) = portion.as_chunks_mut();
            let mut keystream = keystream.iter().copied().map(u128::from_be_bytes);
            for (octets, key) in whole.iter_mut().zip(&mut keystream) {
                *octets = (u128::from_be_bytes(*octets) ^ key).to_be_bytes();
            }
            let key = keystream.next().unwrap_or(0).to_be_bytes();
            for (octet, key) in last.iter_mut().zip(key) {
                *octet ^= key;
            }
        }
        keystream.as_flattened_mut().zeroize();
    }
}

/// Blocks of keystream that are made together, as many as the cipher computes side by side.
const BLOCKS_AT_ONCE: usize = 8;

/// What depends on the key of S2V alone, computed inside of the cipher.
#[cfg(feature = "alloc")]
struct SubkeysOf<'a> {
    subkeys: &'a mut Subkeys,
}

#[cfg(feature = "alloc")]
impl BlockSizeUser for SubkeysOf<'_> {
    type BlockSize = U16;
}

#[cfg(feature = "alloc")]
impl BlockCipherEncClosure for SubkeysOf<'_> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        self.subkeys.expand(backend);
    }
}

/// S2V, to run inside of the cipher.
struct S2v<'a> {
    /// None where they are still to be made.
    subkeys: Option<&'a Subkeys>,
    headers: &'a [&'a [u8]],
    text: &'a [u8],
    tag: &'a mut u128,
}

impl BlockSizeUser for S2v<'_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for S2v<'_> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let mut made = Zeroizing::<Subkeys>::default();
        let subkeys = if let Some(subkeys) = self.subkeys {
            subkeys
        } else {
            made.expand(backend);
            &made
        };
        let mut sum = subkeys.start;
        for header in self.headers {
            sum = double(sum) ^ cmac(backend, subkeys, 0, header);
        }
        *self.tag = match self.text.split_last_chunk::<TAG_LENGTH>() {
            // The sum lies over the last sixteen octets, which may be in two blocks.
            Some((front, end)) => {
                let end = (u128::from_be_bytes(*end) ^ sum).to_be_bytes();
                let (blocks, rest) = front.as_chunks();
                let state = absorb(backend, 0, blocks);
                let mut room = [0; 2 * TAG_LENGTH];
                let length = rest.len() + TAG_LENGTH;
                let last = room.get_mut(..length).unwrap_or_default();
                if let Some((front, tail)) = last.split_last_chunk_mut() {
                    front.copy_from_slice(rest);
                    *tail = end;
                }
                let tag = cmac(backend, subkeys, state, last);
                room.as_mut_slice().zeroize();
                tag
            }
            None => encrypt(backend, double(sum) ^ padded(self.text) ^ subkeys.whole),
        };
    }
}

/// CMAC of what comes after whole blocks that led to `state`; not of nothing after some
/// (RFC 4493 § 2.4).
#[inline(always)]
fn cmac<B: BlockCipherEncBackend<BlockSize = U16>>(
    backend: &B,
    subkeys: &Subkeys,
    state: u128,
    octets: &[u8],
) -> u128 {
    let behind = octets.len().saturating_sub(1) / TAG_LENGTH * TAG_LENGTH;
    let (front, last) = octets.split_at_checked(behind).unwrap_or_default();
    let state = absorb(backend, state, front.as_chunks().0);
    encrypt(
        backend,
        state
            ^ match last.try_into() {
                Ok(last) => u128::from_be_bytes(last) ^ subkeys.whole,
                Err(_) => padded(last) ^ subkeys.padded,
            },
    )
}

/// The chain of CMAC over blocks that are not the last.
#[inline(always)]
fn absorb<B: BlockCipherEncBackend<BlockSize = U16>>(
    backend: &B,
    state: u128,
    blocks: &[[u8; TAG_LENGTH]],
) -> u128 {
    blocks.iter().fold(state, |state, block| {
        encrypt(backend, state ^ u128::from_be_bytes(*block))
    })
}

#[inline(always)]
fn encrypt<B: BlockCipherEncBackend<BlockSize = U16>>(backend: &B, number: u128) -> u128 {
    let mut block: Array<u8, U16> = number.to_be_bytes().into();
    backend.encrypt_block((&mut block).into());
    u128::from_be_bytes(block.into())
}

/// Fewer than sixteen octets, a bit of one and zeros behind them.
#[inline(always)]
fn padded(octets: &[u8]) -> u128 {
    let mut block = [0; TAG_LENGTH];
    if let Some((front, [end, ..])) = block.split_at_mut_checked(octets.len()) {
        front.copy_from_slice(octets);
        *end = 0x80;
    }
    u128::from_be_bytes(block)
}

/// Doubling in the field of 2^128 elements, in constant time (RFC 5297 § 2.3).
const fn double(number: u128) -> u128 {
    (number << 1) ^ ((number >> 127).wrapping_neg() & 0x87)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aes::Aes128Enc;
    use aes::cipher::BlockCipherEncrypt;

    /// The counter goes over the end of its lowest 32 bits, of which the highest is cleared at the
    /// start only.
    #[test]
    fn the_counter_carries() {
        let tag = [0xff; 16];
        let mut text = [0; 64];
        FastSiv::<Aes128Enc>::with(&[1; 32], |siv| {
            siv.apply_keystream(&tag, &mut text);
            let counter: u128 = 0xffff_ffff_ffff_ffff_7fff_ffff_7fff_ffff;
            for (index, block) in text.chunks(16).enumerate() {
                let counter = counter + u128::try_from(index).unwrap();
                let mut expected = counter.to_be_bytes().into();
                siv.encryption.encrypt_block(&mut expected);
                assert_eq!(block, expected.as_slice());
            }
        })
        .unwrap();
    }
}
