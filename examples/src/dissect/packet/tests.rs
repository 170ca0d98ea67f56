use super::super::field::Value;
use super::super::json::PacketRecord;
use super::super::nts::keys_argument::KeysArgument;
use super::*;
use horolog_ntp::{KeyId, MacAlgorithm};
use horolog_nts::{AeadAlgorithm, AeadKey};
use serde_json::{Value as Json, json};

const fn envelope(length: usize) -> Envelope {
    Envelope {
        index: 1,
        time: None,
        route: None,
        length,
        checksum: None,
    }
}

fn dissect<'a>(payload: &'a [u8], keys: &[MacKey]) -> Dissection<'a> {
    with_nts(payload, keys, &mut NtsKeys::default())
}

fn with_nts<'a>(payload: &'a [u8], keys: &[MacKey], nts_keys: &mut NtsKeys) -> Dissection<'a> {
    Dissection::new(envelope(payload.len()), payload, keys, nts_keys)
}

fn json(payload: &[u8]) -> Json {
    let record = PacketRecord::from(&dissect(payload, &[]));
    serde_json::to_value(record).unwrap()
}

fn packet(first: u8, rest: &[u8]) -> Vec<u8> {
    let mut octets = vec![first];
    octets.resize(48, 0);
    octets.extend(rest);
    octets
}

fn field(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap();
    [&kind.to_be_bytes(), &length.to_be_bytes(), value].concat()
}

#[test]
fn keys_of_json_come_in_their_order() {
    let octets = packet(0x23, &field(0x0104, &[7; 32]));
    let text = serde_json::to_string(&PacketRecord::from(&dissect(&octets, &[]))).unwrap();
    let places = [
        "index",
        "time",
        "src",
        "dst",
        "length",
        "version",
        "leap",
        "mode",
        "stratum",
        "poll",
        "precision",
        "root_delay",
        "root_dispersion",
        "refid",
        "reference",
        "origin",
        "receive",
        "transmit",
        "extensions",
        "type",
        "name",
        "value",
        "mac",
        "control",
        "error",
    ]
    .map(|key| text.find(&format!("\"{key}\":")).expect(key));
    assert!(places.is_sorted(), "{text}");
    assert_eq!(json(&octets).as_object().unwrap().len(), 22);
}

#[test]
fn fields_before_a_malformed_one_are_shown() {
    let fields = [
        field(0x0104, &[7; 32]),
        field(0xf00d, &[1; 16]),
        vec![2, 4, 0, 3],
    ]
    .concat();
    let octets = packet(0x23, &[fields, vec![0; 28]].concat());
    let packet = dissect(&octets, &[]);
    let names: Vec<_> = packet.fields.iter().map(Field::name).collect();
    assert_eq!(names, ["unique-identifier", "unknown"]);
    assert_eq!(
        packet.error.as_deref(),
        Some("extension field length 3 is not a multiple of 4 from 16 on, at offset 106")
    );
    assert_eq!(json(&octets)["stratum"], 0);
}

#[test]
fn a_value_that_its_type_forbids_is_an_error() {
    let octets = packet(0x23, &field(0x0104, &[7; 24]));
    let error = "unique-identifier: unique identifier length 24 is not 32 or more, at offset 52";
    let json = json(&octets);
    assert_eq!(json["error"], error);
    assert_eq!(json["extensions"][0]["value"], "07".repeat(24));
    // Private types are anybody's.
    let octets = packet(0x23, &field(0xf323, &[7; 24]));
    let packet = dissect(&octets, &[]);
    assert_eq!(packet.error, None);
    assert!(matches!(packet.fields[0].value, Ok(Value::Unknown)));
}

#[test]
fn an_authenticator_is_shown_closed() {
    let value = [&[0, 16, 0, 16][..], &[0xaa; 16], &[0xbb; 16]].concat();
    let octets = packet(0x23, &field(0x0404, &value));
    assert_eq!(
        json(&octets)["extensions"][0],
        json!({
            "type": "0x0404", "name": "nts-authenticator", "length": 40,
            "nonce": "aa".repeat(16), "ciphertext_length": 16, "opened": null, "inner": []
        })
    );
    let octets = packet(0x23, &field(0x0404, &[0xff; 36]));
    assert!(
        json(&octets)["error"]
            .as_str()
            .unwrap()
            .starts_with("nts-authenticator: ")
    );
}

#[test]
fn a_mac_is_checked_with_all_keys_of_its_number() {
    let key = |id, secret: &[u8]| MacKey::new(KeyId::new(id), MacAlgorithm::Md5, secret).unwrap();
    let (good, bad, other) = (key(5, b"good"), key(5, b"bad"), key(6, b"good"));
    for first in [0x1b, 0x23] {
        let mut octets = packet(first, &[]);
        let digest = good.digest(&octets);
        octets.extend([0, 0, 0, 5]);
        octets.extend(digest.as_octets());
        let verified = |keys: &[MacKey]| dissect(&octets, keys).mac.unwrap().verified;
        assert_eq!(verified(&[]), None);
        assert_eq!(verified(core::slice::from_ref(&other)), None);
        assert_eq!(verified(core::slice::from_ref(&bad)), Some(false));
        assert_eq!(verified(core::slice::from_ref(&good)), Some(true));
        assert_eq!(verified(&[key(5, b"bad"), key(5, b"good")]), Some(true));
        assert_eq!(json(&octets)["mac"]["length"], 20);
    }
    let nak = packet(0x24, &[0; 4]);
    assert_eq!(
        json(&nak)["mac"],
        json!({"key_id": 0, "length": 4, "verified": null})
    );
}

#[test]
fn the_mac_of_version_5_covers_what_stands_before_it() {
    let key = MacKey::new(KeyId::new(5), MacAlgorithm::AesCmac128, &[1; 16]).unwrap();
    let mut octets = packet(0x2b, &field(0xf5ff, b"draft-ietf-ntp-ntpv5-08\0"));
    octets[51] = 27;
    let digest = key.digest(&octets);
    octets.extend(field(0xf502, &[&[0, 0, 0, 5], digest.as_octets()].concat()));
    octets.extend(field(0xf506, &[0; 24]));
    let packet = dissect(&octets, &[key]);
    assert_eq!(packet.mac.unwrap().verified, Some(true));
    assert_eq!((packet.fields.len(), packet.error), (3, None));
}

#[test]
fn hostile_text_of_control_messages_is_escaped() {
    let data = b"version=\"\x1b]0;owned\x07\", \x9b=\xff\xfe";
    let mut octets = vec![0x16, 0x82, 0, 7, 6, 0x15, 0, 0, 0, 0, 0];
    octets.push(u8::try_from(data.len()).unwrap());
    octets.extend(data);
    octets.resize(octets.len().next_multiple_of(4), 0);
    let control = json(&octets)["control"].clone();
    assert_eq!(
        (&control["opcode"], &control["sequence"]),
        (&json!(2), &json!(7))
    );
    assert_eq!(
        (&control["name"], &control["status"]),
        (&json!("read-variables"), &json!("0x0615"))
    );
    let variables = json!([
        {"name": "version", "value": "\\x1b]0;owned\\x07"},
        {"name": "\\x9b", "value": "\\xff\\xfe"}
    ]);
    assert_eq!(control["variables"], variables);
}

#[test]
fn the_header_of_a_control_message_is_shown_where_its_data_are_not_whole() {
    let octets = [0x16, 0xe2, 0, 7, 0, 0, 0, 9, 0, 0, 0, 40, 1, 2];
    let json = json(&octets);
    assert_eq!(json["mode"], "control");
    let control = &json["control"];
    assert_eq!(
        (&control["count"], &control["data"]),
        (&json!(40), &json!(""))
    );
    assert_eq!(
        (&control["association"], &control["error"]),
        (&json!(9), &json!(true))
    );
    assert_eq!(
        json["error"],
        "data needs 40 octets, 2 are left, at offset 12"
    );
}

#[test]
fn what_cannot_be_decoded_says_why() {
    for (octets, error) in [
        (
            &[][..],
            "leap indicator, version and mode needs 1 octets, 0 are left, at offset 0",
        ),
        (&[0x23], "stratum needs 1 octets, 0 are left, at offset 1"),
        (&[0x3b; 48], "version is 0x7, expected 1 to 5, at offset 0"),
        (&[0x2e; 48], "mode is 0x6, expected 3 or 4, at offset 0"),
    ] {
        assert_eq!(json(octets)["error"], error);
    }
    assert_eq!(json(&[0x23])["version"], 4);
    assert_eq!(json(&[0x17, 1, 2])["private"], "170102");
}

#[test]
fn of_a_header_that_ends_too_early_the_fields_before_are_told() {
    let names = [
        ("stratum", 2),
        ("poll", 3),
        ("precision", 4),
        ("root_delay", 8),
        ("root_dispersion", 12),
        ("refid", 16),
        ("reference", 24),
        ("origin", 32),
        ("v5", 32),
        ("receive", 40),
        ("transmit", 48),
    ];
    // Stratum 0 and an identifier that begins as a kiss code does.
    for first in [0x1c, 0x24, 0x2c] {
        let mut octets = packet(first, &[]);
        octets[12..16].copy_from_slice(b"RATE");
        for length in 1..48 {
            let cut = json(&octets[..length]);
            assert!(cut["error"].is_string(), "{length}: {cut}");
            let whole = json(&octets);
            for (name, end) in names {
                let told = if length < end {
                    &Json::Null
                } else {
                    &whole[name]
                };
                assert_eq!(
                    cut.get(name).unwrap_or(&Json::Null),
                    told,
                    "{length}: {name}"
                );
            }
        }
        let code = |length: usize| dissect(&octets[..length], &[]).kiss_code();
        assert_eq!(code(15), None);
        assert_eq!(code(16).is_some(), first != 0x2c);
    }
}

#[test]
fn a_payload_that_was_cut_is_an_error_and_its_mac_is_not_checked() {
    let key = MacKey::new(KeyId::new(5), MacAlgorithm::Md5, b"key").unwrap();
    let octets = packet(0x23, &[&[0, 0, 0, 5], &[0; 16][..]].concat());
    let packet = Dissection::new(envelope(72), &octets, &[key], &mut NtsKeys::default());
    assert_eq!(
        packet.error.as_deref(),
        Some("68 of 72 octets were captured")
    );
    assert_eq!(packet.mac.unwrap().verified, None);
}

#[test]
fn a_checksum_complement_tells_of_the_checksum() {
    let octets = packet(0x23, &field(0x2005, &[[0; 22], [0; 22]].concat()[..24]));
    for checksum in [None, Some(true), Some(false)] {
        let envelope = Envelope {
            checksum,
            ..envelope(octets.len())
        };
        let record = PacketRecord::from(&Dissection::new(
            envelope,
            &octets,
            &[],
            &mut NtsKeys::default(),
        ));
        let json = serde_json::to_value(record).unwrap();
        assert_eq!(json["extensions"][0]["balances"], json!(checksum));
    }
}

/// A packet with an authenticator over it and inside of that these octets; its keys.
fn protected(inside: &[u8]) -> (Vec<u8>, NtsKeys) {
    let digits = "5a".repeat(32);
    let keys: KeysArgument = format!("15:{digits}:{digits}").parse().unwrap();
    let key = AeadKey::new(AeadAlgorithm::AES_SIV_CMAC_256, &[0x5a; 32]).unwrap();
    let mut octets = packet(0x23, &field(0x0104, &[7; 32]));
    let mut ciphertext = [inside, &[0; 16]].concat();
    key.seal(&octets, &[9; 16], &mut ciphertext).unwrap();
    let length = u8::try_from(ciphertext.len()).unwrap();
    let value = [&[0, 16, 0, length][..], &[9; 16], &ciphertext].concat();
    octets.extend(field(0x0404, &value));
    (octets, NtsKeys::new(&[keys], Vec::new()))
}

#[test]
fn an_authenticator_is_shown_open() {
    let (octets, mut keys) = protected(&[field(0x0204, &[3; 16]), field(0xf00d, &[])].concat());
    let dissection = with_nts(&octets, &[], &mut keys);
    assert!(dissection.is_good());
    let record = serde_json::to_value(PacketRecord::from(&dissection)).unwrap();
    assert_eq!(
        record["extensions"][1],
        json!({
            "type": "0x0404", "name": "nts-authenticator", "length": 64,
            "nonce": "09".repeat(16), "ciphertext_length": 40, "opened": true,
            "inner": [
                {"type": "0x0204", "name": "nts-cookie", "length": 20, "value": "03".repeat(16)},
                {"type": "0xf00d", "name": "unknown", "length": 4, "value": ""}
            ]
        })
    );
    let mut octets = octets;
    octets[47] ^= 1;
    let dissection = with_nts(&octets, &[], &mut keys);
    assert!(!dissection.is_good() && dissection.error.is_none());
    let record = serde_json::to_value(PacketRecord::from(&dissection)).unwrap();
    let authenticator = &record["extensions"][1];
    assert_eq!(
        (&authenticator["opened"], &authenticator["inner"]),
        (&json!(false), &json!([]))
    );
}

#[test]
fn what_is_malformed_inside_of_an_authenticator_is_an_error() {
    let (octets, mut keys) = protected(&[field(0xf00d, &[]), vec![2, 4, 0, 3]].concat());
    let dissection = with_nts(&octets, &[], &mut keys);
    let error = dissection.error.as_deref().unwrap();
    assert!(
        error.starts_with("inside of nts-authenticator: "),
        "{error}"
    );
    assert!(error.ends_with(", at offset 6"), "{error}");
    let record = serde_json::to_value(PacketRecord::from(&dissection)).unwrap();
    let authenticator = &record["extensions"][1];
    assert_eq!(authenticator["opened"], true);
    assert_eq!(authenticator["inner"].as_array().unwrap().len(), 1);
}

#[test]
fn rfc_8915_section_5_7_only_one_authenticator_is_opened() {
    let (octets, mut keys) = protected(&[]);
    let twice = [&octets[..], &octets[84..]].concat();
    let dissection = with_nts(&twice, &[], &mut keys);
    let opened: Vec<_> = dissection.openings().map(Opening::opened).collect();
    assert_eq!(opened, [Some(true), Some(false)]);
    let dissection = dissect(&twice, &[]);
    let opened: Vec<_> = dissection.openings().map(Opening::opened).collect();
    assert_eq!(opened, [None, None]);
}

/// An authenticator inside of one is shown, closed.
#[test]
fn an_authenticator_hides_no_other() {
    let inside = field(0x0404, &[&[0, 16, 0, 16][..], &[1; 32]].concat());
    let (octets, mut keys) = protected(&inside);
    let dissection = with_nts(&octets, &[], &mut keys);
    let record = serde_json::to_value(PacketRecord::from(&dissection)).unwrap();
    assert_eq!(record["extensions"][1]["opened"], true);
    let inner = &record["extensions"][1]["inner"][0];
    assert_eq!(
        (&inner["opened"], &inner["inner"]),
        (&Json::Null, &json!([]))
    );
}
