use core::net::SocketAddr;

use horolog_ntp::Measurement;

use super::{Asker, Event, Plan};
use crate::address::HostPort;
use crate::cli::{Context, context};
use crate::stop::Signals;

/// A server that is asked whenever the caller wants; [`ask`](super::ask) keeps times itself.
pub struct Poller<'p> {
    server: HostPort,
    plan: &'p Plan,
    asker: Asker,
}

impl<'p> Poller<'p> {
    /// Finds the server, and establishes keys where the plan says so and the signals do not say stop.
    ///
    /// # Errors
    ///
    /// As [`ask`](super::ask).
    pub fn new(server: &HostPort, plan: &'p Plan, signals: &Signals) -> Result<Self, Context> {
        Ok(Self {
            server: server.clone(),
            plan,
            asker: Asker::new(server, plan, signals)?,
        })
    }

    /// Where NTP is asked now.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.asker.address
    }

    /// What came back to the last request with its transmit timestamp, whatever else it said, and if
    /// it was no reply of a server or of another version, where nothing has to vouch for it: its
    /// header, and when it and the request went and came. `None` where nothing came.
    #[must_use]
    pub const fn answered(&self) -> Option<&Measurement> {
        self.asker.answered.as_ref()
    }

    /// One request and what comes of it; `None` where the signals say stop. New keys, or that there
    /// are none, are told before.
    ///
    /// As long as nobody has answered it goes to one address of the server after the other; what was
    /// lost at those before the last is told too.
    ///
    /// # Errors
    ///
    /// Where the system does not send.
    pub fn poll(
        &mut self,
        signals: &Signals,
        mut tell: impl FnMut(SocketAddr, Event),
    ) -> Result<Option<Event>, Context> {
        self.asker.renew_keys(self.plan, signals, &mut tell)?;
        self.asker
            .ask_first(self.plan.timeout, signals, tell)
            .map_err(context(format!("cannot ask {}", self.server)))
    }
}

impl core::fmt::Debug for Poller<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Poller")
            .field("server", &self.server)
            .field("address", &self.asker.address)
            .finish_non_exhaustive()
    }
}
