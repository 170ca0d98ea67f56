use core::sync::atomic::{AtomicU64, Ordering};

use horolog_ntp::{KissCode, Refusal, ResponseKind};
use horolog_nts::{NtsRefusal, NtsResponse};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// What a server counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Count {
    /// Datagrams that came.
    Received,
    /// Answered with time.
    Answered,
    /// Of these, in interleaved mode.
    Interleaved,
    /// Of these, with a MAC.
    Authenticated,
    /// Of these, protected by NTS.
    NtsAnswered,
    /// Answered with a kiss code.
    Kissed,
    /// Dropped above the rate limit.
    RateLimited,
    /// Not NTP, or a version or mode that is not for a server.
    Malformed,
    /// Of another mode than 3.
    OtherMode,
    /// With a key that the server does not have.
    UnknownKey,
    /// With a MAC that does not verify.
    BadMac,
    /// Longer than any request.
    TooLong,
    /// The response did not fit.
    Unanswerable,
    /// The system could not send.
    SendErrors,
    /// The system could not receive.
    ReceiveErrors,
    /// Answered with an NTS NAK: a cookie or authenticator does not open.
    NtsNaks,
    /// With fields of NTS, but not as they should be.
    NtsRefused,
    /// Clients that got keys and cookies.
    KeEstablished,
    /// Clients whose request for keys was refused, or had no common ground.
    KeRefused,
    /// Clients whose TLS handshake failed, or led to a session that is not for key establishment.
    KeTls,
    /// Clients that took too long for the TLS handshake.
    KeSlow,
    /// Clients that hung up before they sent a request.
    KeHungUp,
    /// Connections above those that one client may have.
    KeTooMany,
    /// Clients that asked for the list of leap seconds while there was one.
    LeapLists,
    /// Lists of leap seconds that the DNS gave.
    LeapAnswers,
    /// Questions to the DNS without a good answer.
    LeapFailures,
    /// Of these, while an earlier list was good still and stayed in force.
    LeapKept,
}

/// Every count and its name.
const NAMES: [(Count, &str); 27] = [
    (Count::Received, "received"),
    (Count::Answered, "answered"),
    (Count::Interleaved, "interleaved"),
    (Count::Authenticated, "authenticated"),
    (Count::NtsAnswered, "nts_answered"),
    (Count::Kissed, "kissed"),
    (Count::RateLimited, "rate_limited"),
    (Count::Malformed, "malformed"),
    (Count::OtherMode, "other_mode"),
    (Count::UnknownKey, "unknown_key"),
    (Count::BadMac, "bad_mac"),
    (Count::TooLong, "too_long"),
    (Count::Unanswerable, "unanswerable"),
    (Count::SendErrors, "send_errors"),
    (Count::ReceiveErrors, "receive_errors"),
    (Count::NtsNaks, "nts_naks"),
    (Count::NtsRefused, "nts_refused"),
    (Count::KeEstablished, "ke_established"),
    (Count::KeRefused, "ke_refused"),
    (Count::KeTls, "ke_tls"),
    (Count::KeSlow, "ke_slow"),
    (Count::KeHungUp, "ke_hung_up"),
    (Count::KeTooMany, "ke_too_many"),
    (Count::LeapLists, "leap_lists"),
    (Count::LeapAnswers, "leap_answers"),
    (Count::LeapFailures, "leap_failures"),
    (Count::LeapKept, "leap_kept"),
];

/// The counts, shared by all workers. Serializes as an object of their names.
#[derive(Debug, Default)]
pub struct Counters([AtomicU64; NAMES.len()]);

impl Counters {
    /// Adds to a count.
    pub fn add(&self, count: Count, number: usize) {
        if let Some(counter) = self.counter(count) {
            counter.fetch_add(u64::try_from(number).unwrap_or_default(), Ordering::Relaxed);
        }
    }

    /// What a count has come to.
    #[must_use]
    pub fn get(&self, count: Count) -> u64 {
        self.counter(count)
            .map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    /// Counts what became of a request.
    pub fn add_result(&self, result: &Result<NtsResponse, NtsRefusal>) {
        let count = match result {
            Ok(response) => {
                if response.kind == ResponseKind::Interleaved {
                    self.add(Count::Interleaved, 1);
                }
                if response.key.is_some() {
                    self.add(Count::Authenticated, 1);
                }
                if response.cookies > 0 {
                    self.add(Count::NtsAnswered, 1);
                }
                match response.kind {
                    ResponseKind::Kiss(KissCode::NTSN) => Count::NtsNaks,
                    ResponseKind::Kiss(_) => Count::Kissed,
                    _ => Count::Answered,
                }
            }
            Err(NtsRefusal::Plain(Refusal::Mode(_))) => Count::OtherMode,
            Err(NtsRefusal::Plain(Refusal::UnknownKey(_))) => Count::UnknownKey,
            Err(NtsRefusal::Plain(Refusal::BadMac(_))) => Count::BadMac,
            Err(NtsRefusal::RateLimited | NtsRefusal::Plain(Refusal::RateLimited)) => {
                Count::RateLimited
            }
            Err(NtsRefusal::Plain(Refusal::Response(_))) => Count::Unanswerable,
            Err(NtsRefusal::Malformed(_) | NtsRefusal::Plain(_)) => Count::Malformed,
            Err(_) => Count::NtsRefused,
        };
        self.add(count, 1);
    }

    fn counter(&self, count: Count) -> Option<&AtomicU64> {
        let place = NAMES.iter().position(|(named, _)| *named == count)?;
        self.0.get(place)
    }
}

impl Serialize for Counters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(NAMES.len()))?;
        for (count, name) in NAMES {
            map.serialize_entry(name, &self.get(count))?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_has_a_place_and_a_name() {
        let counters = Counters::default();
        for (number, (count, _)) in NAMES.iter().enumerate() {
            counters.add(*count, number + 1);
        }
        for (number, (count, name)) in NAMES.iter().enumerate() {
            assert_eq!(
                counters.get(*count),
                u64::try_from(number + 1).unwrap(),
                "{name}"
            );
        }
        let text = serde_json::to_string(&counters).unwrap();
        assert!(text.starts_with(r#"{"received":1,"answered":2,"#), "{text}");
    }
}
