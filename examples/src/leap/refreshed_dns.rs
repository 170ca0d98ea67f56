use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::sync::Arc;
use std::thread;
use std::time::{Instant, SystemTime};

use clap::Args;
use horolog_leap_dns::LeapAnswer;
use horolog_time::{UnixTime, UtcInstant};

use super::{DnsOptions, NamedDnsOptions};
use crate::cli::{self, Context, context};
use crate::stop::Signals;

/// Leap seconds in the DNS, as an option of programs that run for long: what was heard is asked for
/// again before it is too old.
#[derive(Args, Clone, Debug)]
pub struct RefreshedDnsOptions {
    #[command(flatten)]
    named: NamedDnsOptions,
    /// Ask the DNS at least so often, after a failure too
    #[arg(long = "leap-dns-refresh", value_name = "SECONDS", default_value_t = 86_400, requires = "leap-dns", value_parser = clap::value_parser!(u32).range(1..))]
    refresh: u32,
}

/// Who keeps what the DNS says.
pub trait LeapTaker: Send + 'static {
    /// Takes an answer that is good at a time, instead of the one before, and tells for how many
    /// seconds more it is.
    ///
    /// # Errors
    ///
    /// What is wrong with it; then the one before stays.
    fn take(&mut self, answer: LeapAnswer, now: UtcInstant) -> Result<u32, String>;

    /// Is told that there was no good answer.
    fn fail(&mut self) {}
}

/// The least time from one question to the next, if nothing else is asked for.
const SHORTEST: Duration = Duration::from_mins(1);
/// The longest time to the next question after a failure.
const LONGEST_RETRY: Duration = Duration::from_hours(1);

impl RefreshedDnsOptions {
    /// The name, and how to ask for it.
    #[must_use]
    pub const fn named(&self) -> &NamedDnsOptions {
        &self.named
    }

    /// Starts to ask, if there is a name, in a thread that ends with the program. What comes back
    /// sets the flag to ask at once.
    #[must_use]
    pub fn start(
        &self,
        dns: DnsOptions,
        taker: impl LeapTaker,
        signals: &Signals,
    ) -> Arc<AtomicBool> {
        let hurry = Arc::new(AtomicBool::new(false));
        if let Some(name) = &self.named.name {
            let refresher = Refresher {
                dns,
                name: name.clone(),
                taker,
                most: Duration::from_secs(self.refresh.into()),
                hurry: Arc::clone(&hurry),
            };
            let signals = signals.clone();
            thread::spawn(move || refresher.run(&signals));
        }
        hurry
    }
}

/// Asks the DNS again and again.
struct Refresher<T> {
    dns: DnsOptions,
    name: String,
    taker: T,
    most: Duration,
    hurry: Arc<AtomicBool>,
}

impl<T: LeapTaker> Refresher<T> {
    fn run(mut self, signals: &Signals) {
        const STEP: Duration = Duration::from_millis(200);
        let mut failures = 0;
        while !signals.should_stop() {
            let wait = match self.ask() {
                Ok(wait) => {
                    failures = 0;
                    wait
                }
                Err(error) => {
                    failures += 1;
                    self.taker.fail();
                    cli::report(&error);
                    after_failures(failures)
                }
            };
            let next = Instant::now() + wait.min(self.most);
            while !signals.should_stop()
                && Instant::now() < next
                && !self.hurry.swap(false, Ordering::Relaxed)
            {
                signals.sleep_until(next.min(Instant::now() + STEP));
            }
        }
    }

    /// Asks once; a good answer is taken. Tells when to ask again.
    fn ask(&mut self) -> Result<Duration, Context> {
        let what = || format!("cannot use dns:{}", self.name);
        let answer = self.dns.fetch(&self.name)?;
        let now = UnixTime::try_from(SystemTime::now())
            .and_then(UtcInstant::from_unix)
            .map_err(context(what()))?;
        let ttl = answer.ttl();
        let left = self.taker.take(answer, now).map_err(context(what()))?;
        Ok(after_answer(ttl, left))
    }
}

/// When to ask again after an answer that is good for so many seconds: when it may no longer be kept,
/// and well before its end.
fn after_answer(ttl: Option<u32>, left: u32) -> Duration {
    let before_the_end = left / 2;
    let seconds = ttl.map_or(before_the_end, |ttl| ttl.min(before_the_end));
    Duration::from_secs(seconds.into()).max(SHORTEST)
}

/// When to ask again after so many failures: a minute later, and then twice as late each time.
fn after_failures(failures: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
    SHORTEST.saturating_mul(doubled).min(LONGEST_RETRY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dns_is_asked_again_before_its_answer_is_too_old() {
        for (ttl, left, seconds) in [
            (None, 86_400, 43_200),
            (Some(86_400), 86_400, 43_200),
            (Some(3_600), 86_400, 3_600),
            (Some(0), 86_400, 60),
            (Some(86_400), 3_600, 1_800),
            (Some(86_400), 10, 60),
        ] {
            assert_eq!(after_answer(ttl, left).as_secs(), seconds, "{ttl:?} {left}");
        }
        let waits = [1, 2, 3, 6, 7, 40, u32::MAX].map(|number| after_failures(number).as_secs());
        assert_eq!(waits, [60, 120, 240, 1_920, 3_600, 3_600, 3_600]);
    }
}
