//! Nothing on the packet path allocates, and of leap seconds only what is returned.

use std::fmt::Write;
use std::hint::black_box;

use allocation_counter::measure;
use horolog_leap_a::encode_set;
use horolog_leap_compact::{AddressLayout, BinarySteps, CompactList, TextSteps, encode_addresses};
use horolog_leap_list::{LeapSecondDatWriter, LeapSecondsList, ListWriter};
use horolog_ntp::{
    ExtensionField, ExtensionType, FieldLayout, FieldWalker, Header, KeyId, MacAlgorithm, MacKey,
    Packet, PacketWriter, UniqueIdentifier,
};

#[track_caller]
fn allocates<T>(times: u64, once: impl FnOnce() -> T) -> T {
    let mut result = None;
    let info = measure(|| result = Some(black_box(once())));
    assert_eq!(info.count_total, times);
    result.expect("it was set")
}

#[track_caller]
fn allocates_nothing<T>(once: impl FnOnce() -> T) -> T {
    allocates(0, once)
}

fn write(buffer: &mut [u8], key: Option<&MacKey>) -> usize {
    let mut writer = PacketWriter::new(buffer, &Header::default()).unwrap();
    writer
        .field(&UniqueIdentifier::new(&[0x5a; 32]).unwrap())
        .unwrap();
    let field_type = ExtensionType::from_bits(0xf00d);
    let value = &[7; 21];
    writer
        .raw_field(&ExtensionField { field_type, value })
        .unwrap();
    match key {
        Some(key) => writer.finish_with_mac(key),
        None => writer.finish(),
    }
    .unwrap()
}

#[test]
fn the_counter_counts() {
    assert_eq!(measure(|| drop(black_box(vec![0_u8; 48]))).count_total, 1);
}

#[test]
fn headers() {
    let header = Header::default();
    let octets = allocates_nothing(|| header.to_octets());
    let mut buffer = [0; 48];
    allocates_nothing(|| header.encode(&mut buffer.as_mut_slice())).unwrap();
    assert_eq!(octets, buffer);
    assert_eq!(allocates_nothing(|| Header::decode(&octets)), Ok(header));
    allocates_nothing(|| Header::decode(&octets[..47])).unwrap_err();
}

#[test]
fn packets_and_their_fields() {
    let mut buffer = [0; 256];
    let length = allocates_nothing(|| write(&mut buffer, None));
    let octets = &buffer[..length];
    let packet = allocates_nothing(|| Packet::decode(octets)).unwrap();
    assert_eq!(allocates_nothing(|| packet.fields().count()), 2);
    let mut walker = FieldWalker::behind(octets, Header::LENGTH, FieldLayout::V4);
    assert_eq!(allocates_nothing(|| walker.by_ref().count()), 2);
    let identifier = packet.find(ExtensionType::UNIQUE_IDENTIFIER).unwrap();
    allocates_nothing(|| identifier.decode_as::<UniqueIdentifier<'_>>()).unwrap();
    let mut written = [0; 256];
    allocates_nothing(|| packet.encode(&mut written.as_mut_slice())).unwrap();
    assert_eq!(written[..length], *octets);
    for length in 0..length {
        let _ = allocates_nothing(|| Packet::decode(&octets[..length]));
    }
}

#[test]
fn authenticated_packets() {
    for algorithm in [
        MacAlgorithm::Md5,
        MacAlgorithm::Sha1,
        MacAlgorithm::Sha256,
        MacAlgorithm::Sha512,
        MacAlgorithm::AesCmac128,
        MacAlgorithm::AesCmac256,
    ] {
        let secret = &[9; 32][..algorithm.secret_len().unwrap_or(20)];
        let key = MacKey::new(KeyId::new(7), algorithm, secret).unwrap();
        let mut buffer = [0; 256];
        let length = allocates_nothing(|| write(&mut buffer, Some(&key)));
        let octets = &buffer[..length];
        allocates_nothing(|| key.digest(octets));
        let right = allocates_nothing(|| {
            let packet = Packet::decode(octets).unwrap();
            let covered = &octets[..packet.authenticated_len()];
            key.verify(covered, packet.mac().unwrap(), packet.header.version)
        });
        assert!(right, "{algorithm}");
    }
}

const LIST: &[u8] = include_bytes!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../crates/horolog-leap-list/tests/data/iers-expires-2027-06-28.list"
));

#[test]
fn leap_seconds_looked_up() {
    let list = LeapSecondsList::decode(LIST).unwrap();
    let table = list.table();
    for leap in table.leaps() {
        let tai = allocates_nothing(|| table.to_tai(leap.end())).unwrap();
        assert_eq!(allocates_nothing(|| table.to_utc(tai)), Ok(leap.end()));
        allocates_nothing(|| table.upcoming_leap(leap.end())).unwrap();
    }
}

/// The octets or the text, in one piece, and nothing where the caller has room.
#[test]
fn leap_seconds_written() {
    let list = LeapSecondsList::decode(LIST).unwrap();
    let table = list.table();
    let (compact, _) = allocates(1, || CompactList::from_table(table)).unwrap();
    let text = allocates(1, || compact.to_text());
    let (table_text, _) = allocates(1, || horolog_leap_compact::encode_text(table)).unwrap();
    assert_eq!(text, table_text);
    let mut room = String::with_capacity(4096);
    allocates_nothing(|| write!(room, "{compact}")).unwrap();
    assert_eq!(text, room);

    let octets = allocates(1, || compact.to_binary());
    let (table_octets, _) = allocates(1, || horolog_leap_compact::encode_binary(table)).unwrap();
    assert_eq!(octets, table_octets);
    let mut buffer = [0; 64];
    allocates_nothing(|| compact.encode_binary(&mut buffer.as_mut_slice())).unwrap();
    assert_eq!(octets, buffer[..octets.len()]);

    let (addresses, _) = allocates(1, || encode_set(table)).unwrap();
    assert_eq!(addresses.len(), 28);
    let layout = AddressLayout::default();
    let (addresses, _) = allocates(1, || encode_addresses(table, layout)).unwrap();
    assert_eq!(addresses.len(), 28);

    room.clear();
    allocates_nothing(|| write!(room, "{}", ListWriter::new(table).unwrap())).unwrap();
    room.clear();
    allocates_nothing(|| write!(room, "{}", LeapSecondDatWriter::new(table).unwrap())).unwrap();
}

/// The table alone.
#[test]
fn leap_seconds_read() {
    let list = LeapSecondsList::decode(LIST).unwrap();
    let (compact, _) = CompactList::from_table(list.table()).unwrap();
    let (text, octets) = (compact.to_text(), compact.to_binary());
    allocates(1, || CompactList::decode_text(text.as_bytes())).unwrap();
    allocates(1, || CompactList::decode_binary(&octets)).unwrap();
    assert_eq!(
        allocates_nothing(|| TextSteps::new(text.as_bytes()).count()),
        28
    );
    assert_eq!(allocates_nothing(|| BinarySteps::new(&octets).count()), 28);
}
