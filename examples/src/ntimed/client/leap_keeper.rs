//! Leap seconds while the client runs: what is known is told, and what the kernel has to know is
//! handed to it.

use core::time::Duration;
use std::time::SystemTime;

use horolog_ntimed::{LeapVerdict, LeapVote};
use horolog_time::{LeapSign, UnixTime, UtcInstant};

use super::record::{KernelRecord, LeapRecord};
use super::run::{Run, cannot_write};
use super::system_clock::kernel_tai_utc;
use crate::cli::{self, Context, chain};
use crate::ntimed::{KernelLeap, LeapStatus, LeapWatch};

/// What the client knows of leap seconds, and what it told of them.
#[derive(Debug)]
pub(super) struct LeapKeeper {
    watch: LeapWatch,
    kernel: KernelLeap,
    /// Of the last answer with a quorum, if there was one.
    vote: Option<LeapVote>,
    status: Option<LeapStatus>,
    /// Why the kernel could not be told.
    refused: Option<String>,
    /// When to look again, since the start.
    next: Duration,
}

impl LeapKeeper {
    /// How often to look: a kernel takes a second to see a change.
    const PERIOD: Duration = Duration::from_secs(1);

    pub(super) fn new(watch: LeapWatch) -> Self {
        Self {
            watch,
            kernel: KernelLeap::default(),
            vote: None,
            status: None,
            refused: None,
            next: Duration::ZERO,
        }
    }

    /// What is known now.
    pub(super) const fn status(&self) -> Option<&LeapStatus> {
        self.status.as_ref()
    }

    /// Has the DNS asked at once.
    pub(super) fn handle_reload(&self) {
        self.watch.hurry();
    }

    /// The clock was stepped: what had expired may be good, and the kernel has forgotten.
    pub(super) fn handle_step(&mut self) {
        self.kernel.handle_step();
        self.watch.hurry();
    }

    /// The leap second of which the kernel was told, if that is what moved the clock.
    pub(super) fn explain(&mut self, jump: f64) -> Option<LeapSign> {
        let sign = self.kernel.explain(now(0.0)?, jump)?;
        self.kernel.handle_leap();
        Some(sign)
    }

    /// The leap second that a clock on paper has missed, which is so far ahead of the system's.
    fn take_missed(&mut self, ahead: f64) -> Option<LeapSign> {
        let sign = self.kernel.missed(now(ahead)?)?;
        self.kernel.handle_leap();
        Some(sign)
    }

    /// Whether it is so near to a leap second of the kernel's that replies say nothing; `ahead` as
    /// the clock on paper is.
    pub(super) fn is_near_leap(&self, ahead: f64) -> bool {
        now(ahead).is_some_and(|now| self.kernel.is_near_leap(now))
    }
}

/// What is done to the second.
pub(super) const fn done(sign: LeapSign) -> &'static str {
    match sign {
        LeapSign::Positive => "inserted",
        LeapSign::Negative => "removed",
    }
}

impl Run<'_, '_, '_> {
    /// Looks after leap seconds, once a second and while there is a quorum to do so with.
    pub(super) fn tend_leap(&mut self) -> Result<(), Context> {
        if self.leap.is_none() {
            self.mention_leap();
        }
        self.leap_on_paper()?;
        let elapsed = self.start.elapsed();
        let Some(keeper) = self.leap.as_mut().filter(|leap| leap.next <= elapsed) else {
            return Ok(());
        };
        keeper.next = elapsed + LeapKeeper::PERIOD;
        let ahead = self.discipline.clock().ahead_on_paper();
        let last = self.discipline.last();
        if let Some(answer) = last.filter(|answer| answer.offset.is_some()) {
            keeper.vote = Some(answer.leap);
        }
        let (Some(now), Some(vote)) = (now(ahead), keeper.vote) else {
            return Ok(());
        };
        let status = keeper.watch.status(now, vote);
        let known = keeper.status.as_ref();
        let is_new = known.is_none_or(|known| !known.says_the_same(&status));
        if is_new {
            if let Some(contradiction) = status.contradiction() {
                cli::note(format_args!("warning: {contradiction}"));
            }
            let elapsed = elapsed.as_secs_f64();
            let record = LeapRecord {
                elapsed,
                leap_seconds: &status,
            };
            self.report.leap(&record).map_err(cannot_write)?;
        }
        self.tell_kernel(now, &status)?;
        if let Some(keeper) = &mut self.leap {
            keeper.status = Some(status);
        }
        Ok(())
    }

    /// A clock on paper has no kernel that would insert or remove the second.
    fn leap_on_paper(&mut self) -> Result<(), Context> {
        let clock = self.discipline.clock();
        let (ahead, on_paper) = (clock.ahead_on_paper(), clock.is_on_paper());
        let keeper = self.leap.as_mut().filter(|_| on_paper);
        let Some(sign) = keeper.and_then(|keeper| keeper.take_missed(ahead)) else {
            return Ok(());
        };
        self.discipline.leap_on_paper(sign);
        let done = done(sign);
        self.begin_generation(format!("the kernel would have {done} a leap second"))
    }

    /// Warns once that the kernel does not hear of what servers announce.
    fn mention_leap(&mut self) {
        let announced = matches!(self.discipline.leap(), LeapVerdict::Announced(_));
        if announced && !self.leap_mentioned {
            self.leap_mentioned = true;
            cli::note(
                "warning: servers announce a leap second; without --leap-dns the kernel is not told",
            );
        }
    }

    /// Hands over what the kernel has to know, while the clock is known to be right.
    fn tell_kernel(&mut self, now: UtcInstant, status: &LeapStatus) -> Result<(), Context> {
        let Some(keeper) = self.leap.as_mut().filter(|_| self.discipline.is_good()) else {
            return Ok(());
        };
        let dry_run = self.discipline.clock().is_on_paper();
        loop {
            let tai_utc = kernel_tai_utc();
            let Some(order) = keeper.kernel.poll(now, status, tai_utc) else {
                return Ok(());
            };
            if let Err(error) = self.discipline.tell(order) {
                keeper.kernel.handle_refusal(order);
                let error = format!("cannot tell the kernel: {order}: {}", chain(&error));
                if keeper.refused.as_ref() != Some(&error) {
                    cli::note(format_args!("warning: {error}"));
                    keeper.refused = Some(error);
                }
                return Ok(());
            }
            let elapsed = self.start.elapsed().as_secs_f64();
            let record = KernelRecord::new(elapsed, order, dry_run);
            self.report.kernel(&record, order).map_err(cannot_write)?;
        }
    }
}

/// The time of the system's clock with so many seconds more.
fn now(added: f64) -> Option<UtcInstant> {
    let system = SystemTime::now();
    let length = Duration::try_from_secs_f64(added.abs()).ok()?;
    let time = if added < 0.0 {
        system.checked_sub(length)
    } else {
        system.checked_add(length)
    };
    UtcInstant::from_unix(UnixTime::try_from(time?).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_added_either_way() {
        let seconds = |added| now(added).unwrap().to_unix().seconds();
        let (early, late) = (seconds(-1e6), seconds(1e6));
        // It may be the next second already.
        assert!((2_000_000..2_000_010).contains(&(late - early)));
        assert_eq!(now(f64::NAN), None);
        assert_eq!(now(1e300), None);
    }
}
