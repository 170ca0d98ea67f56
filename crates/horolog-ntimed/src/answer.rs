use alloc::vec::Vec;
use core::fmt;

use crate::{LeapVote, Peak, Refusal, SourceId};

/// What all sources together say of the clock.
///
/// Offsets are seconds that the local clock is ahead.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The highest point of all densities, or `None`: no offset lies within the bounds of a
    /// majority of the voters, or none is likely enough.
    pub peak: Option<Peak>,
    /// The offset to steer by: the mean of what those that agree find most likely, by far the most
    /// weight with those that are dense at the peak. `None` without a peak.
    pub offset: Option<f64>,
    /// How many agree, and of how many.
    pub quorum: Quorum,
    /// What all that agree allow, low and high; `None` without a peak.
    pub bounds: Option<[f64; 2]>,
    /// The sources that do not count, and why.
    pub rejected: Vec<(SourceId, Rejection)>,
    /// What those that agree say of a leap second.
    pub leap: LeapVote,
}

/// How many sources agree.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Quorum {
    /// Sources whose bounds contain the peak. Without a peak, the most that any offset has.
    pub agreeing: usize,
    /// Sources that vote: those that are trusted, fresh, and no second address of another, and at
    /// first those that may still speak.
    pub voters: usize,
}

impl Quorum {
    /// Whether more than half agree.
    #[must_use]
    pub const fn is_majority(self) -> bool {
        self.agreeing > self.voters / 2
    }
}

/// Why a source does not count.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Rejection {
    /// It said nothing yet, since the clock was last stepped.
    Silent,
    /// Its newest sample is older than [`Param::MaxAge`](crate::Param::MaxAge), in seconds.
    Stale(f64),
    /// Its newest reply says nothing about time.
    Refused(Refusal),
    /// It is not trusted: stratum 15, or told so.
    Untrusted,
    /// It has the address of another.
    Duplicate(SourceId),
    /// It shows the stratum, reference ID and reference time of another.
    SameServer(SourceId),
    /// Its bounds leave no offset, low above high: it lies, or a clock was stepped in between.
    Contradictory([f64; 2]),
    /// The peak is not within its bounds, low and high.
    Falseticker([f64; 2]),
}

/// A sentence without its end; sources by their number.
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => f.write_str("no sample yet"),
            Self::Stale(age) => write!(f, "the newest sample is {age:.0} s old"),
            Self::Refused(refusal) => write!(f, "refused: {refusal}"),
            Self::Untrusted => f.write_str("not trusted"),
            Self::Duplicate(other) => write!(f, "same address as source {}", other.index()),
            Self::SameServer(other) => write!(f, "same server as source {}", other.index()),
            Self::Contradictory([low, high]) => {
                write!(f, "contradicts itself: {low:+.9} s is above {high:+.9} s")
            }
            Self::Falseticker([low, high]) => {
                write!(f, "falseticker: says {low:+.9} s to {high:+.9} s")
            }
        }
    }
}
