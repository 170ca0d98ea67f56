use bytes::BufMut;

use super::fields::{Fields, Side, misplaced, server_name};
use super::numbers::Numbers;
use super::{MessageError, NextProtocol};
use crate::{AeadAlgorithm, DecodeError, EncodeError, Record};

/// A client's request.
///
/// Decoding looks at the whole message before anything is said of it, and borrows. Records of
/// unknown types are passed over unless they are critical; those of the pool draft are unknown here.
/// Encoding writes the whole message at once: some servers read once and take that for all.
///
/// Rules: [RFC 8915 § 4](https://www.rfc-editor.org/rfc/rfc8915#section-4).
///
/// # Examples
///
/// ```
/// use horolog_nts::{AeadAlgorithm, ErrorCode, KeRequest, NextProtocol};
///
/// let algorithms = [AeadAlgorithm::AES_SIV_CMAC_512, AeadAlgorithm::AES_SIV_CMAC_256];
/// let mut message = Vec::new();
/// KeRequest::new(&[NextProtocol::NTP_V4], &algorithms).encode(&mut message)?;
/// assert_eq!(message, [
///     0x80, 1, 0, 2, 0, 0, // NTPv4
///     0x80, 4, 0, 4, 0, 17, 0, 15, // AES-SIV-CMAC-512, then AES-SIV-CMAC-256
///     0x80, 0, 0, 0,
/// ]);
///
/// let request = KeRequest::decode(&message)?;
/// assert!(request.next_protocols().eq([NextProtocol::NTP_V4]));
/// assert_eq!(request.algorithms().next(), Some(AeadAlgorithm::AES_SIV_CMAC_512));
///
/// let refused = KeRequest::decode(&message[..6]).unwrap_err();
/// assert_eq!(refused.error_code(), ErrorCode::BAD_REQUEST);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeRequest<'a> {
    fields: Fields<'a>,
}

impl<'a> KeRequest<'a> {
    /// A request that offers protocols and algorithms, those that the client prefers first.
    ///
    /// With AES-128-GCM-SIV it says that the client exports keys for it as the RFC has it
    /// ([`compliant_gcm_siv_exporter`](Self::compliant_gcm_siv_exporter)). Servers refuse a request
    /// that offers nothing.
    #[must_use]
    pub fn new(next_protocols: &'a [NextProtocol], algorithms: &'a [AeadAlgorithm]) -> Self {
        Self {
            fields: Fields {
                next_protocols: Some(Numbers::Given(next_protocols)),
                algorithms: Some(Numbers::Given(algorithms)),
                compliant_gcm_siv_exporter: algorithms.contains(&AeadAlgorithm::AES_128_GCM_SIV),
                ..Fields::default()
            },
        }
    }

    /// Asks for an NTP server, an address or a name. Servers need not comply.
    ///
    /// # Errors
    ///
    /// What [`Record::server_name`](crate::Record::server_name) says.
    pub fn with_server(mut self, server: &'a str) -> Result<Self, DecodeError> {
        self.fields.server = Some(server_name(server)?);
        Ok(self)
    }

    /// Asks for a port of the NTP server. Servers need not comply.
    #[must_use]
    pub const fn with_port(mut self, port: u16) -> Self {
        self.fields.port = Some(port);
        self
    }

    /// Decodes a whole message.
    ///
    /// Octets behind the End of Message are an error. The RFC has no text for them: chrony and NTPsec
    /// hang up then, ntpd-rs answers.
    ///
    /// # Errors
    ///
    /// * [`MessageError::Malformed`] where the octets are not records up to an End of Message, or a
    ///   body cannot be read.
    /// * [`MessageError::UnknownCritical`].
    /// * [`MessageError::Misplaced`] for an Error, a Warning or a cookie; for a second record of a
    ///   type that may stand once; for an empty list; for an End of Message that is not critical.
    /// * [`MessageError::Missing`] without next protocols, or with NTPv4 but without AEAD algorithms.
    /// * [`MessageError::Trailing`].
    pub fn decode(message: &'a [u8]) -> Result<Self, MessageError> {
        let fields = Fields::read(message, Side::Request, |record, offset| {
            Err(misplaced(record.record_type, "not for requests", offset))
        })?;
        fields.check_negotiation()?;
        Ok(Self { fields })
    }

    /// Octets that [`encode`](Self::encode) writes.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        self.fields.encoded_len()
    }

    /// Appends the message, its records in chrony's order: protocols, algorithms, what is said about
    /// the exporter, server, port, End of Message.
    ///
    /// A request that was decoded is written without the records that were passed over, and with the
    /// critical bits that chrony sets.
    ///
    /// # Errors
    ///
    /// [`EncodeError::TooLong`] for a list above 65534 octets, [`EncodeError::BufferTooSmall`]; then
    /// nothing was written.
    pub fn encode(&self, buffer: &mut impl BufMut) -> Result<(), EncodeError> {
        self.fields.check(buffer, self.encoded_len())?;
        self.fields.put_lists(buffer)?;
        self.fields.put_server(false, buffer)?;
        self.fields.put_port(false, buffer)?;
        Record::END_OF_MESSAGE.encode(buffer)
    }

    /// The protocols that the client offers; at least one.
    pub fn next_protocols(&self) -> impl Iterator<Item = NextProtocol> + use<'a> {
        self.fields.next_protocols()
    }

    /// Whether the client offers a protocol.
    #[must_use]
    pub fn offers(&self, protocol: NextProtocol) -> bool {
        self.next_protocols().any(|offered| offered == protocol)
    }

    /// The AEAD algorithms that the client offers, those that it prefers first; at least one where
    /// it offers NTPv4.
    pub fn algorithms(&self) -> impl Iterator<Item = AeadAlgorithm> + use<'a> {
        self.fields.algorithms()
    }

    /// The NTP server that the client asks for: an address or a name.
    #[must_use]
    pub const fn server(&self) -> Option<&'a str> {
        self.fields.server
    }

    /// The port of the NTP server that the client asks for.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.fields.port
    }

    /// Whether the client exports keys for AES-128-GCM-SIV as the RFC says, and not, as chrony
    /// before 4.6.1, in the context of AES-SIV-CMAC-256.
    #[must_use]
    pub const fn compliant_gcm_siv_exporter(&self) -> bool {
        self.fields.compliant_gcm_siv_exporter
    }
}

#[cfg(test)]
mod tests;
