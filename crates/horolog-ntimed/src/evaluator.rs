mod evaluation;
mod member;
mod votes;

use alloc::vec::Vec;

use horolog_time::{NtpDate, OffsetBounds};

use crate::steering::{Mark, Steering};
use crate::{
    Adjustment, Answer, Clock, Combiner, Exchange, LeapVote, Params, Peak, Pll, PllAction,
    PllUpdate, Quorum, Rejection, Source, SourceId,
};

pub use evaluation::Evaluation;
use member::Member;
use votes::Votes;

/// Evaluates exchanges beyond what the original does: with a quorum, ageing samples and reasons.
///
/// Of each source the newest samples count together; their bounds move with what steering does and
/// widen with age. An offset is believed only if it lies within the bounds of more than half of the
/// sources that vote; of those offsets the most likely is the answer. Without one the clock is left
/// alone. The filter's averages are only reported: what they do against bursts, the samples do for
/// each other. Until a source has had the time to be asked, it counts as a voter that does not agree.
///
/// The bounds of an exchange are wider than `T1 - T2` and `T4 - T3` by the precision of the server's
/// clock, and T3 may be T2: a clock may be too coarse to show that time passed in between.
///
/// Who steers a clock hands it to [`handle_exchange`](Self::handle_exchange) and
/// [`handle_bounds`](Self::handle_bounds). Who looks on, or wants to think about an answer before the
/// clock is steered by it, takes [`observe_exchange`](Self::observe_exchange) and
/// [`observe_bounds`](Self::observe_bounds), and then [`steer`](Self::steer) or not.
///
/// # Examples
///
/// Three sources of bounds, one of which lies:
///
/// ```
/// use horolog_ntimed::{Evaluator, Params, Rejection, SimulatedClock, Source};
/// use horolog_time::{NtpDuration, OffsetBounds};
///
/// let mut evaluator = Evaluator::new(Params::default());
/// let mut clock = SimulatedClock::new();
/// let mut answer = None;
/// for (low, high) in [(-20, 30), (990, 1000), (-10, 40)] {
///     let source = evaluator.add_source(Source::default());
///     let at = |milliseconds: i64| NtpDuration::from_nanoseconds(milliseconds * 1_000_000).unwrap();
///     let bounds = OffsetBounds::new(at(low), at(high))?;
///     let evaluation = evaluator.handle_bounds(source, bounds, &mut clock).expect("infallible");
///     answer = Some(evaluation.answer);
/// }
/// let answer = answer.unwrap();
/// // Bounds are what to add to the clock, the answer is how far it is ahead.
/// let [low, high] = answer.bounds.expect("two of three agree");
/// assert!((low + 0.030).abs() < 1e-6 && (high - 0.010).abs() < 1e-6);
/// assert_eq!((answer.quorum.agreeing, answer.quorum.voters), (2, 3));
/// assert!(matches!(answer.rejected[..], [(liar, Rejection::Falseticker(_))] if liar.index() == 1));
/// # Ok::<(), horolog_time::TimeError>(())
/// ```
/// Without a clock, and a source that is no longer asked:
///
/// ```
/// use horolog_ntimed::{Evaluator, Params, Source};
/// use horolog_time::{NtpDate, NtpDuration, OffsetBounds, UnixTime};
///
/// let mut evaluator = Evaluator::new(Params::default());
/// let [one, other] = [(); 2].map(|()| evaluator.add_source(Source::default()));
/// let at = |milliseconds: i64| NtpDuration::from_nanoseconds(milliseconds * 1_000_000).unwrap();
/// let now = NtpDate::from_unix(UnixTime::from_seconds(1_795_338_518)).unwrap();
/// evaluator.observe_bounds(one, OffsetBounds::new(at(-1), at(3))?, now);
/// let evaluation = evaluator.observe_bounds(other, OffsetBounds::new(at(7), at(9))?, now);
/// assert_eq!((evaluation.answer.quorum.agreeing, evaluation.answer.quorum.voters), (1, 2));
/// assert_eq!(evaluation.answer.offset, None);
///
/// evaluator.remove_source(other);
/// let answer = evaluator.answer(now);
/// assert!((answer.offset.unwrap() + 0.001).abs() < 1e-6);
/// # Ok::<(), horolog_time::TimeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Evaluator {
    params: Params,
    /// In the order of their numbers.
    members: Vec<Member>,
    combiner: Combiner,
    pll: Pll,
    steering: Steering,
}

/// By which power of its density at the peak a source pulls the offset towards what it finds most
/// likely. More trusts the nearest more, less evens out more noise; this is best on the networks of
/// tests/networks.rs.
const SHARPNESS: f64 = 3.5;

impl Evaluator {
    /// An evaluation without sources.
    #[must_use]
    pub const fn new(params: Params) -> Self {
        Self {
            params,
            members: Vec::new(),
            combiner: Combiner::new(),
            pll: Pll::adaptive(),
            steering: Steering::new(),
        }
    }

    /// Adds a source, at any time.
    pub fn add_source(&mut self, source: Source) -> SourceId {
        let id = self.combiner.add_source();
        let same = |member: &&Member| member.source.is_duplicate(&source);
        let duplicate_of = self.members.iter().find(same).map(|member| member.id);
        self.members.push(Member::new(id, source, duplicate_of));
        id
    }

    /// Forgets a source and all that it said; it has no say from now on, and its number does not
    /// come again. A duplicate of it takes its place.
    ///
    /// `None` where it was never added, or is removed already.
    pub fn remove_source(&mut self, source: SourceId) -> Option<Source> {
        let place = member::find(&self.members, source)?;
        let removed = self.members.remove(place);
        self.combiner.remove_source(source);
        member::forget(&mut self.members, source);
        Some(removed.source)
    }

    /// The sources, in the order in which they were added.
    pub fn sources(&self) -> impl Iterator<Item = (SourceId, Source)> {
        self.members.iter().map(|member| (member.id, member.source))
    }

    /// The densities of the sources that vote, as of the last answer.
    #[must_use]
    pub const fn combiner(&self) -> &Combiner {
        &self.combiner
    }

    /// What the PLL knows.
    #[must_use]
    pub const fn pll(&self) -> &Pll {
        &self.pll
    }

    /// Takes an exchange with a source and steers the clock.
    ///
    /// A source that was never added, or was removed, has no say.
    ///
    /// # Errors
    ///
    /// The clock's, where it cannot be steered.
    pub fn handle_exchange<C: Clock>(
        &mut self,
        source: SourceId,
        exchange: &Exchange,
        clock: &mut C,
    ) -> Result<Evaluation, C::Error> {
        let evaluation = self.observe_exchange(source, exchange, clock.now());
        self.steer_by_sample(evaluation, clock)
    }

    /// Takes bounds from any other source, such as time over HTTPS, and steers the clock.
    ///
    /// # Errors
    ///
    /// The clock's, where it cannot be steered.
    pub fn handle_bounds<C: Clock>(
        &mut self,
        source: SourceId,
        bounds: OffsetBounds,
        clock: &mut C,
    ) -> Result<Evaluation, C::Error> {
        let evaluation = self.observe_bounds(source, bounds, clock.now());
        self.steer_by_sample(evaluation, clock)
    }

    /// Takes an exchange with a source and steers nothing.
    ///
    /// `now` is when it ended, by a clock that grows evenly ([`Clock::now`]). T1 and T4 are the
    /// local clock's, of which this is the evaluation: if somebody else slews it, the samples are
    /// to be told ([`handle_adjustment`](Self::handle_adjustment)), and if he steps it, to be
    /// forgotten ([`reset`](Self::reset)).
    ///
    /// A source that was never added, or was removed, has no say.
    pub fn observe_exchange(
        &mut self,
        source: SourceId,
        exchange: &Exchange,
        now: NtpDate,
    ) -> Evaluation {
        let mark = self.steering.mark(now);
        if let Some(member) = self.member(source) {
            member.replied = Some(mark);
        }
        self.handle_reply(source, exchange, mark, now)
    }

    /// Takes an exchange of which an interleaved reply told, and steers nothing.
    ///
    /// It ended when the reply before came, and counts as of then: it is older, and what has been
    /// done to the clock since is known. Without a reply before, since the clock was stepped, it says
    /// nothing. `now` is when the interleaved reply came.
    pub fn observe_interleaved(
        &mut self,
        source: SourceId,
        exchange: &Exchange,
        now: NtpDate,
    ) -> Evaluation {
        let mark = self.steering.mark(now);
        let before = self
            .member(source)
            .and_then(|member| member.replied.replace(mark));
        match before {
            Some(before) => self.handle_reply(source, exchange, before, now),
            None => self.without_sample(now),
        }
    }

    /// Takes bounds from any other source, such as time over HTTPS, and steers nothing.
    ///
    /// `now` is as for [`observe_exchange`](Self::observe_exchange).
    pub fn observe_bounds(
        &mut self,
        source: SourceId,
        bounds: OffsetBounds,
        now: NtpDate,
    ) -> Evaluation {
        let Some(member) =
            member::find(&self.members, source).and_then(|place| self.members.get(place))
        else {
            return self.without_sample(now);
        };
        let trust = member.source.trust.of(None);
        // Bounds are what to add to the clock.
        let low = -bounds.high().as_seconds_f64();
        let high = -bounds.low().as_seconds_f64();
        let mark = self.steering.mark(now);
        self.handle_sample(source, trust, [low, high], mark, now)
    }

    /// Steers the clock by an answer of this evaluation, at most once for each sample that counts;
    /// [`handle_exchange`](Self::handle_exchange) does so by itself.
    ///
    /// `None` where the answer has no offset: the clock goes on as it was told.
    ///
    /// # Errors
    ///
    /// The clock's, where it cannot be steered.
    pub fn steer<C: Clock>(
        &mut self,
        answer: &Answer,
        clock: &mut C,
    ) -> Result<Option<PllUpdate>, C::Error> {
        let (Some(Peak { weight, .. }), Some(offset)) = (answer.peak, answer.offset) else {
            return Ok(None);
        };
        let now = clock.now();
        let peak = Peak { offset, weight };
        let update = self.pll.handle_estimate(peak, now, &self.params);
        match update.action {
            PllAction::Nothing => {}
            PllAction::Adjust(adjustment) => {
                clock.adjust(adjustment)?;
                self.handle_adjustment(adjustment, now);
            }
            PllAction::Step(offset) => {
                clock.step(offset)?;
                self.reset();
            }
        }
        Ok(Some(update))
    }

    /// Takes note that the clock is steered so from now on, by somebody else than
    /// [`steer`](Self::steer), instead of what it was told before. The samples move along.
    pub fn handle_adjustment(&mut self, adjustment: Adjustment, now: NtpDate) {
        self.steering.adjust(adjustment, now);
    }

    /// What all sources say now; nothing is steered.
    pub fn answer(&mut self, now: NtpDate) -> Answer {
        let votes = Votes::of(&self.members, &self.steering, now, &self.params);
        let voters = votes.cast.len() + votes.silent;
        self.combiner.clear();
        for vote in votes.cast {
            self.combiner.set(vote.source, Some(vote.density));
        }
        let peak = self.combiner.peak_of(voters / 2 + 1);
        let mut answer = Answer {
            peak,
            quorum: Quorum {
                agreeing: 0,
                voters,
            },
            offset: None,
            bounds: None,
            rejected: votes.rejected,
            leap: LeapVote::default(),
        };
        match peak {
            Some(peak) => self.judge(peak, &mut answer),
            None => answer.quorum.agreeing = self.combiner.most_support(),
        }
        answer.rejected.sort_by_key(|(id, _)| *id);
        answer
    }

    /// Starts a new generation, as after a step: all but the frequency is forgotten.
    pub fn reset(&mut self) {
        for member in &mut self.members {
            member.reset();
        }
        self.combiner.clear();
        self.pll.reset();
    }

    fn judge(&self, peak: Peak, answer: &mut Answer) {
        let mut bounds = [f64::NEG_INFINITY, f64::INFINITY];
        let (mut sum, mut weights) = (0.0, 0.0);
        for (id, density) in self.combiner.densities() {
            if !density.contains(peak.offset) {
                let says = [density.low(), density.high()];
                answer.rejected.push((id, Rejection::Falseticker(says)));
                continue;
            }
            answer.quorum.agreeing += 1;
            bounds = [bounds[0].max(density.low()), bounds[1].min(density.high())];
            let part = libm::pow(density.at(peak.offset) / peak.weight, SHARPNESS);
            sum += (density.mid() - peak.offset) * part;
            weights += part;
            let member = member::find(&self.members, id).and_then(|place| self.members.get(place));
            if let Some(exchange) = member.and_then(|member| member.newest) {
                answer.leap.add(exchange.leap);
            }
        }
        answer.bounds = Some(bounds);
        let away = if weights > 0.0 { sum / weights } else { 0.0 };
        answer.offset = Some((peak.offset + away).clamp(bounds[0], bounds[1]));
    }

    fn member(&mut self, source: SourceId) -> Option<&mut Member> {
        let place = member::find(&self.members, source)?;
        self.members.get_mut(place)
    }

    fn without_sample(&mut self, now: NtpDate) -> Evaluation {
        Evaluation {
            filtered: None,
            density: None,
            answer: self.answer(now),
            pll: None,
        }
    }

    fn handle_reply(
        &mut self,
        source: SourceId,
        exchange: &Exchange,
        mark: Mark,
        now: NtpDate,
    ) -> Evaluation {
        let place = member::find(&self.members, source);
        let Some((place, member)) = place.and_then(|at| Some((at, self.members.get_mut(at)?)))
        else {
            return self.without_sample(now);
        };
        let filtered = member.filter.handle_exchange(exchange, &self.params);
        if let Err(refusal) = filtered {
            member.fault = Some(Rejection::Refused(refusal));
            return Evaluation {
                filtered: Some(filtered),
                ..self.without_sample(now)
            };
        }
        member.newest = Some(*exchange);
        let trust = member.source.trust.of(Some(exchange.stratum));
        member::compare_servers(&mut self.members, place);
        // T2 and T3 are readings of a clock that moves on by so much at a time.
        let precision = exchange.precision.duration().as_seconds_f64();
        let sample = [exchange.low() - precision, exchange.high() + precision];
        Evaluation {
            filtered: Some(filtered),
            ..self.handle_sample(source, trust, sample, mark, now)
        }
    }

    fn handle_sample(
        &mut self,
        source: SourceId,
        trust: f64,
        sample: [f64; 2],
        mark: Mark,
        now: NtpDate,
    ) -> Evaluation {
        for member in &mut self.members {
            member.begun.get_or_insert(now);
            if member.id == source {
                member.take(trust, sample, mark, &self.params);
            }
        }
        let mut evaluation = self.without_sample(now);
        evaluation.density = self.combiner.get(source);
        evaluation
    }

    fn steer_by_sample<C: Clock>(
        &mut self,
        mut evaluation: Evaluation,
        clock: &mut C,
    ) -> Result<Evaluation, C::Error> {
        if evaluation.density.is_some() {
            evaluation.pll = self.steer(&evaluation.answer, clock)?;
        }
        Ok(evaluation)
    }
}

#[cfg(test)]
mod tests;
