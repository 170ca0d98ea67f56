use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use horolog_leap_compact::encode_binary;
use horolog_ntp::{LeapIndicator, PrivateExtensionType};
use horolog_nts::LeapListOffer;
use horolog_time::{LeapTable, UnixTime, UtcInstant};

use crate::cli;
use crate::leap;

/// The table of leap seconds that a server announces from, and gives to clients that ask for it by an
/// experimental extension field. It may be replaced while the server runs.
#[derive(Debug)]
pub struct LeapOffer {
    field_type: PrivateExtensionType,
    current: RwLock<Current>,
}

#[derive(Debug, Default)]
struct Current {
    table: Option<LeapTable>,
    /// The same in the compact binary form; empty where that cannot say it.
    list: Vec<u8>,
}

impl LeapOffer {
    /// No table yet; the type of the extension field.
    #[must_use]
    pub fn new(field_type: PrivateExtensionType) -> Self {
        Self {
            field_type,
            current: RwLock::default(),
        }
    }

    /// Puts a table in force. One that has no compact form is told of, and not given to clients.
    pub fn set(&self, table: LeapTable) {
        let list = match encode_binary(&table) {
            Ok((list, _)) => list,
            Err(error) => {
                let error = cli::chain(&error);
                cli::note(format_args!(
                    "warning: the leap list has no compact form: {error}"
                ));
                Vec::new()
            }
        };
        let table = Some(table);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Current { table, list };
    }

    /// What a server should show at a time. A table that has expired announces nothing.
    #[must_use]
    pub fn indicator(&self, now: UnixTime) -> LeapIndicator {
        let current = self.read();
        let known = current
            .table
            .as_ref()
            .and_then(|table| leap::indicator(table, now).ok());
        known.unwrap_or(LeapIndicator::NoWarning)
    }

    /// Whether there is a table that has not expired.
    #[must_use]
    pub fn is_good(&self, now: UtcInstant) -> bool {
        let current = self.read();
        current
            .table
            .as_ref()
            .is_some_and(|table| !table.is_expired(now))
    }

    /// Calls a function with what is given to clients that ask by this type of field.
    pub(super) fn with_list<T>(&self, give: impl FnOnce(Option<LeapListOffer<'_>>) -> T) -> T {
        let current = self.read();
        let offer = LeapListOffer {
            field_type: self.field_type,
            list: &current.list,
        };
        give((!current.list.is_empty()).then_some(offer))
    }

    fn read(&self) -> RwLockReadGuard<'_, Current> {
        // Whoever replaces the table puts a whole one in place.
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leap::Format;

    fn table(text: &str) -> LeapTable {
        Format::Txt.decode(text.as_bytes()).unwrap().table
    }

    #[test]
    fn a_table_is_announced_and_given() {
        let offer = LeapOffer::new(PrivateExtensionType::LEAP_LIST);
        let given = || offer.with_list(|offer| offer.map(|offer| offer.list.to_vec()));
        let at = |text: &str| text.parse::<UtcInstant>().unwrap();
        let leap_day = at("1972-12-31T12:00:00Z");
        assert_eq!(given(), None);
        assert_eq!(
            offer.indicator(leap_day.to_unix()),
            LeapIndicator::NoWarning
        );
        assert!(!offer.is_good(leap_day));

        offer.set(table("6+6-12?"));
        assert_eq!(
            given(),
            CompactList::decode_text(b"6+6-12?")
                .ok()
                .map(|list| list.to_binary())
        );
        assert_eq!(offer.indicator(leap_day.to_unix()), LeapIndicator::Delete);
        assert!(offer.is_good(leap_day));

        // After its expiry it is given still, since it says itself when it expires, but not obeyed.
        let late = at("1974-01-01T00:00:00Z");
        assert_eq!(offer.indicator(late.to_unix()), LeapIndicator::NoWarning);
        assert!(!offer.is_good(late));
        assert!(given().is_some());

        // Without expiry there is no compact form.
        offer.set(LeapTable::builder().build().unwrap());
        assert_eq!(given(), None);
    }

    use horolog_leap_compact::CompactList;
}
