use alloc::vec::Vec;

use horolog_time::{NtpDate, OffsetBounds};

use crate::sample_window::SampleWindow;
use crate::steering::Steering;
use crate::{
    Answer, Clock, Combiner, Density, Exchange, Filter, FilterReport, LeapVote, Param, Params,
    Peak, Pll, PllAction, PllUpdate, Quorum, Refusal, Rejection, Source, SourceId, date,
};

/// Evaluates exchanges beyond what the original does: with a quorum, ageing samples and reasons.
///
/// Of each source the newest samples count together; their bounds move with what steering does and
/// widen with age. An offset is believed only if it lies within the bounds of more than half of the
/// sources that vote; of those offsets the most likely is the answer. Without one the clock is left
/// alone. The filter's averages are only reported: what they do against bursts, the samples do for
/// each other. Until each source has had the time to be asked, one that said nothing yet counts as a
/// voter that does not agree.
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
#[derive(Clone, Debug)]
pub struct Evaluator {
    params: Params,
    sources: Vec<State>,
    combiner: Combiner,
    pll: Pll,
    steering: Steering,
    /// When the first sample since the last step came.
    begun: Option<NtpDate>,
}

#[derive(Clone, Debug)]
struct State {
    source: Source,
    filter: Filter,
    window: SampleWindow,
    /// What the newest sample is trusted.
    trust: f64,
    /// Why the newest reply does not count.
    fault: Option<Rejection>,
    newest: Option<Exchange>,
    duplicate_of: Option<SourceId>,
    same_server: Option<SourceId>,
}

/// What an [`Evaluator`] made of a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// What the filter says of an exchange, or why it does not count; `None` for plain bounds and
    /// for a source that was never added.
    pub filtered: Option<Result<FilterReport, Refusal>>,
    /// What the sample's source says now, if it counts.
    pub density: Option<Density>,
    /// What all sources say.
    pub answer: Answer,
    /// What the PLL did, if there is a peak and the sample is good.
    pub pll: Option<PllUpdate>,
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
            sources: Vec::new(),
            combiner: Combiner::new(),
            pll: Pll::adaptive(),
            steering: Steering::new(),
            begun: None,
        }
    }

    /// Adds a source.
    pub fn add_source(&mut self, source: Source) -> SourceId {
        let id = self.combiner.add_source();
        let same =
            |state: &State| source.address.is_some() && state.source.address == source.address;
        let duplicate_of = self.sources.iter().position(same).map(SourceId::new);
        self.sources.push(State {
            source,
            filter: Filter::new(),
            window: SampleWindow::default(),
            trust: 0.0,
            fault: None,
            newest: None,
            duplicate_of,
            same_server: None,
        });
        id
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
    /// A source that was never added has no say.
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
        let now = clock.now();
        let Some(state) = self.sources.get_mut(source.index()) else {
            return Ok(self.without_sample(now));
        };
        let filtered = state.filter.handle_exchange(exchange, &self.params);
        if let Err(refusal) = filtered {
            state.fault = Some(Rejection::Refused(refusal));
            return Ok(Evaluation {
                filtered: Some(filtered),
                ..self.without_sample(now)
            });
        }
        state.newest = Some(*exchange);
        let trust = state.source.trust.of(Some(exchange.stratum));
        self.compare_servers(source);
        let sample = [exchange.low(), exchange.high()];
        let evaluation = self.handle_sample(source, trust, sample, clock)?;
        Ok(Evaluation {
            filtered: Some(filtered),
            ..evaluation
        })
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
        let Some(state) = self.sources.get(source.index()) else {
            return Ok(self.without_sample(clock.now()));
        };
        let trust = state.source.trust.of(None);
        // Bounds are what to add to the clock.
        let low = -bounds.high().as_seconds_f64();
        let high = -bounds.low().as_seconds_f64();
        self.handle_sample(source, trust, [low, high], clock)
    }

    /// What all sources say now; nothing is steered.
    pub fn answer(&mut self, now: NtpDate) -> Answer {
        let mut rejected = Vec::new();
        self.combiner.clear();
        for (index, state) in self.sources.iter().enumerate() {
            let id = SourceId::new(index);
            match state.vote(&self.steering, now, &self.params) {
                Ok(density) => self.combiner.set(id, Some(density)),
                Err(rejection) => rejected.push((id, rejection)),
            }
        }
        let silent = rejected
            .iter()
            .filter(|(_, rejection)| self.begins(now) && *rejection == Rejection::Silent);
        let voters = self.combiner.densities().count() + silent.count();
        let majority = voters / 2 + 1;
        let peak = self.combiner.peak_of(majority);
        let mut answer = Answer {
            peak,
            quorum: Quorum {
                agreeing: 0,
                voters,
            },
            offset: None,
            bounds: None,
            rejected,
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
        for state in &mut self.sources {
            state.filter.reset();
            state.window.clear();
            state.fault = None;
            state.newest = None;
        }
        self.combiner.clear();
        self.pll.reset();
        self.begun = None;
    }

    /// Whether sources that said nothing yet may still do so: all are asked in this time.
    fn begins(&self, now: NtpDate) -> bool {
        self.begun
            .is_some_and(|begun| date::difference(now, begun) < self.params.get(Param::PollRate))
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
            if let Some(State {
                newest: Some(exchange),
                ..
            }) = self.sources.get(id.index())
            {
                answer.leap.add(exchange.leap);
            }
        }
        answer.bounds = Some(bounds);
        let away = if weights > 0.0 { sum / weights } else { 0.0 };
        answer.offset = Some((peak.offset + away).clamp(bounds[0], bounds[1]));
    }

    fn without_sample(&mut self, now: NtpDate) -> Evaluation {
        Evaluation {
            filtered: None,
            density: None,
            answer: self.answer(now),
            pll: None,
        }
    }

    fn handle_sample<C: Clock>(
        &mut self,
        source: SourceId,
        trust: f64,
        [low, high]: [f64; 2],
        clock: &mut C,
    ) -> Result<Evaluation, C::Error> {
        let now = clock.now();
        let contradictory = low > high;
        self.begun.get_or_insert(now);
        if let Some(state) = self.sources.get_mut(source.index()) {
            state.trust = trust;
            state.fault = contradictory.then_some(Rejection::Contradictory([low, high]));
            if !contradictory {
                let mid = 0.5 * (low + high);
                let mark = self.steering.mark(now);
                state.window.push([low, mid, high], mark, &self.params);
            }
        }
        let mut evaluation = self.without_sample(now);
        evaluation.density = self.combiner.get(source);
        let Answer { peak, offset, .. } = evaluation.answer;
        if let (Some(Peak { weight, .. }), Some(offset), Some(_)) =
            (peak, offset, evaluation.density)
        {
            evaluation.pll = Some(self.steer(Peak { offset, weight }, clock)?);
        }
        Ok(evaluation)
    }

    fn steer<C: Clock>(&mut self, peak: Peak, clock: &mut C) -> Result<PllUpdate, C::Error> {
        let now = clock.now();
        let update = self.pll.handle_estimate(peak, now, &self.params);
        match update.action {
            PllAction::Nothing => {}
            PllAction::Adjust(adjustment) => {
                clock.adjust(adjustment)?;
                self.steering.adjust(adjustment, now);
            }
            PllAction::Step(offset) => {
                clock.step(offset)?;
                self.reset();
            }
        }
        Ok(update)
    }

    /// Marks sources that show the same server as another, the one added later.
    fn compare_servers(&mut self, source: SourceId) {
        let newest = |state: &State| state.newest;
        let Some(exchange) = self.sources.get(source.index()).and_then(newest) else {
            return;
        };
        let mut earlier = None;
        for (index, other) in self.sources.iter_mut().enumerate() {
            let Some(theirs) = other.newest.filter(|_| index != source.index()) else {
                continue;
            };
            if exchange.is_same_server(&theirs) {
                if index < source.index() {
                    earlier = earlier.or(Some(SourceId::new(index)));
                } else {
                    other.same_server = Some(source);
                }
            } else if other.same_server == Some(source) && exchange.differs_in_source(&theirs) {
                other.same_server = None;
            }
        }
        let other = |id: SourceId| self.sources.get(id.index()).and_then(newest);
        let before = self.sources.get(source.index());
        let before = before.and_then(|state| state.same_server);
        // Its reference time may just have changed, and the other has not been asked since.
        let kept = before
            .filter(|id| other(*id).is_some_and(|theirs| !exchange.differs_in_source(&theirs)));
        if let Some(state) = self.sources.get_mut(source.index()) {
            state.same_server = earlier.or(kept);
        }
    }
}

impl State {
    /// What the source says now, or why it does not count.
    fn vote(
        &self,
        steering: &Steering,
        now: NtpDate,
        params: &Params,
    ) -> Result<Density, Rejection> {
        if let Some(other) = self.duplicate_of {
            return Err(Rejection::Duplicate(other));
        }
        if let Some(other) = self.same_server {
            return Err(Rejection::SameServer(other));
        }
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let age = self.window.age(now).ok_or(Rejection::Silent)?;
        if age > params.get(Param::MaxAge) {
            return Err(Rejection::Stale(age));
        }
        if self.trust <= 0.0 {
            return Err(Rejection::Untrusted);
        }
        let density = self.window.density(self.trust, steering, now, params);
        density.ok_or(Rejection::Silent)
    }
}

#[cfg(test)]
mod tests;
