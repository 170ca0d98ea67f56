use aes::{Aes128Enc, Aes256Enc};
use aes_gcm_siv::{AesGcmSiv, KeyInit};

use super::siv::{AesSiv, AesSivCmac256, AesSivCmac384, AesSivCmac512};
use super::{AeadAlgorithm, AeadKey, OpenError, SealError, gcm_siv};

/// A key that is expanded once, for one that seals or opens many messages.
///
/// Large, and wiped on drop: to be kept where it does not move.
pub(crate) struct ExpandedKey {
    algorithm: AeadAlgorithm,
    expanded: Expanded,
}

enum Expanded {
    Siv256(AesSivCmac256),
    Siv384(AesSivCmac384),
    Siv512(AesSivCmac512),
    Gcm128(AesGcmSiv<Aes128Enc>),
    Gcm256(AesGcmSiv<Aes256Enc>),
}

impl ExpandedKey {
    /// Expands a key.
    pub(crate) fn new(key: &AeadKey) -> Self {
        let (algorithm, secret) = (key.algorithm(), key.secret());
        let expanded = match algorithm {
            AeadAlgorithm::AES_SIV_CMAC_256 => AesSivCmac256::new(secret).map(Expanded::Siv256),
            AeadAlgorithm::AES_SIV_CMAC_384 => AesSivCmac384::new(secret).map(Expanded::Siv384),
            AeadAlgorithm::AES_SIV_CMAC_512 => AesSivCmac512::new(secret).map(Expanded::Siv512),
            AeadAlgorithm::AES_128_GCM_SIV => {
                AesGcmSiv::new_from_slice(secret).ok().map(Expanded::Gcm128)
            }
            AeadAlgorithm::AES_256_GCM_SIV => {
                AesGcmSiv::new_from_slice(secret).ok().map(Expanded::Gcm256)
            }
            _ => None,
        };
        Self {
            algorithm,
            expanded: expanded.expect("a key has the length of its algorithm"),
        }
    }

    /// As [`AeadKey::seal`].
    pub(crate) fn seal(
        &mut self,
        associated_data: &[u8],
        nonce: &[u8],
        buffer: &mut [u8],
    ) -> Result<(), SealError> {
        let algorithm = self.algorithm;
        algorithm.check_seal(nonce, buffer)?;
        match &mut self.expanded {
            Expanded::Siv256(siv) => siv.seal(associated_data, nonce, buffer),
            Expanded::Siv384(siv) => siv.seal(associated_data, nonce, buffer),
            Expanded::Siv512(siv) => siv.seal(associated_data, nonce, buffer),
            Expanded::Gcm128(aead) => gcm_siv::seal(aead, associated_data, nonce, buffer),
            Expanded::Gcm256(aead) => gcm_siv::seal(aead, associated_data, nonce, buffer),
        }
        .ok_or(SealError::TooLong { algorithm })
    }

    /// As [`AeadKey::open`].
    pub(crate) fn open<'a>(
        &mut self,
        associated_data: &[u8],
        nonce: &[u8],
        buffer: &'a mut [u8],
    ) -> Result<&'a mut [u8], OpenError> {
        self.algorithm.check_nonce(nonce).map_err(|_| OpenError)?;
        match &mut self.expanded {
            Expanded::Siv256(siv) => siv.open(associated_data, nonce, buffer),
            Expanded::Siv384(siv) => siv.open(associated_data, nonce, buffer),
            Expanded::Siv512(siv) => siv.open(associated_data, nonce, buffer),
            Expanded::Gcm128(aead) => gcm_siv::open(aead, associated_data, nonce, buffer),
            Expanded::Gcm256(aead) => gcm_siv::open(aead, associated_data, nonce, buffer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> impl Iterator<Item = AeadKey> {
        [15, 16, 17, 30, 31].into_iter().map(|number| {
            let algorithm = AeadAlgorithm::from_number(number);
            let secret = vec![0x2b; algorithm.key_length().unwrap()];
            AeadKey::new(algorithm, &secret).unwrap()
        })
    }

    /// One after the other, so that nothing of a message is left for the next one.
    #[test]
    fn many_messages_are_those_of_the_key() {
        for key in keys() {
            let mut expanded = ExpandedKey::new(&key);
            for length in 16..100 {
                let (header, nonce) = (vec![3; length % 37], [7; 12]);
                let mut buffers = [(); 2].map(|()| vec![0x5a; length]);
                key.seal(&header, &nonce, &mut buffers[0]).unwrap();
                expanded.seal(&header, &nonce, &mut buffers[1]).unwrap();
                assert_eq!(buffers[0], buffers[1], "{key:?}");

                let mut tampered = buffers[0].clone();
                tampered[length / 2] ^= 1;
                let kept = tampered.clone();
                let opened = expanded.open(&header, &nonce, &mut tampered);
                assert_eq!(opened, Err(OpenError), "{key:?}");
                assert_eq!(tampered, kept, "{key:?}");
                let opened = expanded.open(&header, &nonce, &mut buffers[1]);
                assert_eq!(opened.unwrap(), &vec![0x5a; length - 16], "{key:?}");
            }
        }
    }

    #[test]
    fn refuses_what_the_key_refuses() {
        for key in keys() {
            let mut expanded = ExpandedKey::new(&key);
            for (nonce, length) in [(0, 20), (11, 20), (12, 20), (13, 20), (12, 15)] {
                let nonce = vec![1; nonce];
                let mut buffers = [(); 2].map(|()| vec![0xa5; length]);
                let refused = key.seal(&[], &nonce, &mut buffers[0]);
                assert_eq!(expanded.seal(&[], &nonce, &mut buffers[1]), refused);
                let is_opened = expanded.open(&[], &nonce, &mut buffers[1]).is_ok();
                assert_eq!(is_opened, refused.is_ok(), "{key:?}");
            }
        }
    }
}
