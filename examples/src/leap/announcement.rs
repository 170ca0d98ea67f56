use horolog_leap_a::LeapAnnouncement;
use horolog_time::LeapSign;
use serde::Serialize;

/// An announcement with its address. Serializes as one JSON object.
#[derive(Debug, Serialize)]
pub struct AnnouncementRecord {
    address: String,
    month: String,
    dtai: i32,
    delta: i32,
}

impl From<LeapAnnouncement> for AnnouncementRecord {
    fn from(announcement: LeapAnnouncement) -> Self {
        Self {
            address: announcement.to_addr().to_string(),
            month: announcement.month().to_string(),
            dtai: announcement.tai_utc().seconds(),
            delta: announcement.event().map_or(0, LeapSign::as_i32),
        }
    }
}
