use core::sync::atomic::AtomicBool;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use clap::Args;
use horolog_leap_dns::{LeapAnswer, ttl_at};
use horolog_ntp::PrivateExtensionType;
use horolog_time::{UnixTime, UtcInstant};

use super::{Count, Counters, LeapOffer};
use crate::cli::{self, Context};
use crate::leap::{self, LeapTaker, NO_LIST, RefreshedDnsOptions};
use crate::stop::Signals;

/// Where `serve` has leap seconds from.
#[derive(Args, Clone, Debug)]
pub struct LeapOptions {
    /// A list of leap seconds to announce from, and to give to clients that ask for it (with NTS, by
    /// an experimental extension field)
    #[arg(long, value_name = "FILE", conflicts_with = "leap-dns")]
    pub leap_list: Option<PathBuf>,
    #[command(flatten)]
    dns: RefreshedDnsOptions,
    /// Type of the experimental extension field
    #[arg(long, value_name = "TYPE", default_value = "0xf1ea", value_parser = leap::field_type)]
    leap_field: PrivateExtensionType,
}

impl LeapOptions {
    /// What is announced and given: the list, or nothing yet.
    ///
    /// # Errors
    ///
    /// Where the file is no good list.
    pub fn offer(&self) -> Result<Arc<LeapOffer>, Context> {
        let offer = LeapOffer::new(self.leap_field);
        self.read(&offer)?;
        Ok(Arc::new(offer))
    }

    /// Reads the file again, if there is one.
    ///
    /// # Errors
    ///
    /// Where it is no good list; then the one before stays in force.
    pub fn read(&self, offer: &LeapOffer) -> Result<(), Context> {
        let Some(path) = &self.leap_list else {
            return Ok(());
        };
        let table = leap::load(path)?;
        if let Some(expired) = now().and_then(|now| leap::indicator(&table, now.to_unix()).err()) {
            cli::note(format_args!(
                "warning: {expired}: announcing no leap seconds"
            ));
        }
        offer.set(table);
        Ok(())
    }

    /// Starts to ask the DNS, if it is to be asked, in a thread that ends with the program. What
    /// comes back sets the flag to ask at once.
    #[must_use]
    pub fn start(
        &self,
        offer: &Arc<LeapOffer>,
        counters: Arc<Counters>,
        signals: &Signals,
    ) -> Arc<AtomicBool> {
        let taker = Taker {
            offer: Arc::clone(offer),
            counters,
        };
        self.dns.start(self.dns.named().to_dns(), taker, signals)
    }
}

/// Announces and gives what the DNS says.
struct Taker {
    offer: Arc<LeapOffer>,
    counters: Arc<Counters>,
}

impl LeapTaker for Taker {
    fn take(&mut self, answer: LeapAnswer, now: UtcInstant) -> Result<u32, String> {
        let table = answer.table().ok_or(NO_LIST)?;
        if table.is_expired(now) {
            return Err(format!("the list expired on {}", table.valid_until()));
        }
        self.counters.add(Count::LeapAnswers, 1);
        self.offer.set(table.clone());
        Ok(ttl_at(table, now))
    }

    fn fail(&mut self) {
        self.counters.add(Count::LeapFailures, 1);
        if now().is_some_and(|now| self.offer.is_good(now)) {
            self.counters.add(Count::LeapKept, 1);
        }
    }
}

fn now() -> Option<UtcInstant> {
    let now = UnixTime::try_from(SystemTime::now()).ok()?;
    UtcInstant::from_unix(now).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        leap: LeapOptions,
    }

    #[test]
    fn options_that_need_each_other() {
        let parse = |arguments: &str| {
            Program::try_parse_from(["serve"].into_iter().chain(arguments.split_whitespace()))
        };
        for wrong in [
            "--leap-list a --leap-dns b",
            "--leap-dnssec",
            "--leap-dns-server 127.0.0.1",
            "--leap-trust-anchor a",
            "--leap-dns a --leap-dns-type next",
            "--leap-dns a --leap-dns-refresh 0",
            "--leap-field 0x0104",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        let options =
            parse("--leap-dns a --leap-dns-type bin --leap-trust-anchor b --leap-field 0xf0f0");
        let options = options.unwrap().leap;
        assert_eq!(options.leap_field.get().to_bits(), 0xf0f0);
        assert!(
            parse("--leap-list a")
                .unwrap()
                .leap
                .dns
                .named()
                .name
                .is_none()
        );
    }
}
