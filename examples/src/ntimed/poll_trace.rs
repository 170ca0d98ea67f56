use core::fmt;
use std::io::{self, Write};
use std::time::SystemTime;

use horolog_ntimed::{Trace, TracePacket, TracePeer};
use horolog_time::UnixTime;

/// Writes a poller's trace; each line is out as soon as it is known.
pub(super) struct PollTrace<W> {
    out: W,
    last: Option<UnixTime>,
}

impl<W: Write> PollTrace<W> {
    pub(super) const fn new(out: W) -> Self {
        Self { out, last: None }
    }

    /// Writes the lines that come first.
    pub(super) fn head<'a>(
        &mut self,
        peers: impl ExactSizeIterator<Item = TracePeer<'a>>,
    ) -> io::Result<()> {
        let count = u32::try_from(peers.len()).unwrap_or(u32::MAX);
        writeln!(
            self.out,
            "{}\n{}",
            Trace::Format,
            Trace::Found { peers: count }
        )?;
        for peer in peers {
            self.peer(peer)?;
        }
        self.out.flush()
    }

    /// Names a server.
    pub(super) fn peer(&mut self, peer: TracePeer<'_>) -> io::Result<()> {
        writeln!(self.out, "{}", Trace::Peer(peer))
    }

    /// Writes what came of a poll: the time, and the reply if there is one.
    pub(super) fn poll(&mut self, reply: Option<(TracePeer<'_>, TracePacket)>) -> io::Result<()> {
        let now = UnixTime::try_from(SystemTime::now()).unwrap_or(UnixTime::EPOCH);
        // A reader's time does not go back, even where the clock was stepped.
        let time = self.last.map_or(now, |last| last.max(now));
        self.last = Some(time);
        writeln!(self.out, "{}", Trace::Now { time, task: None })?;
        if let Some((peer, packet)) = reply {
            writeln!(self.out, "{}", Trace::Poll { peer, packet })?;
        }
        self.out.flush()
    }
}

impl<W> fmt::Debug for PollTrace<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PollTrace")
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}
