use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use horolog_ntp::{ExtensionType, Version};
use horolog_nts::KeClientConfig;
use rustls::ClientConfig;

use crate::address::Family;
use crate::mac_key::KeyArgument;

/// How to ask.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How often.
    pub samples: u32,
    /// Time from one request to the next.
    pub interval: Duration,
    /// How long to wait for a reply.
    pub timeout: Duration,
    /// The version of the requests.
    pub version: Version,
    /// Whether to ask for interleaved replies.
    pub interleaved: bool,
    /// What replies have to be authenticated with.
    pub security: Security,
    /// Which addresses to use.
    pub family: Family,
    /// The field to ask for the list of leap seconds with, where NTS is used.
    pub leap_field: Option<ExtensionType>,
}

/// What replies have to be authenticated with.
#[derive(Clone, Debug)]
pub enum Security {
    /// Nothing.
    None,
    /// A symmetric key.
    Mac(KeyArgument),
    /// NTS.
    Nts(NtsPlan),
}

/// How to establish keys.
#[derive(Clone)]
pub struct NtsPlan {
    /// The port of the key establishment.
    pub port: u16,
    /// What to offer.
    pub config: KeClientConfig,
    /// Whom to trust.
    pub session: Arc<ClientConfig>,
}

impl fmt::Debug for NtsPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NtsPlan")
            .field("port", &self.port)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
