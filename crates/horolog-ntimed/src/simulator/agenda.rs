use alloc::collections::VecDeque;

use horolog_time::NtpDate;

use super::Bump;

/// What a simulator is to do, by time; of what is planned for one time the first comes first.
#[derive(Clone, Debug)]
pub(super) struct Agenda(VecDeque<(NtpDate, Task)>);

/// Something to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Task {
    /// The kernel's work of each second.
    Tick,
    /// A bump.
    Bump(Bump),
    /// Going on with the trace.
    Readline,
}

impl Task {
    /// What the original calls it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Tick => "SIMPLL",
            Self::Bump(_) => "BUMP",
            Self::Readline => "Readline",
        }
    }
}

impl Agenda {
    /// The kernel's first tick, and nothing else.
    pub(super) fn new(start: NtpDate) -> Self {
        Self([(start, Task::Tick)].into())
    }

    pub(super) fn add(&mut self, time: NtpDate, task: Task) {
        let at = self.0.partition_point(|(earlier, _)| *earlier <= time);
        self.0.insert(at, (time, task));
    }

    /// Takes out what comes next.
    pub(super) fn take(&mut self) -> Option<(NtpDate, Task)> {
        self.0.pop_front()
    }
}
