//! The programs where nobody reads what they print any more.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use horolog_tests::{Program, Scratch, Serve, free_port, program, wait_for};

/// Starts a program with both its outputs in pipes.
fn start(name: &str, arguments: &str) -> Child {
    Command::new(program(name))
        .args(arguments.split_whitespace())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs")
}

/// Reads a line of standard output, and leaves it to the caller to read on or to hang up.
fn first_line(child: &mut Child) -> (String, BufReader<std::process::ChildStdout>) {
    let mut reader = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut line = String::new();
    reader.read_line(&mut line).expect("a line");
    (line, reader)
}

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    let status = Command::new("kill").args(["-s", name, &id]).status();
    assert!(status.expect("kill").success(), "cannot send {name}");
}

#[test]
fn query_ends_without_a_word() {
    let mut child = start("query", "--json --samples 10000 --interval 0.01");
    let (line, reader) = first_line(&mut child);
    assert!(line.starts_with("{\"server\":"), "{line}");
    drop(reader);
    let output = child.wait_with_output().expect("the program ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*errors), (Some(1), ""));
}

#[test]
fn serve_needs_nobody_behind_its_line_that_it_is_ready() {
    let mut child = start("serve", "--listen 127.0.0.1:0");
    let (line, reader) = first_line(&mut child);
    assert!(line.starts_with("ready ntp="), "{line}");
    drop(reader);
    signal(&child, "TERM");
    let output = child.wait_with_output().expect("the program ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*errors), (Some(0), ""));
}

#[test]
fn serve_keeps_house_where_nobody_reads_its_errors() {
    let scratch = Scratch::new();
    let text = "#@ 2319321600\n2272060800 10 # 1 Jan 1972\n2287785600 11 # 1 Jul 1972\n";
    let list = scratch.write("leap-seconds.list", text);
    let keys = scratch.write("keys", "1 MD5 HEX:01\n");
    let (list, keys) = (list.display(), keys.display());
    let arguments = format!("--listen 127.0.0.1:0 --leap-list {list} --mac-keys {keys}");
    let mut child = start("serve", &arguments);
    let (line, mut reader) = first_line(&mut child);
    let address = line.trim().strip_prefix("ready ntp=").expect(&line);
    drop(child.stderr.take());
    let has_key = |number: u8| {
        let arguments = format!("{address} --samples 1 --timeout 0.3 --key {number}:md5:01");
        let output = Program::new("query").args(&arguments).run();
        (output.status == Some(0)).then_some(())
    };
    // The keys are read first; then the list is an error to tell of.
    scratch.write("leap-seconds.list", "nonsense\n");
    for (number, text) in [
        (2, "1 MD5 HEX:01\n2 MD5 HEX:01\n"),
        (3, "2 MD5 HEX:01\n3 MD5 HEX:01\n"),
    ] {
        scratch.write("keys", text);
        signal(&child, "HUP");
        wait_for("the next key", || has_key(number));
    }
    signal(&child, "TERM");
    let mut counters = String::new();
    reader.read_line(&mut counters).expect("a line");
    assert!(counters.starts_with("{\"received\":"), "{counters}");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn ntimed_ends_without_a_word() {
    let serve = Serve::start("");
    for arguments in ["client --json --interval 0.2", "poll"] {
        let mut child = start("ntimed", &format!("{arguments} {}", serve.address()));
        let (line, reader) = first_line(&mut child);
        assert!(!line.is_empty(), "{arguments}");
        drop(reader);
        let output = child.wait_with_output().expect("the program ends");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*errors), (Some(1), ""));
    }
}

/// A clock is steered on, and in the end a slew is ended.
#[test]
fn a_client_goes_on_where_nobody_reads_its_errors() {
    let (serve, nobody) = (Serve::start(""), free_port());
    let servers = format!("{} 127.0.0.1:{nobody}", serve.address());
    let mut child = start("ntimed", &format!("client --json --interval 0.2 {servers}"));
    drop(child.stderr.take());
    let (mut line, mut reader) = first_line(&mut child);
    let mut seen = [false; 2];
    // First the trouble is told of, in both places, and then there is an update.
    while seen != [true; 2] {
        assert!(!line.is_empty(), "it goes on: {seen:?}");
        seen[0] |= line.contains("\"error\":\"connection refused\"");
        seen[1] = seen[0] && line.contains("\"action\":");
        line.clear();
        reader.read_line(&mut line).expect("a line");
    }
    signal(&child, "INT");
    let mut rest = String::new();
    reader.read_to_string(&mut rest).expect("text");
    assert!(rest.contains("{\"summary\":true,"), "{rest}");
    assert!(child.wait().expect("it ends").code().is_some());
}
