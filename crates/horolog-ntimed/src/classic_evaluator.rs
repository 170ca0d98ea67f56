use alloc::vec::Vec;

use crate::filter::trust_of;
use crate::{
    Clock, Combiner, Density, Exchange, Filter, FilterReport, Params, Peak, Pll, PllAction,
    PllUpdate, Refusal, SourceId,
};

/// Evaluates as the original does: a filter for each source, the combiner, and the PLL that steers.
///
/// Each exchange goes all the way. A step of the clock makes everything before it void.
///
/// # Examples
///
/// ```
/// use horolog_ntimed::{ClassicEvaluator, Params, SimulatedClock, Trace};
///
/// let line = "Poll a 192.0.2.1 [0 4 4   1   6  -20 0.000060000 0.001500000 0x7f7f0101 \
///     -24.547789182 1416000000.136364221 -0.001743793 0.000033379 0.002243280]";
/// let Trace::Poll { packet, .. } = Trace::decode(line, 1)? else {
///     panic!();
/// };
/// let exchange = packet.exchange(0.0).expect("a reply arrived");
///
/// let mut evaluator = ClassicEvaluator::new(Params::default());
/// let source = evaluator.add_source();
/// let mut clock = SimulatedClock::new();
/// let evaluation = evaluator.handle_exchange(source, &exchange, &mut clock).expect("infallible");
/// assert!((evaluation.estimate.expect("a good reply").peak.weight - 4004.0).abs() < 1.0);
/// # Ok::<(), horolog_ntimed::TraceError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ClassicEvaluator {
    params: Params,
    filters: Vec<Filter>,
    combiner: Combiner,
    pll: Pll,
}

/// What an [`ClassicEvaluator`] made of an exchange.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassicEvaluation {
    /// What the filter found, or why it does not use the exchange.
    pub filtered: Result<FilterReport, Refusal>,
    /// What followed, unless the exchange was refused.
    pub estimate: Option<ClassicEstimate>,
}

/// The combined sources and what the PLL does about them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassicEstimate {
    /// What the exchange's source says now.
    pub density: Density,
    /// The highest point of all densities.
    pub peak: Peak,
    /// What the PLL did.
    pub pll: PllUpdate,
}

impl ClassicEvaluator {
    /// An evaluation without sources.
    #[must_use]
    pub const fn new(params: Params) -> Self {
        Self {
            params,
            filters: Vec::new(),
            combiner: Combiner::new(),
            pll: Pll::new(),
        }
    }

    /// Adds a server.
    pub fn add_source(&mut self) -> SourceId {
        self.filters.push(Filter::forgetful());
        self.combiner.add_source()
    }

    /// Adds a server that has the address of another one; see [`Combiner::add_duplicate`].
    pub fn add_duplicate(&mut self) -> SourceId {
        self.filters.push(Filter::forgetful());
        self.combiner.add_duplicate()
    }

    /// The sources and what they say now.
    #[must_use]
    pub const fn combiner(&self) -> &Combiner {
        &self.combiner
    }

    /// Takes an exchange with a source and steers the clock. One of a source that was never added
    /// is like the first of one.
    ///
    /// # Errors
    ///
    /// The clock's, where it cannot be steered.
    pub fn handle_exchange<C: Clock>(
        &mut self,
        source: SourceId,
        exchange: &Exchange,
        clock: &mut C,
    ) -> Result<ClassicEvaluation, C::Error> {
        let mut fresh = Filter::forgetful();
        let filter = self.filters.get_mut(source.index()).unwrap_or(&mut fresh);
        let filtered = filter.handle_exchange(exchange, &self.params);
        let density = filtered.ok().and_then(|report| {
            let trust = trust_of(exchange.stratum);
            Density::new(trust, report.low, report.mid, report.high).ok()
        });
        let Some(density) = density else {
            return Ok(ClassicEvaluation {
                filtered,
                estimate: None,
            });
        };
        self.combiner.set(source, Some(density));
        let peak = self.combiner.peak();
        let pll = self.pll.handle_estimate(peak, clock.now(), &self.params);
        match pll.action {
            PllAction::Nothing => {}
            PllAction::Adjust(adjustment) => clock.adjust(adjustment)?,
            PllAction::Step(offset) => {
                clock.step(offset)?;
                self.reset();
            }
        }
        Ok(ClassicEvaluation {
            filtered,
            estimate: Some(ClassicEstimate { density, peak, pll }),
        })
    }

    /// Starts a new generation, as after a step: all but the frequency is forgotten.
    pub fn reset(&mut self) {
        self.filters.iter_mut().for_each(Filter::reset);
        self.combiner.clear();
        self.pll.reset();
    }
}
