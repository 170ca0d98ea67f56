use core::time::Duration;
use std::time::{Instant, SystemTime};

use horolog_ntimed::{
    Answer, Clock as _, Evaluation, Evaluator, LeapVerdict, Param, Params, PllAction, PllMode,
    Source, SourceId, TracePacket,
};
use horolog_time::{LeapSign, UnixTime};

use super::SteerError;
use super::clock::ClientClock;
use crate::ntimed::KernelOrder;

/// What evaluates replies, and the clock that is steered by them.
#[derive(Debug)]
pub(super) struct Discipline {
    evaluator: Evaluator,
    clock: ClientClock,
    /// How long the clock counts as right without another reply.
    max_age: Duration,
    /// When it was found right last.
    good: Option<Instant>,
    last: Option<(Instant, Answer)>,
    leap: LeapVerdict,
}

impl Discipline {
    pub(super) fn new(params: Params, clock: ClientClock) -> Self {
        let max_age = Duration::try_from_secs_f64(params.get(Param::MaxAge));
        Self {
            evaluator: Evaluator::new(params),
            clock,
            max_age: max_age.unwrap_or(Duration::MAX),
            good: None,
            last: None,
            leap: LeapVerdict::Undecided,
        }
    }

    pub(super) const fn clock(&self) -> &ClientClock {
        &self.clock
    }

    /// What all sources said last, unless it is too old to say anything.
    pub(super) fn last(&self) -> Option<&Answer> {
        let (when, answer) = self.last.as_ref()?;
        (when.elapsed() <= self.max_age).then_some(answer)
    }

    pub(super) fn add_source(&mut self, source: Source) -> SourceId {
        self.evaluator.add_source(source)
    }

    /// Forgets a source: what it said last counts no longer.
    pub(super) fn remove_source(&mut self, source: SourceId) {
        self.evaluator.remove_source(source);
        let now = self.clock.now();
        if let Some((_, answer)) = &mut self.last {
            *answer = self.evaluator.answer(now);
        }
    }

    /// Evaluates a reply and steers. A clock on paper would have shown what it has gained since.
    pub(super) fn handle_packet(
        &mut self,
        source: SourceId,
        packet: &TracePacket,
    ) -> Result<Option<Evaluation>, SteerError> {
        let Some(exchange) = packet.exchange(self.clock.ahead_on_paper()) else {
            return Ok(None);
        };
        let evaluation = self
            .evaluator
            .handle_exchange(source, &exchange, &mut self.clock)?;
        self.hear_leap(&evaluation.answer);
        let mut answer = evaluation.answer.clone();
        if let Some(PllAction::Step(step)) = evaluation.pll.map(|pll| pll.action) {
            // So it is from now on.
            answer.offset = answer.offset.map(|offset| offset + step);
            answer.bounds = answer.bounds.map(|bounds| bounds.map(|bound| bound + step));
        }
        self.last = Some((Instant::now(), answer));
        Ok(Some(evaluation))
    }

    /// What a clock that nobody steers would have seen.
    pub(super) fn unsteered(&self, packet: TracePacket) -> TracePacket {
        let added = if self.clock.is_on_paper() {
            0.0
        } else {
            self.clock.added()
        };
        let exchange = packet.exchange(-added);
        exchange.map_or(packet, |exchange| packet.with_times(&exchange))
    }

    /// What the sources said last of a leap second.
    pub(super) const fn leap(&self) -> LeapVerdict {
        self.leap
    }

    /// Hears what the sources say of a leap second.
    fn hear_leap(&mut self, answer: &Answer) {
        let now = UnixTime::try_from(SystemTime::now()).unwrap_or(UnixTime::EPOCH);
        self.leap = answer.leap.verdict(now, None);
    }

    /// Says how far off the clock may be once it is steered; `distance` is how far the servers
    /// themselves may be.
    pub(super) fn mark(
        &mut self,
        evaluation: &Evaluation,
        distance: f64,
    ) -> Result<(), SteerError> {
        let answer = &evaluation.answer;
        let action = evaluation.pll.map(|pll| pll.action);
        if matches!(action, Some(PllAction::Step(_))) {
            self.good = None;
        }
        let tracking = evaluation.pll.is_some_and(|pll| {
            pll.report.mode == PllMode::Tracking && matches!(pll.action, PllAction::Adjust(_))
        });
        let (true, Some(offset), Some([low, high])) = (tracking, answer.offset, answer.bounds)
        else {
            return Ok(());
        };
        self.good = Some(Instant::now());
        let maximum = low.abs().max(high.abs()) + distance;
        self.clock.set_synchronised(offset.abs(), maximum)
    }

    /// Whether the clock was found right, not too long ago.
    pub(super) const fn is_good(&self) -> bool {
        self.good.is_some()
    }

    /// Does on paper what the kernel would do. Samples stay: the servers do the same.
    pub(super) fn leap_on_paper(&mut self, sign: LeapSign) {
        self.clock.leap_on_paper(sign);
    }

    /// Tells the kernel of a leap second or of TAI-UTC, unless it is left alone.
    pub(super) fn tell(&mut self, order: KernelOrder) -> Result<(), SteerError> {
        self.clock.tell(order)
    }

    /// When something is to be done. Changes with every call.
    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        self.clock.poll_timeout()
    }

    /// Ends a slew whose time is over; a clock of which nothing good was heard for long is not
    /// synchronised any more.
    pub(super) fn handle_timeout(&mut self) -> Result<(), SteerError> {
        self.clock.handle_timeout()?;
        if self.good.is_some_and(|good| good.elapsed() > self.max_age) {
            self.good = None;
            self.clock.set_unsynchronised()?;
        }
        Ok(())
    }

    /// Forgets what was measured: the clock was stepped, and not by us.
    pub(super) fn reset(&mut self) -> Result<(), SteerError> {
        self.evaluator.reset();
        self.last = None;
        self.good = None;
        self.clock.settle()?;
        self.clock.forget_leap()
    }

    /// Ends a slew; the frequency stays.
    pub(super) fn settle(&mut self) -> Result<(), SteerError> {
        self.clock.settle()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use horolog_ntp::{LeapIndicator, Mode, ReferenceId, Stratum, Version};

    use super::*;

    /// A reply to a clock that is so far ahead.
    fn packet(ahead: f64) -> TracePacket {
        TracePacket {
            leap: LeapIndicator::NoWarning,
            version: Version::V4,
            mode: Mode::SERVER,
            stratum: Stratum::new(1),
            poll: 6,
            precision: -20,
            root_delay: 0.0,
            root_dispersion: 0.0,
            reference_id: ReferenceId::from_octets(*b"LOCL"),
            reference: -1.0,
            t1: UnixTime::from_seconds(1_795_000_000),
            there: 0.001 - ahead,
            processing: 0.0001,
            back: 0.001 + ahead,
        }
    }

    fn offset(discipline: &Discipline) -> Option<f64> {
        discipline.last().and_then(|answer| answer.offset)
    }

    #[test]
    fn an_old_answer_says_nothing() {
        let mut discipline = Discipline::new(Params::default(), ClientClock::on_paper(1.0));
        let source = discipline.add_source(Source::default());
        let packet = packet(0.0);
        assert_eq!(discipline.last(), None);
        let evaluation = discipline.handle_packet(source, &packet).unwrap();
        assert_eq!(discipline.last(), evaluation.map(|e| e.answer).as_ref());
        assert!(offset(&discipline).is_some());
        discipline.max_age = Duration::ZERO;
        thread::sleep(Duration::from_millis(1));
        assert_eq!(discipline.last(), None);
    }

    #[test]
    fn what_is_void_does_not_count() {
        let mut discipline = Discipline::new(Params::default(), ClientClock::on_paper(1.0));
        let sources = [(); 2].map(|()| discipline.add_source(Source::default()));
        // Of two servers.
        for (source, id) in sources.into_iter().zip([*b"GPS\0", *b"PPS\0"]) {
            let packet = TracePacket {
                reference_id: ReferenceId::from_octets(id),
                ..packet(0.25)
            };
            discipline.handle_packet(source, &packet).unwrap();
        }
        assert!(offset(&discipline).is_some_and(|offset| (offset - 0.25).abs() < 1e-6));
        let quorum = |discipline: &Discipline| discipline.last().map(|answer| answer.quorum.voters);
        assert_eq!(quorum(&discipline), Some(2));
        discipline.remove_source(sources[0]);
        assert_eq!(quorum(&discipline), Some(1));
        discipline.remove_source(sources[1]);
        assert_eq!(offset(&discipline), None);
        // Somebody steps the clock.
        let source = discipline.add_source(Source::default());
        discipline.handle_packet(source, &packet(0.25)).unwrap();
        assert!(offset(&discipline).is_some());
        discipline.reset().unwrap();
        assert_eq!(discipline.last(), None);
    }
}
