use core::fmt;

use horolog_time::UnixTime;

use super::decode;
use crate::c_format::{Exponential, Fixed};
use crate::{Adjustment, FilterReport, Peak, PllReport, Refusal, TraceError, TracePacket};

/// One line of a trace.
///
/// [`decode`](Self::decode) reads it, [`Display`](fmt::Display) writes it, without the line's end.
/// A line as Ntimed writes it comes back the same, and one of an unknown kind in any case.
///
/// # Examples
///
/// ```
/// use horolog_ntimed::Trace;
///
/// for text in [
///     "# NTIMED Format poll-server 1.0",
///     "# Found 1 peers",
///     "# Peer lan 192.0.2.1",
///     "Now 1416000000.136897087",
///     "Combine lan 192.0.2.1 0.001744 0.001994 0.002243 1.994e-03 4.004e+03 3.603e+00",
///     "Monitor whatever",
/// ] {
///     assert_eq!(Trace::decode(text, 1)?.to_string(), text);
/// }
/// let error = Trace::decode("Now then", 7).unwrap_err();
/// assert_eq!(error.to_string(), "line 7, column 5: expected seconds with nine decimals");
/// # Ok::<(), horolog_ntimed::TraceError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Trace<'a> {
    /// `# NTIMED Format poll-server 1.0`, the first line of what a poller writes.
    Format,
    /// `# Found N peers`.
    Found {
        /// How many `# Peer` lines follow.
        peers: u32,
    },
    /// `# Peer HOST IP`.
    Peer(TracePeer<'a>),
    /// `Now SEC.NSEC`, and the name of a task in what a client writes.
    Now {
        /// The time of what follows.
        time: UnixTime,
        /// What is done then.
        task: Option<&'a str>,
    },
    /// `Poll HOST IP [...]`: a reply arrived.
    Poll {
        /// From whom.
        peer: TracePeer<'a>,
        /// What it said.
        packet: TracePacket,
    },
    /// `NTP_Packet HOST IP [...]`: the reply by the local clock as it is steered.
    Packet {
        /// From whom.
        peer: TracePeer<'a>,
        /// What it said.
        packet: TracePacket,
    },
    /// `NF ...`: the filter does not use the reply. Read back it is [`Other`](Self::Other).
    Refused(Refusal),
    /// `NTP_Filter HOST IP BRANCH lo mid hi lo_lim amid hi_lim`.
    Filter {
        /// Whose filter.
        peer: TracePeer<'a>,
        /// What it found.
        report: FilterReport,
    },
    /// `Combine HOST IP lo mid hi offset weight log10(weight)`.
    Combine {
        /// Whose density is new.
        peer: TracePeer<'a>,
        /// Its low bound, middle and high bound.
        density: [f64; 3],
        /// The highest point of all densities.
        peak: Peak,
        /// The decimal logarithm of the peak's weight.
        log_weight: f64,
    },
    /// `PLL mode dt offset weight -> p dur integrator ua ub`.
    Pll(PllReport),
    /// `SIMPLL freq offset duration`: the adjustment that is left, each second.
    SimPll(Adjustment),
    /// Anything else, as it stands.
    Other(&'a str),
}

/// A server in a trace.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct TracePeer<'a> {
    /// Its name.
    pub host: &'a str,
    /// Its address, as text.
    pub address: &'a str,
}

impl<'a> Trace<'a> {
    /// The first line of what a poller writes.
    pub const FORMAT: &'static str = "# NTIMED Format poll-server 1.0";

    /// Reads a line without its end; `number` tells errors which one it is, counted from 1.
    ///
    /// # Errors
    ///
    /// [`TraceError`] for a line that starts like one of the known kinds and does not go on so.
    pub fn decode(line: &'a str, number: u64) -> Result<Self, TraceError> {
        decode::line(line).map_err(|(column, expected)| TraceError {
            line: number,
            column,
            expected,
        })
    }
}

impl fmt::Display for TracePeer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.host, self.address)
    }
}

impl fmt::Display for Trace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format => f.write_str(Self::FORMAT),
            Self::Found { peers } => write!(f, "# Found {peers} peers"),
            Self::Peer(peer) => write!(f, "# Peer {peer}"),
            Self::Now { time, task: None } => write!(f, "Now {time}"),
            Self::Now {
                time,
                task: Some(task),
            } => write!(f, "Now {time} {task}"),
            Self::Poll { peer, packet } => write!(f, "Poll {peer} {packet}"),
            Self::Packet { peer, packet } => write!(f, "NTP_Packet {peer} {packet}"),
            Self::Refused(refusal) => write!(f, "NF {refusal}"),
            Self::Filter { peer, report } => {
                write!(f, "NTP_Filter {peer} {}", report.branch.number())?;
                exponentials(
                    f,
                    &[
                        report.low,
                        report.mid,
                        report.high,
                        report.low_limit,
                        report.average_mid,
                        report.high_limit,
                    ],
                )
            }
            Self::Combine {
                peer,
                density,
                peak,
                log_weight,
            } => {
                write!(f, "Combine {peer}")?;
                for value in density {
                    write!(f, " {}", Fixed(*value, 6))?;
                }
                exponentials(f, &[peak.offset, peak.weight, *log_weight])
            }
            Self::Pll(report) => {
                write!(f, "PLL {}", report.mode.number())?;
                exponentials(f, &[report.elapsed, report.offset, report.weight])?;
                f.write_str(" ->")?;
                exponentials(
                    f,
                    &[
                        report.adjustment.offset,
                        report.adjustment.duration,
                        report.adjustment.frequency,
                        report.proportional,
                        report.integral,
                    ],
                )
            }
            Self::SimPll(adjustment) => {
                f.write_str("SIMPLL")?;
                exponentials(
                    f,
                    &[adjustment.frequency, adjustment.offset, adjustment.duration],
                )
            }
            Self::Other(line) => f.write_str(line),
        }
    }
}

fn exponentials(f: &mut fmt::Formatter<'_>, values: &[f64]) -> fmt::Result {
    values
        .iter()
        .try_for_each(|value| write!(f, " {}", Exponential(*value)))
}
