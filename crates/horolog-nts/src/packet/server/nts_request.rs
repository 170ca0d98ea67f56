use bytes::BufMut;
use horolog_ntp::{EncodeError, ExtensionField, ExtensionType, Header, PacketWriter};
use rand_core::CryptoRng;

use super::{NtsRefusal, SealedRequest};
use crate::packet::authenticator::Layout;
use crate::packet::fields::walked;
use crate::packet::inside::Inside;
use crate::{AeadAlgorithm, CookieJar, Keyring, SessionKeys};

/// An authentic request, and how to answer it.
///
/// See [`SealedRequest`] for where it comes from.
#[derive(Debug)]
pub struct NtsRequest<'a, 's> {
    request: SealedRequest<'a>,
    keys: SessionKeys,
    /// One and the valid placeholders.
    asked_for: usize,
    plaintext: &'s [u8],
}

/// A protected response that was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ProtectedResponse {
    /// Octets to send.
    pub length: usize,
    /// New cookies in it.
    pub cookies: usize,
}

impl<'a, 's> NtsRequest<'a, 's> {
    pub(super) const fn new(
        request: SealedRequest<'a>,
        keys: SessionKeys,
        asked_for: usize,
        plaintext: &'s [u8],
    ) -> Self {
        Self {
            request,
            keys,
            asked_for,
            plaintext,
        }
    }

    /// The header: what [`ServerResponder::reply`](horolog_ntp::ServerResponder::reply) answers.
    #[must_use]
    pub const fn header(&self) -> &Header {
        self.request.header()
    }

    /// The AEAD algorithm, by the cookie.
    #[must_use]
    pub const fn algorithm(&self) -> AeadAlgorithm {
        self.keys.algorithm()
    }

    /// How many cookies the client wants: one, and one for each placeholder that is as long as its
    /// cookie, encrypted or not.
    #[must_use]
    pub const fn cookies_asked_for(&self) -> usize {
        self.asked_for
    }

    /// The extension fields that are authenticated but not encrypted.
    pub fn authenticated_fields(&self) -> impl Iterator<Item = ExtensionField<'a>> + use<'a> {
        walked(self.request.authenticated())
    }

    /// The extension fields that were encrypted.
    pub fn encrypted_fields(&self) -> impl Iterator<Item = ExtensionField<'s>> + use<'s> {
        walked(self.plaintext)
    }

    /// Writes the response with a given header: the Unique Identifier, and an authenticator that
    /// hides as many new cookies as the client [wants](Self::cookies_asked_for).
    ///
    /// There are at most eight cookies, and no more than the request has room for; the response is
    /// never longer than the request. Where it would be shorter, additional padding makes it as long,
    /// so that both take the same time on the way; less where `buffer` is shorter.
    ///
    /// # Errors
    ///
    /// * [`NtsRefusal::TooLong`] where not even one cookie has room: then there is no response.
    /// * [`NtsRefusal::Response`] where the buffer is too small for one cookie: one as long as the
    ///   request never is.
    pub fn write_response(
        &self,
        header: &Header,
        keyring: &Keyring,
        rng: &mut impl CryptoRng,
        buffer: &mut [u8],
    ) -> Result<ProtectedResponse, NtsRefusal> {
        self.write_response_with(header, keyring, rng, Inside::default(), buffer)
    }

    /// Writes a response that hides a field beside the cookies, if there is room for it.
    pub(super) fn write_response_with(
        &self,
        header: &Header,
        keyring: &Keyring,
        rng: &mut impl CryptoRng,
        inside: Inside<'_>,
        buffer: &mut [u8],
    ) -> Result<ProtectedResponse, NtsRefusal> {
        let mut writer = PacketWriter::new(buffer, header)?;
        writer.field(&self.request.identifier())?;
        let start = writer.written().len();
        let (mut layout, cookies, inside) = self.layout(start, buffer.len(), inside)?;

        let key = self.keys.server_to_client();
        let plaintext = buffer
            .get_mut(layout.plaintext_start()..)
            .unwrap_or_default();
        layout.plaintext = 0;
        for _ in 0..cookies {
            let field = plaintext.get_mut(layout.plaintext..).unwrap_or_default();
            layout.plaintext += write_cookie(field, keyring, &self.keys, rng)?;
        }
        let rest = plaintext.get_mut(layout.plaintext..).unwrap_or_default();
        layout.plaintext += inside.write(rest)?;
        let length = layout.seal(key, rng, buffer)?;
        Ok(ProtectedResponse { length, cookies })
    }

    /// How long the parts of the authenticator are behind `start` octets, and how many cookies it
    /// hides, if there are `room` octets; and what it hides besides, unless that is too long.
    fn layout<'i>(
        &self,
        start: usize,
        room: usize,
        inside: Inside<'i>,
    ) -> Result<(Layout, usize, Inside<'i>), NtsRefusal> {
        let algorithm = self.keys.algorithm();
        let cookie =
            ExtensionField::HEADER_LENGTH + Keyring::cookie_length(algorithm).unwrap_or_default();
        let mut layout = Layout {
            start,
            nonce: algorithm.required_nonce_length().unwrap_or(16),
            plaintext: cookie,
            additional_padding: 0,
        };
        let (least, request) = (layout.end(), self.request.length());
        if least > request {
            return Err(NtsRefusal::TooLong {
                length: least,
                request,
            });
        }
        let limit = request.min(room);
        let mut left = limit
            .checked_sub(least)
            .ok_or(EncodeError::BufferTooSmall {
                field: "response",
                needed: least,
                left: room,
            })?;
        // One cookie comes first, then the field, then the other cookies.
        let inside = if inside.len() > left {
            Inside::default()
        } else {
            inside
        };
        layout.plaintext += inside.len();
        left -= inside.len();
        let more = self.asked_for.min(CookieJar::CAPACITY) - 1;
        let more = more.min(left / cookie);
        layout.plaintext += more * cookie;
        // A field's length has 16 bits, and is a multiple of four.
        let most = (start + ExtensionField::MAX_LENGTH).min(limit);
        layout.additional_padding = most.saturating_sub(layout.end()) / 4 * 4;
        Ok((layout, 1 + more, inside))
    }
}

/// Writes a field with a new cookie, and tells its length.
fn write_cookie(
    buffer: &mut [u8],
    keyring: &Keyring,
    keys: &SessionKeys,
    rng: &mut impl CryptoRng,
) -> Result<usize, EncodeError> {
    let too_small = EncodeError::BufferTooSmall {
        field: "NTS cookie",
        needed: ExtensionField::HEADER_LENGTH,
        left: buffer.len(),
    };
    let (mut head, value) = buffer
        .split_at_mut_checked(ExtensionField::HEADER_LENGTH)
        .ok_or(too_small)?;
    let whole = ExtensionField::HEADER_LENGTH + keyring.seal_cookie(keys, rng, value)?;
    let length = u16::try_from(whole).map_err(|_| EncodeError::TooLong {
        field: "NTS cookie",
        length: whole,
        max: ExtensionField::MAX_LENGTH,
    })?;
    head.put_u16(ExtensionType::NTS_COOKIE.to_bits());
    head.put_u16(length);
    Ok(whole)
}
