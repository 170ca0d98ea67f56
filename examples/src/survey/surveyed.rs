use core::net::SocketAddr;
use core::time::Duration;
use std::time::Instant;

use crate::address::HostPort;
use crate::chart::printable;
use crate::cli;
use crate::query::{Event, Plan, Sample, Summary, TroubleRecord, ask};
use crate::stop::Signals;

/// What a server said in all.
#[derive(Clone, Debug)]
pub struct Surveyed {
    /// Its name.
    pub name: String,
    /// Where it was asked, once that is known.
    pub address: Option<SocketAddr>,
    /// Its replies that tell time, in order.
    pub samples: Vec<Taken>,
    /// Whether each of the last eight requests brought time, the newest in the lowest bit (RFC 5905
    /// § 9.2).
    pub reach: u8,
    /// Replies that tell no usable time, as of a server that is not synchronised.
    pub unusable: u32,
    /// What went wrong last.
    pub trouble: Option<String>,
    /// The sum of it.
    pub summary: Summary,
}

/// A sample and when it came.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// Since the survey began.
    pub time: Duration,
    /// What came.
    pub sample: Sample,
}

impl Taken {
    /// Seconds since the survey began.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.time.as_secs_f64()
    }

    /// What to add to the local clock, in seconds.
    #[must_use]
    pub fn offset(&self) -> f64 {
        self.sample.measurement.offset().as_seconds_f64()
    }

    /// What the exchange alone proves of the offset, low and high: half the delay either way.
    #[must_use]
    pub fn bounds(&self) -> [f64; 2] {
        let half = self.delay() / 2.0;
        [self.offset() - half, self.offset() + half]
    }

    /// The time on the way, in seconds.
    #[must_use]
    pub fn delay(&self) -> f64 {
        self.sample.measurement.delay().as_seconds_f64()
    }
}

impl Surveyed {
    /// A server that said nothing, and why.
    #[must_use]
    pub fn silent(name: &str, trouble: &str) -> Self {
        Self {
            name: printable(name),
            address: None,
            samples: Vec::new(),
            reach: 0,
            unusable: 0,
            trouble: Some(printable(trouble)),
            summary: Summary::default(),
        }
    }

    pub(super) fn ask(
        name: &str,
        server: &HostPort,
        plan: &Plan,
        signals: &Signals,
        start: Instant,
        progress: impl Fn(),
    ) -> Self {
        let mut surveyed = Self::silent(name, "not asked");
        surveyed.trouble = None;
        let result = ask(server, plan, signals, |address, event| {
            surveyed.hear(name, address, &event, start.elapsed());
            if !matches!(event, Event::Established { .. } | Event::NotEstablished(_)) {
                progress();
            }
        });
        match result {
            Ok(summary) => surveyed.summary = summary,
            Err(error) => surveyed.trouble = Some(printable(&cli::chain(&error))),
        }
        surveyed
    }

    pub(super) fn hear(&mut self, name: &str, address: SocketAddr, event: &Event, time: Duration) {
        self.address = Some(address);
        match event {
            Event::Established { .. } => return,
            Event::Sample(sample) => {
                self.reach = self.reach << 1 | 1;
                self.samples.push(Taken {
                    time,
                    sample: *sample,
                });
                return;
            }
            Event::NotEstablished(_) => {}
            Event::Unusable(_) => {
                self.reach <<= 1;
                self.unusable += 1;
            }
            _ => self.reach <<= 1,
        }
        let trouble = TroubleRecord::new(name, address, event);
        self.trouble = trouble.map(|trouble| printable(trouble.error()));
    }

    /// The newest sample.
    #[must_use]
    pub fn newest(&self) -> Option<&Taken> {
        self.samples.last()
    }
}
