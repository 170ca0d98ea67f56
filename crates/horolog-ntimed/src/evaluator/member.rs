//! What is known of each source.

use alloc::vec::Vec;
use core::cmp::Ordering;
use core::mem;

use horolog_time::NtpDate;

use crate::sample_window::SampleWindow;
use crate::steering::{Mark, Steering};
use crate::{Density, Exchange, Filter, Param, Params, Rejection, Source, SourceId, date};

#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) id: SourceId,
    pub(super) source: Source,
    pub(super) filter: Filter,
    window: SampleWindow,
    /// What the newest sample is trusted.
    trust: f64,
    /// Why the newest reply does not count.
    pub(super) fault: Option<Rejection>,
    pub(super) newest: Option<Exchange>,
    /// The first source with its address.
    pub(super) duplicate_of: Option<SourceId>,
    /// Those added before that showed the same server, in order.
    pub(super) same_server: Vec<SourceId>,
    /// When its last reply came, since the clock was stepped.
    pub(super) replied: Option<Mark>,
    /// When the first sample of any source came, since it was added and the clock last stepped.
    pub(super) begun: Option<NtpDate>,
}

impl Member {
    pub(super) fn new(id: SourceId, source: Source, duplicate_of: Option<SourceId>) -> Self {
        Self {
            id,
            source,
            filter: Filter::coarse(),
            window: SampleWindow::default(),
            trust: 0.0,
            fault: None,
            newest: None,
            duplicate_of,
            same_server: Vec::new(),
            replied: None,
            begun: None,
        }
    }

    /// Forgets what it said.
    pub(super) fn reset(&mut self) {
        self.filter.reset();
        self.window.clear();
        self.fault = None;
        self.newest = None;
        self.same_server.clear();
        self.replied = None;
        self.begun = None;
    }

    pub(super) fn take(&mut self, trust: f64, [low, high]: [f64; 2], mark: Mark, params: &Params) {
        let contradictory = low > high;
        self.trust = trust;
        self.fault = contradictory.then_some(Rejection::Contradictory([low, high]));
        if !contradictory {
            let mid = 0.5 * (low + high);
            self.window.push([low, mid, high], mark, params);
        }
    }

    /// Whether it said nothing yet but may still do so: all are asked in this time.
    pub(super) fn may_speak(&self, now: NtpDate, params: &Params) -> bool {
        self.begun
            .is_some_and(|begun| date::difference(now, begun) < params.get(Param::PollRate))
    }

    /// What the source says now, or why it does not count; other addresses of its server aside.
    pub(super) fn vote(
        &self,
        steering: &Steering,
        now: NtpDate,
        params: &Params,
    ) -> Result<Density, Rejection> {
        if let Some(other) = self.duplicate_of {
            return Err(Rejection::Duplicate(other));
        }
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let age = self.window.age(now).ok_or(Rejection::Silent)?;
        if age > params.get(Param::MaxAge) {
            return Err(Rejection::Stale(age));
        }
        if self.trust <= 0.0 {
            return Err(Rejection::Untrusted);
        }
        let density = self.window.density(self.trust, steering, now, params);
        density.ok_or(Rejection::Silent)
    }
}

/// The place of a source.
pub(super) fn find(members: &[Member], source: SourceId) -> Option<usize> {
    let place = members.binary_search_by_key(&source, |member| member.id);
    place.ok()
}

/// Takes a source out of what is known of the others; of its duplicates the first takes its place.
pub(super) fn forget(members: &mut [Member], gone: SourceId) {
    let mut first = None;
    for member in members {
        member.same_server.retain(|other| *other != gone);
        if member.duplicate_of == Some(gone) {
            member.duplicate_of = first;
            first = first.or(Some(member.id));
        }
    }
}

/// Notes which members show the same server as the one that just answered, and which no longer do.
///
/// Where only the reference time is another, what was seen before holds: it may just have changed,
/// and the other has not been asked since.
pub(super) fn compare_servers(members: &mut [Member], place: usize) {
    let Some(member) = members.get_mut(place) else {
        return;
    };
    let Some(exchange) = member.newest else {
        return;
    };
    let source = member.id;
    let mut earlier = mem::take(&mut member.same_server);
    for other in members.iter_mut() {
        let (links, id) = match other.id.cmp(&source) {
            Ordering::Less => (&mut earlier, other.id),
            Ordering::Equal => continue,
            Ordering::Greater => (&mut other.same_server, source),
        };
        let Some(theirs) = other.newest else {
            continue;
        };
        match links.binary_search(&id) {
            Err(at) if exchange.is_same_server(&theirs) => links.insert(at, id),
            Ok(at) if exchange.differs_in_source(&theirs) => {
                links.remove(at);
            }
            _ => {}
        }
    }
    if let Some(member) = members.get_mut(place) {
        member.same_server = earlier;
    }
}
