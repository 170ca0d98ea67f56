use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use horolog_leap_dns::{
    LeapAnswer, LeapContent, LeapForm, LeapResolver, ResolveError, SystemResolver, TrustAnchors,
};

use super::{Format, Loaded, source};
use crate::cli::{self, Context, context};
use crate::seconds::decimal;

/// The port of name servers.
const DNS_PORT: u16 = 53;

/// The longest time to wait, in seconds.
const LONGEST_TIMEOUT: u64 = 3600;

/// How to ask the DNS for leap seconds.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "DNS")]
pub struct DnsOptions {
    /// The records to ask for
    #[arg(long = "type", value_name = "TYPE", default_value = "a")]
    pub(super) record_type: DnsType,
    /// Ask the operating system's resolver alone (A records only)
    #[arg(long, conflicts_with_all = ["servers", "dnssec", "trust_anchor"])]
    pub(super) system: bool,
    /// A name server to ask [default: those of the system]
    #[arg(long = "server", value_name = "ADDR[:PORT]", value_parser = server)]
    pub(super) servers: Vec<SocketAddr>,
    /// Refuse what signatures do not vouch for
    #[arg(long)]
    pub(super) dnssec: bool,
    /// DNSKEY or DS records to validate from, in zone-file form; implies --dnssec [default: the
    /// keys of the root]
    #[arg(long, value_name = "FILE")]
    pub(super) trust_anchor: Option<PathBuf>,
    /// How long to wait for an answer
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub(super) timeout: Duration,
}

/// The records that can be asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum DnsType {
    /// A records
    A,
    /// AAAA records
    Aaaa,
    /// A TXT record
    Txt,
    /// A TYPE65432 record
    Bin,
    /// A records at `next`: the newest announcement
    Next,
    /// HINFO records: what the others are
    Hinfo,
}

impl DnsType {
    const fn form(self) -> LeapForm {
        match self {
            Self::A => LeapForm::A,
            Self::Aaaa => LeapForm::Aaaa,
            Self::Txt => LeapForm::Txt,
            Self::Bin => LeapForm::Binary,
            Self::Next => LeapForm::Next,
            Self::Hinfo => LeapForm::HostInfo,
        }
    }
}

/// An address with or without port.
pub(super) fn server(text: &str) -> Result<SocketAddr, String> {
    let bare = |text: &str| text.parse::<IpAddr>().ok();
    text.parse()
        .ok()
        .or_else(|| bare(text).map(|address| (address, DNS_PORT).into()))
        .ok_or_else(|| "expected ADDR or ADDR:PORT".to_owned())
}

/// A time to wait, a number of seconds.
pub(super) fn seconds(text: &str) -> Result<Duration, &'static str> {
    decimal(text)
        .filter(|timeout| !timeout.is_zero() && timeout.as_secs() <= LONGEST_TIMEOUT)
        .ok_or("expected more than 0 and at most 3600 seconds")
}

impl DnsOptions {
    /// Options that contradict each other, for clap's own message.
    ///
    /// # Errors
    ///
    /// Where the operating system is to be asked for what it cannot.
    pub fn check(&self) -> Result<(), &'static str> {
        let is_a = matches!(self.record_type, DnsType::A | DnsType::Next);
        if self.system && !is_a {
            return Err("--system asks for A records alone: --type a or next");
        }
        Ok(())
    }

    /// Asks for leap seconds at a name. What is foreign among the records is told on standard error.
    ///
    /// # Errors
    ///
    /// Where there is no answer, or none that is as it was asked for.
    pub fn fetch(&self, name: &str) -> Result<LeapAnswer, Context> {
        let what = || format!("cannot fetch dns:{name}");
        let answer = if self.system {
            let resolver = SystemResolver::new().with_timeout(self.timeout);
            resolver.fetch(name, self.record_type.form())
        } else {
            let resolver = self.resolver()?;
            resolver.fetch(name, self.record_type.form())
        };
        let answer = answer.map_err(context(what()))?;
        if self.validates() && !answer.security().is_secure() {
            return Err(context(what())(answer.security().to_string()));
        }
        match answer.rrset().foreign() {
            0 => {}
            foreign => cli::note(format_args!(
                "warning: {foreign} {} records of {} are not about leap seconds",
                answer.rrset().form().record_type(),
                answer.owner()
            )),
        }
        Ok(answer)
    }

    /// A list from a name.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub fn load(&self, name: &str) -> Result<Loaded, Context> {
        let answer = self.fetch(name)?;
        let no_list = || context(format!("cannot fetch dns:{name}"))(NO_LIST);
        loaded(&answer).ok_or_else(no_list)
    }

    /// The name server's client.
    fn resolver(&self) -> Result<LeapResolver, Context> {
        let resolver = if self.servers.is_empty() {
            LeapResolver::from_system().map_err(context::<ResolveError>("cannot ask the DNS"))?
        } else {
            LeapResolver::new(self.servers.iter().copied())
        };
        let resolver = resolver.with_timeout(self.timeout);
        Ok(if self.validates() {
            resolver.with_trust_anchors(self.trust_anchors()?)
        } else {
            resolver
        })
    }

    const fn validates(&self) -> bool {
        self.dnssec || self.trust_anchor.is_some()
    }

    fn trust_anchors(&self) -> Result<TrustAnchors, Context> {
        let Some(path) = &self.trust_anchor else {
            return Ok(TrustAnchors::root());
        };
        let what = || format!("cannot read the trust anchors {}", path.display());
        let file = source::read(path).map_err(context(what()))?;
        let text = core::str::from_utf8(&file).map_err(context(what()))?;
        text.parse().map_err(context(what()))
    }
}

/// What is said of a name that has announcements alone.
pub const NO_LIST: &str = "the records are no list of leap seconds";

/// The list of an answer, if it has one.
#[must_use]
pub fn loaded(answer: &LeapAnswer) -> Option<Loaded> {
    let LeapContent::List(table) = answer.content() else {
        return None;
    };
    let format = match answer.rrset().form() {
        LeapForm::Aaaa => Format::Aaaa,
        LeapForm::Txt => Format::Txt,
        LeapForm::Binary => Format::Bin,
        _ => Format::A,
    };
    Some(Loaded {
        table: table.clone(),
        format,
        hash: None,
        security: Some(answer.security()),
    })
}
