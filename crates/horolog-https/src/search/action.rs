use horolog_time::{OffsetBounds, UnixTime};

use super::SearchError;

/// What is to be done now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Action {
    /// Nothing, until the connection is there or the response has come.
    Wait,
    /// Send a request at this time of the local clock; at once, where that has passed.
    Send {
        /// When.
        at: UnixTime,
    },
    /// Nothing more: this is the result.
    Done(OffsetBounds),
    /// Nothing more: there is no result.
    Failed(SearchError),
}
