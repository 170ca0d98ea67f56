use core::fmt;
use core::time::Duration;
use std::sync::{Arc, PoisonError, RwLock};

use horolog_ntp::{PrivateExtensionType, Version};
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
    pub leap_field: Option<PrivateExtensionType>,
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

/// How to establish keys. Clones trust the same, also where that changes.
#[derive(Clone)]
pub struct NtsPlan {
    /// The port of the key establishment.
    pub port: u16,
    /// What to offer.
    pub config: KeClientConfig,
    session: Arc<RwLock<Arc<ClientConfig>>>,
}

impl NtsPlan {
    /// At a port, with an offer, to servers that a session trusts.
    #[must_use]
    pub fn new(port: u16, config: KeClientConfig, session: Arc<ClientConfig>) -> Self {
        let session = Arc::new(RwLock::new(session));
        Self {
            port,
            config,
            session,
        }
    }

    /// Whom to trust.
    #[must_use]
    pub fn session(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.session.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Trusts whom another plan trusts, from the next key establishment on.
    pub fn trust_as(&self, other: &Self) {
        let session = other.session();
        *self.session.write().unwrap_or_else(PoisonError::into_inner) = session;
    }
}

impl fmt::Debug for NtsPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NtsPlan")
            .field("port", &self.port)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
