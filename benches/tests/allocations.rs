//! Nothing on the packet path allocates.

use std::hint::black_box;

use allocation_counter::measure;
use horolog_ntp::{
    ExtensionField, ExtensionType, FieldLayout, FieldWalker, Header, KeyId, MacAlgorithm, MacKey,
    Packet, PacketWriter, UniqueIdentifier,
};

#[track_caller]
fn allocates_nothing<T>(once: impl FnOnce() -> T) -> T {
    let mut result = None;
    let info = measure(|| result = Some(black_box(once())));
    assert_eq!(info.count_total, 0);
    result.expect("it was set")
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
