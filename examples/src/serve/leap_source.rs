use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::path::PathBuf;
use std::sync::Arc;

use std::thread;
use std::time::{Instant, SystemTime};

use clap::Args;
use horolog_leap_dns::ttl_at;
use horolog_ntp::ExtensionType;
use horolog_time::{LeapTable, UnixTime, UtcInstant};

use super::{Count, Counters, LeapOffer};
use crate::cli::{self, Context, context};
use crate::leap::{self, NO_LIST, NamedDnsOptions};
use crate::stop::Signals;

/// Where `serve` has leap seconds from.
#[derive(Args, Clone, Debug)]
pub struct LeapOptions {
    /// A list of leap seconds to announce from, and to give to clients that ask for it (with NTS, by
    /// an experimental extension field)
    #[arg(long, value_name = "FILE", conflicts_with = "leap-dns")]
    pub leap_list: Option<PathBuf>,
    #[command(flatten)]
    dns: NamedDnsOptions,
    /// Ask the DNS at least so often, after a failure too
    #[arg(long = "leap-dns-refresh", value_name = "SECONDS", default_value_t = 86_400, requires = "leap-dns", value_parser = clap::value_parser!(u32).range(1..))]
    refresh: u32,
    /// Type of the experimental extension field
    #[arg(long, value_name = "TYPE", default_value = "0xf1ea", value_parser = leap::field_type)]
    leap_field: ExtensionType,
}

/// The least time from one question to the next, if nothing else is asked for.
const SHORTEST: Duration = Duration::from_mins(1);
/// The longest time to the next question after a failure.
const LONGEST_RETRY: Duration = Duration::from_hours(1);

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
            eprintln!("warning: {expired}: announcing no leap seconds");
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
        let hurry = Arc::new(AtomicBool::new(false));
        if let Some(name) = &self.dns.name {
            let refresher = Refresher {
                options: self.clone(),
                name: name.clone(),
                offer: Arc::clone(offer),
                counters,
                hurry: Arc::clone(&hurry),
            };
            let signals = signals.clone();
            thread::spawn(move || refresher.run(&signals));
        }
        hurry
    }
}

/// Asks the DNS for the list again and again.
struct Refresher {
    options: LeapOptions,
    name: String,
    offer: Arc<LeapOffer>,
    counters: Arc<Counters>,
    hurry: Arc<AtomicBool>,
}

impl Refresher {
    fn run(&self, signals: &Signals) {
        const STEP: Duration = Duration::from_millis(200);
        let most = Duration::from_secs(self.options.refresh.into());
        let mut failures = 0;
        while !signals.should_stop() {
            let wait = match self.ask() {
                Ok(wait) => {
                    failures = 0;
                    wait
                }
                Err(error) => {
                    failures += 1;
                    self.count_failure();
                    cli::report(&error);
                    after_failures(failures)
                }
            };
            let next = Instant::now() + wait.min(most);
            while !signals.should_stop()
                && Instant::now() < next
                && !self.hurry.swap(false, Ordering::Relaxed)
            {
                signals.sleep_until(next.min(Instant::now() + STEP));
            }
        }
    }

    /// Asks once; a good answer is put in force. Tells when to ask again.
    fn ask(&self) -> Result<Duration, Context> {
        let what = || format!("cannot use dns:{}", self.name);
        let answer = self.options.dns.to_dns().fetch(&self.name)?;
        let table = answer.table().ok_or(NO_LIST).map_err(context(what()))?;
        let now = now()
            .ok_or("the clock is beyond all measure")
            .map_err(context(what()))?;
        if table.is_expired(now) {
            let text = format!("the list expired on {}", table.valid_until());
            return Err(context(what())(text));
        }
        self.counters.add(Count::LeapAnswers, 1);
        self.offer.set(table.clone());
        Ok(after_answer(answer.ttl(), table, now))
    }

    fn count_failure(&self) {
        self.counters.add(Count::LeapFailures, 1);
        if now().is_some_and(|now| self.offer.is_good(now)) {
            self.counters.add(Count::LeapKept, 1);
        }
    }
}

/// When to ask again after an answer: when it may no longer be kept, and well before the list expires.
fn after_answer(ttl: Option<u32>, table: &LeapTable, now: UtcInstant) -> Duration {
    let before_expiry = ttl_at(table, now) / 2;
    let seconds = ttl.map_or(before_expiry, |ttl| ttl.min(before_expiry));
    Duration::from_secs(seconds.into()).max(SHORTEST)
}

/// When to ask again after so many failures: a minute later, and then twice as late each time.
fn after_failures(failures: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
    SHORTEST.saturating_mul(doubled).min(LONGEST_RETRY)
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
        assert_eq!(options.leap_field.to_bits(), 0xf0f0);
        assert!(parse("--leap-list a").unwrap().leap.dns.name.is_none());
    }

    #[test]
    fn the_dns_is_asked_again_before_its_answer_is_too_old() {
        let table = LeapTable::builder()
            .expires("2027-06-28T00:00:00Z".parse().unwrap())
            .build()
            .unwrap();
        for (now, ttl, seconds) in [
            ("2026-11-22T00:00:00Z", None, 43_200),
            ("2026-11-22T00:00:00Z", Some(86_400), 43_200),
            ("2026-11-22T00:00:00Z", Some(3_600), 3_600),
            ("2026-11-22T00:00:00Z", Some(0), 60),
            ("2027-06-27T23:00:00Z", Some(86_400), 1_800),
            ("2027-06-27T23:59:50Z", Some(86_400), 60),
        ] {
            let wait = after_answer(ttl, &table, now.parse().unwrap());
            assert_eq!(wait.as_secs(), seconds, "{now} {ttl:?}");
        }
        let waits = [1, 2, 3, 6, 7, 40, u32::MAX].map(|number| after_failures(number).as_secs());
        assert_eq!(waits, [60, 120, 240, 1_920, 3_600, 3_600, 3_600]);
    }
}
