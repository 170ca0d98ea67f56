use core::fmt;
use core::mem::Discriminant;
use core::net::SocketAddr;
use std::io::{self, Write};

use horolog_ntimed::Rejection;
use horolog_time::NtpDuration;
use serde::Serialize;

use super::record::{GenerationRecord, KernelRecord, LeapRecord, SummaryRecord, UpdateRecord};
use super::server::Server;
use crate::ntimed::KernelOrder;
use crate::ntimed::leap_dispute::{LeapCounts, LeapDispute};
use crate::ntimed::rejected_record::RejectedRecord;
use crate::query::{Event, TroubleRecord};
use crate::units;

/// Tells what happens, in lines for people or as JSON.
pub(super) struct Report<'o> {
    out: &'o mut dyn Write,
    json: bool,
    /// What was told last of the sources that do not count.
    rejected: Vec<(String, Discriminant<Rejection>)>,
    dispute: LeapDispute,
}

impl<'o> Report<'o> {
    pub(super) fn new(out: &'o mut dyn Write, json: bool) -> Self {
        Self {
            out,
            json,
            rejected: Vec::new(),
            dispute: LeapDispute::default(),
        }
    }

    /// The first line.
    pub(super) fn begin(&mut self, dry_run: bool) -> io::Result<()> {
        if self.json {
            return Ok(());
        }
        let text = if dry_run {
            "dry run: the clock is left alone, and steered on paper"
        } else {
            "the clock is steered"
        };
        self.text(text)
    }

    /// One line for each reply; where sources begin or end not to count, why; and where they begin
    /// or end to say different things of a leap second, how many say what.
    pub(super) fn update(&mut self, record: &UpdateRecord) -> io::Result<()> {
        if self.json {
            return self.json(record);
        }
        self.text(Update(record))?;
        // Numbers change with every reply.
        let answer = &record.answer;
        let reasons = answer
            .rejected
            .iter()
            .map(|one| (one.server.clone(), one.kind));
        let reasons: Vec<_> = reasons.collect();
        if reasons != self.rejected {
            for RejectedRecord { server, reason, .. } in &answer.rejected {
                self.text(format_args!("{:11}  {server} does not count: {reason}", ""))?;
            }
            self.rejected = reasons;
        }
        let counts = LeapCounts(answer.leap_vote);
        match self.dispute.handle_vote(counts.0) {
            Some(true) => self.text(format_args!("{:11}  leap second disputed: {counts}", "")),
            Some(false) => self.text(format_args!(
                "{:11}  leap second not disputed: {counts}",
                ""
            )),
            None => Ok(()),
        }
    }

    /// What was measured before is void.
    pub(super) fn generation(&mut self, record: &GenerationRecord) -> io::Result<()> {
        self.rejected.clear();
        self.dispute = LeapDispute::default();
        if self.json {
            return self.json(record);
        }
        let GenerationRecord {
            elapsed,
            generation,
            reason,
        } = record;
        self.text(format_args!(
            "{elapsed:9.3} s  {reason}: generation {generation} of samples begins"
        ))
    }

    /// A poll that brought no time; people are told only what is new.
    pub(super) fn trouble(
        &mut self,
        server: &mut Server,
        address: SocketAddr,
        event: &Event,
    ) -> io::Result<()> {
        let name = server.name.to_string();
        let Some(record) = TroubleRecord::new(&name, address, event) else {
            return Ok(());
        };
        if self.json {
            return self.json(&record);
        }
        if server.is_trouble(event) {
            server.lament(record.error());
        }
        Ok(())
    }

    /// What is known of leap seconds.
    pub(super) fn leap(&mut self, record: &LeapRecord<'_>) -> io::Result<()> {
        if self.json {
            return self.json(record);
        }
        let LeapRecord {
            elapsed,
            leap_seconds,
        } = record;
        self.text(format_args!("{elapsed:9.3} s  {leap_seconds}"))
    }

    /// What the kernel is told of them.
    pub(super) fn kernel(&mut self, record: &KernelRecord, order: KernelOrder) -> io::Result<()> {
        if self.json {
            return self.json(record);
        }
        let (would, s) = wording(record.dry_run);
        let elapsed = record.elapsed;
        self.text(format_args!(
            "{elapsed:9.3} s  {would}tell{s} the kernel: {order}"
        ))
    }

    /// The sum of it.
    pub(super) fn summary(&mut self, record: &SummaryRecord) -> io::Result<()> {
        if self.json {
            self.json(record)
        } else {
            self.text(Summary(record))
        }
    }

    fn json(&mut self, record: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string(record)?;
        self.text(text)
    }

    fn text(&mut self, line: impl fmt::Display) -> io::Result<()> {
        writeln!(self.out, "{line}")?;
        self.out.flush()
    }
}

/// What stands before and behind a verb.
const fn wording(dry_run: bool) -> (&'static str, &'static str) {
    if dry_run { ("would ", "") } else { ("", "s") }
}

struct Update<'r>(&'r UpdateRecord);

impl fmt::Display for Update<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = self.0;
        let (answer, steering) = (&record.answer, &record.steering);
        let (would, s) = wording(record.dry_run);
        write!(f, "{:9.3} s  {}  ", record.elapsed, record.server)?;
        match answer.offset {
            Some(offset) => write!(f, "ahead {}", seconds(offset))?,
            None => write!(f, "says {}", seconds(record.measured))?,
        }
        if let Some([low, high]) = answer.bounds {
            write!(f, " ({} to {})", seconds(low), seconds(high))?;
        }
        write!(f, "  {} of {}  ", answer.agreeing, answer.voters)?;
        if let Some(step) = steering.step {
            write!(f, "{would}step{s} by {}", seconds(step))
        } else if let (Some(slew), Some(duration)) = (steering.slew, steering.duration) {
            write!(
                f,
                "{would}slew{s} {} in {duration} s, frequency {:+.3} ppm",
                seconds(slew),
                record.frequency * 1e6
            )
        } else {
            f.write_str(match steering.mode {
                "no-quorum" => "no quorum",
                "ignored" => "does not count",
                _ => "waits",
            })
        }
    }
}

struct Summary<'r>(&'r SummaryRecord);

/// In a few lines.
impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = self.0;
        writeln!(f, "replies    {} to {} polls", record.replies, record.polls)?;
        let (agreeing, voters) = (record.agreeing, record.voters);
        match (record.offset, record.bounds) {
            (Some(offset), Some([low, high])) => writeln!(
                f,
                "ahead      {} ({} to {}), {agreeing} of {voters} agree",
                seconds(offset),
                seconds(low),
                seconds(high)
            )?,
            _ => writeln!(
                f,
                "ahead      unknown: at most {agreeing} of {voters} agree"
            )?,
        }
        let unsaid = if record.dry_run {
            "on paper"
        } else {
            "the clock"
        };
        let stepped = seconds(record.stepped);
        match record.steps {
            0 => writeln!(f, "stepped    never")?,
            1 => writeln!(f, "stepped    {stepped}, {unsaid}")?,
            steps => writeln!(f, "stepped    {stepped} in {steps} steps, {unsaid}")?,
        }
        write!(f, "frequency  {:+.3} ppm, {unsaid}", record.frequency * 1e6)?;
        match &record.leap_seconds {
            Some(leap_seconds) => write!(f, "\nleap       {leap_seconds}"),
            None => Ok(()),
        }
    }
}

fn seconds(seconds: f64) -> String {
    let duration = NtpDuration::from_seconds_f64(seconds);
    duration.map_or_else(|| format!("{seconds:e} s"), units::offset)
}

#[cfg(test)]
mod tests;
