use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use horolog_leap_dns::LeapAnswer;
use horolog_ntimed::LeapVote;
use horolog_time::UtcInstant;

use super::{KnownLeaps, LeapStatus};
use crate::cli;
use crate::leap::{LeapKnowledge, LeapTaker, RefreshedDnsOptions, contradiction};
use crate::stop::Signals;

/// What the DNS says of leap seconds, kept up to date by a thread beside the program.
///
/// The last good answer stays until there is another. What has expired stays too, and says so.
#[derive(Debug)]
pub struct LeapWatch {
    source: String,
    known: Arc<RwLock<Option<KnownLeaps>>>,
    hurry: Arc<AtomicBool>,
}

impl LeapWatch {
    /// Starts to ask, if the options have a name to ask for. The thread ends with the program.
    #[must_use]
    pub fn start(options: &RefreshedDnsOptions, signals: &Signals) -> Option<Self> {
        let dns = options.named();
        let source = format!("dns:{}", dns.name.as_ref()?);
        let known = Arc::default();
        let taker = Taker {
            source: source.clone(),
            known: Arc::clone(&known),
        };
        let hurry = options.start(dns.to_dns_by_system(), taker, signals);
        Some(Self {
            source,
            known,
            hurry,
        })
    }

    /// Has the DNS asked at once, such as after a step of the clock: what had expired may be good.
    pub fn hurry(&self) {
        self.hurry.store(true, Ordering::Relaxed);
    }

    /// What is known at an instant, beside what the servers show.
    #[must_use]
    pub fn status(&self, now: UtcInstant, vote: LeapVote) -> LeapStatus {
        LeapStatus::new(&self.source, read(&self.known).as_ref(), now, vote)
    }
}

/// Keeps what the DNS says.
struct Taker {
    source: String,
    known: Arc<RwLock<Option<KnownLeaps>>>,
}

impl LeapTaker for Taker {
    fn take(&mut self, answer: LeapAnswer, now: UtcInstant) -> Result<u32, String> {
        const NEITHER: &str = "the records are neither a list nor announcements of leap seconds";
        let knowledge = LeapKnowledge::from_answer(&answer).ok_or(NEITHER)?;
        let ttl = knowledge.ttl(now);
        if ttl == 0 {
            let until = knowledge.valid_until();
            return Err(format!("what it says is good only until {until}"));
        }
        let known = KnownLeaps {
            knowledge,
            security: answer.security(),
        };
        if let Some(before) = &*read(&self.known)
            && let Some(text) = turn(before, &known, now)
        {
            cli::note(format_args!(
                "warning: {} has changed its mind: {text}",
                self.source
            ));
        }
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Ok(ttl)
    }
}

/// What two answers say of the same time, where that differs.
fn turn(before: &KnownLeaps, after: &KnownLeaps, now: UtcInstant) -> Option<String> {
    match (&before.knowledge, &after.knowledge) {
        (LeapKnowledge::List(before), LeapKnowledge::List(after)) => contradiction(before, after),
        (before, after) => {
            let (before, after) = (before.at(now).ok()?, after.at(now).ok()?);
            (before.tai_utc != after.tai_utc)
                .then(|| format!("TAI-UTC {} s and {} s", before.tai_utc, after.tai_utc))
        }
    }
}

fn read(known: &RwLock<Option<KnownLeaps>>) -> RwLockReadGuard<'_, Option<KnownLeaps>> {
    // Whoever replaces it puts a whole one in place.
    known.read().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use horolog_leap_a::LeapAnnouncement;
    use horolog_leap_dns::{LeapForm, LeapRrset};
    use horolog_time::TaiUtc;

    fn answer(addresses: &[[u8; 4]]) -> LeapAnswer {
        LeapAnswer::new("a", LeapRrset::decode(LeapForm::A, addresses).unwrap())
    }

    #[test]
    fn the_last_good_answer_is_kept() {
        let mut taker = Taker {
            source: "dns:a".to_owned(),
            known: Arc::default(),
        };
        let watch = LeapWatch {
            source: "dns:a".to_owned(),
            known: Arc::clone(&taker.known),
            hurry: Arc::default(),
        };
        let now: UtcInstant = "2015-02-01T00:00:00Z".parse().unwrap();
        let tai_utc = |now: &str| {
            let status = watch.status(now.parse().unwrap(), LeapVote::default());
            status.tai_utc().map(TaiUtc::seconds)
        };
        assert_eq!(tai_utc("2015-02-01T00:00:00Z"), None);
        // Bulletin C 49.
        assert_eq!(taker.take(answer(&[[244, 23, 35, 255]]), now), Ok(86_400));
        assert_eq!(tai_utc("2015-02-01T00:00:00Z"), Some(35));
        assert_eq!(tai_utc("2015-07-01T00:00:00Z"), Some(36));
        // One of 1971 is no reason to forget it.
        let error = taker.take(answer(&[[240, 3, 9, 77]]), now).unwrap_err();
        assert_eq!(
            error,
            "what it says is good only until 1972-06-28T00:00:00Z"
        );
        assert_eq!(tai_utc("2015-02-01T00:00:00Z"), Some(35));
        // Bulletin C 50 takes its place.
        let july = "2015-07-10T00:00:00Z".parse().unwrap();
        assert_eq!(taker.take(answer(&[[244, 34, 36, 97]]), july), Ok(86_400));
        assert_eq!(tai_utc("2016-01-01T00:00:00Z"), Some(36));
        assert!(!watch.hurry.load(Ordering::Relaxed));
        watch.hurry();
        assert!(watch.hurry.load(Ordering::Relaxed));
    }

    #[test]
    fn a_change_of_mind_is_seen() {
        let known = |addresses: &[[u8; 4]]| KnownLeaps {
            knowledge: LeapKnowledge::from_answer(&answer(addresses)).unwrap(),
            security: answer(addresses).security(),
        };
        let june = known(&[[244, 23, 35, 255]]);
        let december = known(&[[244, 34, 36, 97]]);
        let list = known(&[[240, 15, 10, 108], [240, 25, 139, 173]]);
        let now = |text: &str| text.parse().unwrap();
        assert_eq!(turn(&june, &december, now("2015-07-10T00:00:00Z")), None);
        assert_eq!(turn(&june, &june, now("2015-07-10T00:00:00Z")), None);
        assert_eq!(turn(&june, &list, now("2015-07-10T00:00:00Z")), None);
        assert_eq!(turn(&list, &list, now("1972-07-10T00:00:00Z")), None);
        let other =
            LeapAnnouncement::new("2015-12".parse().unwrap(), TaiUtc::from_seconds(37), None);
        let other = known(&[other.unwrap().to_addr().octets()]);
        assert_eq!(
            turn(&june, &other, now("2015-07-10T00:00:00Z")).unwrap(),
            "TAI-UTC 36 s and 37 s"
        );
    }
}
