//! Who votes, and what each says.

use alloc::vec::Vec;

use horolog_time::NtpDate;

use super::member::Member;
use crate::steering::Steering;
use crate::{Density, Params, Rejection, SourceId};

/// The votes of all sources, one for each server.
///
/// Addresses of one server bound the error of one clock: they vote together, for what all of them
/// allow. Where that is nothing at all they are not of one server, whatever they show, and neither
/// are two of which each only showed the same as a third. So who copies other servers takes no vote
/// away, but may lose his own.
#[derive(Debug, Default)]
pub(super) struct Votes {
    pub(super) cast: Vec<Vote>,
    pub(super) rejected: Vec<(SourceId, Rejection)>,
    /// How many said nothing yet and may still do so.
    pub(super) silent: usize,
}

#[derive(Debug)]
pub(super) struct Vote {
    pub(super) source: SourceId,
    pub(super) density: Density,
    /// Further addresses of the server.
    others: Vec<SourceId>,
}

impl Votes {
    pub(super) fn of(
        members: &[Member],
        steering: &Steering,
        now: NtpDate,
        params: &Params,
    ) -> Self {
        let mut votes = Self::default();
        for member in members {
            let density = member.vote(steering, now, params);
            match density.and_then(|density| votes.join(member, density)) {
                Ok(density) => votes.cast.push(Vote {
                    source: member.id,
                    density,
                    others: Vec::new(),
                }),
                Err(rejection) => {
                    if rejection == Rejection::Silent && member.may_speak(now, params) {
                        votes.silent += 1;
                    }
                    votes.rejected.push((member.id, rejection));
                }
            }
        }
        votes
    }

    /// Adds what another address of a server says to its vote; the density is given back where
    /// nobody has voted for the server.
    fn join(&mut self, member: &Member, density: Density) -> Result<Density, Rejection> {
        if member.same_server.is_empty() {
            return Ok(density);
        }
        let is_linked = |id: &SourceId| member.same_server.binary_search(id).is_ok();
        for vote in &mut self.cast {
            if !is_linked(&vote.source) || !vote.others.iter().all(is_linked) {
                continue;
            }
            if let Some(both) = vote.density.common(&density) {
                vote.density = both;
                vote.others.push(member.id);
                return Err(Rejection::SameServer(vote.source));
            }
        }
        Ok(density)
    }
}
