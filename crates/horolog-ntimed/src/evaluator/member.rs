//! What is known of each source.

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
    /// One of those added before that show the same server.
    pub(super) same_server: Option<SourceId>,
    /// When the first sample of any source came, since it was added and the clock last stepped.
    pub(super) begun: Option<NtpDate>,
}

impl Member {
    pub(super) fn new(id: SourceId, source: Source, duplicate_of: Option<SourceId>) -> Self {
        Self {
            id,
            source,
            filter: Filter::new(),
            window: SampleWindow::default(),
            trust: 0.0,
            fault: None,
            newest: None,
            duplicate_of,
            same_server: None,
            begun: None,
        }
    }

    /// Forgets what it said.
    pub(super) fn reset(&mut self) {
        self.filter.reset();
        self.window.clear();
        self.fault = None;
        self.newest = None;
        self.same_server = None;
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

/// Where a source that is gone stood for others, the first of them now stands for the rest.
pub(super) fn replace(
    members: &mut [Member],
    gone: SourceId,
    stands_for: impl Fn(&mut Member) -> &mut Option<SourceId>,
) {
    let mut first = None;
    for member in members {
        let id = member.id;
        let other = stands_for(member);
        if *other == Some(gone) {
            *other = first;
            first = first.or(Some(id));
        }
    }
}

/// Marks members that show the same server as another, the one added later.
pub(super) fn compare_servers(members: &mut [Member], place: usize) {
    let at = members.get(place);
    let Some((source, exchange, before)) =
        at.and_then(|member| Some((member.id, member.newest?, member.same_server)))
    else {
        return;
    };
    let (mut earlier, mut kept) = (None, None);
    for other in members.iter_mut().filter(|other| other.id != source) {
        let Some(theirs) = other.newest else {
            continue;
        };
        if exchange.is_same_server(&theirs) {
            if other.id < source {
                earlier = earlier.or(Some(other.id));
            } else {
                other.same_server = Some(source);
            }
        } else if exchange.differs_in_source(&theirs) {
            if other.same_server == Some(source) {
                other.same_server = None;
            }
        } else if before == Some(other.id) {
            // The reference time may just have changed, and the other has not been asked since.
            kept = before;
        }
    }
    if let Some(member) = members.get_mut(place) {
        member.same_server = earlier.or(kept);
    }
}
