//! Traces and the evaluation of exchanges.

use horolog_ntimed::{
    Adjustment, Answer, ClassicEvaluator, Clock, Combiner, Density, Evaluator, Exchange, Filter,
    Params, SimulatedClock, Simulator, Source, SourceId, Trace, TraceReader, Trust,
};
use horolog_ntp::{LeapIndicator, Mode, ReferenceId, Stratum, Version};
use horolog_time::{NtpDate, NtpDuration, OffsetBounds, Precision};

/// A trace: every line that is read is written so that it reads back, and both simulations go
/// through all of it or say why not.
pub fn ntimed_trace(octets: &[u8]) {
    let Ok(text) = core::str::from_utf8(octets) else {
        return;
    };
    let mut classic = Some(Simulator::classic(Params::default()));
    let mut extended = Some(Simulator::new(Params::default()));
    for (line, result) in text.lines().zip(TraceReader::new(text)) {
        let trace = match result {
            Ok(trace) => trace,
            Err(error) => {
                assert!(error.column <= line.len() + 1, "{error} in {line:?}");
                continue;
            }
        };
        let written = trace.to_string();
        let again = Trace::decode(&written, 1).expect("it was written");
        assert_eq!(again.to_string(), written);
        for simulator in [&mut classic, &mut extended] {
            if let Some(running) = simulator
                && running.handle_line(&trace, &mut check_line).is_err()
            {
                *simulator = None;
            }
        }
    }
    if let Some(answer) = extended.as_ref().and_then(Simulator::answer) {
        check_answer(answer);
    }
}

/// What a simulation writes reads back, and has no NaN.
fn check_line(line: &Trace<'_>) {
    let written = line.to_string();
    let again = Trace::decode(&written, 1).expect("it was written");
    assert_eq!(again.to_string(), written);
    if let Trace::Filter { .. } | Trace::Combine { .. } | Trace::Pll(_) | Trace::SimPll(_) = line {
        let words = written.split(' ').skip(1);
        let special = |word: &str| matches!(word, "nan" | "-nan" | "inf" | "-inf");
        // Hosts may be called so.
        let numbers = words.filter(|word| special(word)).count();
        let names = match line {
            Trace::Filter { peer, .. } | Trace::Combine { peer, .. } => {
                usize::from(special(peer.host)) + usize::from(special(peer.address))
            }
            _ => 0,
        };
        assert_eq!(numbers, names, "{written}");
    }
}

fn check_answer(answer: &Answer) {
    assert!(answer.quorum.agreeing <= answer.quorum.voters);
    assert_eq!(answer.peak.is_some(), answer.bounds.is_some());
    let (Some(peak), Some(offset), Some([low, high])) = (answer.peak, answer.offset, answer.bounds)
    else {
        return;
    };
    assert!(answer.quorum.is_majority());
    assert!(peak.offset.is_finite() && peak.weight.is_finite());
    assert!(low <= offset && offset <= high);
    assert!(low <= peak.offset && peak.offset <= high);
}

/// Octets of one step: what it is, and five dates or five numbers.
const STEP: usize = 81;

/// Any exchanges, densities, bounds and times through filter, combiner, PLL and both evaluations;
/// sources come and go, and a clock is steered or looked at only.
pub fn ntimed_evaluation(octets: &[u8]) {
    let params = Params::default();
    let mut filters = [Filter::new(), Filter::forgetful()];
    let mut combiner = Combiner::new();
    let mut classic = ClassicEvaluator::new(params);
    let mut extended = Evaluator::new(params);
    let mut watching = Watching::new(params);
    let sources = [(); 4].map(|()| {
        (
            combiner.add_source(),
            classic.add_source(),
            extended.add_source(Source::default()),
        )
    });
    let mut clocks = [SimulatedClock::new(), SimulatedClock::new()];
    for step in octets.chunks_exact(STEP) {
        let Some((kind, values)) = step.split_first() else {
            return;
        };
        let dates: [NtpDate; 5] = core::array::from_fn(|at| {
            let date = values.chunks_exact(16).nth(at);
            let date = date.and_then(|date| date.try_into().ok());
            NtpDate::from_octets(date.unwrap_or_default())
        });
        let number = |at: usize| {
            let bits = values.chunks_exact(8).nth(at);
            let bits = bits.and_then(|bits| bits.try_into().ok());
            f64::from_be_bytes(bits.unwrap_or_default())
        };
        let (one, two, three) = sources[usize::from(kind >> 4) % sources.len()];
        for clock in &mut clocks {
            clock.tick();
            clock.sleep(f64::from(*kind));
        }
        if kind % 2 == 0 {
            let density = Density::new(number(0), number(1), number(2), number(3));
            combiner.set(one, density.ok());
            let peak = combiner.peak();
            assert!(peak.offset.is_finite() && peak.weight.is_finite());
            let at = combiner.at(number(4));
            assert!(at.is_finite() && at >= Combiner::FLOOR);
            continue;
        }
        let [reference, t1, t2, t3, t4] = dates;
        let exchange = Exchange {
            leap: LeapIndicator::from_bits(kind >> 1 & 1),
            version: Version::V4,
            mode: Mode::SERVER,
            stratum: Stratum::new(1 + (kind >> 4)),
            precision: Precision::from_exponent(kind.cast_signed()),
            reference_id: ReferenceId::from_octets([192, 0, 2, *kind]),
            reference,
            t1,
            t2,
            t3,
            t4,
        };
        for filter in &mut filters {
            if let Ok(report) = filter.handle_exchange(&exchange, &params) {
                assert!(report.mid.is_finite() && report.average_mid.is_finite());
                assert!(report.low_limit.is_finite() && report.high_limit.is_finite());
            }
        }
        let [left, right] = &mut clocks;
        watching.step(*kind, &exchange, [number(0), number(1)], left.now());
        let Ok(evaluation) = classic.handle_exchange(two, &exchange, left);
        if let Some(estimate) = evaluation.estimate {
            assert!(estimate.peak.offset.is_finite() && estimate.peak.weight.is_finite());
        }
        let Ok(evaluation) = extended.handle_exchange(three, &exchange, right);
        check_answer(&evaluation.answer);
        let now = right.now();
        check_answer(&extended.answer(now));
        assert!(clocks.iter().all(|clock| clock.added().is_finite()));
    }
}

/// An evaluation whose sources come and go and that steers when told to.
struct Watching {
    evaluator: Evaluator,
    sources: Vec<SourceId>,
    clock: SimulatedClock,
}

impl Watching {
    /// No more sources than these at a time.
    const MOST: usize = 16;

    fn new(params: Params) -> Self {
        let mut evaluator = Evaluator::new(params);
        Self {
            sources: vec![evaluator.add_source(Source::default())],
            evaluator,
            clock: SimulatedClock::new(),
        }
    }

    fn step(&mut self, kind: u8, exchange: &Exchange, numbers: [f64; 2], time: NtpDate) {
        let [one, other] = numbers;
        // The time may be any at all too.
        let now = if kind & 2 == 0 { time } else { exchange.t1 };
        let place = usize::from(kind >> 4) % self.sources.len().max(1);
        let source = self.sources.get(place).copied();
        let evaluator = &mut self.evaluator;
        match (kind >> 1, source) {
            (0..24, _) if self.sources.len() < Self::MOST => {
                self.sources.push(evaluator.add_source(Source {
                    address: Some(([192, 0, 2, kind & 6], 123).into()),
                    trust: if kind & 8 == 0 {
                        Trust::Fixed(one)
                    } else {
                        Trust::ByStratum
                    },
                }));
            }
            (24..32, Some(source)) => {
                // Its number stays in use: what comes too late changes nothing.
                evaluator.remove_source(source);
            }
            (32..36, _) => evaluator.reset(),
            (36..48, _) => {
                let adjustment = Adjustment {
                    offset: one,
                    duration: other,
                    frequency: one,
                };
                evaluator.handle_adjustment(adjustment, now);
            }
            (48..64, _) => {
                let answer = evaluator.answer(now);
                self.clock.tick();
                self.clock.sleep(1.0);
                let Ok(_) = evaluator.steer(&answer, &mut self.clock);
                assert!(self.clock.added().is_finite());
            }
            (64..80, Some(source)) => {
                let span = NtpDuration::from_seconds_f64;
                if let (Some(low), Some(high)) = (span(one), span(other))
                    && let Ok(bounds) = OffsetBounds::new(low, high)
                {
                    evaluator.observe_bounds(source, bounds, now);
                }
            }
            (80..96, Some(source)) => {
                evaluator.observe_interleaved(source, exchange, now);
            }
            (_, Some(source)) => {
                evaluator.observe_exchange(source, exchange, now);
            }
            _ => {}
        }
        let answer = self.evaluator.answer(now);
        check_answer(&answer);
        if answer.peak.is_some() {
            let sources = self.evaluator.sources().count();
            assert_eq!(answer.quorum.agreeing + answer.rejected.len(), sources);
        }
        for (_, density) in self.evaluator.combiner().densities() {
            assert!(density.low() <= density.mid() && density.mid() <= density.high());
        }
    }
}
