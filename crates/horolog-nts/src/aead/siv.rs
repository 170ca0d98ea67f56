//! AES-SIV as an AEAD with a nonce: [RFC 5297 § 3](https://www.rfc-editor.org/rfc/rfc5297#section-3).
//!
//! The mode is written out here over the block cipher of the `aes` crate. What depends on the key alone
//! is computed once, and a whole S2V is one call of the cipher, where the `cmac` crate makes three
//! for each component: the processor's AES instructions do little else then.

#![expect(
    clippy::inline_always,
    reason = "what is called has to become part of a function for which AES instructions are enabled"
)]

use aes::cipher::array::Array;
use aes::cipher::consts::U16;
use aes::cipher::{
    Block, BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser, Key,
    KeyInit,
};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::{OpenError, TAG_LENGTH};

/// What a cipher has to be.
pub(super) trait Cipher:
    BlockCipherEncrypt + BlockSizeUser<BlockSize = U16> + KeyInit
{
}

impl<C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16> + KeyInit> Cipher for C {}

/// A key, expanded.
pub(super) struct Siv<C> {
    mac: C,
    encryption: C,
    subkeys: Zeroizing<Subkeys>,
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

impl Zeroize for Subkeys {
    fn zeroize(&mut self) {
        self.whole.zeroize();
        self.padded.zeroize();
        self.start.zeroize();
    }
}

impl<C: Cipher> Siv<C> {
    /// Takes a secret of two keys, of which the first is that of S2V.
    #[inline]
    pub(super) fn new(secret: &[u8]) -> Option<Self> {
        let (mac, encryption) = secret.split_at_checked(secret.len() / 2)?;
        let (mac, encryption): (&Key<C>, &Key<C>) =
            (mac.try_into().ok()?, encryption.try_into().ok()?);
        let mut siv = Self {
            mac: C::new(mac),
            encryption: C::new(encryption),
            subkeys: Zeroizing::default(),
        };
        let mut block = Array::default();
        siv.mac.encrypt_block(&mut block);
        siv.subkeys.whole = double(number(&block));
        siv.subkeys.padded = double(siv.subkeys.whole);
        block = siv.subkeys.whole.to_be_bytes().into();
        siv.mac.encrypt_block(&mut block);
        siv.subkeys.start = number(&block);
        block.zeroize();
        Some(siv)
    }

    /// Turns a plaintext with room for a tag behind it into V and C.
    ///
    /// S2V gets the associated data and then the nonce, each a component of its own, also when empty.
    pub(super) fn seal(
        &self,
        associated_data: &[u8],
        nonce: &[u8],
        buffer: &mut [u8],
    ) -> Option<()> {
        let plaintext = buffer.len().checked_sub(TAG_LENGTH)?;
        buffer.copy_within(..plaintext, TAG_LENGTH);
        let (room, text) = buffer.split_first_chunk_mut::<TAG_LENGTH>()?;
        *room = self.s2v(&[associated_data, nonce], text);
        self.apply_keystream(room, text);
        Some(())
    }

    /// Turns V and C into V and the plaintext.
    pub(super) fn open<'a>(
        &self,
        associated_data: &[u8],
        nonce: &[u8],
        buffer: &'a mut [u8],
    ) -> Result<&'a mut [u8], OpenError> {
        let (tag, text) = buffer
            .split_first_chunk_mut::<TAG_LENGTH>()
            .ok_or(OpenError)?;
        self.apply_keystream(tag, text);
        let expected = self.s2v(&[associated_data, nonce], text);
        if expected.ct_eq(tag).into() {
            return Ok(text);
        }
        self.apply_keystream(tag, text);
        Err(OpenError)
    }

    /// S2V of headers and a text (RFC 5297 § 2.4).
    fn s2v(&self, headers: &[&[u8]], text: &[u8]) -> [u8; TAG_LENGTH] {
        let mut tag = 0;
        self.mac.encrypt_with_backend(S2v {
            subkeys: &self.subkeys,
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
        for portion in text.chunks_mut(TAG_LENGTH * BLOCKS_AT_ONCE) {
            let mut keystream = [Block::<C>::default(); BLOCKS_AT_ONCE];
            for block in &mut keystream {
                *block = counter.to_be_bytes().into();
                counter = counter.wrapping_add(1);
            }
            let needed = portion.len().div_ceil(TAG_LENGTH);
            if let Some(blocks) = keystream.get_mut(..needed) {
                self.encryption.encrypt_blocks(blocks);
            }
            let (whole, last) = portion.as_chunks_mut();
            let mut keystream = keystream.iter().map(number);
            for (octets, key) in whole.iter_mut().zip(&mut keystream) {
                *octets = (u128::from_be_bytes(*octets) ^ key).to_be_bytes();
            }
            let key = keystream.next().unwrap_or(0).to_be_bytes();
            for (octet, key) in last.iter_mut().zip(key) {
                *octet ^= key;
            }
        }
    }
}

/// Blocks of keystream that are made together, as many as the cipher computes side by side.
const BLOCKS_AT_ONCE: usize = 8;

/// S2V, to run inside of the cipher.
struct S2v<'a> {
    subkeys: &'a Subkeys,
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
        let mut sum = self.subkeys.start;
        for header in self.headers {
            sum = double(sum) ^ cmac(backend, self.subkeys, 0, header);
        }
        *self.tag = match self.text.split_last_chunk::<TAG_LENGTH>() {
            // The sum lies over the last sixteen octets, which may be in two blocks.
            Some((front, end)) => {
                let end = (u128::from_be_bytes(*end) ^ sum).to_be_bytes();
                let (blocks, rest) = front.as_chunks();
                let state = absorb(backend, 0, blocks);
                let mut last = [0; 2 * TAG_LENGTH];
                let length = rest.len() + TAG_LENGTH;
                let last = last.get_mut(..length).unwrap_or_default();
                if let Some((room, tail)) = last.split_last_chunk_mut() {
                    room.copy_from_slice(rest);
                    *tail = end;
                }
                cmac(backend, self.subkeys, state, last)
            }
            None => encrypt(
                backend,
                double(sum) ^ padded(self.text) ^ self.subkeys.whole,
            ),
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
    self::number(&block)
}

fn number(block: &Array<u8, U16>) -> u128 {
    u128::from_be_bytes((*block).into())
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
    use hex_literal::hex;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn encrypted(key: [u8; 32], headers: &[&[u8]], plaintext: &[u8]) -> Vec<u8> {
        let siv = Siv::<Aes128Enc>::new(&key).unwrap();
        let mut text = plaintext.to_vec();
        let tag = siv.s2v(headers, &text);
        siv.apply_keystream(&tag, &mut text);
        [tag.as_slice(), &text].concat()
    }

    /// Source: RFC 5297 appendix A.1: one header, no nonce.
    #[test]
    fn rfc_5297_appendix_a_1() {
        let key = hex!("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
        let header = hex!("101112131415161718191a1b1c1d1e1f2021222324252627");
        let plaintext = hex!("112233445566778899aabbccddee");
        let expected = hex!("85632d07c6e8f37f950acd320a2ecc93 40c02b9690c4dc04daef7f6afe5c");
        assert_eq!(encrypted(key, &[&header], &plaintext), expected);
    }

    /// Source: RFC 5297 appendix A.2: two headers and a nonce.
    #[test]
    fn rfc_5297_appendix_a_2() {
        let key = hex!("7f7e7d7c7b7a79787776757473727170404142434445464748494a4b4c4d4e4f");
        let first = hex!(
            "00112233445566778899aabbccddeeffdeaddadadeaddadaffeeddccbbaa99887766554433221100"
        );
        let second = hex!("102030405060708090a0");
        let nonce = hex!("09f911029d74e35bd84156c5635688c0");
        let expected = hex!(
            "7bdb6e3b432667eb06f4d14bff2fbd0f cb900f2fddbe404326601965c889bf17"
            "dba77ceb094fa663b7a3f748ba8af829ea64ad544a272e9c485b62a3fd5c0d"
        );
        assert_eq!(
            encrypted(
                key,
                &[&first, &second, &nonce],
                b"this is some plaintext to encrypt using SIV-AES"
            ),
            expected
        );
    }

    /// Source: computed with Python: what comes out where an empty component is dropped.
    #[test]
    fn a_dropped_component_is_another_function() {
        let key = hex!("0123456789abcdeff0123456789abcdeef0123456789abcddef0123456789abc");
        let nonce = hex!("101112131415161718191a1b1c1d1e1f");
        let right = hex!("223eb594e0e0254b00258e219a1ca421");
        let dropped = hex!("74a24f565d41a1bd1121cce736117527");
        assert_eq!(encrypted(key, &[&[], &nonce], &[]), right);
        assert_eq!(encrypted(key, &[&nonce], &[]), dropped);
    }

    proptest! {
        /// Beside the `aes-siv` crate: any number of headers, all lengths around the blocks' ends.
        #[test]
        fn says_what_the_crate_says(
            key in any::<[u8; 32]>(),
            headers in vec(vec(any::<u8>(), 0..50), 0..4),
            plaintext in vec(any::<u8>(), 0..300),
        ) {
            let mut text = plaintext.clone();
            let tag = aes_siv::siv::Aes128Siv::new(&key.into())
                .encrypt_inout_detached(&headers, text.as_mut_slice().into())
                .unwrap();
            let headers: Vec<_> = headers.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(encrypted(key, &headers, &plaintext), [tag.as_slice(), &text].concat());
        }
    }

    /// Does not compile where the expanded keys stay in memory.
    #[test]
    fn expanded_keys_are_wiped() {
        fn wiped<C: Cipher + zeroize::ZeroizeOnDrop>() {}
        wiped::<Aes128Enc>();
        wiped::<aes::Aes192Enc>();
        wiped::<aes::Aes256Enc>();
    }

    /// The counter goes over the end of its lowest 32 bits, of which the highest is cleared at the
    /// start only.
    #[test]
    fn the_counter_carries() {
        let siv = Siv::<Aes128Enc>::new(&[1; 32]).unwrap();
        let tag = [0xff; 16];
        let mut text = [0; 64];
        siv.apply_keystream(&tag, &mut text);
        let counter: u128 = 0xffff_ffff_ffff_ffff_7fff_ffff_7fff_ffff;
        for (index, block) in text.chunks(16).enumerate() {
            let counter = counter + u128::try_from(index).unwrap();
            let mut expected = counter.to_be_bytes().into();
            siv.encryption.encrypt_block(&mut expected);
            assert_eq!(block, expected.as_slice());
        }
    }
}
