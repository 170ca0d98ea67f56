use bytes::BufMut;
use thiserror::Error;

use super::fields::{Fields, Side, in_body, put, server_name};
use super::numbers::Numbers;
use super::{ErrorCode, MessageError, NextProtocol};
use crate::{
    AeadAlgorithm, DecodeError, EncodeError, MAX_COOKIE_LENGTH, NextRecord, Record, RecordReader,
    RecordType,
};

/// A server's response.
///
/// Decoding looks at the whole message before anything is said of it, and borrows. Records of
/// unknown types are passed over unless they are critical; those of the pool draft are unknown here.
/// A response with an Error record is an error, as is one with a Warning: no warnings are defined,
/// and unknown ones must be treated as errors. Encoding writes the whole message at once.
///
/// A response that names no protocol, or NTPv4 and no algorithm, says that the server supports
/// nothing of what was offered.
///
/// Rules: [RFC 8915 § 4](https://www.rfc-editor.org/rfc/rfc8915#section-4).
///
/// # Examples
///
/// ```
/// use horolog_nts::{AeadAlgorithm, KeResponse, NextProtocol};
///
/// let cookies = [&b"first cookie"[..], b"second one.."];
/// let response = KeResponse::new(AeadAlgorithm::AES_SIV_CMAC_256, &cookies)
///     .with_server("ntp.example")?
///     .with_port(11123);
/// let mut message = Vec::with_capacity(response.encoded_len());
/// response.encode(&mut message)?;
/// assert_eq!(message.len(), response.encoded_len());
///
/// let response = KeResponse::decode(&message)?;
/// assert_eq!(response.algorithm(), Some(AeadAlgorithm::AES_SIV_CMAC_256));
/// assert_eq!((response.server(), response.port()), (Some("ntp.example"), Some(11123)));
/// assert!(response.cookies().eq(cookies));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct KeResponse<'a> {
    fields: Fields<'a>,
    /// The message that cookies are read from.
    received: &'a [u8],
    /// Cookies to be sent.
    given: &'a [&'a [u8]],
}

/// A response that gives a client nothing to go on with.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ResponseError {
    /// The message breaks the rules for its records.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// There is an Error record; whatever else there is does not count.
    #[error("the server says error {}", code.in_words())]
    Error {
        /// What the server says.
        code: ErrorCode,
    },
    /// There is a Warning record.
    #[error("the server says warning {number}")]
    Warning {
        /// What the server says.
        number: u16,
    },
}

/// Cookies of a response that are looked at.
const MAX_COOKIES: usize = 64;

impl<'a> KeResponse<'a> {
    /// A response with NTPv4, an algorithm, and cookies.
    #[must_use]
    pub fn new(algorithm: AeadAlgorithm, cookies: &'a [&'a [u8]]) -> Self {
        Self {
            given: cookies,
            ..Self::of(&[NextProtocol::NTP_V4], Some(Numbers::One(algorithm)))
        }
    }

    /// A response that says that the server supports none of the protocols
    /// ([RFC 8915 § 4.1.2](https://www.rfc-editor.org/rfc/rfc8915#section-4.1.2)).
    #[must_use]
    pub fn no_common_protocol() -> Self {
        Self::of(&[], None)
    }

    /// A response with NTPv4 that says that the server supports none of the algorithms
    /// ([RFC 8915 § 4.1.5](https://www.rfc-editor.org/rfc/rfc8915#section-4.1.5)).
    #[must_use]
    pub fn no_common_algorithm() -> Self {
        Self::of(&[NextProtocol::NTP_V4], Some(Numbers::Given(&[])))
    }

    fn of(
        next_protocols: &'static [NextProtocol],
        algorithms: Option<Numbers<'a, AeadAlgorithm>>,
    ) -> Self {
        Self {
            fields: Fields {
                next_protocols: Some(Numbers::Given(next_protocols)),
                algorithms,
                ..Fields::default()
            },
            received: &[],
            given: &[],
        }
    }

    /// Names the NTP server to ask, by address or name.
    ///
    /// # Errors
    ///
    /// What [`Record::server_name`](crate::Record::server_name) says.
    pub fn with_server(mut self, server: &'a str) -> Result<Self, DecodeError> {
        self.fields.server = Some(server_name(server)?);
        Ok(self)
    }

    /// Names the port of the NTP server to ask.
    #[must_use]
    pub const fn with_port(mut self, port: u16) -> Self {
        self.fields.port = Some(port);
        self
    }

    /// Says that the server exports keys for AES-128-GCM-SIV as the RFC has it; only for a client
    /// that has said so too.
    #[must_use]
    pub const fn with_compliant_gcm_siv_exporter(mut self) -> Self {
        self.fields.compliant_gcm_siv_exporter = true;
        self
    }

    /// Decodes a whole message.
    ///
    /// An Error record counts even where the rest breaks rules or is cut off.
    ///
    /// # Errors
    ///
    /// * [`ResponseError::Error`].
    /// * [`MessageError::Malformed`] where the octets are not records up to an End of Message, or a
    ///   body cannot be read: a cookie may have 1 to [`MAX_COOKIE_LENGTH`] octets.
    /// * [`MessageError::UnknownCritical`].
    /// * [`MessageError::Misplaced`] for a second record of a type that may stand once; for more than
    ///   one algorithm; for an End of Message that is not critical.
    /// * [`MessageError::Missing`] without next protocols; with NTPv4 but without an AEAD record; with
    ///   an algorithm for NTPv4 but without cookies.
    /// * [`MessageError::Trailing`].
    /// * [`ResponseError::Warning`].
    pub fn decode(message: &'a [u8]) -> Result<Self, ResponseError> {
        if let Some(code) = error_record(message) {
            return Err(ResponseError::Error { code });
        }
        let (mut warning, mut cookies) = (None, false);
        let fields = Fields::read(message, Side::Response, |record, offset| {
            let nested = |error| in_body(error, offset);
            if record.record_type == RecordType::NEW_COOKIE {
                record.cookie().map_err(nested)?;
                cookies = true;
            } else {
                // An Error whose body is not a number, or a Warning.
                let number = record.number().map_err(nested)?;
                warning.get_or_insert(number);
            }
            Ok(())
        })?;
        if let Some(number) = warning {
            return Err(ResponseError::Warning { number });
        }
        fields.check_negotiation()?;
        let response = Self {
            fields,
            received: message,
            given: &[],
        };
        if fields.names_ntp_v4() && response.algorithm().is_some() && !cookies {
            let record_type = RecordType::NEW_COOKIE;
            return Err(MessageError::Missing { record_type }.into());
        }
        Ok(response)
    }

    /// Octets that [`encode`](Self::encode) writes.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        let cookies = self.cookies();
        let cookies = cookies.map(|cookie| Record::HEADER_LENGTH + cookie.len());
        self.fields.encoded_len() + cookies.sum::<usize>()
    }

    /// Appends the message, its records in chrony's order: protocols, algorithm, what is said about
    /// the exporter, port, server, cookies, End of Message.
    ///
    /// A response that was decoded is written without the records that were passed over, and with
    /// the critical bits that chrony sets.
    ///
    /// # Errors
    ///
    /// [`EncodeError::TooLong`] for a list above 65534 octets or a cookie above
    /// [`MAX_COOKIE_LENGTH`], [`EncodeError::BufferTooSmall`]; then nothing was written.
    pub fn encode(&self, buffer: &mut impl BufMut) -> Result<(), EncodeError> {
        self.fields.check(buffer, self.encoded_len())?;
        let too_long = |cookie: &&[u8]| cookie.len() > MAX_COOKIE_LENGTH;
        if let Some(cookie) = self.cookies().find(too_long) {
            return Err(EncodeError::TooLong {
                field: "cookie",
                length: cookie.len(),
                max: MAX_COOKIE_LENGTH,
            });
        }
        self.fields.put_lists(buffer)?;
        self.fields.put_port(true, buffer)?;
        self.fields.put_server(true, buffer)?;
        for cookie in self.cookies() {
            put(false, RecordType::NEW_COOKIE, cookie, buffer)?;
        }
        Record::END_OF_MESSAGE.encode(buffer)
    }

    /// The protocols that the server chose among those that were offered.
    pub fn next_protocols(&self) -> impl Iterator<Item = NextProtocol> + use<'a> {
        self.fields.next_protocols()
    }

    /// Whether the server chose a protocol.
    #[must_use]
    pub fn chooses(&self, protocol: NextProtocol) -> bool {
        self.next_protocols().any(|chosen| chosen == protocol)
    }

    /// The AEAD algorithm that the server chose; none where it supports none of those offered.
    #[must_use]
    pub fn algorithm(&self) -> Option<AeadAlgorithm> {
        self.fields.algorithms().next()
    }

    /// The cookies; of those of a message the first 64.
    pub fn cookies(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let received = cookies_of(self.received).take(MAX_COOKIES);
        received.chain(self.given.iter().copied())
    }

    /// The NTP server to ask: an address or a name, which is fully qualified even without a dot at its
    /// end. Without one it is the server of the key establishment.
    #[must_use]
    pub const fn server(&self) -> Option<&'a str> {
        self.fields.server
    }

    /// The port of the NTP server to ask. Without one it is 123.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.fields.port
    }

    /// Whether the server exports keys for AES-128-GCM-SIV as the RFC says, and not, as chrony before
    /// 4.6.1, in the context of AES-SIV-CMAC-256.
    #[must_use]
    pub const fn compliant_gcm_siv_exporter(&self) -> bool {
        self.fields.compliant_gcm_siv_exporter
    }
}

/// The same records, wherever they stand.
impl PartialEq for KeResponse<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.fields == other.fields && self.cookies().eq(other.cookies())
    }
}

impl Eq for KeResponse<'_> {}

/// The first Error record of a message, as far as it can be read.
pub(crate) fn error_record(message: &[u8]) -> Option<ErrorCode> {
    records(message)
        .filter(|record| record.record_type == RecordType::ERROR)
        .find_map(|record| record.number().ok())
        .map(ErrorCode::from_number)
}

fn cookies_of(message: &[u8]) -> impl Iterator<Item = &[u8]> {
    records(message)
        .filter(|record| record.record_type == RecordType::NEW_COOKIE)
        .map(|record| record.body)
}

/// The records of a message up to its end or to where it cannot be read.
fn records(message: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut reader = RecordReader::new();
    core::iter::from_fn(move || match reader.next(message) {
        Ok(NextRecord::Record(record)) => Some(record),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
