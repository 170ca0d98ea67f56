//! What a client does with a reply that tells time.

use core::net::SocketAddr;
use core::sync::atomic::Ordering;

use horolog_ntimed::{Answer, Evaluation, SourceId, TracePacket, TracePeer};
use horolog_ntp::Measurement;

use super::record::{SummaryRecord, UpdateRecord};
use super::run::{Run, cannot_steer, cannot_trace, cannot_write};
use super::server::Server;
use crate::cli::Context;
use crate::ntimed::answer_record::AnswerRecord;
use crate::ntimed::packet::packet;
use crate::ntimed::steering_record::SteeringRecord;

impl Run<'_, '_, '_> {
    /// Evaluates a reply whose request was sent in this generation, steers by it and tells of it.
    pub(super) fn handle_sample(
        &mut self,
        key: u64,
        address: SocketAddr,
        generation: u64,
        measurement: &Measurement,
    ) -> Result<(), Context> {
        let now = self.crew.generation.load(Ordering::SeqCst);
        let Some(server) = self.fleet.by_key(key) else {
            return Ok(());
        };
        let (Some(source), Some(packet)) = (server.source(), packet(measurement)) else {
            return Ok(());
        };
        self.replies += 1;
        if generation != now {
            // The clock was stepped since the request was sent.
            return Ok(());
        }
        let ahead = self.discipline.clock().ahead_on_paper();
        let leap = self.leap.as_ref();
        if leap.is_some_and(|leap| leap.is_near_leap(ahead)) {
            // Not all make it at the same time.
            return Ok(());
        }
        server.distance = 0.5 * packet.root_delay + packet.root_dispersion;
        server.handle_relief();
        let name = server.name.to_string();
        self.write_trace(&name, address, packet)?;
        let evaluated = self.discipline.handle_packet(source, &packet);
        let Some(evaluation) = evaluated.map_err(cannot_steer)? else {
            return Ok(());
        };
        let distance = self.distance(&evaluation.answer);
        let marked = self.discipline.mark(&evaluation, distance);
        marked.map_err(cannot_steer)?;
        let measured = 0.5 * (packet.back - packet.there);
        let record = self.record((name, address, measured), &evaluation);
        self.report.update(&record).map_err(cannot_write)?;
        match record.steering.step {
            Some(_) => self.handle_step(),
            None => Ok(()),
        }
    }

    /// The clock was stepped by us.
    fn handle_step(&mut self) -> Result<(), Context> {
        if !self.discipline.clock().is_on_paper() {
            self.watch.forget();
        }
        if let Some(leap) = &mut self.leap {
            leap.handle_step();
        }
        self.begin_generation("the clock was stepped".to_owned())
    }

    fn write_trace(
        &mut self,
        host: &str,
        address: SocketAddr,
        packet: TracePacket,
    ) -> Result<(), Context> {
        let Some(trace) = &mut self.trace else {
            return Ok(());
        };
        let address = address.ip().to_string();
        let address = &address;
        let packet = self.discipline.unsteered(packet);
        let written = trace.poll(Some((TracePeer { host, address }, packet)));
        written.map_err(cannot_trace)
    }

    /// How far those that agree may be off themselves, the worst of them.
    fn distance(&self, answer: &Answer) -> f64 {
        let rejected = |server: &&Server| {
            let source = server.source();
            answer.rejected.iter().any(|(id, _)| Some(*id) == source)
        };
        let servers = self.fleet.servers().iter();
        let agree = servers.filter(|server| !rejected(server));
        agree.fold(0.0, |most, server| server.distance.max(most))
    }

    fn record(
        &self,
        (name, address, measured): (String, SocketAddr, f64),
        evaluation: &Evaluation,
    ) -> UpdateRecord {
        let answer = &evaluation.answer;
        let clock = self.discipline.clock();
        let name_of = |source: SourceId| {
            let server = self.fleet.by_source(source);
            server.map_or_else(String::new, |server| server.name.to_string())
        };
        UpdateRecord {
            elapsed: self.start.elapsed().as_secs_f64(),
            server: name,
            address: address.ip().to_string(),
            port: address.port(),
            measured,
            answer: AnswerRecord::new(answer, self.discipline.leap(), name_of),
            generation: self.crew.generation.load(Ordering::SeqCst),
            steering: SteeringRecord::new(evaluation.pll.as_ref(), answer.offset.is_some()),
            frequency: clock.frequency(),
            dry_run: clock.is_on_paper(),
        }
    }

    /// What it has come to.
    pub(super) fn summary(&self) -> SummaryRecord {
        let clock = self.discipline.clock();
        let last = self.discipline.last();
        let quorum = last.map(|answer| answer.quorum).unwrap_or_default();
        let (steps, stepped) = clock.steps();
        SummaryRecord {
            summary: true,
            elapsed: self.start.elapsed().as_secs_f64(),
            polls: self.polls,
            replies: self.replies,
            offset: last.and_then(|answer| answer.offset),
            bounds: last.and_then(|answer| answer.bounds),
            agreeing: quorum.agreeing,
            voters: quorum.voters,
            generation: self.crew.generation.load(Ordering::SeqCst),
            steps,
            stepped,
            frequency: clock.frequency(),
            dry_run: clock.is_on_paper(),
            leap_seconds: self.leap.as_ref().and_then(|leap| leap.status().cloned()),
        }
    }
}
