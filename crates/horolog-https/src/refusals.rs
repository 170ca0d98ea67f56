use alloc::borrow::ToOwned;
use alloc::collections::VecDeque;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use horolog_time::UnixTime;
use horolog_time::epoch::SECONDS_PER_DAY;
use thiserror::Error;

use crate::{StatusCode, TimeUrl};

/// Servers that do not offer time, which are not to be asked again for a while.
///
/// A server that answers with anything but 200 or 204 asks by that to be left alone. It is left alone
/// for [`DAYS`](Self::DAYS). The list holds at most [`CAPACITY`](Self::CAPACITY) servers and forgets
/// the oldest. As a text it has a line for each, so that it can be kept in a file.
///
/// # Examples
///
/// ```
/// use horolog_https::{RefusalList, StatusCode, TimeUrl};
/// use horolog_time::UnixTime;
///
/// let url: TimeUrl = "https://www.example".parse().unwrap();
/// let now = UnixTime::from_seconds(1_795_338_518);
/// let mut list = RefusalList::new();
/// list.remember(&url, StatusCode::NOT_FOUND, now);
/// assert_eq!(list.to_string(), "https://www.example/.well-known/time 404 1795338518\n");
///
/// let list: RefusalList = list.to_string().parse()?;
/// assert_eq!(list.find(&url, now), Some(StatusCode::NOT_FOUND));
/// let later = UnixTime::from_seconds(now.seconds() + 31 * 86_400);
/// assert_eq!(list.find(&url, later), None);
/// # Ok::<(), horolog_https::RefusalError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RefusalList {
    /// Oldest first.
    refusals: VecDeque<Refusal>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Refusal {
    url: String,
    status: StatusCode,
    seconds: i64,
}

/// A text that is no list of refusals.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("line {line} is not a URL, a status code and Unix seconds")]
pub struct RefusalError {
    line: usize,
}

impl RefusalError {
    /// The line, from 1 on.
    #[must_use]
    pub const fn line(self) -> usize {
        self.line
    }
}

impl RefusalList {
    /// Servers that the list holds at most.
    pub const CAPACITY: usize = 1024;
    /// Days for which a server is left alone.
    pub const DAYS: u32 = 30;

    /// No server yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            refusals: VecDeque::new(),
        }
    }

    /// A server has refused, in place of what was known of it.
    pub fn remember(&mut self, url: &TimeUrl, status: StatusCode, now: UnixTime) {
        self.forget(url);
        self.push(Refusal {
            url: url.to_string(),
            status,
            seconds: now.seconds(),
        });
    }

    /// A server may be asked again.
    pub fn forget(&mut self, url: &TimeUrl) {
        let url = url.to_string();
        self.refusals.retain(|refusal| refusal.url != url);
    }

    /// How a server has refused, where that is not too long ago.
    ///
    /// The clock need not be right, nor have been: a refusal that seems to be of the future counts as
    /// one of the past does.
    #[must_use]
    pub fn find(&self, url: &TimeUrl, now: UnixTime) -> Option<StatusCode> {
        let span = u64::from(Self::DAYS) * u64::from(SECONDS_PER_DAY);
        let url = url.to_string();
        self.refusals
            .iter()
            .find(|refusal| refusal.url == url && now.seconds().abs_diff(refusal.seconds) < span)
            .map(|refusal| refusal.status)
    }

    /// How many servers it holds, those included that may be asked again.
    #[must_use]
    pub fn len(&self) -> usize {
        self.refusals.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.refusals.is_empty()
    }

    fn push(&mut self, refusal: Refusal) {
        if self.refusals.len() >= Self::CAPACITY {
            self.refusals.pop_front();
        }
        self.refusals.push_back(refusal);
    }
}

/// A line for each server, the oldest first.
impl fmt::Display for RefusalList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.refusals.iter().try_for_each(|refusal| {
            let Refusal {
                url,
                status,
                seconds,
            } = refusal;
            writeln!(f, "{url} {status} {seconds}")
        })
    }
}

/// Empty lines do not count.
impl FromStr for RefusalList {
    type Err = RefusalError;

    fn from_str(text: &str) -> Result<Self, RefusalError> {
        let mut list = Self::new();
        for (number, line) in text.lines().enumerate() {
            if line.trim_ascii().is_empty() {
                continue;
            }
            let refusal = refusal(line).ok_or(RefusalError { line: number + 1 })?;
            list.push(refusal);
        }
        Ok(list)
    }
}

fn refusal(line: &str) -> Option<Refusal> {
    let mut words = line.split_ascii_whitespace();
    let refusal = Refusal {
        url: words.next()?.to_owned(),
        status: StatusCode::new(words.next()?.parse().ok()?),
        seconds: words.next()?.parse().ok()?,
    };
    let url: TimeUrl = refusal.url.parse().ok()?;
    (url.to_string() == refusal.url && words.next().is_none()).then_some(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(number: usize) -> TimeUrl {
        alloc::format!("https://s{number}.example").parse().unwrap()
    }

    #[test]
    fn a_server_is_remembered_for_thirty_days_whatever_the_clock_does() {
        let mut list = RefusalList::new();
        let at = |days: i64| UnixTime::from_seconds(days * 86_400);
        list.remember(&url(0), StatusCode::new(302), at(100));
        for (days, remembered) in [
            (70, false),
            (71, true),
            (100, true),
            (129, true),
            (130, false),
        ] {
            assert_eq!(list.find(&url(0), at(days)).is_some(), remembered, "{days}");
        }
        assert_eq!(list.find(&url(0), UnixTime::from_seconds(i64::MIN)), None);
        assert_eq!(list.find(&url(1), at(100)), None);
        list.remember(&url(0), StatusCode::NOT_FOUND, at(200));
        assert_eq!(
            (list.len(), list.find(&url(0), at(200))),
            (1, Some(StatusCode::NOT_FOUND))
        );
        list.forget(&url(0));
        assert!(list.is_empty());
    }

    #[test]
    fn the_oldest_is_forgotten() {
        let mut list = RefusalList::new();
        for number in 0..=RefusalList::CAPACITY {
            list.remember(&url(number), StatusCode::NOT_FOUND, UnixTime::EPOCH);
        }
        assert_eq!(list.len(), RefusalList::CAPACITY);
        assert_eq!(list.find(&url(0), UnixTime::EPOCH), None);
        assert!(
            list.find(&url(RefusalList::CAPACITY), UnixTime::EPOCH)
                .is_some()
        );
        assert_eq!(list.to_string().parse(), Ok(list));
    }

    #[test]
    fn the_line_that_is_wrong_is_named() {
        let good = "https://a/.well-known/time 404 0";
        for bad in [
            "https://a 404 0", // Not as it is written.
            "http://a/x 404 0",
            "https://a/x 404",
            "https://a/x 404 0 0",
            "https://a/x x 0",
            "https://a/x 404 x",
        ] {
            let error = alloc::format!("{good}\n\n{bad}\n")
                .parse::<RefusalList>()
                .unwrap_err();
            assert_eq!(error.line(), 3, "{bad}");
        }
    }
}
