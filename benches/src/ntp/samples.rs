//! The octets that the operations work on.

/// A server's answer, captured; source: ntpd-rs, ntp-proto/src/packet/mod.rs (Apache-2.0 or MIT).
pub(super) static SERVER: [u8; 48] = [
    0x24, 0x02, 0x06, 0xe9, 0x00, 0x00, 0x02, 0x36, 0x00, 0x00, 0x03, 0xb7, 0xc0, 0x35, 0x67, 0x6c,
    0xe5, 0xf6, 0x61, 0xfd, 0x6f, 0x16, 0x5f, 0x03, 0xe5, 0xf6, 0x63, 0xa8, 0x76, 0x19, 0xef, 0x40,
    0xe5, 0xf6, 0x63, 0xa8, 0x79, 0x8c, 0x65, 0x81, 0xe5, 0xf6, 0x63, 0xa8, 0x79, 0x8e, 0xae, 0x2b,
];

/// Types and values of the three extension fields: Unique Identifier, NTS Cookie, an unknown one.
pub(super) static FIELDS: [(u16, &[u8]); 3] = [
    (0x0104, &[0x5a; 32]),
    (0x0204, &[0xc0; 100]),
    (0xf00d, &[0x77; 24]),
];

/// [`SERVER`] and behind it [`FIELDS`].
pub(super) fn three_fields() -> &'static [u8] {
    let mut packet = SERVER.to_vec();
    for (field_type, value) in FIELDS {
        packet.extend(field_type.to_be_bytes());
        let length = u16::try_from(4 + value.len()).expect("the samples are short");
        packet.extend(length.to_be_bytes());
        packet.extend(value);
    }
    packet.leak()
}
