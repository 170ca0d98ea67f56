//! The example programs against each other, as a user runs them.

use core::time::Duration;
use std::fs::File;
use std::net::UdpSocket;
use std::process::Command;

use horolog_ntp::{Header, KissCode, Mode, Packet, Stratum};
use horolog_tests::{
    Chrony, Pki, Program, Scratch, Serve, free_port, private_network, program, wait_for,
};
use serde_json::Value;

#[test]
fn what_cannot_be_printed_is_an_error() {
    for (name, arguments) in [
        ("query", ""),
        ("query", "--json"),
        ("serve", "--listen 127.0.0.1:0"),
        ("httpstime", ""),
        ("ntimed", "params"),
        ("ntimed", "params --json"),
    ] {
        let program = Program::new(name).args(arguments);
        let output = program.run_without_room();
        output.assert_fails("error: cannot write: No space left on device");
    }
    // Nor can the error.
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let mut both = Command::new(program("ntimed"));
    both.arg("params").stdout(full()).stderr(full());
    assert_eq!(both.status().unwrap().code(), Some(1));
}

#[test]
fn query_without_arguments_asks_an_embedded_server() {
    let output = Program::new("query").run();
    assert_eq!(output.status, Some(0), "{output:?}");
    assert!(
        output
            .stdout
            .starts_with("no server given: asking an embedded one at 127.0.0.1:"),
        "{output:?}"
    );
    // That line, one about keys, four samples, the summary.
    assert_eq!(output.stdout.lines().count(), 7, "{output:?}");
    assert!(output.stdout.contains("keys established: "), "{output:?}");
    let protected = output.stdout.matches("auth nts  cookies 8").count();
    assert_eq!(protected, 4, "{output:?}");
    assert!(output.stdout.contains("4 samples, 0 lost"), "{output:?}");
}

#[test]
fn every_key_of_the_json_forms_is_there() {
    let output = Program::new("query").args("--json --samples 1").run();
    let (samples, summary) = output.samples();
    let keys = |value: &Value| -> Vec<_> { value.as_object().unwrap().keys().cloned().collect() };
    let mut expected = [
        "server",
        "address",
        "port",
        "version",
        "stratum",
        "leap",
        "refid",
        "poll",
        "precision",
        "root_delay",
        "root_dispersion",
        "t1",
        "t2",
        "t3",
        "t4",
        "offset",
        "delay",
        "error_bound",
        "auth",
        "aead",
        "cookies",
        "interleaved",
    ];
    expected.sort_unstable();
    assert_eq!(keys(&samples[0]), expected);
    let mut expected = [
        "summary", "server", "samples", "lost", "offset", "delay", "jitter",
    ];
    expected.sort_unstable();
    assert_eq!(keys(&summary), expected);
    for name in ["t1", "t2", "t3", "t4"] {
        let text = samples[0][name].as_str().unwrap();
        assert_eq!(text.split_once('.').unwrap().1.len(), 9, "{name} is {text}");
    }
}

#[test]
fn the_embedded_server_interleaves_and_authenticates() {
    let key = "7:sha256:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let output = Program::new("query")
        .args(&format!("--json --interleaved --key {key}"))
        .run();
    let (samples, _) = output.samples();
    assert_eq!(samples.len(), 4, "{output:?}");
    assert_eq!(samples[3]["interleaved"], true);
    assert_eq!(samples[3]["auth"], "mac-sha256");
}

#[test]
fn several_servers_are_asked_side_by_side() {
    let (first, second) = (
        Serve::start("--stratum 2 --refid GPS"),
        Serve::start("--workers 2"),
    );
    let arguments = format!(
        "{} {} --json --samples 2 --interval 0.05",
        first.address(),
        second.address()
    );
    let output = Program::new("query").args(&arguments).run();
    assert_eq!(output.status, Some(0), "{output:?}");
    assert_eq!(output.json().len(), 6);
    let of_first = output
        .json()
        .into_iter()
        .find(|line| line["stratum"] == 2)
        .unwrap();
    assert_eq!(
        of_first["refid"], "71.80.83.0",
        "above stratum 1 a reference ID is an address"
    );
    for serve in [first, second] {
        let counters = serve.terminate();
        assert_eq!(
            (&counters["received"], &counters["answered"]),
            (&2.into(), &2.into())
        );
    }
}

#[test]
fn serve_takes_ipv6() {
    if UdpSocket::bind("[::1]:0").is_err() {
        eprintln!("SKIPPED: no IPv6 loopback");
        return;
    }
    let serve = Serve::start("--listen [::1]:0");
    let [v4, v6] = serve.addresses() else {
        panic!("{serve:?}")
    };
    for (address, shown) in [(v4, "127.0.0.1"), (v6, "::1")] {
        let output = Program::new("query")
            .args(&format!("{address} --json --samples 1"))
            .run();
        assert_eq!(output.status, Some(0), "{output:?}");
        assert_eq!(output.samples().0[0]["address"], shown);
    }
}

#[test]
fn the_embedded_server_takes_ipv6() {
    if UdpSocket::bind("[::1]:0").is_err() {
        eprintln!("SKIPPED: no IPv6 loopback");
        return;
    }
    for security in ["", "--key 1:md5:00"] {
        let arguments = format!("-6 --json --samples 1 {security}");
        let output = Program::new("query").args(&arguments).run();
        assert_eq!(output.status, Some(0), "{output:?}");
        assert_eq!(output.samples().0[0]["address"], "::1");
    }
}

#[test]
fn statistics_may_be_asked_for_beyond_all_time() {
    let serve = Serve::start(&format!("--stats {}", u64::MAX));
    assert_eq!(serve.terminate()["received"], 0);
}

#[test]
fn a_reply_that_the_key_does_not_vouch_for_is_told_of() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket
        .set_read_timeout(Some(Duration::from_mins(1)))
        .unwrap();
    let address = socket.local_addr().unwrap();
    let key = "1:md5:00";
    let arguments = format!("{address} --json --samples 2 --timeout 5 --interval 0 --key {key}");
    let output = std::thread::scope(|scope| {
        let query = scope.spawn(|| Program::new("query").args(&arguments).run());
        // Without a MAC, and with a crypto-NAK.
        for trailer in [&[][..], &[0; 4]] {
            let mut buffer = [0; 100];
            let (length, client) = socket.recv_from(&mut buffer).unwrap();
            let request = Packet::decode(&buffer[..length]).unwrap().header;
            let reply = Header {
                mode: Mode::SERVER,
                stratum: Stratum::PRIMARY,
                origin: request.transmit,
                receive: request.transmit,
                ..request
            };
            let reply = [&reply.to_octets()[..], trailer].concat();
            socket.send_to(&reply, client).unwrap();
        }
        query.join().unwrap()
    });
    assert_eq!(output.status, Some(1), "{output:?}");
    let errors: Vec<_> = output
        .json()
        .iter()
        .map(|line| line["error"].clone())
        .collect();
    assert_eq!(
        errors,
        [
            Value::from("no reply to believe: not authenticated"),
            "no reply to believe: crypto-NAK: the server could not authenticate the request".into(),
            Value::Null,
        ]
    );
}

#[test]
fn a_server_that_is_not_there_is_an_error() {
    let port = free_port();
    let output = Program::new("query")
        .args(&format!("127.0.0.1:{port} --samples 1 --timeout 1"))
        .run();
    assert_eq!(output.status, Some(1));
    assert!(output.stdout.contains("connection refused"), "{output:?}");
    assert_eq!(
        output.stderr,
        format!("error: 127.0.0.1:{port}: no usable reply\n")
    );
    let output = Program::new("query").args("127.0.0.1 -6").run();
    assert_eq!(output.status, Some(1));
    assert_eq!(
        output.stderr,
        "error: cannot ask 127.0.0.1: no address of the family asked for\n"
    );
}

/// In a network of its own, with a file of hosts of its own: a name has two addresses, and one of them
/// has a server.
fn ask_one_of_two_addresses(server: &str, pki: &Pki) -> Option<Vec<Vec<Value>>> {
    let mut command = private_network()?;
    let scratch = Scratch::new();
    scratch.write("hosts", "127.0.0.1 two.test\n127.0.0.2 two.test\n");
    let at = scratch.path().display();
    let (chain, key) = (pki.certificate().display(), pki.key().display());
    let serve = Serve::script(
        &scratch,
        &format!("--listen {server}:11123 --nts {server}:14460 --cert {chain} --key {key}"),
    );
    let query = program("query");
    let ask = format!(
        "{} --json --samples 2 --interval 0.1 --timeout",
        query.display()
    );
    let script = scratch.write(
        "script",
        &format!(
            "set -e\n\
             ip link set lo up\n\
             mount --bind {at}/hosts /etc/hosts\n\
             trap 'kill $(jobs -p)' EXIT\n\
             {serve}\
             {ask} 2 two.test:11123\n\
             {ask} 20 two.test --nts --nts-port 14460 --ca {}\n",
            pki.authority().display()
        ),
    );
    let output = command.arg("bash").arg(script).output();
    let output = output.expect("unshare runs");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("text");
    let lines = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    let lines: Vec<Value> = lines.collect();
    let both = lines.split_inclusive(|line| line.get("summary").is_some());
    Some(both.map(<[Value]>::to_vec).collect())
}

#[test]
fn a_name_is_asked_at_its_other_address_where_the_first_is_silent() {
    let pki = Pki::new();
    pki.renew(&["two.test"], -1..30);
    let mut silences = Vec::new();
    for server in ["127.0.0.1", "127.0.0.2"] {
        let Some(runs) = ask_one_of_two_addresses(server, &pki) else {
            return;
        };
        let [plain, nts] = &runs[..] else {
            panic!("{runs:?}")
        };
        for lines in [plain, nts] {
            let samples = lines.iter().filter(|line| line.get("t2").is_some());
            let there = samples.filter(|sample| sample["address"] == server);
            assert_eq!(there.count(), 2, "{lines:?}");
        }
        // Keys are established where somebody is, and that is where NTP is asked.
        assert!(
            nts.iter().all(|line| line.get("error").is_none()),
            "{nts:?}"
        );
        let refused = |line: &&Value| line["error"] == "connection refused";
        silences.extend(plain.iter().find(refused).cloned());
        let lost = &plain.last().expect("a summary")["lost"];
        assert_eq!(lost, usize::from(plain.iter().any(|line| refused(&line))));
    }
    // The resolver says which address is the first, and it was asked first.
    let [silent] = &silences[..] else {
        panic!("{silences:?}")
    };
    assert!(silent["address"].is_string(), "{silent}");
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        "--samples 0",
        "--key 1:md4:00",
        "--ntp-version 5",
        "host:0",
        "--interval -1",
        "-4 -6",
    ] {
        assert_eq!(
            Program::new("query").args(arguments).run().status,
            Some(2),
            "{arguments}"
        );
    }
    for arguments in [
        "",
        "--listen nowhere",
        "--listen 127.0.0.1:0 --rate-limit 0",
        "--listen 127.0.0.1:0 --refid LONGER",
    ] {
        assert_eq!(
            Program::new("serve").args(arguments).run().status,
            Some(2),
            "{arguments}"
        );
    }
}

#[test]
fn the_rate_limit_kisses_then_keeps_silent() {
    let serve = Serve::start("--rate-limit 0.01");
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(serve.address()).unwrap();
    let mut replies = Vec::new();
    for request in 0..12 {
        // What comes may take a moment on a busy machine.
        let patience = Duration::from_millis(if request < 9 { 30_000 } else { 300 });
        socket.set_read_timeout(Some(patience)).unwrap();
        socket.send(&Header::default().to_octets()).unwrap();
        let mut buffer = [0; 100];
        replies.push(
            socket
                .recv(&mut buffer)
                .ok()
                .map(|length| Packet::decode(&buffer[..length]).unwrap().header),
        );
    }
    // Eight at once, then one of four requests gets a kiss code.
    let time = replies
        .iter()
        .flatten()
        .filter(|header| header.stratum == Stratum::PRIMARY)
        .count();
    assert_eq!(time, 8);
    let kiss = replies[8].unwrap();
    assert_eq!(
        (kiss.mode, kiss.reference_id.kiss_code()),
        (Mode::SERVER, KissCode::RATE)
    );
    assert_eq!(replies[9..], [None; 3]);
    let counters = serve.terminate();
    assert_eq!(
        (&counters["kissed"], &counters["rate_limited"]),
        (&1.into(), &3.into())
    );
}

#[test]
fn serve_reads_its_keys_again_on_sighup() {
    let scratch = Scratch::new();
    let keys = scratch.write("keys", "1 MD5 HEX:00\n");
    let serve = Serve::start(&format!("--mac-keys {}", keys.display()));
    let ask = |key: &str, timeout: f32| {
        let address = serve.address();
        let arguments = format!("{address} --samples 1 --timeout {timeout} --key {key}");
        Program::new("query").args(&arguments).run().status == Some(0)
    };
    let (soon, patient) = (0.3, 30.0);
    assert!(ask("1:md5:00", patient));
    let new = "5:aes-cmac:2B7E151628AED2A6ABF7158809CF4F3C";
    assert!(!ask(new, soon));
    scratch.write("keys", Chrony::KEYS);
    serve.signal("HUP");
    wait_for("the new keys", || ask(new, soon).then_some(()));
    // A bad file leaves the keys as they are.
    scratch.write("keys", "nonsense\n");
    serve.signal("HUP");
    serve.wait_for_log("error: ");
    assert!(ask(new, patient));
}

#[test]
fn an_expired_leap_list_is_told_of() {
    let text = "#@ 2319321600\n2272060800 10 # 1 Jan 1972\n2287785600 11 # 1 Jul 1972\n";
    let scratch = Scratch::new();
    let list = scratch.write("leap-seconds.list", text);
    let output = Program::new("query")
        .args(&format!("--samples 1 --leap-list {}", list.display()))
        .run();
    assert_eq!(output.status, Some(1));
    assert!(output.stderr.contains("has no hash"), "{output:?}");
    assert!(
        output
            .stderr
            .contains("error: leap list: the leap-second table is valid only until"),
        "{output:?}"
    );
    let serve = Serve::start(&format!("--leap-list {}", list.display()));
    let output = Program::new("query")
        .args(&format!("{} --json --samples 1", serve.address()))
        .run();
    assert_eq!(output.samples().0[0]["leap"], "none");
}
