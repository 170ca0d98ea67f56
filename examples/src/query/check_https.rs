use std::path::PathBuf;

use clap::Args;
use horolog_https::{RefusalList, TimeUrl};
use horolog_time::OffsetBounds;
use serde::Serialize;

use crate::address::Family;
use crate::cli::{self, Context, Verdict};
use crate::httpstime::{Asked, CertTime, ask, config};
use crate::say;
use crate::stop::Signals;
use crate::units;

/// What `query` takes to compare NTP with time over HTTPS.
#[derive(Debug, Args)]
pub struct HttpsCheckOptions {
    /// Compare the result with the bounds that a web server gives, `https://HOST[:PORT][/PATH]`:
    /// whether it agrees, contradicts (exit status 1), or cannot say
    #[arg(long, value_name = "URL")]
    check_https: Option<TimeUrl>,
    /// Certificates of the authorities to trust for that, in place of the system's
    #[arg(long, value_name = "PEM", requires = "check_https")]
    https_ca: Option<PathBuf>,
}

/// What a web server says of the clock.
#[derive(Debug)]
pub struct HttpsCheck {
    url: TimeUrl,
    /// Bounds on the offset, or why there are none.
    bounds: Result<OffsetBounds, String>,
}

/// Whether NTP and HTTPS can both be right.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agreement {
    /// Their bounds have an offset in common.
    Agrees,
    /// They have none.
    Contradicts,
    /// The web server gave no bounds.
    CannotSay,
}

/// What is printed as JSON for each NTP server. Scripts rely on these names.
#[derive(Debug, Serialize)]
struct Record<'a> {
    check_https: String,
    server: &'a str,
    result: Agreement,
    /// Bounds on the offset by HTTPS, in seconds.
    low: Option<f64>,
    high: Option<f64>,
    error: Option<&'a str>,
}

impl HttpsCheckOptions {
    /// Reads the authorities to trust, if there is a web server to ask, so that what is wrong with them
    /// is told before anybody is asked.
    ///
    /// # Errors
    ///
    /// Where there are none.
    pub fn check_authorities(&self) -> Result<(), Context> {
        if self.check_https.is_some() {
            config(self.https_ca.as_deref(), CertTime::Local)?;
        }
        Ok(())
    }

    /// Asks the web server, if there is one to ask.
    #[must_use]
    pub fn run(&self, family: Family, signals: &Signals) -> Option<HttpsCheck> {
        let url = self.check_https.clone()?;
        let bounds = self.ask(&url, family, signals);
        Some(HttpsCheck { url, bounds })
    }

    fn ask(
        &self,
        url: &TimeUrl,
        family: Family,
        signals: &Signals,
    ) -> Result<OffsetBounds, String> {
        let config = config(self.https_ca.as_deref(), CertTime::Local)
            .map_err(|error| cli::chain(&error))?;
        let refusals = RefusalList::new();
        match ask(url, family, &config, refusals, signals, |_| {}) {
            Ok(Asked::Told(round)) => Ok(round.bounds),
            Ok(Asked::Failed(error)) => Err(cli::chain(&error)),
            Err(error) => Err(cli::chain(&error)),
        }
    }
}

impl HttpsCheck {
    /// Compares the bounds of an NTP server with those of the web server.
    #[must_use]
    pub fn compare(&self, ntp: OffsetBounds) -> Agreement {
        match &self.bounds {
            Ok(https) if https.intersection(ntp).is_some() => Agreement::Agrees,
            Ok(_) => Agreement::Contradicts,
            Err(_) => Agreement::CannotSay,
        }
    }

    /// Prints how NTP servers compare, and tells whether none is contradicted.
    #[must_use]
    pub fn report(&self, servers: &[(&String, OffsetBounds)], json: bool) -> Verdict {
        let mut verdict = Verdict::Good;
        if let (Err(error), false) = (&self.bounds, json) {
            cli::note(format_args!("warning: {} cannot say: {error}", self.url));
        }
        for (server, ntp) in servers {
            let result = self.compare(*ntp);
            if json {
                self.print_json(server, result);
            } else if let (Ok(https), Agreement::Agrees) = (&self.bounds, result) {
                say!("{server}  {} agrees: {}", self.url, between(*https));
            }
            if let (Ok(https), Agreement::Contradicts) = (&self.bounds, result) {
                cli::note(format_args!(
                    "error: {server}: {} contradicts: NTP's {}, HTTPS's {}",
                    self.url,
                    between(*ntp),
                    between(*https)
                ));
                verdict = Verdict::Bad;
            }
        }
        verdict
    }

    fn print_json(&self, server: &str, result: Agreement) {
        let bounds = self.bounds.as_ref().ok();
        let record = Record {
            check_https: self.url.to_string(),
            server,
            result,
            low: bounds.map(|bounds| bounds.low().as_seconds_f64()),
            high: bounds.map(|bounds| bounds.high().as_seconds_f64()),
            error: self.bounds.as_ref().err().map(String::as_str),
        };
        // A record holds nothing that JSON cannot say.
        cli::print_json(&record);
    }
}

fn between(bounds: OffsetBounds) -> String {
    format!(
        "offset is in {} to {}",
        units::offset(bounds.low()),
        units::offset(bounds.high())
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use horolog_time::NtpDuration;

    fn bounds(low: i32, high: i32) -> OffsetBounds {
        let [low, high] = [low, high].map(NtpDuration::from_seconds);
        OffsetBounds::new(low, high).unwrap()
    }

    #[test]
    fn bounds_are_compared() {
        let mut check = HttpsCheck {
            url: "https://a.example".parse().unwrap(),
            bounds: Ok(bounds(-1, 1)),
        };
        assert_eq!(check.compare(bounds(1, 2)), Agreement::Agrees);
        assert_eq!(check.compare(bounds(2, 3)), Agreement::Contradicts);
        let name = "ntp.example".to_owned();
        let servers = [(&name, bounds(2, 3))];
        assert_eq!(check.report(&servers, false), Verdict::Bad);
        check.bounds = Err("no time".to_owned());
        assert_eq!(check.compare(bounds(2, 3)), Agreement::CannotSay);
        assert_eq!(check.report(&servers, true), Verdict::Good);
    }
}
