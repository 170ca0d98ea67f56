//! The fuzzing harness over its corpus, on the stable compiler.

extern crate alloc;

use alloc::collections::BTreeSet;
use std::fs;
use std::path::Path;

use horolog_https::{Action, SearchError};

/// Runs a body over every file of its corpus, over every beginning of each, and over each with one
/// octet changed.
fn replay(target: &str, body: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target);
    let mut replayed = 0;
    for entry in
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    {
        let mut octets = fs::read(entry.expect("an entry").path()).expect("a file");
        body(&octets);
        for length in 0..octets.len() {
            body(&octets[..length]);
        }
        for place in 0..octets.len() {
            octets[place] ^= 0x5a;
            body(&octets);
            octets[place] ^= 0x5a;
        }
        replayed += 1;
    }
    assert!(replayed > 0, "{} is empty", folder.display());
}

#[test]
fn header() {
    replay("header", horolog_fuzz::header);
}

#[test]
fn packet_v4() {
    replay("packet_v4", horolog_fuzz::packet_v4);
}

#[test]
fn packet_v5() {
    replay("packet_v5", horolog_fuzz::packet_v5);
}

#[test]
fn nts_ke_records() {
    replay("nts_ke_records", horolog_fuzz::nts_ke_records);
}

#[test]
fn cookie() {
    replay("cookie", horolog_fuzz::cookie);
}

#[test]
fn keyring_file() {
    replay("keyring_file", horolog_fuzz::keyring_file);
}

#[test]
fn association_file() {
    replay("association_file", horolog_fuzz::association_file);
}

#[test]
fn ke_response() {
    replay("ke_response", horolog_fuzz::ke_response);
}

#[test]
fn ke_client() {
    replay("ke_client", horolog_fuzz::ke_client);
}

#[test]
fn ke_server() {
    replay("ke_server", horolog_fuzz::ke_server);
}

#[test]
fn nts_authenticator() {
    replay("nts_authenticator", horolog_fuzz::nts_authenticator);
}

#[test]
fn nts_client() {
    replay("nts_client", horolog_fuzz::nts_client);
}

#[test]
fn nts_server() {
    replay("nts_server", horolog_fuzz::nts_server);
}

#[test]
fn leap_list_field() {
    replay("leap_list_field", horolog_fuzz::leap_list_field);
}

#[test]
fn https_request() {
    replay("https_request", horolog_fuzz::https_request);
}

#[test]
fn https_response() {
    replay("https_response", horolog_fuzz::https_response);
}

#[test]
fn https_search() {
    replay("https_search", horolog_fuzz::https_search);
}

/// Each way for a search to end has a file of its name.
#[test]
fn the_search_ends_as_each_file_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/https_search");
    let mut ends = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("the corpus") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a name");
        let octets = fs::read(entry.path()).expect("a file");
        let action = horolog_fuzz::https_search_end(&octets);
        let end = search_end(action);
        assert!(name.starts_with(end), "{name}: {action:?}");
        ends.insert(end);
    }
    // All that `search_end` tells apart.
    assert_eq!(ends.len(), 10, "{ends:?}");
}

fn search_end(action: Action) -> &'static str {
    match action {
        Action::Done(_) => "done",
        Action::Failed(error) => match error {
            SearchError::NotOffered { .. } => "not_offered",
            SearchError::NoDate => "no_date",
            SearchError::Field(_) => "field",
            SearchError::Malformed(_) => "malformed",
            SearchError::Unasked => "unasked",
            SearchError::Inconsistent { .. } => "inconsistent",
            SearchError::ClosedEarly { .. } => "closed_early",
            SearchError::TooFar => "too_far",
            SearchError::LocalClock => "local_clock",
            error => panic!("{error:?}"),
        },
        action => panic!("{action:?}"),
    }
}

#[test]
fn https_text() {
    replay("https_text", horolog_fuzz::https_text);
}

#[test]
fn packet_mac() {
    replay("packet_mac", horolog_fuzz::packet_mac);
}

#[test]
fn control() {
    replay("control", horolog_fuzz::control);
}

#[test]
fn key_file() {
    replay("key_file", horolog_fuzz::key_file);
}

#[test]
fn responder() {
    replay("responder", horolog_fuzz::responder);
}

#[test]
fn leap_text() {
    replay("leap_text", horolog_fuzz::leap_text);
}

#[test]
fn leap_binary() {
    replay("leap_binary", horolog_fuzz::leap_binary);
}

#[test]
fn leap_a_set() {
    replay("leap_a_set", horolog_fuzz::leap_a_set);
}

#[test]
fn leap_aaaa_set() {
    replay("leap_aaaa_set", horolog_fuzz::leap_aaaa_set);
}

#[test]
fn leap_rrset() {
    replay("leap_rrset", horolog_fuzz::leap_rrset);
}

#[test]
fn leap_list() {
    replay("leap_list", horolog_fuzz::leap_list);
}

#[test]
fn leap_dat() {
    replay("leap_dat", horolog_fuzz::leap_dat);
}

#[test]
fn leap_tzif() {
    replay("leap_tzif", horolog_fuzz::leap_tzif);
}

#[test]
fn leap_bulletin_c() {
    replay("leap_bulletin_c", horolog_fuzz::leap_bulletin_c);
}

#[test]
fn ntimed_trace() {
    replay("ntimed_trace", horolog_fuzz::ntimed_trace);
}

#[test]
fn ntimed_evaluation() {
    replay("ntimed_evaluation", horolog_fuzz::ntimed_evaluation);
}

/// Every target has a body, a line in the manifest, and a test above.
#[test]
fn every_target_is_replayed() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).expect("the manifest of fuzz");
    let tests = include_str!("corpus.rs");
    for entry in fs::read_dir(fuzz.join("fuzz_targets")).expect("the targets") {
        let name = entry
            .expect("an entry")
            .file_name()
            .into_string()
            .expect("a name");
        let target = name.strip_suffix(".rs").expect("a source");
        assert!(
            manifest.contains(&format!("name = \"{target}\"")),
            "{target} is not in fuzz/Cargo.toml"
        );
        assert!(
            tests.contains(&format!("replay(\"{target}\", horolog_fuzz::{target})")),
            "{target} is not replayed"
        );
    }
}
