use super::*;

/// Key tag 20326, from <https://data.iana.org/root-anchors/root-anchors.xml>.
const DIGEST: &str = "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D";

/// RFC 6605 § 6.1, `example.net`.
const KEY: &str =
    "GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==";

fn zones(text: &str) -> Vec<String> {
    text.parse::<TrustAnchors>().unwrap().zones().collect()
}

fn error(text: &str) -> String {
    text.parse::<TrustAnchors>().unwrap_err().to_string()
}

fn key(text: &str) -> DNSKEY {
    let anchors: TrustAnchors = text.parse().unwrap();
    let [
        Anchor {
            trusted: Trusted::Key(key),
            ..
        },
    ] = anchors.anchors.as_slice()
    else {
        panic!("{anchors:?}");
    };
    key.clone()
}

#[test]
fn rfc_1035_section_5_1_records_are_read_as_tools_write_them() {
    let dig = format!("example.net.\t\t3600\tIN\tDNSKEY\t257 3 13 {KEY}\n");
    let (first, second) = KEY.split_at(44);
    let multiline = format!(
        "; comment\n$TTL 3600\n\nexample.net. IN 1h DNSKEY 257 3 13 (\n\t{first} ; half\n\t{second}\n\t) ; KSK; alg = ECDSAP256SHA256 ; key id = 55648\n"
    );
    let keymgr = format!("example.net dnskey 257 3 13 {KEY}");
    for text in [&dig, &multiline, &keymgr] {
        assert_eq!(zones(text), ["example.net."], "{text}");
        assert_eq!(key(text), key(&dig), "{text}");
    }
    let several = format!("{dig}\tDS 55648 13 2 {DIGEST}\n. DS 20326 8 2 {DIGEST}\n");
    assert_eq!(zones(&several), ["example.net.", "example.net.", "."]);
    let (first, second) = DIGEST.split_at(20);
    assert_eq!(
        zones(&format!(". IN DS 20326 8 2 {first} {second}\r\n")),
        ["."]
    );
}

#[test]
fn what_is_no_trust_anchor_is_told_with_its_line() {
    assert_eq!(error(""), "there is no DNSKEY or DS record");
    assert_eq!(error("\n ; nothing\n"), "there is no DNSKEY or DS record");
    for (text, message) in [
        (
            "\nexample. A 192.0.2.1",
            "line 2: expected DNSKEY or DS, found \"A\"",
        ),
        ("example.", "line 1: expected DNSKEY or DS, found the end"),
        (" DS 1 8 2 00", "line 1: the first record has no name"),
        (
            "$ORIGIN example.\n",
            "line 1: directives and the origin are not known here",
        ),
        (
            "@ DS 1 8 2 00",
            "line 1: directives and the origin are not known here",
        ),
        (
            ". DS 20326 8 200 00",
            "line 1: the digest type is not supported",
        ),
    ] {
        assert_eq!(error(text), message, "{text}");
    }
    // A key that signs no zone, one of an algorithm that nobody has, and what is no key.
    for data in [
        format!("0 3 13 {KEY}"),
        format!("257 3 250 {KEY}"),
        "257 3 13 ?".to_owned(),
        "257 3".to_owned(),
        String::new(),
    ] {
        let message = error(&format!("example. DNSKEY {data}"));
        assert!(message.starts_with("line 1: "), "{message}");
    }
    for data in ["20326 8 2", "20326 8 2 xy", "70000 8 2 00"] {
        let message = error(&format!(";\n;\n. DS {data}"));
        assert!(message.starts_with("line 3: "), "{message}");
    }
    assert!(error("a..b DS 1 8 2 00").starts_with("line 1: "));
}

#[test]
fn rfc_4035_section_4_4_the_root_has_its_keys() {
    let root = TrustAnchors::root();
    assert_eq!(root.zones().collect::<Vec<_>>(), [".", "."]);
    let published: TrustAnchors = format!(". IN DS 20326 8 2 {DIGEST}").parse().unwrap();
    let keys = root.anchors.iter().map(|anchor| match &anchor.trusted {
        Trusted::Key(key) => key,
        Trusted::Digest(digest) => panic!("{digest}"),
    });
    let tags: Vec<_> = keys
        .clone()
        .map(|key| key.calculate_key_tag().unwrap())
        .collect();
    assert_eq!(tags, [20_326, 38_696]);
    // The digest of the IANA is of the first key, and of no other.
    let vouched: Vec<_> = keys
        .map(|key| published.vouch_for(&Name::root(), key))
        .collect();
    assert_eq!(vouched, [true, false]);
}

#[test]
fn the_nearest_zone_counts_and_a_key_is_trusted_in_its_zone_alone() {
    let text = format!("example. DNSKEY 257 3 13 {KEY}\na.example. DNSKEY 257 3 13 {KEY}");
    let anchors: TrustAnchors = text.parse().unwrap();
    let closest = |name: &str| {
        let name = Name::from_ascii(name).unwrap();
        anchors.closest_to(&name).map(ToString::to_string)
    };
    assert_eq!(closest("next.a.EXAMPLE.").as_deref(), Some("a.example."));
    assert_eq!(closest("a.example.").as_deref(), Some("a.example."));
    assert_eq!(closest("b.example.").as_deref(), Some("example."));
    assert_eq!(closest("xexample."), None);
    assert_eq!(closest("test."), None);

    let zone = |name: &str| Name::from_ascii(name).unwrap();
    let key = key(&format!("example. DNSKEY 257 3 13 {KEY}"));
    assert!(anchors.vouch_for(&zone("example."), &key));
    assert!(anchors.vouch_for(&zone("A.example."), &key));
    assert!(!anchors.vouch_for(&zone("b.example."), &key));
    let revoked = DNSKEY::with_flags(0x0181, key.public_key().clone());
    assert!(!anchors.vouch_for(&zone("example."), &revoked));
}
