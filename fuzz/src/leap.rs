//! The readers of leap seconds.
//!
//! What a writer leaves out of a table it tells as losses; what was read in its own format loses
//! nothing.

use core::net::{Ipv4Addr, Ipv6Addr};

use horolog_leap_a::{LeapAnnouncement, LeapRecord, SetError, decode_set, encode_set};
use horolog_leap_compact::{
    AddressLayout, AddressSetError, BinarySteps, CompactList, LastSecond, Position, TextSteps,
    decode_addresses, encode_addresses,
};
use horolog_leap_dns::{LeapContent, LeapForm, LeapRrset, RrsetError, ZoneFragment};
use horolog_leap_list::{
    BulletinC, CommentPlace, HashRule, HashState, LeapFileFormat, LeapListError, LeapSecondDat,
    LeapSecondDatWriter, LeapSecondsList, LeapWriteError, ListComments, ListWriter, TzifError,
    TzifLeapSeconds,
};
use horolog_time::{LeapTable, LookupError, UtcInstant};

use crate::DIRT;

/// The text form of a compact list, of which there is one for each list.
pub fn leap_text(octets: &[u8]) {
    let list = match CompactList::decode_text(octets) {
        Ok(list) => list,
        Err(error) => {
            let Position::Octet(offset) = error.position() else {
                panic!("{error} in a text");
            };
            assert!(offset <= octets.len(), "{error}");
            assert!(TextSteps::new(octets).any(|step| step == Err(error)));
            return;
        }
    };
    assert_eq!(
        TextSteps::new(octets).count(),
        list.table().leaps().len() + 1
    );
    assert_eq!(list.to_text().as_bytes(), octets);
    assert_eq!(list.text_len(), octets.len());
    compact_list(&list);
}

/// The binary form of a compact list, canonical or not.
pub fn leap_binary(octets: &[u8]) {
    let list = match CompactList::decode_binary(octets) {
        Ok(list) => list,
        Err(error) => {
            let Position::Nibble(offset) = error.position() else {
                panic!("{error} in octets");
            };
            assert!(offset <= 2 * octets.len(), "{error}");
            assert!(BinarySteps::new(octets).any(|step| step == Err(error)));
            return;
        }
    };
    let steps = BinarySteps::new(octets).count();
    assert_eq!(steps, list.table().leaps().len() + 1);
    // 999 months take twelve octets.
    assert!(list.binary_len() <= 12 * steps);
    compact_list(&list);
}

/// Both forms of a list, and the list of its table, say the same.
fn compact_list(list: &CompactList) {
    let mut written = vec![DIRT; list.binary_len()];
    list.encode_binary(&mut written.as_mut_slice())
        .expect("the length was told");
    assert_eq!(CompactList::decode_binary(&written).as_ref(), Ok(list));
    assert_eq!(list.to_binary(), written);
    let text = list.to_text();
    assert_eq!(list.to_string(), text);
    assert_eq!(CompactList::decode_text(text.as_bytes()).as_ref(), Ok(list));
    let (again, losses) = CompactList::from_table(list.table()).expect("it was a list");
    assert!(losses.is_empty());
    assert_eq!(again, *list);
    lookups(list.table());
}

/// Addresses of four octets each: a set, and announcements.
pub fn leap_a_set(octets: &[u8]) {
    let addresses = || {
        octets
            .as_chunks()
            .0
            .iter()
            .copied()
            .map(Ipv4Addr::from_octets)
    };
    let mut announcements = LeapAnnouncement::from_addrs(addresses());
    let read = announcements.by_ref().count();
    assert_eq!(read + announcements.skipped(), addresses().count());
    for address in addresses() {
        if let Ok(record) = LeapRecord::from_addr(address) {
            assert_eq!(record.to_addr(), address);
        }
    }
    let table = match decode_set(addresses()) {
        Ok(table) => table,
        Err(SetError::Record { index, source }) => {
            let record = addresses().nth(index).map(LeapRecord::from_addr);
            assert_eq!(record, Some(Err(source)));
            return;
        }
        Err(_) => return,
    };
    let (written, losses) = encode_set(&table).expect("it was a set");
    assert!(losses.is_empty());
    assert_eq!(
        decode_set(written.iter().rev().copied()).as_ref(),
        Ok(&table)
    );
    // A record of 1971-12 says nothing of the table.
    assert!((0..=1).contains(&(addresses().count() - written.len())));
    lookups(&table);
}

/// Addresses of sixteen octets each.
pub fn leap_aaaa_set(octets: &[u8]) {
    let addresses = || {
        octets
            .as_chunks()
            .0
            .iter()
            .copied()
            .map(Ipv6Addr::from_octets)
    };
    for address in addresses() {
        if let Ok(second) = LastSecond::from_addr(address) {
            for layout in [AddressLayout::ZerosInside, AddressLayout::ZerosFirst] {
                assert_eq!(LastSecond::from_addr(second.to_addr(layout)), Ok(second));
            }
        }
    }
    let table = match decode_addresses(addresses()) {
        Ok(table) => table,
        Err(AddressSetError::Address { index, source }) => {
            let second = addresses().nth(index).map(LastSecond::from_addr);
            assert_eq!(second, Some(Err(source)));
            return;
        }
        Err(_) => return,
    };
    for layout in [AddressLayout::ZerosInside, AddressLayout::ZerosFirst] {
        let (written, losses) = encode_addresses(&table, layout).expect("it was a set");
        assert!(losses.is_empty());
        assert_eq!(written.len(), addresses().count());
        assert_eq!(
            decode_addresses(written.into_iter().rev()).as_ref(),
            Ok(&table)
        );
    }
    lookups(&table);
}

/// The records of an answer of the DNS: the first octet chooses their form, and each has its length
/// in front.
pub fn leap_rrset(octets: &[u8]) {
    let Some((form, mut rest)) = octets.split_first() else {
        return;
    };
    let form = LeapForm::ALL[usize::from(*form) % LeapForm::ALL.len()];
    let mut records = Vec::new();
    while let Some((length, behind)) = rest.split_first() {
        let end = usize::from(*length).min(behind.len());
        records.push(&behind[..end]);
        rest = &behind[end..];
    }
    let rrset = match LeapRrset::decode(form, &records) {
        Ok(rrset) => rrset,
        Err(error) => return check_rrset_error(form, &records, &error),
    };
    assert_eq!(rrset.form(), form);
    assert!(rrset.foreign() < records.len());
    // Neither the order of records nor one that stands there twice changes what they say.
    let mut others: Vec<_> = records.iter().rev().copied().collect();
    others.extend_from_slice(&records);
    let again = LeapRrset::decode(form, &others).expect("the same records");
    assert_eq!(again.foreign(), 2 * rrset.foreign());
    match (rrset.content(), again.content()) {
        (LeapContent::List(table), other) => {
            assert_eq!(other.table(), Some(table));
            lookups(table);
            // Where the zone can say the table, it does.
            if let Ok((zone, losses)) = ZoneFragment::new(table) {
                assert_eq!(losses.updated(), None);
                assert!(zone.to_string().lines().count() > table.leaps().len());
            }
        }
        (LeapContent::Announcements(announcements), other) => {
            assert_eq!(rrset.content(), other);
            assert!(announcements.is_sorted_by(|a, b| a.month() < b.month()));
            assert_eq!(other.announcement().as_ref(), announcements.last());
        }
        (LeapContent::HostInfo(infos), _) => assert_eq!(infos.len(), records.len()),
        (content, _) => panic!("{content:?}"),
    }
}

/// An error must be about one of the records.
fn check_rrset_error(form: LeapForm, records: &[&[u8]], error: &RrsetError) {
    match error {
        RrsetError::Empty { record_type } => {
            assert!(records.is_empty());
            assert_eq!(*record_type, form.record_type());
        }
        RrsetError::Length { index, found, .. } => assert_eq!(records[*index].len(), *found),
        RrsetError::CharacterStrings { index, offset, .. } => {
            assert!(*offset <= records[*index].len());
        }
        RrsetError::Foreign { count, .. } => assert_eq!(*count, records.len()),
        RrsetError::Address { index, .. }
        | RrsetError::LastSecond { index, .. }
        | RrsetError::List { index, .. } => assert!(*index < records.len()),
        RrsetError::Lists { first, second } => assert!(first < second && *second < records.len()),
        // What is said of all of them together.
        _ => assert!(!records.is_empty(), "{error}"),
    }
}

/// A leap-seconds.list, with its hash or not, and its comments.
pub fn leap_list(octets: &[u8]) {
    let _ = LeapFileFormat::detect(octets);
    let strict = LeapSecondsList::decode(octets);
    let list = match LeapSecondsList::decode_with(octets, HashRule::Any) {
        Ok(list) => list,
        Err(error) => {
            check_list_error(octets, &error);
            assert!(strict == Err(error) || strict == Err(LeapListError::NoHash));
            return;
        }
    };
    let lenient = LeapSecondsList::decode_with(octets, HashRule::IfPresent);
    match list.hash_state() {
        HashState::Verified => assert_eq!((&strict, &lenient), (&Ok(list.clone()), &strict)),
        HashState::Absent => {
            assert_eq!(strict, Err(LeapListError::NoHash));
            assert_eq!(lenient, Ok(list.clone()));
        }
        HashState::Wrong { computed, found } => {
            assert_eq!(strict, Err(LeapListError::WrongHash { computed, found }));
            assert_eq!(lenient, strict);
        }
    }
    let table = list.table();
    let updated = table.updated().or(table.expires());
    let writer = ListWriter::with_updated(table, updated.expect("a list has an expiry"))
        .expect("it was a list");
    same_list(&list, &writer.to_string());
    let Ok(comments) = ListComments::decode(octets) else {
        return; // A comment that is not UTF-8.
    };
    let written = writer.comments(&comments).to_string();
    same_list(&list, &written);
    let again = ListComments::decode(written.as_bytes()).expect("they were comments");
    // A CR at the end of a line counts as part of that end, one each time that it is read.
    let lines = |comments: &ListComments<'_>| -> Vec<(CommentPlace, String)> {
        comments
            .lines()
            .map(|(place, line)| (place, line.trim_end_matches('\r').to_owned()))
            .collect()
    };
    assert_eq!(lines(&again), lines(&comments));
    lookups(table);
}

/// A strict reader reads the same from what was written; a time of update may have been added.
fn same_list(list: &LeapSecondsList, written: &str) {
    let again = LeapSecondsList::decode(written.as_bytes()).expect("a strict reader takes it");
    assert_eq!(again.hash_state(), HashState::Verified);
    same_table(again.table(), list.table());
    assert!(
        list.updated()
            .is_none_or(|updated| again.updated() == Some(updated))
    );
}

fn same_table(again: &LeapTable, table: &LeapTable) {
    assert_eq!(again.leaps(), table.leaps());
    assert_eq!(again.expires(), table.expires());
}

/// A `Leap_Second.dat`.
pub fn leap_dat(octets: &[u8]) {
    let _ = LeapFileFormat::detect(octets);
    let first = match LeapSecondDat::decode(octets) {
        Ok(first) => first,
        Err(error) => return check_list_error(octets, &error),
    };
    let writer = LeapSecondDatWriter::new(first.table()).expect("it was one");
    assert!(writer.losses().is_empty());
    let written = writer.to_string();
    assert_eq!(
        LeapSecondDat::decode(written.as_bytes()).as_ref(),
        Ok(&first)
    );
    lookups(first.table());
}

/// A `TZif` file.
pub fn leap_tzif(octets: &[u8]) {
    match TzifLeapSeconds::decode(octets) {
        Ok(file) => {
            assert!((1..=4).contains(&file.version()));
            assert!(!file.table().leaps().is_empty());
            let format = LeapFileFormat::detect(octets);
            assert_eq!(format, Some(LeapFileFormat::Tzif));
            tzif_as_list(file.table());
            lookups(file.table());
        }
        Err(TzifError::Malformed { offset, .. } | TzifError::Table { offset, .. }) => {
            assert!(offset <= octets.len());
        }
        Err(_) => {}
    }
}

/// The table of a `TZif` file as a list, which says the same; without an expiry there is none.
fn tzif_as_list(table: &LeapTable) {
    let Some(expires) = table.expires() else {
        let writer = ListWriter::with_updated(table, table.valid_until());
        assert_eq!(writer.err(), Some(LeapWriteError::NoExpiry));
        return;
    };
    match ListWriter::with_updated(table, expires) {
        Ok(writer) => {
            let written = writer.to_string();
            let list = LeapSecondsList::decode(written.as_bytes()).expect("it was written");
            same_table(list.table(), table);
        }
        Err(error) => assert!(
            matches!(error, LeapWriteError::NegativeTaiUtc { .. }),
            "{error}"
        ),
    }
}

/// A Bulletin C. Where its month has a place in an address, that says the same.
pub fn leap_bulletin_c(octets: &[u8]) {
    let _ = LeapFileFormat::detect(octets);
    let bulletin = match BulletinC::decode(octets) {
        Ok(bulletin) => bulletin,
        Err(error) => return check_list_error(octets, &error),
    };
    let (month, tai_utc) = (bulletin.month(), bulletin.tai_utc());
    let Ok(announcement) = LeapAnnouncement::new(month, tai_utc, bulletin.event()) else {
        return;
    };
    let again = LeapAnnouncement::from_addr(announcement.to_addr()).expect("it was written");
    assert_eq!((again.month(), again.event()), (month, bulletin.event()));
    assert_eq!(again.tai_utc_after(), bulletin.tai_utc_after());
}

/// An error must lie inside of the text.
fn check_list_error(octets: &[u8], error: &LeapListError) {
    if let LeapListError::Malformed { line, offset, .. }
    | LeapListError::Table { line, offset, .. } = error
    {
        let before = octets.get(..*offset).expect("an offset in the text");
        let line_feeds = before.iter().filter(|octet| **octet == b'\n');
        assert_eq!(*line, 1 + line_feeds.count(), "{error}");
    }
}

/// TAI and UTC are inverse around each leap second, up to the end of the table.
fn lookups(table: &LeapTable) {
    let until = table.valid_until();
    for leap in table.leaps() {
        let end = leap.end();
        assert!(end <= until);
        assert_eq!(table.leap_at_end_of(leap.month()), Ok(Some(*leap)));
        if end < until {
            assert_eq!(table.tai_utc(end), Ok(leap.tai_utc()));
        }
        let last = leap.month().last_day();
        for second in 57..=60 {
            let instant = UtcInstant::new(last, 23, 59, second, 1).expect("such seconds can be");
            match table.to_tai(instant) {
                Ok(tai) => assert_eq!(table.to_utc(tai), Ok(instant)),
                Err(error) => assert_eq!(error, LookupError::NoSuchSecond),
            }
        }
    }
    assert!(matches!(
        table.tai_utc(until),
        Err(LookupError::Expired { .. })
    ));
}
