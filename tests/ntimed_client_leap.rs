//! `ntimed client --leap-dns`: leap seconds and TAI-UTC are shown, servers are compared with them, and
//! a kernel is told. The kernel's clock is one of our own, on another day.

use core::net::SocketAddr;
use std::fs;

use horolog_leap_a::LeapAnnouncement;
use horolog_leap_dns::KAMP_NAME;
use horolog_tests::{
    ClockChange, FakeDns, Knot, LEAP_ZONE, Program, Scratch, Serve, VirtualClock, private_network,
    program, up_to_three_times,
};
use horolog_time::{LeapSign, TaiUtc, UtcInstant};
use serde_json::{Value, json};

/// All leap seconds as they were known in the second half of 2016.
const LIST: &str =
    "6+6+12+12+12+12+12+12+12+18+12+12+24+30+24+12+18+12+12+18+18+18+84+36+42+36+18+5?";
/// The same, but the last one is negative.
const NEGATIVE: &str =
    "6+6+12+12+12+12+12+12+12+18+12+12+24+30+24+12+18+12+12+18+18+18+84+36+42+36+18-5?";
/// The same as it was known before Bulletin C 52.
const OLD: &str = "6+6+12+12+12+12+12+12+12+18+12+12+24+30+24+12+18+12+12+18+18+18+84+36+42+36+24?";
const LEAP_DAY: &str = "2016-12-31T12:00:00Z";

/// So long that a test comes to an end where there is not the line that it waits for.
const STEER: &str = "--steer --json --duration 120";

const PLUS: Option<LeapSign> = Some(LeapSign::Positive);
const MINUS: Option<LeapSign> = Some(LeapSign::Negative);

/// A name server with one A record: what the IERS announces.
fn bulletin(month: &str, tai_utc: i32, event: Option<LeapSign>) -> FakeDns {
    let (month, tai_utc) = (
        month.parse().expect("a month"),
        TaiUtc::from_seconds(tai_utc),
    );
    let bulletin = LeapAnnouncement::new(month, tai_utc, event).expect("an announcement");
    let address = bulletin.to_addr().octets();
    FakeDns::start(move |request| Some(request.respond(0, &[request.record(&address)])))
}

/// A name server with one TXT record: a whole list.
fn list(text: &'static str) -> FakeDns {
    FakeDns::start(move |request| {
        let mut rdata = vec![u8::try_from(text.len()).expect("a short text")];
        rdata.extend(text.as_bytes());
        Some(request.respond(0, &[request.record(&rdata)]))
    })
}

/// Servers and a client that all have clocks of their own.
struct Bench {
    clock: VirtualClock,
    servers: Vec<Serve>,
    scratch: Scratch,
}

impl Bench {
    /// Three servers that announce from a list, and whose kernels are told these bits.
    fn start(time: &str, list: &str, bits: &str) -> Option<Self> {
        let clock = VirtualClock::built()?.showing(time);
        let scratch = Scratch::new();
        let list = scratch.write("list", list);
        let arguments = format!("--leap-list {}", list.display());
        let theirs = clock.clone().status(bits);
        let server = |_| Serve::start_with_clock(&theirs, &arguments);
        let servers = (0..3).map(server).collect();
        Some(Self {
            clock: clock.logging(&scratch),
            servers,
            scratch,
        })
    }

    fn client(&self, dns: SocketAddr, arguments: &str) -> Program {
        let dns = format!("--leap-dns {LEAP_ZONE} --leap-dns-server {dns}");
        self.client_without_dns(&format!("{dns} {arguments}"))
    }

    fn client_without_dns(&self, arguments: &str) -> Program {
        let servers = self
            .servers
            .iter()
            .map(|server| server.address().to_string());
        let servers = servers.collect::<Vec<_>>().join(" ");
        let arguments = format!("client {servers} --interval 0.4 {arguments}");
        let log = self.scratch.path().join("errors");
        let client = Program::with_clock(&self.clock, "ntimed");
        client.args(&arguments).errors_in(&log)
    }

    /// Lets a client steer until a line and some seconds longer. The clock is told that it is right.
    fn steer(
        &self,
        dns: SocketAddr,
        arguments: &str,
        is_last: impl Fn(&Value) -> bool,
    ) -> Vec<Value> {
        let arguments = format!("{STEER} {arguments}");
        self.watch(self.client(dns, &arguments), is_last)
    }

    fn watch(&self, client: Program, is_last: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut client = client.start();
        let mut lines = client.lines_until(is_last);
        for _ in 0..24 {
            lines.push(client.line().expect("a line"));
        }
        lines.extend(client.interrupt());
        let last = self.changes().pop();
        assert!(last.is_some_and(|last| last.synchronised));
        lines
    }

    /// What the client printed on standard error.
    fn errors(&self) -> String {
        fs::read_to_string(self.scratch.path().join("errors")).expect("a log")
    }

    /// The warnings among it: on a busy machine it tells of replies that come too late as well.
    fn warnings(&self) -> Vec<String> {
        let errors = self.errors();
        let warnings = errors
            .lines()
            .filter_map(|line| line.strip_prefix("warning: "));
        warnings.map(str::to_owned).collect()
    }

    /// Checks that the kernel was never told anything of leap seconds or TAI-UTC.
    fn assert_untold(&self, lines: &[Value]) {
        assert_eq!(orders(lines), [""; 0]);
        let changes = self.changes();
        let untold = |change: &ClockChange| (change.leap, change.tai_utc) == (None, 0);
        assert!(changes.iter().all(untold), "{changes:?}");
    }

    /// What became of the kernel's clock.
    fn changes(&self) -> Vec<ClockChange> {
        ClockChange::all(&self.scratch)
    }

    /// What the kernel knows in the end: the leap second of today, TAI-UTC.
    fn told(&self) -> (Option<LeapSign>, i32) {
        let last = self.changes().pop();
        last.map_or((None, 0), |change| (change.leap, change.tai_utc))
    }
}

/// Whether the clock is right: the kernel can be told.
fn is_tracking(line: &Value) -> bool {
    line["mode"] == "tracking" && line["action"] == "adjust"
}

fn is_order(order: &str) -> impl Fn(&Value) -> bool {
    move |line| line["kernel"] == order
}

/// What was told of leap seconds, in order.
fn orders(lines: &[Value]) -> Vec<&str> {
    lines
        .iter()
        .filter_map(|line| line["kernel"].as_str())
        .collect()
}

/// Compares what was known last of leap seconds.
fn assert_known(lines: &[Value], expected: &Value) {
    let mut known = lines.iter().rev().map(|line| &line["leap_seconds"]);
    let known = known.find(|known| known.is_object());
    let known = known.expect("something is known");
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&known[name], value, "{name}: {known}");
    }
}

#[test]
fn a_dry_run_shows_what_is_known_and_tells_nobody() {
    up_to_three_times(dry_run);
}

fn dry_run() {
    let Some(bench) = Bench::start(LEAP_DAY, LIST, "0") else {
        return;
    };
    let dns = bulletin("2016-12", 36, PLUS);
    let mut client = bench.client(dns.address(), "--json --duration 120").start();
    let lines = client.lines_until(is_order("insert"));
    assert_eq!(orders(&lines), ["no-leap", "tai-utc", "insert"]);
    assert_eq!(lines.last().expect("a line")["dry_run"], true);
    let _ = client.interrupt();
    assert_eq!(bench.warnings(), [""; 0]);

    let output = bench.client(dns.address(), "--duration 30").run();
    assert_eq!(output.status, Some(0), "{output:?}");
    let known = "leap second inserted at the end of 2016-12, TAI-UTC 36 s, then 37 s \
        (dns:leapsecond.example, until 2017-06-28T00:00:00Z, not validated by DNSSEC); \
        servers agree: insert (0 none, 3 insert, 0 delete)";
    for line in [
        known,
        "would tell the kernel: no leap second today",
        "would tell the kernel: TAI-UTC is 36 s",
        "would tell the kernel: insert a leap second at the end of 2016-12",
        &format!("leap       {known}"),
    ] {
        assert!(output.stdout.contains(line), "{line}: {output:?}");
    }
    assert_eq!(bench.warnings(), [""; 0]);
    assert_eq!(bench.changes(), []);
}

#[test]
fn on_the_last_day_the_kernel_is_told() {
    up_to_three_times(last_day);
}

fn last_day() {
    let Some(bench) = Bench::start(LEAP_DAY, LIST, "0") else {
        return;
    };
    let dns = bulletin("2016-12", 36, PLUS);
    let lines = bench.steer(dns.address(), "", is_order("insert"));
    assert_eq!(orders(&lines), ["no-leap", "tai-utc", "insert"]);
    let expected = json!({
        "leap": "insert", "next_month": "2016-12", "tai_utc": 36, "tai_utc_after": 37,
        "servers": "insert", "agreement": "agrees",
    });
    assert_known(&lines, &expected);
    assert_eq!(bench.told(), (PLUS, 36));
}

#[test]
fn a_day_before_the_kernel_is_told_of_tai_alone() {
    up_to_three_times(day_before);
}

fn day_before() {
    let Some(bench) = Bench::start("2016-12-30T12:00:00Z", LIST, "0") else {
        return;
    };
    // A whole list is as good.
    let dns = list(LIST);
    // What another program left behind in the kernel.
    let clock = bench.clock.clone().status("0x10");
    let bench = Bench { clock, ..bench };
    let lines = bench.steer(dns.address(), "--leap-dns-type txt", is_order("tai-utc"));
    assert_eq!(orders(&lines), ["no-leap", "tai-utc"]);
    let expected = json!({"leap": "none", "next_month": "2016-12", "agreement": "agrees"});
    assert_known(&lines, &expected);
    assert_eq!(bench.told(), (None, 36));
}

#[test]
fn a_negative_leap_second_is_told_as_such() {
    up_to_three_times(negative);
}

fn negative() {
    let Some(bench) = Bench::start(LEAP_DAY, NEGATIVE, "0") else {
        return;
    };
    let dns = bulletin("2016-12", 36, MINUS);
    let lines = bench.steer(dns.address(), "", is_order("delete"));
    let expected = json!({"servers": "delete", "tai_utc_after": 35});
    assert_known(&lines, &expected);
    assert_eq!(bench.told(), (MINUS, 36));
}

#[test]
fn servers_that_contradict_are_told_of_once_and_keep_it_from_the_kernel() {
    up_to_three_times(contradiction);
}

fn contradiction() {
    let Some(bench) = Bench::start(LEAP_DAY, OLD, "0") else {
        return;
    };
    let dns = bulletin("2016-12", 36, PLUS);
    let lines = bench.steer(dns.address(), "", is_tracking);
    assert_known(&lines, &json!({"agreement": "contradicts"}));
    let warnings = bench.warnings();
    let [warning] = &warnings[..] else {
        panic!("{warnings:?}");
    };
    let known = "dns:leapsecond.example says leap insert for today, but ";
    assert!(warning.starts_with(known), "{warning}");
    let outcome = " servers say none: neither is believed";
    assert!(warning.ends_with(outcome), "{warning}");
    bench.assert_untold(&lines);
}

#[test]
fn what_dnssec_vouches_for_wins_over_servers() {
    up_to_three_times(dnssec);
}

fn dnssec() {
    let (Some(knot), Some(bench)) = (Knot::installed(), Bench::start(LEAP_DAY, OLD, "0")) else {
        return;
    };
    let noon: UtcInstant = LEAP_DAY.parse().expect("a time");
    let noon = u64::try_from(noon.to_unix().seconds()).expect("after 1970");
    // Signatures begin a little before.
    let zone = knot.sign(LEAP_ZONE, &Knot::zone("@ IN A 244.59.36.40\n"), Some(noon));
    let dns = knot.serve(&[(LEAP_ZONE, &zone.text)]);
    let anchors = bench.scratch.write("anchors", &zone.key);
    let arguments = format!("--leap-trust-anchor {}", anchors.display());
    let lines = bench.steer(dns.address(), &arguments, is_order("insert"));
    let expected = json!({
        "security": "DNSSEC secure", "leap": "insert", "servers": "none", "agreement": "contradicts",
    });
    assert_known(&lines, &expected);
    assert_eq!(bench.told(), (PLUS, 36));
    let warnings = bench.warnings();
    let outcome = " servers say none: DNSSEC vouches for the former";
    let last = warnings.last();
    assert!(
        last.is_some_and(|last| last.ends_with(outcome)),
        "{warnings:?}"
    );
}

#[test]
fn servers_alone_and_what_has_expired_tell_the_kernel_nothing() {
    up_to_three_times(expired);
}

fn expired() {
    let Some(bench) = Bench::start(LEAP_DAY, LIST, "0") else {
        return;
    };
    let dns = bulletin("2015-12", 36, None);
    let lines = bench.steer(dns.address(), "", is_tracking);
    let expected = json!({"servers": "insert", "agreement": "uncompared", "tai_utc": null});
    assert_known(&lines, &expected);
    let errors = bench.errors();
    let expired = "good only until 2016-06-28T00:00:00Z";
    assert!(errors.contains(expired), "{errors}");
    bench.assert_untold(&lines);
}

#[test]
fn without_a_name_to_ask_for_the_kernel_is_not_told_and_people_are() {
    up_to_three_times(no_name);
}

fn no_name() {
    let Some(bench) = Bench::start(LEAP_DAY, LIST, "0") else {
        return;
    };
    let lines = bench.watch(bench.client_without_dns(STEER), is_tracking);
    bench.assert_untold(&lines);
    let warning = "servers announce a leap second; without --leap-dns the kernel is not told";
    assert_eq!(bench.warnings(), [warning]);
}

/// Servers that fall silent are no reason to take back what the kernel was told.
#[test]
fn a_clock_that_nobody_vouches_for_any_more_keeps_its_leap_second() {
    up_to_three_times(nobody_vouches);
}

fn nobody_vouches() {
    let Some(mut bench) = Bench::start(LEAP_DAY, LIST, "0") else {
        return;
    };
    let dns = bulletin("2016-12", 36, PLUS);
    let arguments = "--param max_age=64 --duration 300 --steer --json";
    let mut client = bench.client(dns.address(), arguments).start();
    let _ = client.lines_until(is_order("insert"));
    bench.servers.clear();
    // Each lost reply is a line.
    let is_synchronised = || bench.changes().pop().is_some_and(|last| last.synchronised);
    let lines = client.lines_until(|_| !is_synchronised());
    assert_eq!(orders(&lines), [""; 0]);
    assert_eq!(bench.told(), (PLUS, 36));
}

/// A kernel forgets the leap second when its clock is set, though not that it was told.
#[test]
fn after_a_step_the_kernel_is_told_again() {
    up_to_three_times(stepped);
}

fn stepped() {
    let Some(bench) = Bench::start(LEAP_DAY, LIST, "0") else {
        return;
    };
    let clock = bench.clock.clone().stepped_after(25.0, 0.5);
    let bench = Bench { clock, ..bench };
    let dns = bulletin("2016-12", 36, PLUS);
    let mut client = bench
        .client(dns.address(), "--steer --json --duration 200")
        .start();
    let mut lines = client.lines_until(is_order("insert"));
    assert_eq!(orders(&lines), ["no-leap", "tai-utc", "insert"]);
    lines = client.lines_until(is_order("insert"));
    assert_eq!(orders(&lines), ["no-leap", "insert"]);
    let jumps = bench.changes();
    let mut jumps = jumps.iter().skip_while(|change| change.what != "somebody");
    assert!(jumps.next().is_some_and(|jump| jump.leap == PLUS));
    assert!(jumps.any(|change| change.leap.is_none()));
    assert_eq!(bench.told(), (PLUS, 36));
}

/// The announcement as Poul-Henning Kamp publishes it, by the operating system's resolver, as the
/// original has it.
#[test]
fn getaddrinfo_tells_of_the_announcement() {
    up_to_three_times(by_getaddrinfo);
}

fn by_getaddrinfo() {
    let clock = VirtualClock::built();
    let (Some(_), Some(mut command), Some(clock)) = (Knot::installed(), private_network(), clock)
    else {
        return;
    };
    let scratch = Scratch::new();
    let at = scratch.path().display();
    let zone = Knot::zone("@ IN A 244.59.36.40\n");
    scratch.write(&format!("{KAMP_NAME}.zone"), &zone);
    scratch.write("list", LIST);
    let resolver = Knot::as_resolver(&scratch, &[KAMP_NAME]);
    let serve = format!("--listen 127.0.0.1:123 --leap-list {at}/list");
    let serve = Serve::script(&scratch, &serve);
    let ntimed = program("ntimed");
    let ntimed = ntimed.display();
    let script = scratch.write(
        "script",
        &format!(
            "{resolver}\
             {serve}\
             {ntimed} client 127.0.0.1 --interval 0.4 --duration 5 --json --leap-dns {KAMP_NAME}\n"
        ),
    );
    let command = clock.showing(LEAP_DAY).give_to(&mut command);
    let command = command.args(["setpriv", "--bounding-set", "-sys_time", "--inh-caps"]);
    let command = command.args(["-sys_time", "bash"]).arg(script);
    let output = command.output().expect("unshare runs");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("text");
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let expected = json!({
        "source": "dns:leapsecond.utcd.org", "leap": "insert", "tai_utc": 36, "agreement": "agrees",
    });
    assert_known(&lines, &expected);
}

/// Checks that a leap second passed for this reason, and that nothing else became of the clock.
fn assert_passed(lines: &[Value], reason: &str) {
    let is_generation = |line: &&Value| line["reason"].is_string();
    let generations: Vec<_> = lines.iter().filter(is_generation).collect();
    let [generation] = generations[..] else {
        panic!("{generations:?}");
    };
    assert_eq!(generation["reason"], reason);
    let summary = lines.last().expect("a summary");
    assert_eq!(summary["steps"], 0, "{summary}");
    let worst = lines.iter().filter_map(|line| line["offset"].as_f64());
    let worst = worst.fold(0.0, |worst: f64, offset| worst.max(offset.abs()));
    assert!(worst < 0.4, "{worst}");
    assert_known(lines, &json!({"leap": "none", "tai_utc": 37}));
}

/// From a minute before the end of 2016 on, with servers whose kernels insert the second too.
#[test]
fn the_leap_second_passes_and_the_clock_stays_right() {
    up_to_three_times(leap_second_passes);
}

fn leap_second_passes() {
    let Some(bench) = Bench::start("2016-12-31T23:59:00Z", LIST, "0x10") else {
        return;
    };
    let dns = bulletin("2016-12", 36, PLUS);
    let is_over = |line: &Value| line["kernel"] == "no-leap" && bench.told().1 == 37;
    let lines = bench.steer(dns.address(), "", is_over);
    assert_eq!(orders(&lines), ["no-leap", "tai-utc", "insert", "no-leap"]);
    assert_passed(&lines, "the kernel inserted a leap second");
    let changes = bench.changes();
    let inserted = changes
        .iter()
        .find(|change| change.what == "leap second inserted");
    let inserted = inserted.expect("it was inserted");
    assert_eq!((inserted.leap, inserted.tai_utc), (PLUS, 37));
    assert_eq!(bench.told(), (None, 37));
}

/// The kernel's clock goes on through the second; that on paper does not.
#[test]
fn the_leap_second_passes_on_paper_too() {
    up_to_three_times(leap_second_on_paper);
}

fn leap_second_on_paper() {
    let Some(bench) = Bench::start("2016-12-31T23:59:10Z", LIST, "0x10") else {
        return;
    };
    let dns = bulletin("2016-12", 36, PLUS);
    let arguments = "--json --duration 200";
    let mut client = bench.client(dns.address(), arguments).start();
    let mut lines = client.lines_until(|line| line["reason"].is_string());
    assert_eq!(orders(&lines), ["no-leap", "tai-utc", "insert"]);
    lines.extend(client.lines_until(is_order("no-leap")));
    for _ in 0..24 {
        lines.push(client.line().expect("a line"));
    }
    lines.extend(client.interrupt());
    assert_passed(&lines, "the kernel would have inserted a leap second");
    assert_eq!(bench.changes(), []);
}
