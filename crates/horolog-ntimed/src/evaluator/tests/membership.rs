//! Which sources there are, and which of them stand for one server.

use super::*;

fn at(address: &str) -> Source {
    Source {
        address: address.parse().ok(),
        ..Source::default()
    }
}

#[test]
fn an_address_counts_once() {
    let source = Source {
        address: "192.0.2.1:123".parse().ok(),
        ..Source::default()
    };
    let answer = Bench::new(&[source, source, Source::default()]).all(&[0.0, 0.0, 0.0]);
    assert_eq!(answer.quorum.voters, 2);
    assert_eq!(
        reasons(&answer),
        [(1, "same address as source 0".to_owned())]
    );
}

#[test]
fn a_multihomed_server_counts_once() {
    let mut bench = Bench::plain(3);
    let reference = date::add(bench.clock.now(), -100.0);
    let home = |e: &mut Exchange| {
        e.reference_id = ReferenceId::from_octets([192, 0, 2, 99]);
        e.reference = reference;
    };
    bench.take(0, |_| {}, 0.0);
    bench.take(2, home, 0.0);
    // The one added later is the one that does not count, whichever answered first.
    let answer = bench.take(1, home, 0.0);
    assert_eq!(
        reasons(&answer),
        [(2, "same server as source 1".to_owned())]
    );
    assert_eq!(answer.quorum.voters, 2);
    // Its clock was set again; the other address has not been asked since.
    let again = |e: &mut Exchange| {
        home(e);
        e.reference = date::add(reference, 16.0);
    };
    assert_eq!(bench.take(1, again, 0.0).quorum.voters, 2);
    // It has moved to another reference.
    let answer = bench.take(2, |_| {}, 0.0);
    assert_eq!((answer.quorum.voters, answer.rejected.len()), (3, 0));
}

#[test]
fn a_source_that_was_never_added_has_no_say() {
    let mut bench = Bench::plain(1);
    let stranger = SourceId::new(7);
    let exchange = exchange(&bench.clock, 7, 0.0, 0.005);
    let Ok(evaluation) = bench
        .evaluator
        .handle_exchange(stranger, &exchange, &mut bench.clock);
    assert_eq!((evaluation.filtered, evaluation.density), (None, None));
    assert_eq!(evaluation.answer.quorum.voters, 0);
}

#[test]
fn two_ports_of_one_address_are_two_servers() {
    let mut bench = Bench::new(&[at("127.0.0.1:11123"), at("127.0.0.1:11124")]);
    let answer = bench.all(&[0.0, 0.0]);
    assert_eq!((answer.quorum.voters, answer.rejected.len()), (2, 0));
}

/// Its reference time is that of the one before, on the same day.
fn home(clock: &SimulatedClock) -> impl Fn(&mut Exchange) + use<> {
    let reference = date::add(clock.now(), -100.0);
    move |e| {
        e.reference_id = ReferenceId::from_octets([192, 0, 2, 99]);
        e.reference = reference;
    }
}

#[test]
fn a_second_address_counts_while_the_first_says_nothing() {
    let mut bench = Bench::plain(4);
    let home = home(&bench.clock);
    bench.all(&[0.0; 4]);
    for source in [1, 2, 3] {
        bench.take(source, &home, 0.0);
    }
    let same = |source, other| (source, format!("same server as source {other}"));
    let now = bench.clock.now();
    let answer = bench.evaluator.answer(now);
    assert_eq!(reasons(&answer), [same(2, 1), same(3, 1)]);
    assert_eq!(answer.quorum.voters, 2);
    // The first address has become unusable: the second one speaks for the server, and it alone.
    let answer = bench.take(1, |e| e.leap = LeapIndicator::Unknown, 0.0);
    let refused = (1, "refused: Not synchronised".to_owned());
    assert_eq!(reasons(&answer), [refused, same(3, 2)]);
    assert_eq!(answer.quorum.voters, 2);
    let answer = bench.take(1, &home, 0.0);
    assert_eq!(reasons(&answer), [same(2, 1), same(3, 1)]);
}

/// Sources 0 and 1 lie by 0.2 s and show the same as the honest 2 and 3; their request is told to
/// have left so much earlier.
fn copied(earlier: f64) -> Answer {
    let mut bench = Bench::plain(5);
    let home = home(&bench.clock);
    let show = |other: u8, earlier: f64| {
        let home = &home;
        move |e: &mut Exchange| {
            home(e);
            e.reference_id = ReferenceId::from_octets([192, 0, 2, other]);
            e.t1 = date::add(e.t1, -earlier);
        }
    };
    bench.take(0, show(98, earlier), 0.2);
    bench.take(1, show(99, earlier), 0.2);
    bench.take(2, show(98, 0.0), 0.0);
    bench.take(3, show(99, 0.0), 0.0);
    bench.take(4, |_| {}, 0.0)
}

/// Who shows what honest servers do cannot silence them.
#[test]
fn who_copies_another_server_takes_no_vote_away() {
    let answer = copied(0.0);
    assert_eq!((answer.quorum.agreeing, answer.quorum.voters), (3, 5));
    assert!(answer.offset.unwrap().abs() < 1e-6);
    let liars: Vec<_> = answer.rejected.iter().map(|(id, _)| id.index()).collect();
    assert_eq!(liars, [0, 1]);
    // Bounds that are as good as none count for the server that is copied.
    let answer = copied(0.4);
    assert_eq!((answer.quorum.agreeing, answer.quorum.voters), (3, 3));
    assert!(answer.offset.unwrap().abs() < 1e-6);
    let same = |source, other| (source, format!("same server as source {other}"));
    assert_eq!(reasons(&answer), [same(2, 0), same(3, 1)]);
}

/// Nor make one of two servers that have nothing to do with each other, by copying both in turn.
#[test]
fn who_copies_two_servers_does_not_make_them_one() {
    let mut bench = Bench::plain(3);
    let now = bench.clock.now();
    let gps = |ago: f64| {
        move |e: &mut Exchange| {
            e.reference_id = ReferenceId::from_octets(*b"GPS\0");
            e.reference = date::add(now, -ago);
        }
    };
    bench.take(1, gps(10.0), 0.0);
    bench.take(2, gps(20.0), 0.0);
    bench.take(0, gps(10.0), 0.0);
    let answer = bench.take(0, gps(20.0), 0.0);
    assert_eq!(
        reasons(&answer),
        [(1, "same server as source 0".to_owned())]
    );
    assert_eq!(answer.quorum.voters, 2);
}

#[test]
fn a_source_that_is_removed_has_no_say() {
    let mut bench = Bench::plain(3);
    bench.all(&[0.2, 0.0, 0.2]);
    let [first, second, third] = bench.ids[..] else {
        panic!("three");
    };
    assert_eq!(
        bench.evaluator.remove_source(first),
        Some(Source::default())
    );
    assert_eq!(bench.evaluator.remove_source(first), None);
    let ids: Vec<_> = bench.evaluator.sources().map(|(id, _)| id).collect();
    assert_eq!(ids, [second, third]);
    // Not even by a reply that comes late.
    let answer = bench.take(0, |_| {}, 0.2);
    assert_eq!((answer.peak, answer.quorum.voters), (None, 2));
    bench.evaluator.remove_source(third);
    let answer = bench.take(1, |_| {}, 0.0);
    assert_eq!(reasons(&answer), []);
    assert!(answer.offset.unwrap().abs() < 1e-6);
    // Its number does not come again.
    assert_eq!(bench.evaluator.add_source(Source::default()).index(), 3);
}

/// When all servers are replaced, the first of the new ones to answer cannot decide alone.
#[test]
fn sources_that_come_later_are_waited_for_too() {
    let mut bench = Bench::plain(2);
    bench.all(&[0.0; 2]);
    bench.clock.sleep(3600.0);
    for id in bench.ids.split_off(0) {
        bench.evaluator.remove_source(id);
    }
    let ids = [(); 3].map(|()| bench.evaluator.add_source(Source::default()));
    bench.ids.extend(ids);
    let answer = bench.take(0, |_| {}, 0.5);
    assert_eq!((answer.peak, answer.quorum.voters), (None, 3));
    assert_eq!(reasons(&answer)[0], (3, "no sample yet".to_owned()));
    bench.clock.sleep(65.0);
    assert_eq!(bench.take(0, |_| {}, 0.5).quorum.voters, 1);
}

#[test]
fn a_duplicate_takes_the_place_of_the_one_that_is_removed() {
    let source = at("192.0.2.1:123");
    let mut bench = Bench::new(&[source; 3]);
    bench.evaluator.remove_source(bench.ids[0]);
    let answer = bench.all(&[0.0; 3]);
    assert_eq!(answer.quorum.voters, 1);
    assert_eq!(
        reasons(&answer),
        [(2, "same address as source 1".to_owned())]
    );
    bench.evaluator.remove_source(bench.ids[1]);
    let answer = bench.take(2, |_| {}, 0.0);
    assert_eq!((answer.quorum.voters, answer.rejected.len()), (1, 0));
}

#[test]
fn another_address_takes_the_place_of_the_one_that_is_removed() {
    let mut bench = Bench::plain(3);
    let home = home(&bench.clock);
    for source in 0..3 {
        bench.take(source, &home, 0.0);
    }
    bench.evaluator.remove_source(bench.ids[0]);
    let answer = bench.evaluator.answer(bench.clock.now());
    assert_eq!(
        reasons(&answer),
        [(2, "same server as source 1".to_owned())]
    );
    assert_eq!((answer.quorum.agreeing, answer.quorum.voters), (1, 1));
}
