use thiserror::Error;

use super::{ErrorCode, NextProtocol};
use crate::{AeadAlgorithm, DecodeError, NumberList, Record, RecordReader, RecordType};

/// A client's request as a server reads it.
///
/// Decoding looks at the whole message before anything is said of it, and borrows. Records of
/// unknown types are passed over unless they are critical; those of the pool draft are unknown here.
///
/// Rules: [RFC 8915 § 4](https://www.rfc-editor.org/rfc/rfc8915#section-4).
///
/// # Examples
///
/// ```
/// use horolog_nts::{AeadAlgorithm, ErrorCode, KeRequest, NextProtocol};
///
/// let message = [
///     0x80, 1, 0, 2, 0, 0, // NTPv4
///     0x80, 4, 0, 4, 0, 30, 0, 15, // AES-128-GCM-SIV, then AES-SIV-CMAC-256
///     0x80, 0, 0, 0,
/// ];
/// let request = KeRequest::decode(&message)?;
/// assert!(request.next_protocols().eq([NextProtocol::NTP_V4]));
/// assert_eq!(request.algorithms().next(), Some(AeadAlgorithm::AES_128_GCM_SIV));
///
/// let refused = KeRequest::decode(&message[..6]).unwrap_err();
/// assert_eq!(refused.error_code(), ErrorCode::BAD_REQUEST);
/// # Ok::<(), horolog_nts::RequestError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeRequest<'a> {
    next_protocols: NumberList<'a>,
    algorithms: Option<NumberList<'a>>,
    server: Option<&'a str>,
    port: Option<u16>,
    compliant_gcm_siv_exporter: bool,
}

/// A request that a server has to refuse.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum RequestError {
    /// The octets are not records, or a body is not what its type demands.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
    /// A critical record has a type that is not known.
    #[error("critical record of unknown type {record_type}, at offset {offset}")]
    UnknownCritical {
        /// The type.
        record_type: RecordType,
        /// Where the record starts.
        offset: usize,
    },
    /// A record stands there that a request must not have, or must not have twice or empty.
    #[error("record of type {record_type} is {fault}, at offset {offset}")]
    Misplaced {
        /// The type.
        record_type: RecordType,
        /// What is wrong with it.
        fault: &'static str,
        /// Where the record starts.
        offset: usize,
    },
    /// A record that a request must have is missing.
    #[error("no record of type {record_type}")]
    Missing {
        /// The type.
        record_type: RecordType,
    },
    /// Octets are left over behind the End of Message.
    #[error("{left} octets are left over after the end of the message, at offset {offset}")]
    Trailing {
        /// How many.
        left: usize,
        /// Where they start.
        offset: usize,
    },
}

impl RequestError {
    /// What a server says to the client in an Error record.
    #[must_use]
    pub const fn error_code(&self) -> ErrorCode {
        match self {
            Self::UnknownCritical { .. } => ErrorCode::UNRECOGNIZED_CRITICAL_RECORD,
            _ => ErrorCode::BAD_REQUEST,
        }
    }
}

impl<'a> KeRequest<'a> {
    /// Decodes a whole message.
    ///
    /// # Errors
    ///
    /// * [`RequestError::Malformed`] where the octets are not records up to an End of Message, or a
    ///   body cannot be read.
    /// * [`RequestError::UnknownCritical`].
    /// * [`RequestError::Misplaced`] for an Error, a Warning or a cookie; for a second record of a
    ///   type that may stand once; for an empty list; for an End of Message that is not critical.
    /// * [`RequestError::Missing`] without next protocols, or with NTPv4 but without AEAD algorithms.
    /// * [`RequestError::Trailing`].
    pub fn decode(message: &'a [u8]) -> Result<Self, RequestError> {
        let mut reader = RecordReader::new();
        let (mut next_protocols, mut algorithms, mut server, mut port) = (None, None, None, None);
        let mut compliant_gcm_siv_exporter = false;
        let mut offset = 0;
        while let Some(record) = reader.next_of_whole(message)? {
            let record_type = record.record_type;
            let nested = |error: DecodeError| error.nested(offset + Record::HEADER_LENGTH);
            let misplaced = |fault| RequestError::Misplaced {
                record_type,
                fault,
                offset,
            };
            let list = || match record.numbers() {
                Ok(list) if list.is_empty() => Err(misplaced("empty")),
                Ok(list) => Ok(list),
                Err(error) => Err(nested(error).into()),
            };
            let twice = match record_type {
                RecordType::END_OF_MESSAGE => {
                    record.no_body().map_err(nested)?;
                    if !record.critical {
                        return Err(misplaced("not critical"));
                    }
                    false
                }
                RecordType::NEXT_PROTOCOL => next_protocols.replace(list()?).is_some(),
                RecordType::AEAD_ALGORITHM => algorithms.replace(list()?).is_some(),
                RecordType::SERVER => server
                    .replace(record.server_name().map_err(nested)?)
                    .is_some(),
                RecordType::PORT => port.replace(record.number().map_err(nested)?).is_some(),
                RecordType::COMPLIANT_GCM_SIV_EXPORTER => {
                    compliant_gcm_siv_exporter = true;
                    false
                }
                RecordType::ERROR | RecordType::WARNING | RecordType::NEW_COOKIE => {
                    return Err(misplaced("not for requests"));
                }
                _ if record.critical => {
                    return Err(RequestError::UnknownCritical {
                        record_type,
                        offset,
                    });
                }
                _ => false,
            };
            if twice {
                return Err(misplaced("there twice"));
            }
            offset = reader.offset();
        }
        let left = message.len().saturating_sub(offset);
        if left > 0 {
            return Err(RequestError::Trailing { left, offset });
        }
        let missing = |record_type| RequestError::Missing { record_type };
        let request = Self {
            next_protocols: next_protocols.ok_or(missing(RecordType::NEXT_PROTOCOL))?,
            algorithms,
            server,
            port,
            compliant_gcm_siv_exporter,
        };
        if algorithms.is_none() && request.offers(NextProtocol::NTP_V4) {
            return Err(missing(RecordType::AEAD_ALGORITHM));
        }
        Ok(request)
    }

    /// The protocols that the client offers; at least one.
    pub fn next_protocols(&self) -> impl Iterator<Item = NextProtocol> + use<'a> {
        self.next_protocols.iter().map(NextProtocol::from_number)
    }

    /// Whether the client offers a protocol.
    #[must_use]
    pub fn offers(&self, protocol: NextProtocol) -> bool {
        self.next_protocols().any(|offered| offered == protocol)
    }

    /// The AEAD algorithms that the client offers, those that it prefers first; at least one where
    /// it offers NTPv4.
    pub fn algorithms(&self) -> impl Iterator<Item = AeadAlgorithm> + use<'a> {
        self.algorithms
            .into_iter()
            .flat_map(|list| list.iter())
            .map(AeadAlgorithm::from_number)
    }

    /// The NTP server that the client asks for: an address or a name.
    #[must_use]
    pub const fn server(&self) -> Option<&'a str> {
        self.server
    }

    /// The port of the NTP server that the client asks for.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether the client exports keys for AES-128-GCM-SIV as the RFC says, and not, as chrony
    /// before 4.6.1, in the context of AES-SIV-CMAC-256.
    #[must_use]
    pub const fn compliant_gcm_siv_exporter(&self) -> bool {
        self.compliant_gcm_siv_exporter
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    fn refused(message: &[u8], code: ErrorCode, text: &str) {
        let error = KeRequest::decode(message).unwrap_err();
        assert_eq!(error.to_string(), text);
        assert_eq!(error.error_code(), code, "{text}");
    }

    /// Source: captured from chrony 4.6.1.
    #[test]
    fn chrony_request() {
        let message = hex!("80010002 0000 80040004 001e000f 04000000 80000000");
        let request = KeRequest::decode(&message).unwrap();
        assert!(request.offers(NextProtocol::NTP_V4));
        assert!(request.algorithms().map(AeadAlgorithm::number).eq([30, 15]));
        assert!(request.compliant_gcm_siv_exporter());
        assert_eq!((request.server(), request.port()), (None, None));
        for length in 0..message.len() {
            let error = KeRequest::decode(&message[..length]).unwrap_err();
            assert!(matches!(error, RequestError::Malformed(_)), "{error}");
        }
    }

    #[test]
    fn server_and_port() {
        let message = hex!(
            "80010002 0000 00040002 000f 0006000b 6e74702e6578616d706c65 00070002 10e1 3fff0001 00 80000000"
        );
        let request = KeRequest::decode(&message).unwrap();
        assert_eq!(request.server(), Some("ntp.example"));
        assert_eq!(request.port(), Some(4321));
        assert!(!request.compliant_gcm_siv_exporter());
    }

    #[test]
    fn another_protocol_needs_no_algorithm() {
        let message = hex!("80010002 8001 80000000");
        let request = KeRequest::decode(&message).unwrap();
        assert!(!request.offers(NextProtocol::NTP_V4));
        assert_eq!(request.algorithms().count(), 0);
    }

    /// The probes in the captures, and what chrony and ntpd-rs say to them.
    #[test]
    fn refuses_what_is_not_a_request() {
        let bad = ErrorCode::BAD_REQUEST;
        refused(
            &hex!("80010002 0000 80040002 000f bfff0005 68656c6c6f 80000000"),
            ErrorCode::UNRECOGNIZED_CRITICAL_RECORD,
            "critical record of unknown type 16383, at offset 12",
        );
        refused(&hex!("80010002 0000 80000000"), bad, "no record of type 4");
        refused(&hex!("80040002 000f 80000000"), bad, "no record of type 1");
        refused(&hex!("80000000"), bad, "no record of type 1");
        refused(
            &hex!("80010002 0000 80010002 0000 80040002 000f 80000000"),
            bad,
            "record of type 1 is there twice, at offset 6",
        );
        refused(
            &hex!("80010002 0000 80040000 80000000"),
            bad,
            "record of type 4 is empty, at offset 6",
        );
        refused(
            &hex!("80010002 0000 80040003 000f00 80000000"),
            bad,
            "aead-algorithm body length 3 is not a multiple of 2, at offset 10",
        );
        for number in [2, 3, 5] {
            refused(
                &[0x80, number, 0, 2, 0, 1, 0x80, 0, 0, 0],
                bad,
                &format!("record of type {number} is not for requests, at offset 0"),
            );
        }
        refused(
            &hex!("80010002 0000 80040002 000f 00000000"),
            bad,
            "record of type 0 is not critical, at offset 12",
        );
        refused(
            &hex!("80010002 0000 80040002 000f 80000001 78"),
            bad,
            "end-of-message body length 1 is not 0, at offset 16",
        );
        refused(
            &hex!("80010002 0000 80040002 000f 80000000 80010002 0000"),
            bad,
            "6 octets are left over after the end of the message, at offset 16",
        );
        refused(
            &hex!("80010002 0000 80040002 000f"),
            bad,
            "record needs 4 octets, 0 are left, at offset 12",
        );
    }
}
