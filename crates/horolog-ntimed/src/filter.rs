use crate::number;
use crate::{Exchange, Param, Params, Refusal};

/// Watches the exchanges of one server and mends those whose one way was slower than it used to be.
///
/// It keeps exponential averages of both bounds and of their squares. A bound that is further out
/// than some standard deviations tells that packets were held up in that direction; the other
/// direction and the averages then give the likely offset.
///
/// The original means to reset the averages when the clock was stepped, but never notes that it did
/// and so resets them at every packet: [`forgetful`](Self::forgetful) does the same, and then only
/// branches 1 and 4 occur. [`new`](Self::new) makes the filter that was meant.
///
/// # Examples
///
/// ```
/// use horolog_ntimed::{Filter, FilterBranch, Params, Trace};
///
/// let line = "Poll a 192.0.2.1 [0 4 4   1   6  -20 0.000060000 0.001500000 0x7f7f0101 \
///     -24.547789182 1416000000.136364221 -0.001743793 0.000033379 0.002243280]";
/// let Trace::Poll { packet, .. } = Trace::decode(line, 1)? else {
///     panic!();
/// };
/// let exchange = packet.exchange(0.0).expect("a reply arrived");
/// let report = Filter::new().handle_exchange(&exchange, &Params::default()).expect("a good reply");
/// assert_eq!(report.branch, FilterBranch::Usual);
/// assert!((report.mid - 0.0019935).abs() < 1e-7);
/// # Ok::<(), horolog_ntimed::TraceError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Filter {
    forgetful: bool,
    /// Whether a reply may leave at the instant at which the request arrived.
    takes_coarse: bool,
    count: f64,
    low: Average,
    mid: Average,
    high: Average,
    low_square: Average,
    high_square: Average,
}

/// An exponential average.
#[derive(Clone, Copy, Debug, Default)]
struct Average(f64);

impl Average {
    fn add(&mut self, value: f64, divisor: f64) {
        self.0 += (value - self.0) / divisor;
    }
}

/// Which of its rules a [`Filter`] used; the numbers stand in traces.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum FilterBranch {
    /// 1: both bounds are further out than usual, the middle stays.
    BothOut,
    /// 2: the request was slow, the middle follows from the reply.
    LowOut,
    /// 3: the reply was slow, the middle follows from the request.
    HighOut,
    /// 4: nothing unusual, or too few exchanges to tell.
    Usual,
}

impl FilterBranch {
    /// The number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::BothOut => 1,
            Self::LowOut => 2,
            Self::HighOut => 3,
            Self::Usual => 4,
        }
    }

    /// The branch of this number, 1 to 4.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::BothOut),
            2 => Some(Self::LowOut),
            3 => Some(Self::HighOut),
            4 => Some(Self::Usual),
            _ => None,
        }
    }
}

/// What a [`Filter`] made of an exchange, in seconds: the trace line `NTP_Filter`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FilterReport {
    /// The rule that was used.
    pub branch: FilterBranch,
    /// T1 - T2.
    pub low: f64,
    /// The likely offset.
    pub mid: f64,
    /// T4 - T3.
    pub high: f64,
    /// Below this the low bound is further out than usual.
    pub low_limit: f64,
    /// The average of the likely offsets.
    pub average_mid: f64,
    /// Above this the high bound is further out than usual.
    pub high_limit: f64,
}

impl Filter {
    /// T3 less the reference time, in seconds, is not below this: two nanoseconds for rounding.
    pub const MIN_REFERENCE_AGE: f64 = -2e-9;
    /// T3 less the reference time, in seconds, is not above this.
    pub const MAX_REFERENCE_AGE: f64 = 2048.0;

    /// A filter that keeps its averages until [`reset`](Self::reset).
    #[must_use]
    pub fn new() -> Self {
        Self {
            forgetful: false,
            takes_coarse: false,
            count: 0.0,
            low: Average::default(),
            mid: Average::default(),
            high: Average::default(),
            low_square: Average::default(),
            high_square: Average::default(),
        }
    }

    /// The original's: each packet is the first.
    #[must_use]
    pub fn forgetful() -> Self {
        Self {
            forgetful: true,
            ..Self::new()
        }
    }

    /// One that takes replies whose T3 is T2 too, as of servers with a coarse clock.
    ///
    /// RFC 5905 refuses none for that: two readings of a clock may be one.
    pub(crate) fn coarse() -> Self {
        Self {
            takes_coarse: true,
            ..Self::new()
        }
    }

    /// Forgets everything, as after a step of the clock.
    pub fn reset(&mut self) {
        *self = Self {
            forgetful: self.forgetful,
            takes_coarse: self.takes_coarse,
            ..Self::new()
        };
    }

    /// Takes an exchange.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] for a reply that says nothing about time; the averages stay as they are.
    pub fn handle_exchange(
        &mut self,
        exchange: &Exchange,
        params: &Params,
    ) -> Result<FilterReport, Refusal> {
        if self.forgetful {
            self.reset();
        }
        let refusal = if self.takes_coarse {
            Refusal::of_coarse(exchange)
        } else {
            Refusal::of(exchange)
        };
        if let Some(refusal) = refusal {
            return Err(refusal);
        }
        if self.count < params.get(Param::FilterAverage) {
            self.count += 1.0;
        }
        let low = exchange.low();
        let high = exchange.high();
        let (low_limit, high_limit) = self.limits(params.get(Param::FilterThreshold));
        let settled = self.count > 3.0;
        let (branch, mid) = match (low < low_limit, high > high_limit) {
            (true, true) => (FilterBranch::BothOut, 0.5 * (low + high)),
            (true, false) if settled => (FilterBranch::LowOut, self.mid.0 + (high - self.high.0)),
            (false, true) if settled => (FilterBranch::HighOut, self.mid.0 + low - self.low.0),
            _ => (FilterBranch::Usual, 0.5 * (low + high)),
        };
        let mut divisor = self.count;
        if self.count > 2.0 && branch != FilterBranch::Usual {
            divisor *= divisor;
        }
        self.low.add(low, divisor);
        self.mid.add(mid, divisor);
        self.high.add(high, divisor);
        self.low_square.add(low * low, divisor);
        self.high_square.add(high * high, divisor);
        Ok(FilterReport {
            branch,
            low,
            mid,
            high,
            low_limit,
            average_mid: self.mid.0,
            high_limit,
        })
    }

    /// The averages less and more some standard deviations.
    fn limits(&self, threshold: f64) -> (f64, f64) {
        if self.count <= 2.0 {
            return (self.low.0, self.high.0);
        }
        let noise = |square: Average, average: Average| {
            // By rounding the difference can be a little below zero.
            libm::sqrt((square.0 - average.0 * average.0).max(0.0))
        };
        (
            self.low.0 - noise(self.low_square, self.low) * threshold,
            self.high.0 + noise(self.high_square, self.high) * threshold,
        )
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self::new()
    }
}

/// How much a server of this stratum is trusted: `1 / stratum`, and nothing for stratum 15, 0 and
/// above.
#[must_use]
pub fn trust_of(stratum: horolog_ntp::Stratum) -> f64 {
    match stratum.get() {
        stratum @ 1..=14 => 1.0 / number::from_u64(u64::from(stratum)),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests;
