use alloc::string::String;

use crate::{CookieJar, NextProtocol, SessionKeys};

/// What a key establishment gave a client: all that it needs to ask an NTP server.
///
/// # Examples
///
/// ```
/// use horolog_nts::{AeadAlgorithm, Association, CookieJar, SessionKeys};
///
/// let mut cookies = CookieJar::new();
/// cookies.push(b"as the server gave it")?;
/// let keys = SessionKeys::new(AeadAlgorithm::AES_SIV_CMAC_256, &[1; 32], &[2; 32])?;
/// let association = Association { port: Some(11123), ..Association::new(keys, cookies) };
/// assert_eq!(association.keys.algorithm().number(), 15);
/// assert_eq!(association.server, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Association {
    /// The protocol that the keys are for.
    pub next_protocol: NextProtocol,
    /// The keys, with the algorithm that was agreed on.
    pub keys: SessionKeys,
    /// The other keys that the cookies may hold, where the server chose AES-128-GCM-SIV and did not
    /// say in which context it exports: `keys` are then those of older chrony, and these the RFC's.
    /// Worth a try where all that the first keys earn are NTS NAKs.
    pub alternative_keys: Option<SessionKeys>,
    /// The cookies.
    pub cookies: CookieJar,
    /// The NTP server to ask, an address or a name; without one, the address of the key
    /// establishment (RFC 8915 § 4.1.7). A name is fully qualified, whether it ends with a dot or not:
    /// look it up with one.
    pub server: Option<String>,
    /// The port to ask; without one, 123 (RFC 8915 § 4.1.8).
    pub port: Option<u16>,
}

impl Association {
    /// Keys and cookies for NTPv4, of a server that named neither another server nor a port, and left
    /// no doubt of its keys.
    #[must_use]
    pub const fn new(keys: SessionKeys, cookies: CookieJar) -> Self {
        Self {
            next_protocol: NextProtocol::NTP_V4,
            keys,
            alternative_keys: None,
            cookies,
            server: None,
            port: None,
        }
    }
}
