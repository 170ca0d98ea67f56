use alloc::vec::Vec;

use horolog_leap_a::LeapAnnouncement;
use horolog_time::LeapTable;

use crate::HostInfoRecord;

/// What records say of leap seconds.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum LeapContent {
    /// The whole list.
    List(LeapTable),
    /// Announcements, the newest last. There is at least one.
    Announcements(Vec<LeapAnnouncement>),
    /// What the other records at the name are. There is at least one.
    HostInfo(Vec<HostInfoRecord>),
}

impl LeapContent {
    /// The whole list.
    #[must_use]
    pub const fn table(&self) -> Option<&LeapTable> {
        match self {
            Self::List(table) => Some(table),
            _ => None,
        }
    }

    /// The newest announcement.
    #[must_use]
    pub fn announcement(&self) -> Option<LeapAnnouncement> {
        match self {
            Self::Announcements(announcements) => announcements.last().copied(),
            _ => None,
        }
    }
}
