use horolog_ntp::{
    Answer, ExtensionType, Header, KissCode, Mode, NtsAuthenticator, PacketWriter,
    UniqueIdentifier, Version,
};

use super::{NtsRefusal, NtsRequest};
use crate::packet::fields::{NtsFields, Sealed, check_plaintext, placeholders, walked};
use crate::{Keyring, SessionKeys};

/// A protected request that is complete, but not opened: a server's first step.
///
/// The steps are apart so that a server of many threads can have its
/// [`ServerResponder`](horolog_ntp::ServerResponder) behind a lock and the cryptography outside of it:
///
/// 1. [`decode`](Self::decode), which costs little.
/// 2. [`ServerResponder::admit`](horolog_ntp::ServerResponder::admit): the rate limit, under the
///    lock. A kiss code is written by [`write_kiss`](Self::write_kiss).
/// 3. [`open`](Self::open): cookie and authenticator. Where it fails with a reason that
///    [is a NAK](NtsRefusal::is_nak), `write_kiss` with [`KissCode::NTSN`].
/// 4. [`ServerResponder::reply`](horolog_ntp::ServerResponder::reply), under the lock.
/// 5. [`NtsRequest::write_response`]: new cookies and the authenticator.
///
/// [`NtsServer`](crate::NtsServer) does all in one call.
///
/// # Examples
///
/// ```
/// use horolog_nts::{NtsRefusal, SealedRequest};
/// use horolog_ntp::{ExtensionType, Header, NtsCookie, PacketWriter};
///
/// // Without fields of NTS it is for `ServerResponder::respond`.
/// assert!(SealedRequest::decode(&Header::default().to_octets())?.is_none());
///
/// // With some of them, but not with all that are needed, it gets no answer.
/// let mut request = [0; 200];
/// let mut writer = PacketWriter::new(&mut request, &Header::default())?;
/// writer.field(&NtsCookie::new(&[7; 100])?)?;
/// let length = writer.finish()?;
/// let missing = NtsRefusal::Missing(ExtensionType::UNIQUE_IDENTIFIER);
/// assert_eq!(SealedRequest::decode(&request[..length]).unwrap_err(), missing);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SealedRequest<'a> {
    header: Header,
    identifier: UniqueIdentifier<'a>,
    cookie: &'a [u8],
    placeholders: usize,
    associated_data: &'a [u8],
    authenticator: NtsAuthenticator<'a>,
    length: usize,
}

impl<'a> SealedRequest<'a> {
    /// Finds the fields of NTS in a datagram; `None` where there are none, or where it is not a
    /// request of version 4: then [`ServerResponder::respond`](horolog_ntp::ServerResponder::respond)
    /// knows what to do.
    ///
    /// Fields behind the authenticator are not looked at: nothing protects them.
    ///
    /// # Errors
    ///
    /// It must not be answered, not even without protection.
    ///
    /// * [`NtsRefusal::Malformed`].
    /// * [`NtsRefusal::Missing`] and [`NtsRefusal::Repeated`] where there are fields of NTS, but not
    ///   one Unique Identifier, one cookie and an authenticator behind both.
    pub fn decode(datagram: &'a [u8]) -> Result<Option<Self>, NtsRefusal> {
        let is_request = |first: &u8| {
            Version::from_bits(first >> 3) == Version::V4 && Mode::from_bits(*first) == Mode::CLIENT
        };
        if !datagram.first().is_some_and(is_request) {
            return Ok(None);
        }
        let header = Header::decode(datagram)?;
        let fields = NtsFields::decode(datagram)?;
        if !fields.is_nts() {
            return Ok(None);
        }
        if let Some(repeated) = fields.repeated {
            return Err(NtsRefusal::Repeated(repeated));
        }
        let missing = NtsRefusal::Missing;
        let identifier = fields
            .identifier()?
            .ok_or(missing(ExtensionType::UNIQUE_IDENTIFIER))?;
        let cookie = fields.cookie().ok_or(missing(ExtensionType::NTS_COOKIE))?;
        let Sealed {
            associated_data,
            authenticator,
            end,
        } = fields
            .sealed()?
            .ok_or(missing(ExtensionType::NTS_AUTHENTICATOR))?;
        Ok(Some(Self {
            header,
            identifier,
            cookie,
            placeholders: fields.placeholders(cookie.len()),
            associated_data,
            authenticator,
            length: end,
        }))
    }

    /// The header, which nothing has authenticated yet.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The Unique Identifier, which every response echoes.
    #[must_use]
    pub const fn identifier(&self) -> UniqueIdentifier<'a> {
        self.identifier
    }

    /// The cookie.
    #[must_use]
    pub const fn cookie(&self) -> &'a [u8] {
        self.cookie
    }

    /// The octets of the fields before the authenticator.
    pub(super) fn authenticated(&self) -> &'a [u8] {
        self.associated_data
            .get(Header::LENGTH..)
            .unwrap_or_default()
    }

    /// Octets of the request up to the end of the authenticator. No response is longer.
    #[must_use]
    pub const fn length(&self) -> usize {
        self.length
    }

    /// Octets that [`open`](Self::open) needs of its `scratch`.
    #[must_use]
    pub const fn scratch_length(&self) -> usize {
        self.authenticator.ciphertext.len()
    }

    /// Opens the cookie and then the authenticator, into `scratch`.
    ///
    /// # Errors
    ///
    /// * [`NtsRefusal::Cookie`] and [`NtsRefusal::NotAuthentic`]: the answer is an NTS NAK.
    /// * [`NtsRefusal::ShortNonce`].
    /// * [`NtsRefusal::Plaintext`] and [`NtsRefusal::Encrypted`].
    /// * [`NtsRefusal::ScratchTooSmall`].
    pub fn open<'s>(
        &self,
        keyring: &Keyring,
        scratch: &'s mut [u8],
    ) -> Result<NtsRequest<'a, 's>, NtsRefusal> {
        self.open_with(keyring.open_cookie(self.cookie)?, scratch)
    }

    /// Opens the authenticator with the keys that the cookie stands for, for a server whose cookies
    /// are others than those of a [`Keyring`].
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), without those of the cookie.
    pub fn open_with<'s>(
        &self,
        keys: SessionKeys,
        scratch: &'s mut [u8],
    ) -> Result<NtsRequest<'a, 's>, NtsRefusal> {
        self.check_nonce(&keys)?;
        let NtsAuthenticator {
            nonce, ciphertext, ..
        } = self.authenticator;
        let length = scratch.len();
        let scratch = scratch
            .get_mut(..ciphertext.len())
            .ok_or(NtsRefusal::ScratchTooSmall {
                needed: ciphertext.len(),
                length,
            })?;
        scratch.copy_from_slice(ciphertext);
        let key = keys.client_to_server();
        let plaintext: &[u8] = key.open(self.associated_data, nonce, scratch)?;
        check_plaintext(plaintext).map_err(NtsRefusal::Plaintext)?;
        // RFC 8915 § 5.7: neither is encrypted in a request.
        let misplaced = |field_type| {
            [
                ExtensionType::UNIQUE_IDENTIFIER,
                ExtensionType::NTS_COOKIE,
                ExtensionType::NTS_AUTHENTICATOR,
            ]
            .contains(&field_type)
        };
        let mut types = walked(plaintext).map(|field| field.field_type);
        if let Some(found) = types.find(|&field_type| misplaced(field_type)) {
            return Err(NtsRefusal::Encrypted(found));
        }
        let encrypted = placeholders(plaintext, self.cookie.len());
        let asked_for = 1 + self.placeholders + encrypted;
        Ok(NtsRequest::new(*self, keys, asked_for, plaintext))
    }

    /// RFC 8915 § 5.6: "Servers MUST enforce this requirement by discarding any packet that does not
    /// conform to it."
    fn check_nonce(&self, keys: &SessionKeys) -> Result<(), NtsRefusal> {
        let algorithm = keys.algorithm();
        let needed = algorithm.required_nonce_length().unwrap_or_default();
        let nonce = self.authenticator.nonce.len().next_multiple_of(4);
        let length = nonce + self.authenticator.additional_padding;
        if length < needed {
            return Err(NtsRefusal::ShortNonce {
                algorithm,
                length,
                needed,
            });
        }
        Ok(())
    }

    /// Writes a kiss code in answer, and tells its length in octets. Nothing protects it but the
    /// Unique Identifier that it echoes.
    ///
    /// With [`KissCode::NTSN`] it is the NTS NAK of
    /// [RFC 8915 § 5.7](https://www.rfc-editor.org/rfc/rfc8915#section-5.7), which has neither
    /// cookies nor an authenticator.
    ///
    /// # Errors
    ///
    /// [`NtsRefusal::Response`] where the buffer is too small: one as long as the request never is.
    pub fn write_kiss(&self, code: KissCode, buffer: &mut [u8]) -> Result<usize, NtsRefusal> {
        let mut writer = PacketWriter::new(buffer, &Answer::kiss(&self.header, code).header)?;
        writer.field(&self.identifier)?;
        Ok(writer.finish()?)
    }
}
