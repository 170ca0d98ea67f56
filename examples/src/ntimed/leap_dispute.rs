use core::fmt;

use horolog_ntimed::LeapVote;

/// Notices when sources begin to say different things of a leap second, and when they end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LeapDispute(Option<LeapVote>);

impl LeapDispute {
    /// The votes, as long as they are disputed.
    pub(super) const fn vote(&self) -> Option<LeapVote> {
        self.0
    }

    /// Takes the newest votes; tells whether they are disputed where that, or who says what, is new.
    pub(super) fn handle_vote(&mut self, vote: LeapVote) -> Option<bool> {
        let disputed = vote.is_disputed().then_some(vote);
        if disputed == self.0 {
            return None;
        }
        self.0 = disputed;
        Some(disputed.is_some())
    }
}

/// How many sources say what.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeapCounts(pub(super) LeapVote);

impl fmt::Display for LeapCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LeapVote {
            none,
            insert,
            delete,
        } = self.0;
        write!(f, "{insert} say insert, {delete} delete, {none} none")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(none: usize, insert: usize) -> LeapVote {
        LeapVote {
            none,
            insert,
            delete: 0,
        }
    }

    #[test]
    fn a_dispute_is_told_when_it_begins_changes_and_ends() {
        let mut dispute = LeapDispute::default();
        for (none, insert, expected) in [
            (0, 0, None),
            (0, 1, None),
            (0, 2, None),
            (1, 2, Some(true)),
            (1, 2, None),
            (2, 2, Some(true)),
            (4, 0, Some(false)),
            (3, 0, None),
        ] {
            let told = dispute.handle_vote(vote(none, insert));
            assert_eq!(told, expected, "{none} {insert}");
        }
    }

    #[test]
    fn votes_are_counted_in_words() {
        assert_eq!(
            LeapCounts(vote(1, 2)).to_string(),
            "2 say insert, 0 delete, 1 none"
        );
    }
}
