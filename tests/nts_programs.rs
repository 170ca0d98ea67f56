//! `query` and `serve` with NTS, as a user runs them.

use core::net::SocketAddr;
use core::time::Duration;
use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::thread;

use horolog_tests::{Output, Pki, Program, Scratch, Serve, assert_protected, up_to_three_times};

/// Every field of a sample, of cli.md.
const FIELDS: [&str; 22] = [
    "aead",
    "address",
    "auth",
    "cookies",
    "delay",
    "error_bound",
    "interleaved",
    "leap",
    "offset",
    "poll",
    "port",
    "precision",
    "refid",
    "root_delay",
    "root_dispersion",
    "server",
    "stratum",
    "t1",
    "t2",
    "t3",
    "t4",
    "version",
];

fn assert_usage(program: &str, arguments: &str, error: &str) {
    let output = Program::new(program).args(arguments).run();
    assert_eq!(output.status, Some(2), "{arguments}: {output:?}");
    assert_eq!(output.stderr, format!("error: {error}\n"), "{arguments}");
    assert_eq!(output.stdout, "", "{arguments}");
}

#[test]
fn wrong_usage_of_query_ends_with_2_and_one_line() {
    let missing = "the following required arguments were not provided: --nts";
    for (arguments, error) in [
        (
            "--nts --key 1:md5:00 host",
            "the argument '--nts' cannot be used with '--key <ID:ALGORITHM:HEX>'",
        ),
        ("--ca file host", missing),
        ("--nts-port 4461 host", missing),
        (
            "--nts --ntp-version 3 host",
            "--nts protects version 4 alone",
        ),
        ("--aead 15 host", "--aead is for --nts"),
        ("--aead 15 --key 1:md5:00", "--aead is for --nts"),
        ("--aead 15 --ntp-version 3", "--aead is for --nts"),
        (
            "--nts --aead 15,14 host",
            "--aead <NUMBERS>: expected numbers of 15, 16, 17, 30 and 31",
        ),
        (
            "--nts --aead= host",
            "--aead <NUMBERS>: expected numbers of 15, 16, 17, 30 and 31",
        ),
    ] {
        assert_usage("query", arguments, error);
    }
    let output = Program::new("query").args("--nts --nts-port 0 host").run();
    assert_eq!((output.status, output.stderr.lines().count()), (Some(2), 1));
}

#[test]
fn wrong_usage_of_serve_ends_with_2_and_one_line() {
    let missing = |what| format!("the following required arguments were not provided: {what}");
    let nts = "--listen 127.0.0.1:0 --nts 127.0.0.1:0";
    for (arguments, error) in [
        (
            "--nts 127.0.0.1:0 --self-signed d",
            missing("--listen <ADDR:PORT>"),
        ),
        (nts, missing("<--cert <PEM>|--self-signed <DIR>>")),
        (&format!("{nts} --cert a"), missing("--key <PEM>")),
        (
            &format!("{nts} --cert a --key b --self-signed d"),
            "the argument '--cert <PEM>' cannot be used with '--self-signed <DIR>'".to_owned(),
        ),
        (
            "--listen 127.0.0.1:0 --self-signed d",
            missing("--nts <ADDR:PORT>"),
        ),
        (
            "--listen 127.0.0.1:0 --advertise host",
            missing("--nts <ADDR:PORT> <--cert <PEM>|--self-signed <DIR>>"),
        ),
        (
            "--listen 127.0.0.1:0 --keys file:k",
            missing("--nts <ADDR:PORT> <--cert <PEM>|--self-signed <DIR>>"),
        ),
        (
            &format!("{nts} --self-signed d --keys elsewhere"),
            "--keys <STORE>: expected memory, file:PATH or redis://HOST[:PORT]".to_owned(),
        ),
    ] {
        assert_usage("serve", arguments, &error);
    }
    assert!(!Path::new("d").exists());
}

fn serve(arguments: &str) -> Output {
    let start = "--listen 127.0.0.1:0 --nts 127.0.0.1:0";
    Program::new("serve")
        .args(&format!("{start} {arguments}"))
        .run()
}

#[test]
fn certificates_that_serve_cannot_use() {
    let pki = Pki::new();
    let scratch = Scratch::new();
    let garbage = scratch.write("garbage", "nothing\n");
    let broken = "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
    let broken = scratch.write("broken", broken);
    let (chain, key, ca) = (pki.certificate(), pki.key(), pki.authority());
    let directory = scratch.path();
    for (chain, key, error) in [
        (
            Path::new("/nowhere"),
            key,
            "cannot read certificates /nowhere: ",
        ),
        (&garbage, key, ": no certificate in it\n"),
        (&broken, key, "cannot read certificates "),
        (key, key, ": no certificate in it\n"),
        (chain, Path::new("/nowhere"), "cannot read key /nowhere: "),
        (chain, &garbage, ": no items found\n"),
        (chain, directory, ": Is a directory"),
        (chain, chain, ": no items found\n"),
        (
            ca,
            key,
            "cannot use the certificate: the key is that of another\n",
        ),
    ] {
        let (chain, key) = (chain.display(), key.display());
        serve(&format!("--cert {chain} --key {key}")).assert_fails(error);
    }
    // What is no folder cannot hold files.
    let garbage = garbage.display();
    serve(&format!("--self-signed {garbage}/d")).assert_fails("cannot write to ");
    serve("--self-signed /proc/horolog").assert_fails("cannot write to /proc/horolog: ");
    // A key of somebody's is not written over.
    scratch.write("server.key", "mine\n");
    let directory = scratch.path().display();
    serve(&format!("--self-signed {directory}")).assert_fails("it holds some, not all, of ");
    let kept = fs::read_to_string(scratch.path().join("server.key"));
    assert_eq!(kept.expect("a file"), "mine\n");
}

#[test]
fn a_certificate_of_ours_for_other_names_makes_room_for_a_new_one() {
    let scratch = Scratch::new();
    let pki = scratch.path().join("pki");
    let certificate = || fs::read(pki.join("server.pem")).expect("a file");
    let start = |more: &str| {
        let options = format!("--nts 127.0.0.1:0 --self-signed {}", pki.display());
        let _ = Serve::start(&format!("{options} {more}")).terminate();
        certificate()
    };
    let first = start("");
    let second = start("--advertise ntp.example");
    assert!(first != second);
    // It is for the old names too.
    assert!(start("--advertise ntp.example") == second && start("") == second);
    assert_eq!(mode(&pki.join("server.key")), 0o600);
    // What is somebody's stays.
    let other = Pki::new();
    for (from, to) in [
        (other.authority(), "ca.pem"),
        (other.certificate(), "server.pem"),
        (other.key(), "server.key"),
    ] {
        fs::copy(from, pki.join(to)).expect("a file");
    }
    let third = start("");
    let output = serve(&format!(
        "--self-signed {} --advertise ntp.example",
        pki.display()
    ));
    output.assert_fails("server.pem is not for 127.0.0.1, ::1, localhost, ntp.example");
    assert!(certificate() == third);
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

#[test]
fn serve_keeps_its_secrets_and_refuses_damaged_ones() {
    let scratch = Scratch::new();
    let (pki, keys) = (scratch.path().join("pki"), scratch.path().join("keys"));
    let options = format!(
        "--self-signed {} --keys file:{}",
        pki.display(),
        keys.display()
    );
    let started = Serve::start(&format!("--nts 127.0.0.1:0 {options}"));
    assert_eq!(mode(&keys), 0o600);
    assert_eq!(mode(&pki.join("server.key")), 0o600);
    // `ready ntp=… nts=… ca=…`
    let (ntp, nts) = (started.address(), started.key_exchange());
    let ca = pki.join("ca.pem");
    let expected = format!("ready ntp={ntp} nts={nts} ca={}", ca.display());
    assert_eq!(started.ready(), expected);
    let certificate = fs::read(pki.join("server.pem")).expect("a file");
    let _ = started.terminate();
    // The second time it takes what is there.
    let _ = Serve::start(&format!("--nts 127.0.0.1:0 {options}")).terminate();
    assert_eq!(
        fs::read(pki.join("server.pem")).expect("a file"),
        certificate
    );

    serve(&format!("{options} --rotate 60"))
        .assert_fails("its keys are rotated every 86400 s: see --rotate");
    let good = fs::read(&keys).expect("a file");
    let mut damaged = good.clone();
    damaged[20] ^= 1;
    for (octets, error) in [
        (&damaged[..], "checksum is 0x"),
        (&good[..30], ", at offset 5\n"),
        (&[], "magic needs 4 octets, 0 are left, at offset 0\n"),
        (b"nonsense", "at offset 0\n"),
    ] {
        fs::write(&keys, octets).expect("a file");
        let output = serve(&options);
        output.assert_fails("cannot read cookie keys in ");
        output.assert_fails(error);
        output.assert_fails(" at offset ");
        assert_eq!(fs::read(&keys).expect("a file"), octets, "left as it was");
    }
    fs::remove_file(&keys).expect("a file");
    fs::create_dir(&keys).expect("a folder");
    serve(&options).assert_fails("Is a directory");
    let nowhere = format!("--self-signed {} --keys file:/nowhere/keys", pki.display());
    serve(&nowhere).assert_fails("cannot write cookie keys in /nowhere/keys: ");
    let nobody = format!("--self-signed {} --keys redis://127.0.0.1:1", pki.display());
    serve(&nobody).assert_fails("cannot connect to redis://127.0.0.1:1: Connection refused");
}

#[test]
fn clients_go_where_serve_advertises() {
    let pki = Pki::new();
    let (chain, key) = (pki.certificate().display(), pki.key().display());
    let port = horolog_tests::free_port();
    let serve = Serve::start(&format!(
        "--listen 127.0.0.2:{port} --nts 127.0.0.1:0 --cert {chain} --key {key} --advertise 127.0.0.2:{port}"
    ));
    let output = Program::query_nts(serve.key_exchange(), &pki).run();
    for sample in output.nts_samples(30) {
        assert_eq!(
            (&sample["address"], &sample["port"]),
            (&"127.0.0.2".into(), &port.into())
        );
        assert_eq!(sample["server"], "127.0.0.1");
        assert_protected(&sample);
        let mut keys: Vec<_> = sample.as_object().expect("an object").keys().collect();
        keys.sort_unstable();
        let mut fields = FIELDS;
        fields.sort_unstable();
        assert_eq!(keys, fields);
    }
    for (offered, algorithm) in [
        ("15", 15),
        ("17,15", 15),
        ("16,17", 17),
        ("31", 31),
        ("15,15", 15),
    ] {
        let query = Program::query_nts(serve.key_exchange(), &pki);
        let output = query.args(&format!("--samples 1 --aead {offered}")).run();
        assert_eq!(output.nts_samples(algorithm).len(), 1);
    }
    let counters = serve.terminate();
    assert_eq!(counters["ke_established"], 6);
    assert_eq!(counters["nts_answered"], 9);
}

#[test]
fn servers_by_addresses_of_ipv6() {
    if UdpSocket::bind("[::1]:0").is_err() {
        eprintln!("SKIPPED: no IPv6 loopback");
        return;
    }
    let pki = Pki::new();
    let (chain, key) = (pki.certificate().display(), pki.key().display());
    let serve = Serve::start(&format!(
        "--listen [::1]:0 --nts [::1]:0 --cert {chain} --key {key}"
    ));
    assert!(serve.key_exchange().is_ipv6());
    let (port, ca) = (serve.key_exchange().port(), pki.authority().display());
    let output = Program::new("query").args("-6 --json").run();
    assert_eq!(output.nts_samples(30)[0]["address"], "::1");
    for server in ["[::1]", "::1"] {
        let arguments = format!("{server} --nts --nts-port {port} --ca {ca} --json --samples 1");
        let output = Program::new("query").args(&arguments).run();
        let samples = output.nts_samples(30);
        assert_eq!(samples[0]["address"], "::1");
        assert_eq!(samples[0]["port"], serve.addresses()[1].port());
    }
}

#[test]
fn query_without_arguments_uses_nts() {
    let output = Program::new("query").args("--json").run();
    let samples = output.nts_samples(30);
    assert_eq!(samples.len(), 4);
    let output = Program::new("query")
        .args("--json --aead 16,17 --samples 1")
        .run();
    assert_eq!(output.nts_samples(17).len(), 1);
    let output = Program::new("query").run();
    assert_eq!(output.status, Some(0), "{output:?}");
    let established = "keys established: NTPv4 at 127.0.0.1:";
    assert!(output.stdout.contains(established), "{output:?}");
    assert!(
        output
            .stdout
            .contains("AEAD 30 (AEAD_AES_128_GCM_SIV), 8 cookies"),
        "{output:?}"
    );
    assert_eq!(
        output.stdout.matches("auth nts  cookies 8").count(),
        4,
        "{output:?}"
    );
}

#[test]
fn key_establishments_that_fail_give_no_time() {
    let pki = Pki::new();
    let ask = |address: SocketAddr| Program::query_nts(address, &pki).run();
    let port = horolog_tests::free_port();
    let output = ask(SocketAddr::from(([127, 0, 0, 1], port)));
    output.assert_no_time();
    output.assert_fails("cannot establish keys with 127.0.0.1 port");
    output.assert_fails("Connection refused");
    for (ca, error) in [
        ("/nowhere", "cannot read certificates /nowhere: "),
        (
            "/dev/null",
            "cannot read certificates /dev/null: no certificate in it",
        ),
    ] {
        let output = Program::new("query")
            .args(&format!("127.0.0.1 --nts --ca {ca}"))
            .run();
        output.assert_fails(error);
        output.assert_no_time();
    }
}

#[test]
fn a_signal_ends_the_key_establishment_at_once() {
    up_to_three_times(signalled);
}

fn signalled() {
    let pki = Pki::new();
    // The system connects, and nobody says anything.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address");
    let query = Program::query_nts(address, &pki);
    let running = thread::spawn(move || query.run_and_signal("INT", move || silent.accept()));
    let (output, waited) = running.join().expect("it ends");
    output.assert_fails("interrupted by a signal");
    output.assert_no_time();
    // The handshake alone may take five seconds.
    assert!(waited < Duration::from_secs(4), "{waited:?}");
}

#[test]
fn help_tells_of_nts() {
    for (program, options) in [
        (
            "query",
            [
                "--nts ",
                "--nts-port <PORT>",
                "--ca <PEM>",
                "--aead <NUMBERS>",
            ],
        ),
        (
            "serve",
            [
                "--nts <ADDR:PORT>",
                "--self-signed <DIR>",
                "--advertise <HOST[:PORT]>",
                "--keys <STORE>",
            ],
        ),
    ] {
        let output = Program::new(program).args("--help").run();
        assert_eq!((output.status, &*output.stderr), (Some(0), ""));
        for option in options {
            assert!(
                output.stdout.contains(option),
                "{option}: {}",
                output.stdout
            );
        }
        assert!(output.stdout.contains("Example: "), "{}", output.stdout);
    }
}
