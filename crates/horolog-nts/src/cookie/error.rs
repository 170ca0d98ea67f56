use thiserror::Error;

/// A cookie that a keyring does not open.
///
/// The difference is for a server's own counters. The answer to a client is the same NTS NAK in all
/// cases ([RFC 8915 § 5.7](https://www.rfc-editor.org/rfc/rfc8915#section-5.7)).
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum CookieError {
    /// No cookie of any algorithm has this length.
    #[error("cookie length {length} is not that of any algorithm")]
    Length {
        /// Its length in octets.
        length: usize,
    },
    /// The keyring does not have the key: it was erased, or was never there.
    #[error("cookie key {id:#010x} is not in the keyring")]
    UnknownKey {
        /// Which key the cookie names.
        id: u32,
    },
    /// Not made with the key that it names. It does not say more.
    #[error("cookie is not authentic")]
    NotAuthentic,
}
