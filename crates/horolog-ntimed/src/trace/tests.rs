use super::*;
use proptest::prelude::*;

const POLL: &str = "Poll lan 192.0.2.1 [0 4 4   1   6  -20 0.000060000 0.001500000 0x7f7f0101 -24.547789182 1416000000.136364221 -0.001743793 0.000033379 0.002243280]";

/// One of each kind, from the traces of the original and what it makes of them.
const LINES: [&str; 12] = [
    "# NTIMED Format poll-server 1.0",
    "# Found 3 peers",
    "# Peer far 198.51.100.3",
    "Now 1416000001.356566429",
    "Now 1000000.000000000 SIMPLL",
    POLL,
    "NTP_Packet unsync 203.0.113.5 [3 4 4   3   6  -20 0.002400000 0.001500000 0x7f7f0101 -10.856971904 1416000003.772565365 0.008544445 0.000049829 0.008549690]",
    "NTP_Filter lan 192.0.2.1 1 -2.352e-04 -3.111e-05 1.730e-04 0.000e+00 -3.111e-05 0.000e+00",
    "Combine near 192.0.2.2 0.004891 0.010198 0.015504 1.020e-02 9.422e+01 1.974e+00",
    "PLL 3 5.016e-01 3.231e-05 4.250e+03 -> -1.066e-05 1.000e+00 -5.863e-08 3.300e-01 5.500e-03",
    "SIMPLL -2.995e-06 -2.628e-08 4.000e+00",
    "# Run completed",
];

#[test]
fn lines_come_back_the_same() {
    for line in LINES {
        let trace = Trace::decode(line, 1).unwrap();
        assert_eq!(trace.to_string(), line);
        assert_eq!(
            matches!(trace, Trace::Other(_)),
            line == "# Run completed",
            "{line}"
        );
    }
    // What the original prints where it divides zero by zero, and minus nothing.
    for line in [
        "Combine a b nan -nan inf -inf 1.000e+00 0.000e+00",
        "SIMPLL -0.000e+00 0.000e+00 0.000e+00",
    ] {
        assert_eq!(Trace::decode(line, 1).unwrap().to_string(), line);
    }
}

#[test]
fn a_poll_says_all_its_fields() {
    let Trace::Poll { peer, packet } = Trace::decode(POLL, 1).unwrap() else {
        panic!();
    };
    assert_eq!((peer.host, peer.address), ("lan", "192.0.2.1"));
    assert_eq!(
        (packet.stratum.get(), packet.poll, packet.precision),
        (1, 6, -20)
    );
    assert_eq!(packet.reference_id.to_octets(), [127, 127, 1, 1]);
    assert_eq!(packet.t1.to_string(), "1416000000.136364221");
    let exchange = packet.exchange(0.5).unwrap();
    assert!((exchange.low() - 0.501_743_793).abs() < 1e-12);
    assert!((exchange.high() - 0.502_243_280).abs() < 1e-12);
    assert_eq!(
        packet
            .with_times(&packet.exchange(0.0).unwrap())
            .to_string(),
        packet.to_string()
    );
}

#[test]
fn without_a_time_of_arrival_there_is_no_exchange() {
    let line = POLL.replace("0.002243280]", "0.000000000]");
    let Trace::Poll { packet, .. } = Trace::decode(&line, 1).unwrap() else {
        panic!();
    };
    assert_eq!(packet.exchange(0.0), None);
}

#[test]
fn faults_have_a_column() {
    for (line, column, expected) in [
        ("# Found x peers", 9, "the number of peers"),
        ("# Found 3", 10, "\"peers\""),
        ("# Found 3 pears", 11, "\"peers\""),
        ("# Peer a", 9, "an address"),
        ("# Peer a b c", 11, "the end of the line"),
        ("Now ", 5, "seconds with nine decimals"),
        ("Now 1.12345678", 5, "seconds with nine decimals"),
        ("Now -1.123456789", 5, "seconds with nine decimals"),
        ("Poll ", 6, "a host name"),
        ("Poll a b 0", 10, "\"[\" and a leap indicator, 0 to 3"),
        ("Poll a b [4", 10, "\"[\" and a leap indicator, 0 to 3"),
        ("Poll a b [0 8", 13, "a version, 0 to 7"),
        ("Poll a b [0 4 4 256", 17, "a stratum, 0 to 255"),
        ("Poll a b [0 4 4 1 6 -20 1e5", 25, "a root delay"),
        (
            "Poll a b [0 4 4 1 6 -20 0.1 0.1 7f7f0101",
            33,
            "a reference ID, 0x and eight digits",
        ),
        ("NTP_Filter a b 5", 16, "a branch, 1 to 4"),
        ("NTP_Filter a b 1 0 0 x", 22, "a number"),
        ("PLL 4", 5, "a mode, 0 to 3"),
        ("PLL 3 0 0 0 0", 13, "\"->\""),
        ("SIMPLL 0 0", 11, "a number"),
        ("SIMPLL 0 0 0 0", 13, "the end of the line"),
    ] {
        let error = Trace::decode(line, 9).unwrap_err();
        assert_eq!(
            (error.line, error.column, error.expected),
            (9, column, expected),
            "{line}"
        );
    }
}

#[test]
fn a_poll_needs_each_of_its_words() {
    for (at, _) in POLL.match_indices(' ').skip(2) {
        let error = Trace::decode(&POLL[..at], 1).unwrap_err();
        assert_eq!(error.column, at + 1);
    }
    Trace::decode(&POLL[..POLL.len() - 1], 1).unwrap_err();
}

proptest! {
    #[test]
    fn what_is_written_reads_back(kind in 0..LINES.len(), at: prop::sample::Index, with in "[ -~]{0,3}", cut in 0..4_usize) {
        let mut line = LINES[kind].to_owned();
        let at = at.index(line.len());
        let end = (at + cut).min(line.len());
        line.replace_range(at..end, &with);
        if let Ok(trace) = Trace::decode(&line, 1) {
            let written = trace.to_string();
            let again = Trace::decode(&written, 1).unwrap().to_string();
            prop_assert_eq!(written, again);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(line in ".*") {
        match Trace::decode(&line, 1) {
            Ok(Trace::Other(other)) => prop_assert_eq!(other, &line),
            Ok(_) => {}
            Err(error) => prop_assert!(error.column <= line.len() + 1),
        }
    }
}
