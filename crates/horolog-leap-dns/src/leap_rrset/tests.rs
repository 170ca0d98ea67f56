use core::net::{Ipv4Addr, Ipv6Addr};

use super::*;
use horolog_leap_a::encode_set;
use horolog_leap_compact::{AddressLayout, CompactList, character_strings, encode_addresses};
use horolog_time::LeapTable;
use proptest::prelude::*;

/// All leap seconds, as of November 2026.
const TEXT: &str =
    "6+6+12+12+12+12+12+12+12+18+12+12+24+30+24+12+18+12+12+18+18+18+84+36+42+36+18+125?";

fn table() -> LeapTable {
    TEXT.parse::<CompactList>().unwrap().into_table()
}

fn rdata_a(texts: &[&str]) -> Vec<[u8; 4]> {
    let address = |text: &&str| text.parse::<Ipv4Addr>().unwrap().octets();
    texts.iter().map(address).collect()
}

fn a(texts: &[&str]) -> Result<LeapRrset, RrsetError> {
    LeapRrset::decode(LeapForm::A, &rdata_a(texts))
}

/// An error and its cause on one line.
fn error(result: Result<LeapRrset, RrsetError>) -> String {
    let error = result.unwrap_err();
    match core::error::Error::source(&error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// The table's records in a form.
fn rdata(form: LeapForm, table: &LeapTable) -> Vec<Vec<u8>> {
    let list = CompactList::from_table(table).unwrap().0;
    match form {
        LeapForm::A => {
            let set = encode_set(table).unwrap().0;
            set.iter()
                .map(|address| address.octets().to_vec())
                .collect()
        }
        LeapForm::Aaaa => {
            let set = encode_addresses(table, AddressLayout::default()).unwrap().0;
            set.iter()
                .map(|address| address.octets().to_vec())
                .collect()
        }
        LeapForm::Txt => {
            let mut rdata = Vec::new();
            for string in character_strings(&list.to_text()) {
                rdata.push(u8::try_from(string.len()).unwrap());
                rdata.extend_from_slice(string);
            }
            vec![rdata]
        }
        LeapForm::Binary => vec![list.to_binary()],
        other => panic!("{other} is no list"),
    }
}

const LISTS: [LeapForm; 4] = [LeapForm::A, LeapForm::Aaaa, LeapForm::Txt, LeapForm::Binary];

#[test]
fn every_form_of_a_list_is_the_same_table_in_any_order_and_twice() {
    for form in LISTS {
        let mut records = rdata(form, &table());
        records.reverse();
        records.extend_from_within(..);
        let rrset = LeapRrset::decode(form, &records).unwrap();
        assert_eq!(rrset.content().table(), Some(&table()), "{form}");
        assert_eq!((rrset.form(), rrset.foreign()), (form, 0));
    }
}

#[test]
fn without_records_there_is_nothing() {
    for form in LeapForm::ALL {
        let record_type = form.record_type();
        let none: [&[u8]; 0] = [];
        let error = LeapRrset::decode(form, &none);
        assert_eq!(error, Err(RrsetError::Empty { record_type }), "{form}");
    }
}

#[test]
fn addresses_of_hosts_are_skipped_and_counted() {
    let set = rdata(LeapForm::A, &table());
    let hosts = [[10, 0, 0, 1], [192, 0, 2, 1], [239, 255, 255, 255]];
    let hosts = hosts.iter().map(|octets| octets.to_vec());
    let records: Vec<_> = hosts.clone().chain(set).chain(hosts).collect();
    let rrset = LeapRrset::decode(LeapForm::A, &records).unwrap();
    assert_eq!(rrset.foreign(), 6);
    assert_eq!(rrset.content().table(), Some(&table()));
}

/// RFC 1918: what a resolver answers that leads all names to its own page.
#[test]
fn a_resolver_that_lies_is_found_out() {
    let message = "none of the 2 addresses is a leap-second record, \
        the first is not class E: 10.0.0.1 is not in 240.0.0.0/4";
    for form in [LeapForm::A, LeapForm::Next] {
        let answer = rdata_a(&["10.0.0.1", "10.0.0.2"]);
        assert_eq!(error(LeapRrset::decode(form, &answer)), message);
    }
}

#[test]
fn a_record_that_is_damaged_or_lost_is_noticed() {
    let damaged = error(a(&["240.15.10.108", "240.27.11.178", "240.37.140.95"]));
    let message = "record 1: CRC mismatch: 240.27.11.178 should end with 179";
    assert_eq!(damaged, message);
    let whole = ["240.15.10.108", "240.27.11.179", "240.37.140.95"];
    assert!(a(&whole).unwrap().content().table().is_some());
    for lost in 0..2 {
        let mut rest = whole.to_vec();
        rest.remove(lost);
        // A host's address in its place changes nothing.
        rest.push("10.0.0.1");
        assert!(
            error(a(&rest)).starts_with("the A records are no list: TAI-UTC in 197"),
            "{lost}"
        );
    }
}

/// The name of the captures: announcements, no list.
#[test]
fn without_an_end_there_are_announcements_the_newest_last() {
    let answer = ["244.34.36.97", "10.0.0.1", "244.23.35.255", "244.34.36.97"];
    for form in [LeapForm::A, LeapForm::Next] {
        let rrset = LeapRrset::decode(form, &rdata_a(&answer)).unwrap();
        assert_eq!(rrset.content().table(), None);
        let newest = rrset.content().announcement().unwrap();
        assert_eq!(newest.to_string(), "2015-12 dtai=36 delta=0");
        assert_eq!(rrset.foreign(), 1);
        let LeapContent::Announcements(all) = rrset.into_content() else {
            panic!("{form} is a list");
        };
        assert_eq!(all.len(), 2);
    }
}

#[test]
fn announcements_that_contradict_each_other_are_refused() {
    // Bulletin C 49, and the same month without its leap second.
    let answer = ["244.23.35.255", "244.22.35.22"];
    assert_eq!(error(a(&answer)), "two announcements of 2015-06 differ");
    // Only a list has an end.
    let end = rdata_a(&["240.25.139.173"]);
    let message = "record 0: illegal delta: 240.25.139.173 has delta 3, expected 0, 1 or 2";
    assert_eq!(error(LeapRrset::decode(LeapForm::Next, &end)), message);
    let message = "the A records are no list: TAI-UTC in 1972-11 is 11, expected 10";
    assert_eq!(error(a(&["240.25.139.173"])), message);
}

#[test]
fn addresses_have_their_length() {
    for (form, length, octets) in [
        (LeapForm::A, 3, "3 octets, expected the 4 of A"),
        (LeapForm::Next, 0, "0 octets, expected the 4 of A"),
        (LeapForm::A, 16, "16 octets, expected the 4 of A"),
        (LeapForm::Aaaa, 4, "4 octets, expected the 16 of AAAA"),
        (LeapForm::Aaaa, 17, "17 octets, expected the 16 of AAAA"),
    ] {
        let message = error(LeapRrset::decode(form, &[vec![0xf0; length]]));
        assert_eq!(message, format!("record 0 has {octets}"));
    }
}

/// Nothing would tell that a leap second is missing.
#[test]
fn no_aaaa_record_is_foreign() {
    let mut records = rdata(LeapForm::Aaaa, &table());
    let host: Ipv6Addr = "2001:db8::1".parse().unwrap();
    records.push(host.octets().to_vec());
    let message = error(LeapRrset::decode(LeapForm::Aaaa, &records));
    assert!(
        message.starts_with("record 28: 2001:db8::1 has 3 groups"),
        "{message}"
    );
    // Two ends.
    let ends: Vec<_> = ["1972:6:30::23:59:59", "1973:6:30::23:59:59"]
        .iter()
        .map(|text| text.parse::<Ipv6Addr>().unwrap().octets())
        .collect();
    let message = error(LeapRrset::decode(LeapForm::Aaaa, &ends));
    assert!(
        message.starts_with("the AAAA records are no list: "),
        "{message}"
    );
}

#[test]
fn a_list_is_found_among_other_texts() {
    let decode = |records: &[&[u8]]| LeapRrset::decode(LeapForm::Txt, records);
    let rrset = decode(&[b"\x0bv=spf1 -all", b"\x036+6\x03+5?", b"\x00"]).unwrap();
    assert_eq!(rrset.foreign(), 2);
    assert_eq!(rrset.content().table().unwrap().leaps().len(), 2);
    let message = "record 0 is no list: expected a gap of 1 to 999 months, found 'v', at octet 0";
    assert_eq!(error(decode(&[b"\x0bv=spf1 -all", b"\x026+"])), message);
    let message = "records 0 and 2 have lists that differ";
    assert_eq!(error(decode(&[b"\x046+5?", b"\x00", b"\x046+6?"])), message);
    let message = "record 1: expected a character-string at octet 0";
    assert_eq!(error(decode(&[b"\x046+5?", b""])), message);
    let binary = |records: &[&[u8]]| LeapRrset::decode(LeapForm::Binary, records);
    assert!(binary(&[&[0x0f, 0x4f]]).is_err());
    assert_eq!(binary(&[&[0xe2, 0xf3], &[]]).unwrap().foreign(), 1);
}

#[test]
fn descriptions_come_as_they_are() {
    let decode = |records: &[&[u8]]| LeapRrset::decode(LeapForm::HostInfo, records);
    let rrset = decode(&[b"\x01A\x03all", b"\x03TXT\x01x"]).unwrap();
    let LeapContent::HostInfo(records) = rrset.content() else {
        panic!("{rrset:?}");
    };
    let texts: Vec<_> = records.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["A: all", "TXT: x"]);
    assert_eq!(rrset.content().announcement(), None);
    let message = "record 1: expected a character-string at octet 2";
    assert_eq!(error(decode(&[b"\x01A\x03all", b"\x01A\x03"])), message);
}

proptest! {
    #[test]
    fn any_records_are_answered(records: Vec<Vec<u8>>, form in 0..LeapForm::ALL.len()) {
        let form = LeapForm::ALL[form];
        if let Ok(rrset) = LeapRrset::decode(form, &records) {
            prop_assert!(rrset.foreign() < records.len());
        }
    }

    /// What leaves class E is skipped, and then its leap second is missed.
    #[test]
    fn a_flipped_bit_in_a_set_is_noticed(
        record in 0..28_usize, bit in 0..32_u32,
    ) {
        let mut records = rdata(LeapForm::A, &table());
        let octets: [u8; 4] = records[record].as_slice().try_into().unwrap();
        let flipped = u32::from_be_bytes(octets) ^ 1 << bit;
        records[record] = flipped.to_be_bytes().to_vec();
        let read = LeapRrset::decode(LeapForm::A, &records);
        // Without its end the list becomes announcements.
        let is_list = read.is_ok_and(|rrset| rrset.content().table().is_some());
        prop_assert!(!is_list);
    }
}
