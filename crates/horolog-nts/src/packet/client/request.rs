use horolog_ntp::{
    EncodeError, ExtensionField, ExtensionType, FieldLayout, Header, NtsCookiePlaceholder,
    PacketWriter, UniqueIdentifier,
};
use rand_core::CryptoRng;

use crate::aead::SealingKey;
use crate::packet::authenticator::Layout;
use crate::packet::inside::Inside;
use crate::{AeadAlgorithm, CookieJar};

/// The octets of a Unique Identifier, as many as there must be.
pub(super) type Identifier = [u8; UniqueIdentifier::MIN_LENGTH];

/// The authenticator of a request: its nonce is as long as the response may need its own to be, so
/// there is no additional padding (RFC 8915 § 5.6).
fn authenticator(algorithm: AeadAlgorithm, start: usize, inside: Inside<'_>) -> Layout {
    Layout {
        start,
        nonce: algorithm.required_nonce_length().unwrap_or(16),
        plaintext: inside.len(),
        additional_padding: 0,
    }
}

/// Octets of a request without placeholders.
pub(super) fn shortest_length(
    algorithm: AeadAlgorithm,
    cookie: &[u8],
    inside: Inside<'_>,
) -> usize {
    let identifier = ExtensionField::HEADER_LENGTH + UniqueIdentifier::MIN_LENGTH;
    let cookie = ExtensionField {
        field_type: ExtensionType::NTS_COOKIE,
        value: cookie,
    };
    let cookie = cookie.encoded_len(FieldLayout::V4);
    authenticator(algorithm, Header::LENGTH + identifier + cookie, inside).end()
}

/// Writes a request: header, Unique Identifier, cookie, placeholders in `room` octets, authenticator.
/// Tells its length and how many cookies it asks for.
pub(super) fn write(
    buffer: &mut [u8],
    (header, identifier): (&Header, &Identifier),
    cookies: &mut CookieJar,
    room: usize,
    inside: Inside<'_>,
    (algorithm, key): (AeadAlgorithm, impl SealingKey),
    rng: &mut impl CryptoRng,
) -> Result<(usize, usize), EncodeError> {
    let mut writer = PacketWriter::new(buffer, header)?;
    writer.raw_field(&ExtensionField {
        field_type: ExtensionType::UNIQUE_IDENTIFIER,
        value: identifier,
    })?;
    let cookie = cookies.take().unwrap_or_default();
    let length = cookie.len();
    writer.raw_field(&ExtensionField {
        field_type: ExtensionType::NTS_COOKIE,
        value: cookie,
    })?;
    let placeholders = cookies.placeholders(length, room);
    for _ in 0..placeholders {
        writer.field(&NtsCookiePlaceholder::new(length))?;
    }
    let start = writer.written().len();
    let layout = authenticator(algorithm, start, inside);
    let plaintext = buffer.get_mut(layout.plaintext_start()..);
    inside.write(plaintext.unwrap_or_default())?;
    let length = layout.seal(key, rng, buffer)?;
    Ok((length, 1 + placeholders))
}
