use core::fmt::{self, Write as _};
use core::mem::discriminant;
use std::fs::File;
use std::io::{self, BufRead as _, BufWriter, Read as _, Write};
use std::path::Path;

use horolog_ntimed::{
    Adjustment, Answer, FilterReport, Params, Peak, PllAction, SimulatedClock, Simulator, Trace,
    TracePacket, TracePeer,
};
use horolog_time::{NtpDuration, UnixTime};

use super::leap_dispute::{LeapCounts, LeapDispute};
use super::replay_record::{ReplayRecord, ReplaySummaryRecord, SaidRecord};
use super::{RunPlot, trace_input};
use crate::cli::{Context, context};
use crate::stop::Signals;
use crate::units;

/// What came of replaying a trace.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    replies: u64,
    evaluated: u64,
    /// The last combined offset, with the weight of its peak.
    last: Option<Peak>,
    adjustment: Adjustment,
    quorum: Option<(usize, usize)>,
    dispute: LeapDispute,
    /// How many steps, and their sum.
    steps: (u32, f64),
    /// What the loop's steering has come to.
    frequency: f64,
    /// Seconds since the start of the simulation.
    elapsed: f64,
    /// When the last reply came, in truth.
    at: Option<UnixTime>,
    /// What came of this line's reply.
    filtered: Option<FilterReport>,
    combined: Option<Peak>,
}

/// No line of a trace is longer.
const MAX_LINE: u64 = 1 << 16;

impl Replay {
    /// Feeds a simulator with a trace, line by line, and writes what the client's trace says then,
    /// to a file or to standard output; a picture sees all of it. A signal to stop ends it early.
    ///
    /// With `json` standard output has an object for each evaluated reply alone.
    ///
    /// # Errors
    ///
    /// Where a file cannot be read or written, and where the trace is not one, with its line.
    pub fn run(
        simulator: &mut Simulator,
        params: &Params,
        trace: &Path,
        out: Option<&Path>,
        mut plot: Option<&mut RunPlot>,
        json: bool,
        signals: &Signals,
    ) -> Result<Self, Context> {
        let read = || format!("cannot read {}", trace.display());
        let mut input = trace_input::open(trace, signals).map_err(context(read()))?;
        // What is written would take the place of what is yet to be read.
        if let Some(path) = out
            && is_same(trace, path)
        {
            let what = format!("cannot write {}", path.display());
            return Err(context(what)("it is the trace itself"));
        }
        let write = || match out {
            Some(path) => format!("cannot write {}", path.display()),
            None => "cannot write".to_owned(),
        };
        let mut output: Box<dyn Write> = match out {
            Some(path) => Box::new(BufWriter::new(
                File::create(path).map_err(context(write()))?,
            )),
            None if json => Box::new(io::sink()),
            None => Box::new(BufWriter::new(io::stdout())),
        };
        let mut records = json.then(|| BufWriter::new(io::stdout()));
        let print = || "cannot write";
        let report = if simulator.is_classic() {
            format!("{params:#}")
        } else {
            params.to_string()
        };
        output
            .write_all(report.as_bytes())
            .map_err(context(write()))?;
        let mut replay = Self::default();
        let mut before = Vec::new();
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let length = (&mut input)
                .take(MAX_LINE)
                .read_until(b'\n', &mut line)
                .map_err(context(format!("{}, line {number}", read())))?;
            // A line that is not whole then is none.
            if signals.should_stop() {
                break;
            }
            if length == 0 {
                if number == 1 {
                    return Err(context(trace.display().to_string())("the trace is empty"));
                }
                break;
            }
            let at = || format!("{}: line {number}", trace.display());
            if !line.ends_with(b"\n") && u64::try_from(length) == Ok(MAX_LINE) {
                return Err(context(at())(format!("longer than {MAX_LINE} octets")));
            }
            // A line of an unknown kind may say anything.
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\r', '\n']);
            let event =
                Trace::decode(text, number).map_err(context(trace.display().to_string()))?;
            let mut lines = String::new();
            let added = simulator.clock().added();
            let mut note = |line: &Trace<'_>| {
                replay.note(line, &mut lines);
                if let Some(plot) = &mut plot {
                    plot.note(line);
                }
            };
            simulator
                .handle_line(&event, &mut note)
                .map_err(context(at()))?;
            if let Some(plot) = &mut plot {
                plot.note_after(&event, simulator, added);
            }
            if let Trace::Poll { peer, packet } = &event {
                replay.comment(simulator, &mut before, &mut lines);
                let record = replay.record(*peer, packet, simulator);
                if let (Some(records), Some(record)) = (&mut records, record) {
                    let text = serde_json::to_string(&record).map_err(context(print()))?;
                    writeln!(records, "{text}").map_err(context(print()))?;
                }
            }
            output
                .write_all(lines.as_bytes())
                .map_err(context(write()))?;
        }
        output.flush().map_err(context(write()))?;
        if let Some(records) = &mut records {
            records.flush().map_err(context(print()))?;
        }
        Ok(replay)
    }

    /// All of it as JSON, of the simulator that was fed.
    #[must_use]
    pub fn summary(&self, simulator: &Simulator) -> ReplaySummaryRecord {
        let at = self.at.unwrap_or(UnixTime::EPOCH);
        let (steps, stepped) = self.steps;
        ReplaySummaryRecord {
            summary: true,
            elapsed: self.elapsed,
            replies: self.replies,
            evaluated: self.evaluated,
            said: SaidRecord::new(simulator, self.last, at),
            steps,
            stepped,
            frequency: self.frequency,
        }
    }

    /// What came of a reply, if it was evaluated.
    fn record(
        &mut self,
        peer: TracePeer<'_>,
        packet: &TracePacket,
        simulator: &Simulator,
    ) -> Option<ReplayRecord> {
        let (filtered, combined) = (self.filtered.take(), self.combined.take());
        if let Some(PllAction::Step(step)) = simulator.pll().map(|pll| pll.action) {
            self.steps.0 = self.steps.0.saturating_add(1);
            self.steps.1 += step;
        }
        let filtered = filtered?;
        self.at = Some(packet.t1);
        let run = (self.elapsed, self.frequency);
        Some(ReplayRecord::new(
            run,
            (peer, packet),
            &filtered,
            combined,
            simulator,
        ))
    }

    fn note(&mut self, line: &Trace<'_>, lines: &mut String) {
        match line {
            Trace::Packet { .. } => self.replies += 1,
            Trace::Filter { report, .. } => {
                self.evaluated += 1;
                self.filtered = Some(*report);
            }
            Trace::Combine { peak, .. } => {
                self.last = Some(*peak);
                self.combined = Some(*peak);
            }
            Trace::Pll(report) => self.frequency = report.adjustment.frequency,
            Trace::Now { time, .. } => self.elapsed = since_start(*time),
            Trace::SimPll(adjustment) => self.adjustment = *adjustment,
            _ => {}
        }
        lines.push_str(&line.to_string());
        lines.push('\n');
    }

    /// What only the extended evaluation knows, as comments: the quorum each time, the sources that
    /// do not count and the dispute of a leap second where that has changed.
    fn comment(&mut self, simulator: &Simulator, before: &mut Vec<Reason>, lines: &mut String) {
        let Some(answer) = simulator.answer() else {
            return;
        };
        self.quorum = Some((answer.quorum.agreeing, answer.quorum.voters));
        if let (Some(Peak { weight, .. }), Some(offset)) = (answer.peak, answer.offset) {
            self.last = Some(Peak { offset, weight });
        }
        lines.push_str(&quorum_line(answer));
        let reasons: Vec<Reason> = answer
            .rejected
            .iter()
            .map(|(source, rejection)| (source.index(), discriminant(rejection)))
            .collect();
        if reasons != *before {
            for (source, rejection) in &answer.rejected {
                let peer = simulator.peer(*source);
                let peer = peer.map(|peer| peer.to_string()).unwrap_or_default();
                lines.push_str("# Rejected ");
                lines.push_str(&peer);
                lines.push(' ');
                lines.push_str(&rejection.to_string());
                lines.push('\n');
            }
            *before = reasons;
        }
        if let Some(disputed) = self.dispute.handle_vote(answer.leap) {
            let not = if disputed { "" } else { "not " };
            let counts = LeapCounts(answer.leap);
            // A string takes all.
            let _ = writeln!(lines, "# Leap second {not}disputed: {counts}");
        }
    }
}

/// Seconds of the simulation, 68 years at most.
fn since_start(time: UnixTime) -> f64 {
    let seconds = time.seconds().saturating_sub(SimulatedClock::START);
    let whole = i32::try_from(seconds).unwrap_or(i32::MAX);
    f64::from(whole) + 1e-9 * f64::from(time.nanoseconds())
}

/// Whether both are one file, by whatever names. A device such as the terminal is not meant.
fn is_same(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| path.canonicalize().ok().filter(|path| path.is_file());
    place(one).is_some_and(|one| place(other) == Some(one))
}

/// A source and the kind of reason for which it does not count.
type Reason = (usize, core::mem::Discriminant<horolog_ntimed::Rejection>);

fn quorum_line(answer: &Answer) -> String {
    let quorum = answer.quorum;
    let (agreeing, voters) = (quorum.agreeing, quorum.voters);
    match answer.bounds {
        Some([low, high]) => format!("# Quorum {agreeing} of {voters} {low:.9} {high:.9}\n"),
        None => format!("# No quorum {agreeing} of {voters}\n"),
    }
}

/// A summary in a few lines.
impl fmt::Display for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "replies    {} ({} evaluated)",
            self.replies, self.evaluated
        )?;
        if let Some(peak) = self.last {
            let which = if peak.offset < 0.0 { "behind" } else { "ahead" };
            let offset = NtpDuration::from_seconds_f64(peak.offset.abs());
            let offset = offset.map_or_else(|| format!("{:e} s", peak.offset.abs()), units::span);
            writeln!(
                f,
                "offset     clock {which} by {offset}, weight {:.1} 1/s",
                peak.weight
            )?;
        }
        if let Some((agreeing, voters)) = self.quorum {
            writeln!(f, "quorum     {agreeing} of {voters}")?;
        }
        if let Some(vote) = self.dispute.vote() {
            writeln!(f, "leap       disputed: {}", LeapCounts(vote))?;
        }
        writeln!(f, "frequency  {:+.3} ppm", self.adjustment.frequency * 1e6)
    }
}
