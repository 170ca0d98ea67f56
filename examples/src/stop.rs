//! SIGINT, SIGTERM and SIGHUP as things to look at between two steps of work.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Instant;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::{flag, iterator};

/// What signals have asked for. Clones see the same.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    stop: Arc<AtomicBool>,
    reload: Arc<AtomicBool>,
}

impl Signals {
    /// How long a stop may go unseen.
    pub const STEP: Duration = Duration::from_millis(50);

    /// How long a further signal counts as the same: `timeout` sends its own to the program and to
    /// the group that it is in.
    const SAME: Duration = Duration::from_millis(500);

    /// Listens to SIGINT and SIGTERM. A second one ends the program at once, unless it comes within
    /// half a second.
    ///
    /// # Errors
    ///
    /// Where the system refuses.
    pub fn listen() -> io::Result<Self> {
        let signals = Self::default();
        let is_second = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(signal, 1, Arc::clone(&is_second))?;
            flag::register(signal, Arc::clone(&signals.stop))?;
        }
        let mut first = iterator::Signals::new([SIGINT, SIGTERM])?;
        std::thread::spawn(move || {
            if first.forever().next().is_some() {
                std::thread::sleep(Self::SAME);
                is_second.store(true, Ordering::Relaxed);
            }
        });
        Ok(signals)
    }

    /// Listens to SIGHUP too.
    ///
    /// # Errors
    ///
    /// Where the system refuses.
    pub fn and_reload(self) -> io::Result<Self> {
        flag::register(SIGHUP, Arc::clone(&self.reload))?;
        Ok(self)
    }

    /// Whether the program should end.
    #[must_use]
    pub fn should_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Asks the program to end, as a signal would.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether files should be read again; asks once for each signal.
    #[must_use]
    pub fn take_reload(&self) -> bool {
        self.reload.swap(false, Ordering::Relaxed)
    }

    /// Does something that waits where no signal reaches it, in a thread of its own. Gives nothing
    /// where a stop comes first; the thread is left alone then, until the program ends.
    pub fn unless_stopped<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = mpsc::channel();
        // Nobody may be there any more to take it.
        std::thread::spawn(move || drop(sender.send(work())));
        while !self.should_stop() {
            match receiver.recv_timeout(Self::STEP) {
                Ok(result) => return Some(result),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        None
    }

    /// Sleeps until a time or a stop, whichever is first.
    pub fn sleep_until(&self, end: Instant) {
        while !self.should_stop() {
            match end.checked_duration_since(Instant::now()) {
                Some(rest) if !rest.is_zero() => std::thread::sleep(rest.min(Self::STEP)),
                _ => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_that_comes_twice_at_once_is_one() {
        let signals = Signals::listen().unwrap();
        assert!(!signals.should_stop());
        // Where the second counted, this process would be gone.
        for _ in 0..2 {
            signal_hook::low_level::raise(SIGINT).unwrap();
        }
        assert!(signals.should_stop());
    }

    #[test]
    fn work_is_left_alone_when_a_stop_comes() {
        let signals = Signals::default();
        assert_eq!(signals.unless_stopped(|| 7), Some(7));
        let (sender, receiver) = mpsc::channel::<()>();
        let clone = signals.clone();
        let stopped = signals.unless_stopped(move || {
            clone.stop();
            receiver.recv()
        });
        assert!(stopped.is_none());
        drop(sender);
    }
}
