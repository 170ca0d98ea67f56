//! Many servers side by side: asking them, what they say together, and pictures of it.

mod embedded;
mod findings;
#[cfg(test)]
mod known;
mod page;
mod pictures;
mod record;
mod standing;
mod surveyed;
mod table;
mod together;

use core::time::Duration;
use std::thread;
use std::time::{Instant, SystemTime};

pub use embedded::EmbeddedServer;
pub use findings::Findings;
pub use page::page;
pub use pictures::{Plate, plates_of};
pub use record::{ServerRecord, SurveyRecord};
pub use standing::Standing;
pub use surveyed::{Surveyed, Taken};
pub use table::{table, verdict};
pub use together::{Screen, plates_together};

use crate::address::HostPort;
use crate::progress;
use crate::query::Plan;
use crate::stop::Signals;

/// Asks all servers side by side, each by its name, and evaluates what they say.
#[must_use]
pub fn survey(servers: &[(String, HostPort)], plan: &Plan, signals: &Signals) -> Findings {
    let (begun, start) = (SystemTime::now(), Instant::now());
    let requests = u64::try_from(servers.len()).unwrap_or(u64::MAX);
    let bar = progress::bar(requests.saturating_mul(plan.samples.into()), "asking");
    let surveyed: Vec<_> = thread::scope(|scope| {
        let askers: Vec<_> = servers
            .iter()
            .map(|(name, server)| {
                let bar = &bar;
                scope
                    .spawn(move || Surveyed::ask(name, server, plan, signals, start, || bar.inc(1)))
            })
            .collect();
        // An asker that panicked has nothing to tell.
        let names = servers.iter().map(|(name, _)| name);
        let joined = askers.into_iter().zip(names);
        joined
            .map(|(asker, name)| {
                asker
                    .join()
                    .unwrap_or_else(|_| Surveyed::silent(name, "the asker ended"))
            })
            .collect()
    });
    bar.finish_and_clear();
    Findings::new(
        surveyed,
        begun,
        start.elapsed().max(Duration::from_millis(1)),
    )
}
