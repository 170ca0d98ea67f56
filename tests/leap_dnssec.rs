//! Leap seconds under DNSSEC: what is secure, insecure and bogus, in zones that knot signed.

use horolog_leap_dns::{LeapForm, LeapResolver, Security, TrustAnchors};
use horolog_tests::{
    Knot, KnotServer, LEAP_NOW, LEAP_ZONE, fetch_validated, iers_list, leap, leap_zone,
    signed_leap_zone,
};

/// Another DNSSEC key: one letter of it is another.
fn other_key(key: &str) -> String {
    let at = key.rfind("==").expect("base64 of 64 octets") - 3;
    let other = if &key[at..=at] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &key[..at], &key[at + 1..])
}

/// DS records with other digests: of each the last digit is another.
fn other_digests(records: &str) -> String {
    let lines = records.lines().map(|line| match line.chars().last() {
        // The type is behind the name, or behind the TTL.
        Some(digit)
            if line
                .split_whitespace()
                .skip(1)
                .take(2)
                .any(|word| word == "DS") =>
        {
            let other = if digit == '0' { '1' } else { '0' };
            format!("{}{other}\n", &line[..line.len() - 1])
        }
        _ => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn rfc_4035_section_5_bogus_answers_are_errors_with_their_reason() {
    let Some(knot) = Knot::installed() else {
        return;
    };
    let zone = signed_leap_zone(knot);
    let bogus = |text: &str, anchors: &str, arguments: &str, reason: &str| {
        let server = knot.serve(&[(LEAP_ZONE, text)]);
        let output = fetch_validated(&server, anchors, arguments);
        output.assert_fails(" is bogus: ");
        output.assert_fails(reason);
        assert_eq!(output.stdout, "");
    };
    // Another trust anchor.
    let no_key = "no key of the zone leapsecond.example. matches a trust anchor";
    for anchors in [other_key(&zone.key), zone.digests.replace(" 2 ", " 2 00")] {
        let first = anchors.lines().next().unwrap();
        bogus(&zone.text, first, LEAP_ZONE, no_key);
    }
    // The zone is not signed at all, and the anchor says that it is.
    let unsigned = leap_zone("list", &iers_list());
    bogus(&unsigned, &zone.key, LEAP_ZONE, no_key);

    // Records changed after they were signed.
    let of = |record_type: &str| {
        format!(
            "the signature of the {record_type} records of leapsecond.example. does not match them"
        )
    };
    let a = zone.text.replace("240.15.10.108", "240.14.10.75");
    let aaaa = zone
        .text
        .replace("1972:6:30::23:59:60", "1972:6:30::23:59:58");
    let txt = zone.text.replace("\"6+6+12+", "\"6+6+13+");
    let binary = zone
        .text
        .replace("00111111121134312112229D", "00111111121134312112229E");
    for (text, record_type, name) in [
        (&a, "a", "A"),
        (&aaaa, "aaaa", "AAAA"),
        (&txt, "txt", "TXT"),
        (&binary, "bin", "TYPE65432"),
    ] {
        assert_ne!(text, &zone.text, "{name}");
        bogus(
            text,
            &zone.key,
            &format!("{LEAP_ZONE} --type {record_type}"),
            &of(name),
        );
    }
    // A set that lost a record.
    let lost = zone
        .text
        .lines()
        .filter(|line| !line.ends_with("240.15.10.108"));
    let lost: String = lost.flat_map(|line| [line, "\n"]).collect();
    bogus(&lost, &zone.key, LEAP_ZONE, &of("A"));
    // A name made up, and a type.
    let next = zone
        .text
        .replace("next.leapsecond.example.", "newest.leapsecond.example.");
    bogus(
        &next,
        &zone.key,
        &format!("{LEAP_ZONE} --type next"),
        "leapsecond.example.",
    );

    // Without its signature.
    let unsigned = zone
        .text
        .lines()
        .filter(|line| !line.contains("RRSIG\tTXT "));
    let unsigned: String = unsigned.flat_map(|line| [line, "\n"]).collect();
    let reason = "the TXT records of leapsecond.example. have no signature";
    bogus(
        &unsigned,
        &zone.key,
        &format!("{LEAP_ZONE} --type txt"),
        reason,
    );

    // Signed in November 2023, for two weeks; and in 2037.
    let old = knot.sign(
        LEAP_ZONE,
        &leap_zone("list", &iers_list()),
        Some(1_700_000_000),
    );
    let reason =
        "the signature of the DNSKEY records of leapsecond.example. expired on 2023-11-28T";
    bogus(&old.text, &old.key, LEAP_ZONE, reason);
    let new = knot.sign(
        LEAP_ZONE,
        &leap_zone("list", &iers_list()),
        Some(2_145_000_000),
    );
    let reason =
        "the signature of the DNSKEY records of leapsecond.example. is valid from 2037-12-21T";
    bogus(&new.text, &new.key, LEAP_ZONE, reason);
}

/// Only the signatures of the list are too old, those of the keys are not.
#[test]
fn rfc_4035_section_5_3_1_an_expired_signature_of_the_list_is_told() {
    let Some(knot) = Knot::installed() else {
        return;
    };
    let zone = signed_leap_zone(knot);
    let edit = |line: &str| {
        if !line.contains("RRSIG\tTXT ") {
            return format!("{line}\n");
        }
        // Type, algorithm, labels, TTL, then expiration and inception.
        let mut words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        words[7] = "20200115000000".into();
        words[8] = "20200101000000".into();
        words.join(" ") + "\n"
    };
    let text: String = zone.text.lines().map(edit).collect();
    assert!(text.contains(" 20200115000000 20200101000000 "), "{text}");
    let server = knot.serve(&[(LEAP_ZONE, &text)]);
    let output = fetch_validated(&server, &zone.key, &format!("{LEAP_ZONE} --type txt"));
    output.assert_fails(
        "the signature of the TXT records of leapsecond.example. expired on 2020-01-15T00:00:00Z",
    );
    // The others are as good as before.
    let output = fetch_validated(&server, &zone.key, &format!("{LEAP_ZONE} --type bin"));
    assert_eq!(output.status, Some(0), "{output:?}");
}

#[test]
fn rfc_4033_section_5_secure_and_insecure_are_told_apart_below_a_trust_anchor() {
    let Some(knot) = Knot::installed() else {
        return;
    };
    let child = signed_leap_zone(knot);
    let plain = leap_zone("list", &iers_list());
    // The parent delegates to both, and knows the key of one.
    let delegations = format!(
        "leapsecond IN NS ns.invalid.\nplain IN NS ns.invalid.\nbroken IN NS ns.invalid.\n{}\n{}",
        child.digests,
        child
            .digests
            .replace("leapsecond.example.", "broken.example.")
    );
    let parent = knot.sign("example", &Knot::zone(&delegations), None);
    let zones = [
        ("example", &*parent.text),
        (LEAP_ZONE, &child.text),
        ("plain.example", &plain),
        ("broken.example", &plain),
    ];
    let server = knot.serve(&zones);
    let output = fetch_validated(&server, &parent.key, &format!("{LEAP_ZONE} --json"));
    assert_eq!(output.json()[0]["security"], "secure", "{output:?}");

    // The library gives what is insecure, the program refuses it.
    let anchors: TrustAnchors = parent.key.parse().unwrap();
    let resolver = LeapResolver::new([server.address()]).with_trust_anchors(anchors);
    let answer = resolver.fetch("plain.example", LeapForm::Txt).unwrap();
    assert!(
        matches!(answer.security(), Security::Insecure(_)),
        "{answer:?}"
    );
    let output = fetch_validated(&server, &parent.key, "plain.example");
    output.assert_fails("DNSSEC insecure: the zone is not signed");
    // The parent says that this one is signed.
    let output = fetch_validated(&server, &parent.key, "broken.example");
    output.assert_fails("the answer for broken.example. A is bogus: ");

    // What does not exist is not bogus, whether that is proven or not.
    for (name, arguments, message) in [
        (
            "none.example",
            "",
            "the name none.example. does not exist (NXDOMAIN)",
        ),
        (
            "example",
            "--type txt",
            "the name example. has no TXT records (NODATA)",
        ),
        ("none.plain.example", "", "does not exist (NXDOMAIN)"),
        (
            "next.plain.example",
            "--type txt",
            "has no TXT records (NODATA)",
        ),
    ] {
        let output = fetch_validated(&server, &parent.key, &format!("{name} {arguments}"));
        output.assert_fails(message);
    }

    // No anchor at the name or above it.
    let elsewhere = child
        .key
        .replace("leapsecond.example.", "elsewhere.example.");
    let output = fetch_validated(&server, &elsewhere, LEAP_ZONE);
    output.assert_fails("DNSSEC insecure: no trust anchor for the name");
    // Without anchors nothing is validated, and this is said.
    let output = leap(&format!(
        "fetch {LEAP_ZONE} --server {} {LEAP_NOW} --json",
        server.address()
    ));
    assert_eq!(output.json()[0]["security"], "unvalidated", "{output:?}");
    // The keys of the root do not lead there: this server does not answer for the root.
    let output = leap(&format!(
        "fetch {LEAP_ZONE} --server {} --dnssec",
        server.address()
    ));
    output.assert_fails("the name server answers REFUSED for . DNSKEY");
}

/// From the key of the root over the digests of two zones below it, as names of the Internet are.
#[test]
fn rfc_4035_section_5_the_chain_from_the_root_is_followed_zone_by_zone() {
    let Some(knot) = Knot::installed() else {
        return;
    };
    let child = signed_leap_zone(knot);
    let delegation =
        |child: &str, digests: &str| Knot::zone(&format!("{child}. IN NS ns.invalid.\n{digests}"));
    let parent = knot.sign("example", &delegation(LEAP_ZONE, &child.digests), None);
    let root = knot.sign(".", &delegation("example", &parent.digests), None);
    let serve = |root: &str, parent: &str| {
        knot.serve(&[(".", root), ("example", parent), (LEAP_ZONE, &child.text)])
    };
    let server = serve(&root.text, &parent.text);
    for anchors in [&root.key, &root.digests] {
        assert!(anchors.starts_with(". D"), "{anchors}");
        for record_type in ["a", "aaaa", "txt", "bin", "next", "hinfo"] {
            let arguments = format!("{LEAP_ZONE} --type {record_type} --json");
            let output = fetch_validated(&server, anchors, &arguments);
            assert_eq!(output.status, Some(0), "{output:?}");
            assert_eq!(output.json()[0]["security"], "secure", "{output:?}");
        }
    }
    let bogus = |server: &KnotServer, anchors: &str, reason: &str| {
        let output = fetch_validated(server, anchors, LEAP_ZONE);
        output.assert_fails(" is bogus: ");
        output.assert_fails(reason);
        assert_eq!(output.stdout, "");
    };
    let no_key = "no key of the zone . matches a trust anchor";
    bogus(&server, &other_key(&root.key), no_key);
    // The root of the Internet has other keys.
    let address = server.address();
    let output = leap(&format!("fetch {LEAP_ZONE} --server {address} --dnssec"));
    output.assert_fails(no_key);

    let no_chain = "the keys of the zone leapsecond.example. have no chain of trust";
    // A digest of a key that the zone does not have, in either of the two above it.
    let wrong = delegation("example", &other_digests(&parent.digests));
    let wrong = knot.sign(".", &wrong, None);
    bogus(&serve(&wrong.text, &parent.text), &wrong.key, no_chain);
    let wrong = delegation(LEAP_ZONE, &other_digests(&child.digests));
    let wrong = knot.sign("example", &wrong, None);
    let above = knot.sign(".", &delegation("example", &wrong.digests), None);
    bogus(&serve(&above.text, &wrong.text), &above.key, no_chain);
    // A digest that was changed after it was signed.
    let changed = other_digests(&root.text);
    assert_ne!(changed, root.text);
    bogus(&serve(&changed, &parent.text), &root.key, no_chain);
}

/// Who knows the trusted key, as everybody does, cannot sign by it.
#[test]
fn rfc_4035_section_5_2_a_trusted_key_among_others_does_not_vouch_for_them() {
    let Some(knot) = Knot::installed() else {
        return;
    };
    let zone = signed_leap_zone(knot);
    let forged = knot.sign(LEAP_ZONE, &leap_zone("txt", b"6+6+700?"), None);
    let key = zone.key.replace(" DNSKEY ", " 300 IN DNSKEY ");
    assert_ne!(key, zone.key);
    let server = knot.serve(&[(LEAP_ZONE, &(forged.text.clone() + &key))]);
    for record_type in ["a", "txt"] {
        let arguments = format!("{LEAP_ZONE} --type {record_type}");
        let output = fetch_validated(&server, &zone.key, &arguments);
        output.assert_fails(
            "the signature of the DNSKEY records of leapsecond.example. does not match them",
        );
    }
    // Under its own key it is as good as any.
    let server = knot.serve(&[(LEAP_ZONE, &forged.text)]);
    let output = fetch_validated(&server, &forged.key, &format!("{LEAP_ZONE} --json"));
    assert_eq!(output.json()[0]["security"], "secure", "{output:?}");
}

/// Neither the digest of a key nor a signature can be left out to make a zone look unsigned.
#[test]
fn rfc_4035_section_5_2_a_zone_is_insecure_only_where_that_is_proven() {
    let Some(knot) = Knot::installed() else {
        return;
    };
    let child = signed_leap_zone(knot);
    let delegation = format!("leapsecond IN NS ns.invalid.\n{}", child.digests);
    let parent = knot.sign("example", &Knot::zone(&delegation), None);
    let plain = leap_zone("txt", b"6+6+700?");
    let without = |text: &str, what: &[&str]| -> String {
        text.lines()
            .filter(|line| !what.iter().any(|what| line.contains(what)))
            .flat_map(|line| [line, "\n"])
            .collect()
    };
    let no_digest = without(&parent.text, &["\tDS\t", "RRSIG\tDS "]);
    assert!(no_digest.len() < parent.text.len());
    let no_proof = without(&no_digest, &["NSEC3"]);
    assert!(no_proof.len() < no_digest.len());
    for parent_text in [&no_digest, &no_proof, &parent.text] {
        let server = knot.serve(&[("example", &**parent_text), (LEAP_ZONE, &plain)]);
        for record_type in ["a", "txt", "next"] {
            let arguments = format!("{LEAP_ZONE} --type {record_type}");
            let output = fetch_validated(&server, &parent.key, &arguments);
            output.assert_fails(" is bogus: ");
        }
    }
}
