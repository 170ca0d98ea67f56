use thiserror::Error;

use crate::{AeadAlgorithm, NextProtocol};

/// The label under which NTS takes keys from a TLS session (RFC 8915 § 4.3).
pub const EXPORTER_LABEL: &[u8] = b"EXPORTER-network-time-security";

/// A TLS session that keys can be exported from.
///
/// One method, so that any TLS library will do: it is what RFC 8446 § 7.5 calls `TLS-Exporter`, of
/// the session's exporter main secret, never of its early one.
///
/// # Examples
///
/// A session that makes keys of nothing, as tests may:
///
/// ```
/// use horolog_nts::{AeadAlgorithm, ExportError, KeyExporter, NextProtocol, SessionKeys};
///
/// struct Fixed;
///
/// impl KeyExporter for Fixed {
///     fn export(&self, _: &[u8], context: &[u8], output: &mut [u8]) -> Result<(), ExportError> {
///         output.fill(context[4]); // the direction
///         Ok(())
///     }
/// }
///
/// let keys = SessionKeys::export(&Fixed, NextProtocol::NTP_V4, AeadAlgorithm::AES_SIV_CMAC_256)?;
/// assert_eq!(keys.algorithm(), AeadAlgorithm::AES_SIV_CMAC_256);
/// # Ok::<(), ExportError>(())
/// ```
pub trait KeyExporter {
    /// Fills `output` with keying material for a label and a context.
    ///
    /// # Errors
    ///
    /// [`ExportError::Refused`] where the session cannot: its handshake is not over, or the output is
    /// too long for it.
    fn export(&self, label: &[u8], context: &[u8], output: &mut [u8]) -> Result<(), ExportError>;
}

/// Keys that cannot be had from a TLS session.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ExportError {
    /// The TLS session gives none.
    #[error("the TLS session exports no keys")]
    Refused,
    /// Nothing is known of the algorithm's keys.
    #[error("AEAD algorithm {algorithm} is not supported")]
    Unsupported {
        /// The algorithm.
        algorithm: AeadAlgorithm,
    },
}

/// The context that a key is exported in: protocol, algorithm, and 0 for the key of the client's
/// packets, 1 for that of the server's.
///
/// Five octets, as [RFC 8915 § 5.1](https://www.rfc-editor.org/rfc/rfc8915#section-5.1) has them.
///
/// # Examples
///
/// ```
/// use horolog_nts::{AeadAlgorithm, NextProtocol, exporter_context};
///
/// let context = exporter_context(NextProtocol::NTP_V4, AeadAlgorithm::AES_SIV_CMAC_256, true);
/// assert_eq!(context, [0, 0, 0, 15, 0]);
/// ```
#[must_use]
pub const fn exporter_context(
    protocol: NextProtocol,
    algorithm: AeadAlgorithm,
    client_to_server: bool,
) -> [u8; 5] {
    let [protocol_high, protocol_low] = protocol.number().to_be_bytes();
    let [algorithm_high, algorithm_low] = algorithm.number().to_be_bytes();
    let direction = if client_to_server { 0 } else { 1 };
    [
        protocol_high,
        protocol_low,
        algorithm_high,
        algorithm_low,
        direction,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    /// Source: RFC 8915 § 5.1, and the draft of NTPv5 for protocol 0x8001.
    #[test]
    fn rfc_8915_section_5_1_contexts() {
        let (v4, v5) = (NextProtocol::NTP_V4, NextProtocol::from_number(0x8001));
        for (protocol, number, client_to_server, expected) in [
            (v4, 15, true, hex!("0000000f00")),
            (v4, 15, false, hex!("0000000f01")),
            (v4, 17, true, hex!("0000001100")),
            (v4, 30, false, hex!("0000001e01")),
            (v5, 15, true, hex!("8001000f00")),
        ] {
            let algorithm = AeadAlgorithm::from_number(number);
            assert_eq!(
                exporter_context(protocol, algorithm, client_to_server),
                expected
            );
        }
    }
}
