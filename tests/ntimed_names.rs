//! Names that have several addresses, and what `ntimed` makes of them, in a network of its own.

use horolog_tests::{
    Output, Scratch, Serve, count_lines, private_network, program, up_to_three_times,
};

/// Runs `ntimed` where `pool.test` has the addresses 127.0.0.2 to 127.0.0.4, with a server at some of
/// them.
fn ntimed(servers: &[&str], arguments: &str) -> Option<Output> {
    let mut command = private_network()?;
    let scratch = Scratch::new();
    let at = scratch.path().display();
    let addresses = [2, 3, 4].map(|octet| format!("127.0.0.{octet} pool.test\n"));
    scratch.write("hosts", &addresses.concat());
    let listen = servers
        .iter()
        .map(|server| format!("--listen {server}:123 "));
    let serve = Serve::script(&scratch, &listen.collect::<String>());
    let ntimed = program("ntimed");
    let ntimed = ntimed.display();
    let script = scratch.write(
        "script",
        &format!(
            "set -e\n\
             ip link set lo up\n\
             mount --bind {at}/hosts /etc/hosts\n\
             trap 'kill $(jobs -p)' EXIT\n\
             {serve}\
             {ntimed} {arguments}\n"
        ),
    );
    let output = command.arg("bash").arg(script).output();
    Some(Output::from(output.expect("unshare runs")))
}

/// As the original does it.
#[test]
fn polling_asks_a_name_at_all_its_addresses() {
    up_to_three_times(all_addresses);
}

fn all_addresses() {
    let arguments = "poll pool.test 127.0.0.3 --duration 2";
    let Some(output) = ntimed(&["127.0.0.2", "127.0.0.3"], arguments) else {
        return;
    };
    assert_eq!(output.status, Some(0), "{output:?}");
    let trace = &output.stdout;
    assert!(trace.contains("\n# Found 3 peers\n"), "{output:?}");
    for octet in [2, 3, 4] {
        let peer = format!("# Peer pool.test 127.0.0.{octet}");
        assert_eq!(count_lines(trace, &peer), 1, "{output:?}");
        let polls = count_lines(trace, &format!("Poll pool.test 127.0.0.{octet} "));
        assert_eq!(polls > 0, octet < 4, "{output:?}");
    }
    let duplicate = "127.0.0.3 has the address of pool.test: asked once\n";
    assert_eq!(output.stderr, duplicate);
}

/// Whichever is tried first, there is one where nobody is.
#[test]
fn the_client_takes_the_address_that_answers() {
    up_to_three_times(one_address);
}

fn one_address() {
    let arguments = "client pool.test --interval 0.5 --duration 5 --json";
    for server in ["127.0.0.2", "127.0.0.3", "127.0.0.4"] {
        let Some(output) = ntimed(&[server], arguments) else {
            return;
        };
        assert_eq!(output.status, Some(0), "{output:?}");
        let lines = output.json();
        let updates: Vec<_> = lines
            .iter()
            .filter(|line| line["mode"].is_string())
            .collect();
        assert!(!updates.is_empty(), "{output:?}");
        for update in updates {
            assert_eq!(update["address"], server, "{output:?}");
            assert_eq!(update["voters"], 1, "{output:?}");
        }
    }
}
