//! Who votes, and what each says.

use alloc::vec::Vec;

use horolog_time::NtpDate;

use super::member::{self, Member};
use crate::steering::Steering;
use crate::{Density, Params, Rejection, SourceId};

/// The votes of all sources, one for each server.
///
/// Two addresses of one server bound the error of one clock: they vote together, for what both
/// allow. Where that is nothing at all, they are not of one server, whatever they show. So who shows
/// what another server does takes no vote away, but gives up his own.
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
    /// The place of the first source that shows this server.
    server: usize,
}

impl Votes {
    pub(super) fn of(
        members: &[Member],
        steering: &Steering,
        now: NtpDate,
        params: &Params,
    ) -> Self {
        let mut votes = Self::default();
        // For each member the place of the first that shows its server.
        let mut servers: Vec<usize> = Vec::with_capacity(members.len());
        for (place, member) in members.iter().enumerate() {
            let other = member.same_server.and_then(|id| member::find(members, id));
            let first = other.and_then(|other| servers.get(other).copied());
            let server = first.unwrap_or(place);
            servers.push(server);
            let vote = member.vote(steering, now, params).and_then(|density| {
                let density = if first.is_some() {
                    votes.join(server, density)?
                } else {
                    density
                };
                Ok(Vote {
                    source: member.id,
                    density,
                    server,
                })
            });
            match vote {
                Ok(vote) => votes.cast.push(vote),
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
    /// nobody has voted for the server, or nobody who can be it.
    fn join(&mut self, server: usize, density: Density) -> Result<Density, Rejection> {
        for vote in self.cast.iter_mut().filter(|vote| vote.server == server) {
            if let Some(both) = vote.density.common(&density) {
                vote.density = both;
                return Err(Rejection::SameServer(vote.source));
            }
        }
        Ok(density)
    }
}
