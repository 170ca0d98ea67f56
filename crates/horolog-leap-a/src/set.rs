//! A whole list of leap seconds as a set of addresses.

use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr};

use horolog_time::{LeapSecond, LeapSign, LeapTable, Losses, Month, TaiUtc, UtcInstant};

use crate::{AddressError, EncodeError, LeapAnnouncement, LeapRecord, ListEnd, SetError};

/// Reads a set of addresses, in any order, as a leap-second table.
///
/// The set has a record for each month that ends with a leap second, and one more that ends the
/// list ([`ListEnd`]): the table expires at the end of its month. A record of 1971-12, the step to
/// TAI-UTC = 10 s, is allowed. The first published this way was Tony Finch.
///
/// No more is held in memory than a record for each of the 2047 months that there are, however long
/// the input is.
///
/// # Errors
///
/// * [`SetError::Record`] for an address that is no record.
/// * [`SetError::DuplicateMonth`] for two records of one month.
/// * [`SetError::NoEnd`] where no record ends the list.
/// * [`SetError::AfterEnd`] for a record after that.
/// * [`SetError::NoEvent`] for a record without leap second.
/// * [`SetError::Contradiction`] where TAI-UTC does not follow from the record before.
/// * [`SetError::Front`] for a record of 1971-12 that is not TAI-UTC = 9 s and a leap second.
///
/// # Examples
///
/// ```
/// use core::net::Ipv4Addr;
/// use horolog_leap_a::{ListEnd, decode_set};
/// use horolog_time::TaiUtc;
///
/// let end = ListEnd::new("1972-11".parse()?, TaiUtc::from_seconds(11))?;
/// let table = decode_set([end.to_addr(), Ipv4Addr::new(240, 15, 10, 108)])?;
/// assert_eq!(table.leaps().len(), 1);
/// assert_eq!(table.valid_until().to_string(), "1972-12-01T00:00:00Z");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub fn decode_set<I>(addresses: I) -> Result<LeapTable, SetError>
where
    I: IntoIterator<Item: Into<IpAddr>>,
{
    let records = sorted(addresses)?;
    let mut table = LeapTable::builder().reserve(records.len());
    let mut tai_utc = TaiUtc::AT_1972;
    let mut records = records.into_iter();
    while let Some(record) = records.next() {
        match record {
            LeapRecord::Announcement(announcement) if is_front(announcement) => {
                check_front(announcement)?;
            }
            LeapRecord::Announcement(announcement) => {
                table.push(announcement.month(), leap(announcement, tai_utc)?);
                tai_utc = announcement.tai_utc_after();
            }
            LeapRecord::End(end) => {
                check_tai_utc(record, tai_utc)?;
                if let Some(after) = records.next() {
                    let (end, month) = (end.month(), after.month());
                    return Err(SetError::AfterEnd { end, month });
                }
                let expires = end.month().checked_add(1).ok_or(SetError::NoEnd)?;
                return Ok(table.expires(start_of(expires)).build()?);
            }
        }
    }
    Err(SetError::NoEnd)
}

/// Writes a leap-second table as a set of addresses, by month, the end of the list last.
///
/// The expiry is cut to the start of its month, and the time of update is left out; both are told
/// as [`Losses`].
///
/// # Errors
///
/// * [`EncodeError::NoExpiry`] for a table without expiry.
/// * [`EncodeError::EndsWithLeap`] where the cut expiry is the end of the last leap second.
/// * [`EncodeError::Month`] after 2142-06.
/// * [`EncodeError::TaiUtc`] where TAI-UTC is once outside of 0 to 127 s.
///
/// # Examples
///
/// ```
/// use horolog_leap_a::encode_set;
/// use horolog_time::{LeapSign, LeapTable};
///
/// let table = LeapTable::builder()
///     .leap("1972-06".parse()?, LeapSign::Positive)
///     .expires("1972-12-28T00:00:00Z".parse()?)
///     .build()?;
/// let (addresses, losses) = encode_set(&table)?;
/// assert_eq!(addresses[0].to_string(), "240.15.10.108");
/// assert_eq!(addresses.len(), 2);
/// assert_eq!(losses.to_string(), "expiry 1972-12-28T00:00:00Z cut to the start of its month");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub fn encode_set(table: &LeapTable) -> Result<(Vec<Ipv4Addr>, Losses), EncodeError> {
    let expires = table.expires().ok_or(EncodeError::NoExpiry)?;
    let mut losses = Losses::none();
    let boundary = Month::from(expires.date());
    if expires != start_of(boundary) {
        losses = losses.with_expires(expires);
    }
    if let Some(updated) = table.updated() {
        losses = losses.with_updated(updated);
    }
    let mut addresses = Vec::with_capacity(table.leaps().len().saturating_add(1));
    let mut tai_utc = TaiUtc::AT_1972;
    for leap in table.leaps() {
        let announcement = LeapAnnouncement::new(leap.month(), tai_utc, Some(leap.sign()))?;
        addresses.push(announcement.to_addr());
        tai_utc = leap.tai_utc();
    }
    // A table does not expire before 1972, so that the month before has its field.
    let month = boundary
        .checked_add(-1)
        .ok_or(EncodeError::Month { month: boundary })?;
    if table.leaps().last().map(|leap| leap.month()) == Some(month) {
        return Err(EncodeError::EndsWithLeap { month });
    }
    addresses.push(ListEnd::new(month, tai_utc)?.to_addr());
    Ok((addresses, losses))
}

/// The records by month, each month once.
fn sorted<I>(addresses: I) -> Result<Vec<LeapRecord>, SetError>
where
    I: IntoIterator<Item: Into<IpAddr>>,
{
    let mut records: Vec<LeapRecord> = Vec::new();
    for (index, address) in addresses.into_iter().enumerate() {
        let record = match address.into().to_canonical() {
            IpAddr::V4(address) => LeapRecord::from_addr(address),
            address @ IpAddr::V6(_) => Err(AddressError::NotClassE { address }),
        };
        let record = record.map_err(|source| SetError::Record { index, source })?;
        let month = record.month();
        match records.binary_search_by_key(&month, |record| record.month()) {
            Ok(_) => return Err(SetError::DuplicateMonth { month }),
            Err(at) => records.insert(at, record),
        }
    }
    Ok(records)
}

/// Whether an announcement is of the month before 1972.
fn is_front(announcement: LeapAnnouncement) -> bool {
    announcement.month() < LeapSecond::FIRST_MONTH
}

fn check_front(found: LeapAnnouncement) -> Result<(), SetError> {
    let step = Some(LeapSign::Positive);
    if found.event() != step || found.tai_utc_after() != TaiUtc::AT_1972 {
        return Err(SetError::Front { found });
    }
    Ok(())
}

/// The leap second of an announcement that has this TAI-UTC.
fn leap(announcement: LeapAnnouncement, tai_utc: TaiUtc) -> Result<LeapSign, SetError> {
    let month = announcement.month();
    let sign = announcement.event().ok_or(SetError::NoEvent { month })?;
    check_tai_utc(LeapRecord::Announcement(announcement), tai_utc)?;
    Ok(sign)
}

fn check_tai_utc(record: LeapRecord, expected: TaiUtc) -> Result<(), SetError> {
    let (month, found) = (record.month(), record.tai_utc());
    if found != expected {
        return Err(SetError::Contradiction {
            month,
            found,
            expected,
        });
    }
    Ok(())
}

fn start_of(month: Month) -> UtcInstant {
    UtcInstant::midnight(month.first_day())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The months that ended with a leap second; leap-seconds.list of the IERS of 2026-07.
    const LEAPS: [&str; 27] = [
        "1972-06", "1972-12", "1973-12", "1974-12", "1975-12", "1976-12", "1977-12", "1978-12",
        "1979-12", "1981-06", "1982-06", "1983-06", "1985-06", "1987-12", "1989-12", "1990-12",
        "1992-06", "1993-06", "1994-06", "1995-12", "1997-06", "1998-12", "2005-12", "2008-12",
        "2012-06", "2015-06", "2016-12",
    ];

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn utc(text: &str) -> UtcInstant {
        text.parse().unwrap()
    }

    fn table(expires: &str) -> LeapTable {
        LEAPS
            .iter()
            .fold(LeapTable::builder(), |table, leap| {
                table.leap(month(leap), LeapSign::Positive)
            })
            .expires(utc(expires))
            .build()
            .unwrap()
    }

    /// A leap second of a month, with TAI-UTC before it and the delta after a comma.
    fn record(text: &str) -> Ipv4Addr {
        let mut parts = text.split(' ');
        let month = month(parts.next().unwrap());
        let tai_utc = TaiUtc::from_seconds(parts.next().unwrap().parse().unwrap());
        let event = match parts.next().unwrap() {
            "end" => return ListEnd::new(month, tai_utc).unwrap().to_addr(),
            "+1" => Some(LeapSign::Positive),
            "-1" => Some(LeapSign::Negative),
            _ => None,
        };
        LeapAnnouncement::new(month, tai_utc, event)
            .unwrap()
            .to_addr()
    }

    fn error(records: &[&str]) -> String {
        let error = decode_set(records.iter().map(|text| record(text))).unwrap_err();
        error.to_string()
    }

    #[test]
    fn the_whole_list_survives() {
        let table = table("2027-06-01T00:00:00Z");
        let (addresses, losses) = encode_set(&table).unwrap();
        assert!(losses.is_empty());
        assert_eq!(addresses.len(), 28);
        assert_eq!(addresses[0].to_string(), "240.15.10.108");
        assert_eq!(addresses[25].to_string(), "244.23.35.255");
        let end = LeapRecord::from_addr(addresses[27]).unwrap();
        assert_eq!(end.to_string(), "2027-05 dtai=37 end");
        assert_eq!(decode_set(addresses.clone()), Ok(table.clone()));

        let with_front = [Ipv4Addr::new(240, 3, 9, 77)];
        let backwards = addresses.into_iter().rev().chain(with_front);
        assert_eq!(decode_set(backwards.map(IpAddr::from)), Ok(table));
    }

    #[test]
    fn what_a_set_does_not_say_is_told() {
        let updated = utc("2026-07-06T07:44:57Z");
        let table = LeapTable::builder()
            .expires(utc("2027-06-28T00:00:00Z"))
            .updated(updated)
            .build()
            .unwrap();
        let (addresses, losses) = encode_set(&table).unwrap();
        assert_eq!(losses.expires(), table.expires());
        assert_eq!(losses.updated(), Some(updated));
        let read = decode_set(addresses).unwrap();
        assert_eq!(read.expires(), Some(utc("2027-06-01T00:00:00Z")));
        assert_eq!(read.updated(), None);
    }

    #[test]
    fn a_list_can_end_as_1972_begins() {
        let table = LeapTable::builder()
            .expires(utc("1972-01-01T00:00:00Z"))
            .build()
            .unwrap();
        let (addresses, _) = encode_set(&table).unwrap();
        assert_eq!(addresses, [record("1971-12 10 end")]);
        assert_eq!(decode_set(addresses), Ok(table));
    }

    #[test]
    fn bad_records_are_found() {
        let foreign = Ipv4Addr::new(192, 0, 2, 1);
        let error = decode_set([record("1972-06 10 +1"), foreign]).unwrap_err();
        assert!(matches!(error, SetError::Record { index: 1, .. }));
        let message = "address 1: not class E: 192.0.2.1 is not in 240.0.0.0/4";
        assert_eq!(error.to_string(), message);
        let localhost: IpAddr = "::1".parse().unwrap();
        let error = decode_set([localhost]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "address 0: not class E: ::1 is not in 240.0.0.0/4"
        );
    }

    #[test]
    fn sets_that_are_no_list_are_refused() {
        for (records, message) in [
            (
                &["1972-12 11 end", "1972-06 10 +1", "1972-06 10 +1"][..],
                "two records are of 1972-06",
            ),
            (
                &["1972-06 10 end", "1972-06 10 +1"],
                "two records are of 1972-06",
            ),
            (
                &["1972-12 10 end", "1972-12 10 end"],
                "two records are of 1972-12",
            ),
            (&[], "no record ends the list"),
            (&["1972-06 10 +1"], "no record ends the list"),
            (&["1971-12 9 +1"], "no record ends the list"),
            (
                &["1972-12 11 +1", "1972-11 11 end", "1972-06 10 +1"],
                "a record of 1972-12 follows the end of the list in 1972-11",
            ),
            (
                &["1972-12 10 end", "1973-12 10 end"],
                "a record of 1973-12 follows the end of the list in 1972-12",
            ),
            (
                &["1971-12 10 end", "1972-06 10 +1"],
                "a record of 1972-06 follows the end of the list in 1971-12",
            ),
            (
                &["1972-06 10 0", "1972-12 10 end"],
                "nothing happens in 1972-06, expected a leap second",
            ),
            (
                &["1972-06 11 +1", "1972-12 12 end"],
                "TAI-UTC in 1972-06 is 11, expected 10",
            ),
            (
                &["1972-06 10 +1", "1973-12 12 +1", "1974-11 13 end"],
                "TAI-UTC in 1973-12 is 12, expected 11",
            ),
            (
                &["1972-06 10 -1", "1973-12 10 end"],
                "TAI-UTC in 1973-12 is 10, expected 9",
            ),
            (
                &["1971-12 11 -1", "1972-06 10 end"],
                "the front record is 1971-12 dtai=11 delta=-1, expected dtai=9 delta=+1",
            ),
            (
                &["1971-12 10 0", "1972-06 10 end"],
                "the front record is 1971-12 dtai=10 delta=0, expected dtai=9 delta=+1",
            ),
        ] {
            assert_eq!(error(records), message, "{records:?}");
        }
    }

    #[test]
    fn an_endless_answer_is_refused() {
        let forever = core::iter::repeat(record("1972-06 10 +1"));
        let error = decode_set(forever);
        assert!(matches!(error, Err(SetError::DuplicateMonth { .. })));
    }

    #[test]
    fn tables_that_cannot_be_said_are_refused() {
        let encode = |leaps: &[(&str, LeapSign)], expires: &str| {
            let mut table = LeapTable::builder();
            for (leap, sign) in leaps {
                table = table.leap(month(leap), *sign);
            }
            if !expires.is_empty() {
                table = table.expires(utc(expires));
            }
            encode_set(&table.build().unwrap()).map(|(addresses, _)| addresses.len())
        };
        let plus = LeapSign::Positive;
        assert_eq!(encode(&[], ""), Err(EncodeError::NoExpiry));
        let leap = [("2142-06", plus)];
        let end = Err(EncodeError::EndsWithLeap {
            month: month("2142-06"),
        });
        assert_eq!(encode(&leap, "2142-07-01T00:00:00Z"), end);
        assert_eq!(encode(&leap, "2142-07-28T00:00:00Z"), end);
        assert_eq!(encode(&[], "2142-07-31T00:00:00Z"), Ok(1));
        let late = Err(EncodeError::Month {
            month: month("2142-07"),
        });
        assert_eq!(encode(&[], "2142-08-01T00:00:00Z"), late);
        assert_eq!(encode(&leap, "2142-08-01T00:00:00Z"), late);
        assert_eq!(encode(&[("2142-07", plus)], "9999-12-31T00:00:00Z"), late);

        // Leap seconds in every month until the field overflows, either way.
        for (count, sign, tai_utc) in [(118, plus, 128), (11, LeapSign::Negative, -1)] {
            let leaps = |count| {
                (0..count)
                    .fold(LeapTable::builder(), |table, number| {
                        table.leap(Month::from_number(number).unwrap(), sign)
                    })
                    .expires(utc("2000-01-01T00:00:00Z"))
                    .build()
                    .unwrap()
            };
            let tai_utc = TaiUtc::from_seconds(tai_utc);
            assert_eq!(
                encode_set(&leaps(count)),
                Err(EncodeError::TaiUtc { tai_utc })
            );
            assert!(encode_set(&leaps(count - 1)).is_ok());
        }
    }

    proptest! {
        #[test]
        fn tables_survive_in_any_order(
            months in proptest::collection::btree_set(0..2044_i32, 0..60),
            signs: [bool; 60],
            after in 2_045..=2_046_i32,
            turn in 0..60_usize,
        ) {
            let mut table = LeapTable::builder();
            let mut tai_utc = 10;
            for (number, positive) in months.into_iter().zip(signs) {
                let positive = positive || tai_utc == 0;
                tai_utc += if positive { 1 } else { -1 };
                let sign = if positive { LeapSign::Positive } else { LeapSign::Negative };
                table = table.leap(Month::from_number(number).unwrap(), sign);
            }
            let expires = start_of(Month::from_number(after).unwrap());
            let table = table.expires(expires).build().unwrap();
            let (mut addresses, losses) = encode_set(&table).unwrap();
            prop_assert!(losses.is_empty());
            let turn = turn % addresses.len();
            addresses.rotate_left(turn);
            prop_assert_eq!(decode_set(addresses), Ok(table));
        }

        #[test]
        fn any_addresses_are_answered(addresses: Vec<u32>) {
            let _ = decode_set(addresses.into_iter().map(Ipv4Addr::from_bits));
        }
    }
}
