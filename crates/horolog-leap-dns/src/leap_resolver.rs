use alloc::borrow::ToOwned as _;
use alloc::string::{String, ToString as _};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::SocketAddr;
use core::time::Duration;
use std::thread;

use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolverOpts, ServerOrderingStrategy,
};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::xfer::{DnsHandle as _, FirstAnswer as _, RetryDnsHandle};
use hickory_resolver::proto::op::{DnsRequestOptions, Query};
use hickory_resolver::proto::rr::Name;
use hickory_resolver::{NameServerPool, PoolContext, TlsConfig};

use crate::owner_name::absolute;
#[cfg(feature = "dnssec")]
use crate::{Insecurity, Security, TrustAnchors, validation};
use crate::{LeapAnswer, LeapForm, LeapRrset, Origin, RecordType, ResolveError};

mod failure;
mod found;

pub(crate) use failure::Failure;
pub(crate) use found::Found;
#[cfg(feature = "dnssec")]
pub(crate) use found::chain;

/// Asks name servers for leap seconds in every [form](LeapForm), and validates the answers if told
/// to.
///
/// Requests go over UDP with EDNS, and over TCP where an answer is cut. One that is lost is sent
/// again, to the other servers too. All of it ends with the timeout.
///
/// A call blocks, in a thread of its own with a runtime of its own; it can be made from everywhere,
/// but waiting inside of an async function stops what else runs there. Nothing is kept between
/// calls: see [`LeapAnswer::ttl`] for how long an answer may be.
///
/// With trust anchors (feature `dnssec`) answers are validated here, whatever the name server
/// thinks of them, by the clock of the operating system. An answer that fails is an error; one
/// that is [insecure](crate::Security::Insecure) is given, and it is for the caller to refuse it.
///
/// # Examples
///
/// ```no_run
/// use horolog_leap_dns::{FINCH_NAME, LeapForm, LeapResolver, Security};
///
/// let resolver = LeapResolver::from_system()?;
/// let answer = resolver.fetch(FINCH_NAME, LeapForm::Txt)?;
/// let table = answer.table().expect("a TXT record is a list");
/// assert!(table.leaps().len() >= 27);
/// assert_eq!(answer.security(), Security::NotValidated);
/// # Ok::<(), horolog_leap_dns::ResolveError>(())
/// ```
#[derive(Clone, Debug)]
pub struct LeapResolver {
    servers: Vec<NameServerConfig>,
    timeout: Duration,
    attempts: u32,
    #[cfg(feature = "dnssec")]
    anchors: Option<TrustAnchors>,
}

/// What sends requests.
pub(crate) type Pool = RetryDnsHandle<NameServerPool<TokioRuntimeProvider>>;

/// The answer that is waited for.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) owner: String,
    pub(crate) record_type: RecordType,
}

impl LeapResolver {
    /// With these name servers, a timeout of five seconds and three attempts.
    #[must_use]
    pub fn new(servers: impl IntoIterator<Item = SocketAddr>) -> Self {
        let server = |address: SocketAddr| {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut way| {
                way.port = address.port();
                way
            });
            NameServerConfig::new(address.ip(), true, connections.into())
        };
        Self::of(servers.into_iter().map(server).collect())
    }

    /// With the name servers that the operating system is configured to ask.
    ///
    /// # Errors
    ///
    /// [`ResolveError::NoServer`] where the configuration cannot be read.
    pub fn from_system() -> Result<Self, ResolveError> {
        match hickory_resolver::system_conf::read_system_conf() {
            Ok((config, _)) => Ok(Self::of(config.name_servers().to_vec())),
            Err(error) => Err(ResolveError::NoServer {
                message: error.to_string(),
            }),
        }
    }

    fn of(servers: Vec<NameServerConfig>) -> Self {
        Self {
            servers,
            timeout: Duration::from_secs(5),
            attempts: 3,
            #[cfg(feature = "dnssec")]
            anchors: None,
        }
    }

    /// The same with another timeout. It is that of a whole call.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The same with another number of attempts, at least one, which share the timeout.
    #[must_use]
    pub const fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The same, and answers are validated from these trust anchors on.
    #[cfg(feature = "dnssec")]
    #[must_use]
    pub fn with_trust_anchors(mut self, anchors: TrustAnchors) -> Self {
        self.anchors = Some(anchors);
        self
    }

    /// Asks for leap seconds at a name, and waits for the answer.
    ///
    /// # Errors
    ///
    /// * [`ResolveError::Name`] for what is no domain name.
    /// * [`ResolveError::NoServer`] where there is no name server to ask.
    /// * [`ResolveError::Timeout`] where the answer does not come in time.
    /// * [`ResolveError::NoSuchName`] and [`ResolveError::NoData`] where there is none.
    /// * [`ResolveError::Refused`] where a server says that it does not answer.
    /// * [`ResolveError::Malformed`] for what is no DNS message.
    /// * [`ResolveError::System`] where sockets fail.
    /// * [`ResolveError::Bogus`] where the answer fails validation.
    /// * [`ResolveError::Records`] where the records say nothing of leap seconds.
    pub fn fetch(&self, name: &str, form: LeapForm) -> Result<LeapAnswer, ResolveError> {
        let question = Question {
            owner: absolute(&form.owner(name))?,
            record_type: form.record_type(),
        };
        let found = self.wait_for(&question)?;
        match LeapRrset::decode(form, &found.rdata) {
            Ok(rrset) => Ok(LeapAnswer::new(question.owner, rrset)
                .with_origin(Origin::NameServers)
                .with_security(found.security)
                .with_ttl(found.ttl)),
            Err(source) => Err(ResolveError::Records {
                owner: question.owner,
                record_type: question.record_type,
                source,
            }),
        }
    }

    /// Runs a lookup in a thread of its own, where no other runtime can be.
    fn wait_for(&self, question: &Question) -> Result<Found, ResolveError> {
        let failed = |message: String| ResolveError::System {
            owner: question.owner.clone(),
            message,
        };
        let run = || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| failed(error.to_string()))?;
            let lookup = async { tokio::time::timeout(self.timeout, self.look_up(question)).await };
            match runtime.block_on(lookup) {
                Ok(found) => found,
                Err(_) => Err(Failure::from(NetError::Timeout)),
            }
            .map_err(|failure| failure.into_error(question, self.timeout))
        };
        thread::scope(|scope| {
            let thread = thread::Builder::new().name("leap-resolver".to_owned());
            let thread = thread
                .spawn_scoped(scope, run)
                .map_err(|error| failed(error.to_string()))?;
            let ended = thread.join();
            ended.map_err(|_| failed("the resolver library failed".to_owned()))?
        })
    }

    async fn look_up(&self, question: &Question) -> Result<Found, Failure> {
        let name = Name::from_ascii(&question.owner).map_err(NetError::from)?;
        let pool = self.pool()?;
        #[cfg(feature = "dnssec")]
        if let Some(anchors) = &self.anchors
            && let Some(zone) = anchors.closest_to(&name)
        {
            return validation::look_up(pool, anchors, zone, &name, question.record_type).await;
        }
        let query = Query::query(name.clone(), question.record_type.0.into());
        let options = DnsRequestOptions::default();
        let response = pool.lookup(query, options).first_answer().await?;
        let found = Found::in_response(&response, &name, question.record_type)?;
        #[cfg(feature = "dnssec")]
        if self.anchors.is_some() {
            let security = Security::Insecure(Insecurity::NoTrustAnchor);
            return Ok(found.with_security(security));
        }
        Ok(found)
    }

    fn pool(&self) -> Result<Pool, Failure> {
        if self.servers.is_empty() {
            return Err(Failure::NoServer);
        }
        let attempts = self.attempts.max(1);
        let mut options = ResolverOpts::default();
        options.timeout = self.timeout / attempts;
        options.server_ordering_strategy = ServerOrderingStrategy::UserProvidedOrder;
        let context = Arc::new(PoolContext::new(options, TlsConfig::new()?));
        let servers = self.servers.iter().cloned();
        let pool = NameServerPool::from_config(servers, context, TokioRuntimeProvider::default());
        let retries = usize::try_from(attempts - 1).unwrap_or(usize::MAX);
        Ok(RetryDnsHandle::new(pool, retries))
    }
}
