use core::time::Duration;

use horolog_time::epoch::SECONDS_PER_DAY;
use horolog_time::{LeapSign, Month, TaiUtc, UnixTime, UtcInstant};

use super::{KernelOrder, LeapStatus};

/// What a kernel is to be told of leap seconds as time passes. It reads no clock and asks no kernel.
///
/// * A leap second is told on the last day of its month alone, since a kernel puts it at the end of
///   the day on which it hears of it, and taken back when it is over.
/// * It is told only by what [`LeapStatus::believed`] believes. While that is nothing, because what is
///   known has expired or is contradicted, the kernel keeps what it was told, but not beyond the month.
/// * The first thing told is that there is none, and so it is after a step of the clock: a kernel that
///   was told of one before may have done with it, and takes the same again only after a second
///   without.
/// * TAI-UTC is told where the kernel has another. The leap second itself changes it, by the kernel.
/// * Within three seconds of the end of any month nothing is told.
#[derive(Clone, Copy, Debug, Default)]
pub struct KernelLeap {
    told: Told,
    /// When a leap second may be told of.
    not_before: Option<UtcInstant>,
    tai_utc: Option<TaiUtc>,
    /// Whether the leap second that was told came.
    came: bool,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Told {
    /// Nothing, so that it may know anything.
    #[default]
    Nothing,
    /// Of a leap second, but the clock was stepped.
    Stepped,
    NoLeap,
    Leap(Month, LeapSign),
}

impl KernelLeap {
    /// Nothing is told so near to the end of a month.
    const MARGIN: u32 = 3;
    /// How long a kernel takes to see that there is no leap second, and to be ready for one.
    const PAUSE: Duration = Duration::from_secs(2);

    /// What to tell the kernel now; to be asked until there is nothing more, once a second at least.
    ///
    /// Call it only while the clock is known to be right to less than a second: a leap second that is
    /// told a little after the end of the day would be put at the end of the next. `kernel` is the
    /// kernel's TAI-UTC. What is answered counts as told; see [`handle_refusal`](Self::handle_refusal).
    pub fn poll(
        &mut self,
        now: UtcInstant,
        status: &LeapStatus,
        kernel: Option<TaiUtc>,
    ) -> Option<KernelOrder> {
        if Self::is_near_end_of_month(now) {
            return None;
        }
        self.poll_leap(now, status)
            .or_else(|| self.poll_tai_utc(status, kernel))
    }

    /// The clock was stepped.
    pub fn handle_step(&mut self) {
        if matches!(self.told, Told::Leap(..)) || self.not_before.is_some() {
            self.told = Told::Stepped;
            self.not_before = None;
        }
    }

    /// The kernel would not be told this. It will be tried again.
    pub fn handle_refusal(&mut self, order: KernelOrder) {
        match order {
            KernelOrder::NoLeap | KernelOrder::Leap(..) => self.told = Told::Stepped,
            KernelOrder::TaiUtc(_) => self.tai_utc = None,
        }
    }

    /// Whether a jump of the clock by so many seconds is the leap second that the kernel was told of.
    #[must_use]
    pub fn explain(&self, now: UtcInstant, jump: f64) -> Option<LeapSign> {
        /// What steering adds and reading takes.
        const ROOM: f64 = 0.1;
        let (Told::Leap(_, sign), true) = (self.told, self.is_near_leap(now)) else {
            return None;
        };
        let leap = f64::from(-sign.as_i32());
        ((jump - leap).abs() < ROOM).then_some(sign)
    }

    /// The leap second that the kernel was told of came.
    pub const fn handle_leap(&mut self) {
        self.came = true;
    }

    /// The leap second that the kernel was told of, where it should have come three seconds ago and
    /// did not: a kernel that is told on paper alone misses it.
    #[must_use]
    pub fn missed(&self, now: UtcInstant) -> Option<LeapSign> {
        match self.told {
            Told::Leap(of, sign) if !self.came => {
                let is_over = of != Month::from(now.date()) && !Self::is_near_end_of_month(now);
                is_over.then_some(sign)
            }
            _ => None,
        }
    }

    /// Whether it is within three seconds of the leap second that the kernel was told of.
    #[must_use]
    pub fn is_near_leap(&self, now: UtcInstant) -> bool {
        matches!(self.told, Told::Leap(..)) && Self::is_near_end_of_month(now)
    }

    fn poll_leap(&mut self, now: UtcInstant, status: &LeapStatus) -> Option<KernelOrder> {
        let month = Month::from(now.date());
        if self.not_before.is_some_and(|time| time <= now) {
            self.not_before = None;
        }
        // Whatever is known now: what was told holds no longer.
        let is_over = matches!(self.told, Told::Leap(of, _) if of != month);
        if is_over || self.told == Told::Stepped {
            return Some(self.tell_no_leap(now));
        }
        match (status.believed()?.today, self.told) {
            (Some(sign), Told::Leap(_, told)) if sign == told => None,
            (None, Told::NoLeap) => None,
            (Some(sign), Told::NoLeap) => {
                if self.not_before.is_some() {
                    return None;
                }
                self.told = Told::Leap(month, sign);
                self.came = false;
                Some(KernelOrder::Leap(month, sign))
            }
            _ => Some(self.tell_no_leap(now)),
        }
    }

    fn tell_no_leap(&mut self, now: UtcInstant) -> KernelOrder {
        self.told = Told::NoLeap;
        self.not_before = later(now, Self::PAUSE);
        KernelOrder::NoLeap
    }

    fn poll_tai_utc(&mut self, status: &LeapStatus, kernel: Option<TaiUtc>) -> Option<KernelOrder> {
        let known = status.tai_utc()?;
        let told = self.tai_utc.replace(known);
        // Somebody else may have changed it, and may have a reason.
        let needs_it = kernel != Some(known) && told != Some(known);
        needs_it.then_some(KernelOrder::TaiUtc(known))
    }

    fn is_near_end_of_month(now: UtcInstant) -> bool {
        let (date, second) = (now.date(), now.second_of_day());
        (date.is_last_of_month() && second >= SECONDS_PER_DAY - Self::MARGIN)
            || (date.day() == 1 && second < Self::MARGIN)
    }
}

fn later(now: UtcInstant, by: Duration) -> Option<UtcInstant> {
    let unix = now.to_unix();
    let seconds = i64::try_from(by.as_secs()).ok()?;
    let then = UnixTime::new(unix.seconds().checked_add(seconds)?, unix.nanoseconds()).ok()?;
    UtcInstant::from_unix(then).ok()
}

#[cfg(test)]
mod tests;
