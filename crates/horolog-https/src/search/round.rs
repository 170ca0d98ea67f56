use horolog_time::{OffsetBounds, UnixTime};

use crate::{HttpsTime, StatusCode};

/// One request and its response, and what is known after it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Round {
    /// Which one, from 1 on.
    pub number: u32,
    /// When the request was sent, by the local clock.
    pub sent: UnixTime,
    /// When the response had come, by the local clock.
    pub received: UnixTime,
    /// The status of the response.
    pub status: StatusCode,
    /// The server's time in whole seconds, cut off.
    pub date: UnixTime,
    /// The server's time with decimals, where it tells it.
    pub httpstime: Option<HttpsTime>,
    /// What all rounds so far allow.
    pub bounds: OffsetBounds,
}
