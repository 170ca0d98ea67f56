//! Numbers and names that are registered for NTS.

/// The TCP port of the key establishment,
/// [RFC 8915 § 7.1](https://www.rfc-editor.org/rfc/rfc8915#section-7.1).
pub const KE_PORT: u16 = 4460;

/// The protocol of the key establishment as TLS negotiates it (ALPN),
/// [RFC 8915 § 7.2](https://www.rfc-editor.org/rfc/rfc8915#section-7.2).
pub const KE_ALPN: &[u8] = b"ntske/1";
