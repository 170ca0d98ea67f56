//! What holds whatever the sources say.

use super::*;
use crate::Density;

/// What a source says: its bounds in seconds that the local clock is ahead, its stratum, and the
/// server that it shows.
#[derive(Clone, Debug)]
struct Says {
    low: f64,
    high: f64,
    stratum: u8,
    server: u8,
}

impl Says {
    fn exchange(&self, clock: &SimulatedClock) -> Exchange {
        let t2 = clock.now();
        let t3 = date::add(t2, 1e-5);
        Exchange {
            stratum: Stratum::new(self.stratum),
            t1: date::add(t2, self.low),
            t2,
            t3,
            t4: date::add(t3, self.high),
            ..exchange(clock, self.server, 0.0, 0.0)
        }
    }
}

/// Each source says one thing; nothing is steered.
fn answer(sources: &[Says]) -> Answer {
    let mut bench = Bench::plain(sources.len());
    bench.observe_all(sources)
}

impl Bench {
    fn observe_all(&mut self, sources: &[Says]) -> Answer {
        let now = self.clock.now();
        for (says, id) in sources.iter().zip(&self.ids) {
            let exchange = says.exchange(&self.clock);
            self.evaluator.observe_exchange(*id, &exchange, now);
        }
        self.evaluator.answer(now)
    }
}

/// Its bounds contain the truth, which is 0.
fn honest() -> impl Strategy<Value = (f64, f64, u8)> {
    (-0.2..-1e-6_f64, 1e-6..0.2_f64, 1..5_u8)
}

/// Anything, in the worst case all that honest sources show.
fn liar() -> impl Strategy<Value = (f64, f64, u8, u8)> {
    let bound = || {
        prop_oneof![
            -0.5..0.5_f64,
            -1e-3..1e-3_f64,
            any::<f64>(),
            Just(0.1),
            Just(0.100_001)
        ]
    };
    (bound(), bound(), 1..5_u8, 0..12_u8)
}

/// Fewer liars than honest sources, in any order; with each whether it lies.
fn mixed() -> impl Strategy<Value = Vec<(bool, Says)>> {
    (1..6_usize).prop_flat_map(|count| {
        let honest = proptest::collection::vec(honest(), count);
        let liars = proptest::collection::vec(liar(), 0..count);
        (honest, liars).prop_flat_map(|(honest, liars)| {
            let honest = (0..).zip(honest);
            let honest =
                honest.map(|(server, (low, high, stratum))| (false, low, high, stratum, server));
            let liars = liars.into_iter();
            let liars =
                liars.map(|(low, high, stratum, server)| (true, low, high, stratum, server));
            let all = honest
                .chain(liars)
                .map(|(lies, low, high, stratum, server)| {
                    let says = Says {
                        low,
                        high,
                        stratum,
                        server,
                    };
                    (lies, says)
                });
            let all: Vec<_> = all.collect();
            Just(all).prop_shuffle()
        })
    })
}

/// Sources on a coarse grid, where ties are many.
fn coarse() -> impl Strategy<Value = Vec<Says>> {
    let source = (-8..8_i8, 0..8_i8, 1..4_u8).prop_map(|(low, width, stratum)| {
        let low = f64::from(low) / 64.0;
        (low, low + f64::from(width) / 64.0, stratum)
    });
    proptest::collection::vec(source, 0..8).prop_map(|sources| {
        let numbered = (0..).zip(sources);
        let says = numbered.map(|(server, (low, high, stratum))| Says {
            low,
            high,
            stratum,
            server,
        });
        says.collect()
    })
}

/// What an answer says agrees with itself and with the densities that it is of.
fn assert_consistent(evaluator: &Evaluator, answer: &Answer) {
    let densities: Vec<_> = evaluator.combiner().densities().collect();
    let says = |id| densities.iter().find(|(of, _)| *of == id);
    let waited_for = answer.quorum.voters - densities.len();
    let silent = answer.rejected.iter();
    let silent = silent.filter(|(_, reason)| *reason == Rejection::Silent);
    assert!(waited_for <= silent.count(), "{answer:?}");
    assert!(answer.quorum.agreeing <= densities.len(), "{answer:?}");
    assert!(answer.rejected.is_sorted_by_key(|(id, _)| *id));
    for (id, reason) in &answer.rejected {
        let counts = matches!(reason, Rejection::Falseticker(_));
        assert_eq!(says(*id).is_some(), counts, "{answer:?}");
    }
    let (Some(peak), Some(offset), Some([low, high])) = (answer.peak, answer.offset, answer.bounds)
    else {
        assert_eq!(
            (answer.peak, answer.offset, answer.bounds),
            (None, None, None)
        );
        assert_eq!(answer.leap, LeapVote::default());
        return;
    };
    assert!(answer.quorum.is_majority());
    assert!(peak.weight > Combiner::MIN_WEIGHT && peak.weight.is_finite());
    for number in [peak.offset, offset, low, high] {
        assert!(number.is_finite(), "{answer:?}");
    }
    assert!(low <= offset && offset <= high, "{answer:?}");
    assert!(low <= peak.offset && peak.offset <= high, "{answer:?}");
    let contains = |(_, density): &&(SourceId, Density)| density.contains(peak.offset);
    assert_eq!(
        densities.iter().filter(contains).count(),
        answer.quorum.agreeing
    );
    // Each source agrees or is told why it does not count.
    let all = evaluator.sources().count();
    assert_eq!(answer.quorum.agreeing + answer.rejected.len(), all);
    let LeapVote {
        none,
        insert,
        delete,
    } = answer.leap;
    assert!(none + insert + delete <= answer.quorum.agreeing);
}

fn is_near(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(1.0)
}

/// The worst that two of five can do: they show what two others do, and overlap with those.
#[test]
fn who_copies_another_server_is_held_by_its_bounds() {
    let says = |low, high, server| Says {
        low,
        high,
        stratum: 1,
        server,
    };
    let answer = answer(&[
        says(0.05, 0.35, 0),
        says(0.05, 0.35, 1),
        says(-0.2, 0.1, 0),
        says(-0.2, 0.1, 1),
        says(-0.001, 0.001, 2),
    ]);
    assert_eq!((answer.quorum.agreeing, answer.quorum.voters), (2, 3));
    let [low, high] = answer.bounds.unwrap();
    assert!((low - 0.05).abs() < 1e-6 && (high - 0.1).abs() < 1e-6);
}

proptest! {
    #[test]
    fn a_minority_of_liars_cannot_lead_beyond_the_honest(sources in mixed()) {
        let all: Vec<_> = sources.iter().map(|(_, says)| says.clone()).collect();
        let mut bench = Bench::plain(all.len());
        let answer = bench.observe_all(&all);
        assert_consistent(&bench.evaluator, &answer);
        let honest = || sources.iter().filter(|(lies, _)| !lies).map(|(_, says)| says);
        if let Some(offset) = answer.offset {
            // A nanosecond is what bounds are taken for at best.
            let is_within = |says: &Says| says.low - 2e-9 <= offset && offset <= says.high + 2e-9;
            prop_assert!(honest().any(is_within), "{answer:?}");
        }
    }

    /// Symmetric paths, so that what is likely is true; and liars that show servers of their own.
    #[test]
    fn a_minority_of_liars_cannot_prevent_an_answer(sources in mixed()) {
        let all: Vec<_> = sources.iter().map(|(lies, says)| {
            let mut says = says.clone();
            if *lies {
                says.server += 100;
            } else {
                says.low = -says.high;
            }
            says
        }).collect();
        let answer = answer(&all);
        prop_assert!(answer.offset.is_some(), "{answer:?}");
        let [low, high] = answer.bounds.unwrap();
        prop_assert!(low <= high);
    }

    #[test]
    fn the_order_of_sources_decides_between_ties_alone(
        (one, other) in coarse().prop_flat_map(|sources| (Just(sources.clone()), Just(sources).prop_shuffle())),
    ) {
        let (one, other) = (answer(&one), answer(&other));
        prop_assert_eq!(one.quorum.voters, other.quorum.voters);
        prop_assert_eq!(one.peak.is_some(), other.peak.is_some());
        let (Some(peak), Some(tie)) = (one.peak, other.peak) else {
            prop_assert_eq!(one.quorum, other.quorum);
            return Ok(());
        };
        prop_assert!(is_near(peak.weight, tie.weight), "{peak:?} {tie:?}");
        if is_near(peak.offset, tie.offset) {
            prop_assert_eq!(one.quorum, other.quorum);
            prop_assert!(is_near(one.offset.unwrap(), other.offset.unwrap()));
            let [low, high] = one.bounds.unwrap();
            let [other_low, other_high] = other.bounds.unwrap();
            prop_assert!(is_near(low, other_low) && is_near(high, other_high));
        }
    }

    #[test]
    fn who_stays_silent_changes_nothing_once_all_had_their_turn(sources in coarse()) {
        let mut bench = Bench::plain(sources.len());
        let mut more = Bench::plain(sources.len() + 1);
        for bench in [&mut bench, &mut more] {
            bench.observe_all(&sources);
            bench.clock.sleep(64.0);
        }
        let mut with_silent = more.observe_all(&sources);
        if !sources.is_empty() {
            let (last, reason) = with_silent.rejected.pop().unwrap();
            prop_assert_eq!((last, reason), (more.ids[sources.len()], Rejection::Silent));
            prop_assert_eq!(with_silent, bench.observe_all(&sources));
        }
    }

    /// Time that stands still or goes back, numbers of any size, sources that come and go.
    #[test]
    fn whatever_happens_answers_stay_consistent(
        steps in proptest::collection::vec((0..12_u8, any::<f64>(), any::<f64>(), prop_oneof![-1e5..1e5_f64, Just(0.0), any::<f64>()]), 1..60),
    ) {
        let mut bench = Bench::plain(3);
        let mut now = bench.clock.now();
        for (kind, low, high, passed) in steps {
            now = date::add(now, passed);
            let which = bench.ids[usize::from(kind) % bench.ids.len()];
            match kind {
                0 => {
                    bench.evaluator.remove_source(which);
                }
                1 => bench.ids.push(bench.evaluator.add_source(Source {
                    trust: Trust::Fixed(low),
                    ..Source::default()
                })),
                2 => bench.evaluator.handle_adjustment(Adjustment { offset: low, duration: high, frequency: passed }, now),
                3 => bench.evaluator.reset(),
                4 => {
                    let answer = bench.evaluator.answer(now);
                    let Ok(_) = bench.evaluator.steer(&answer, &mut bench.clock);
                }
                _ => {
                    let scale = if kind % 2 == 0 { 1.0 } else { 1e-300 };
                    let says = Says { low: low * scale, high: high * scale, stratum: kind, server: kind };
                    let exchange = says.exchange(&bench.clock);
                    let evaluation = bench.evaluator.observe_exchange(which, &exchange, now);
                    if let Some(density) = evaluation.density {
                        prop_assert!(density.low() <= density.mid() && density.mid() <= density.high());
                    }
                }
            }
            let answer = bench.evaluator.answer(now);
            assert_consistent(&bench.evaluator, &answer);
            prop_assert!(bench.clock.added().is_finite());
        }
    }
}
