use horolog_leap_compact::CompactList;
use horolog_ntp::PrivateExtensionType;
use horolog_nts::{AuthenticReply, NtsClient};
use horolog_time::LeapTable;

use crate::cli;

/// What a server says to a request for its list of leap seconds.
#[derive(Clone, Debug, PartialEq)]
pub enum HeardList {
    /// Nothing: it does not know the question, or has no list.
    Nothing,
    /// That the list has so many octets, more than it was asked for.
    LeftOut(usize),
    /// What is no list, and why.
    Malformed(String),
    /// The list.
    List(LeapTable),
}

/// Asks a server for its list of leap seconds, with every request until it is there.
#[derive(Clone, Debug)]
pub(super) struct ListAsker {
    field_type: PrivateExtensionType,
    room: usize,
    heard: Option<HeardList>,
}

impl ListAsker {
    /// Octets asked for at first: three more than the list has in 2026.
    const ROOM: usize = 20;

    pub(super) const fn new(field_type: PrivateExtensionType) -> Self {
        Self {
            field_type,
            room: Self::ROOM,
            heard: None,
        }
    }

    /// Has the next request ask, unless the list is there.
    pub(super) const fn ask(&self, client: &mut NtsClient) {
        if !matches!(self.heard, Some(HeardList::List(_))) {
            client.ask_for_leap_list(self.field_type, self.room);
        }
    }

    /// Takes an answer. A list that was left out is asked for with as much room as it needs.
    pub(super) fn hear(&mut self, reply: &AuthenticReply<'_>) {
        if matches!(self.heard, Some(HeardList::List(_))) {
            return;
        }
        self.heard = Some(match reply.leap_list() {
            Ok(None) => HeardList::Nothing,
            Ok(Some(answer)) => {
                if let Some(list) = answer.list() {
                    CompactList::decode_binary(list).map_or_else(
                        |error| HeardList::Malformed(cli::chain(&error)),
                        |list| HeardList::List(list.into_table()),
                    )
                } else {
                    self.room = answer.list_len();
                    HeardList::LeftOut(self.room)
                }
            }
            Err(error) => HeardList::Malformed(cli::chain(&error)),
        });
    }

    /// The last answer; the list, once it was there.
    pub(super) const fn heard(&self) -> Option<&HeardList> {
        self.heard.as_ref()
    }
}
