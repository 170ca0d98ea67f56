use core::net::SocketAddr;
use core::time::Duration;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::DnsOptions;
use super::dns::{DnsType, seconds, server};

/// Leap seconds in the DNS, as an option of programs that do other things besides.
#[derive(Args, Clone, Debug)]
pub struct NamedDnsOptions {
    /// A name in the DNS with a list of leap seconds, such as leapsecond.dotat.at
    #[arg(id = "leap-dns", long, value_name = "NAME")]
    pub name: Option<String>,
    /// The records to ask for: a, aaaa, txt or bin
    #[arg(id = "leap-dns-type", long, value_name = "TYPE", default_value = "a", requires = "leap-dns", hide_possible_values = true, value_parser = lists())]
    record_type: DnsType,
    /// A name server to ask [default: those of the system]
    #[arg(id = "leap-dns-server", long, value_name = "ADDR[:PORT]", requires = "leap-dns", value_parser = server)]
    servers: Vec<SocketAddr>,
    /// Refuse what signatures do not vouch for
    #[arg(id = "leap-dnssec", long, requires = "leap-dns")]
    dnssec: bool,
    /// DNSKEY or DS records to validate from, in zone-file form; implies --leap-dnssec [default: the
    /// keys of the root]
    #[arg(
        id = "leap-trust-anchor",
        long,
        value_name = "FILE",
        requires = "leap-dns"
    )]
    trust_anchor: Option<PathBuf>,
    /// How long to wait for an answer of the DNS
    #[arg(id = "leap-dns-timeout", long, value_name = "SECONDS", default_value = "5", requires = "leap-dns", value_parser = seconds)]
    timeout: Duration,
}

/// The types that hold a whole list.
fn lists() -> impl TypedValueParser<Value = DnsType> {
    PossibleValuesParser::new(["a", "aaaa", "txt", "bin"])
        .try_map(|name| DnsType::from_str(&name, false))
}

impl NamedDnsOptions {
    /// The same as options of `leap fetch`.
    #[must_use]
    pub fn to_dns(&self) -> DnsOptions {
        DnsOptions {
            record_type: self.record_type,
            system: false,
            servers: self.servers.clone(),
            dnssec: self.dnssec,
            trust_anchor: self.trust_anchor.clone(),
            timeout: self.timeout,
        }
    }

    /// The same, but by the operating system's resolver where that is able to: for A records, from
    /// name servers of its own, without DNSSEC.
    #[must_use]
    pub fn to_dns_by_system(&self) -> DnsOptions {
        let validates = self.dnssec || self.trust_anchor.is_some();
        DnsOptions {
            system: self.record_type == DnsType::A && self.servers.is_empty() && !validates,
            ..self.to_dns()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        dns: NamedDnsOptions,
    }

    #[test]
    fn the_system_is_asked_for_what_it_can_answer() {
        for (arguments, system) in [
            ("", true),
            ("--leap-dns-timeout 1", true),
            ("--leap-dns-type txt", false),
            ("--leap-dns-server 127.0.0.1", false),
            ("--leap-dnssec", false),
            ("--leap-trust-anchor file", false),
        ] {
            let words = ["program", "--leap-dns", "name"].into_iter();
            let words = words.chain(arguments.split_whitespace());
            let options = Program::try_parse_from(words).unwrap().dns;
            assert_eq!(options.to_dns_by_system().system, system, "{arguments}");
            assert!(!options.to_dns().system);
            assert_eq!(options.to_dns_by_system().check(), Ok(()));
        }
    }
}
