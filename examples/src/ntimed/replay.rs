use core::fmt;
use core::mem::discriminant;
use std::fs::File;
use std::io::{self, BufRead as _, BufWriter, Read as _, Write};
use std::path::Path;

use horolog_ntimed::{Adjustment, Answer, Params, Peak, Simulator, Trace};
use horolog_time::NtpDuration;

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
}

/// No line of a trace is longer.
const MAX_LINE: u64 = 1 << 16;

impl Replay {
    /// Feeds a simulator with a trace, line by line, and writes what the client's trace says then,
    /// to a file or to standard output; a picture sees all of it. A signal to stop ends it early.
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
            None => Box::new(BufWriter::new(io::stdout().lock())),
        };
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
            if matches!(event, Trace::Poll { .. }) {
                replay.comment(simulator, &mut before, &mut lines);
            }
            output
                .write_all(lines.as_bytes())
                .map_err(context(write()))?;
        }
        output.flush().map_err(context(write()))?;
        Ok(replay)
    }

    fn note(&mut self, line: &Trace<'_>, lines: &mut String) {
        match line {
            Trace::Packet { .. } => self.replies += 1,
            Trace::Filter { .. } => self.evaluated += 1,
            Trace::Combine { peak, .. } => self.last = Some(*peak),
            Trace::SimPll(adjustment) => self.adjustment = *adjustment,
            _ => {}
        }
        lines.push_str(&line.to_string());
        lines.push('\n');
    }

    /// What only the extended evaluation knows, as comments: the quorum each time, the sources that
    /// do not count where that has changed.
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
    }
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
        writeln!(f, "frequency  {:+.3} ppm", self.adjustment.frequency * 1e6)
    }
}
