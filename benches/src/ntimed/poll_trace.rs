use std::fmt::Write as _;
use std::io::{self, Read};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// A poller's trace that is made while it is read, of any length.
///
/// Five servers, each asked every 64 s; the poller's clock is 3 ms ahead.
#[derive(Debug)]
pub struct PollTrace {
    polls: u32,
    frequency: f64,
    done: u32,
    random: StdRng,
    text: String,
    read: usize,
}

const SERVERS: u32 = 5;

/// Between two polls, in nanoseconds.
const INTERVAL: u64 = 12_800_000_000;

impl PollTrace {
    /// A trace of so many polls, always the same, by a clock that gains so much a second.
    #[must_use]
    pub fn new(polls: u32, frequency: f64) -> Self {
        let mut text = format!("# NTIMED Format poll-server 1.0\n# Found {SERVERS} peers\n");
        for server in 1..=SERVERS {
            writeln!(text, "# Peer s{server} 192.0.2.{server}").expect("a String takes all");
        }
        Self {
            polls,
            frequency,
            done: 0,
            random: StdRng::seed_from_u64(2),
            text,
            read: 0,
        }
    }

    /// The lines of the next poll, instead of those before.
    fn write_poll(&mut self) {
        let server = self.done % SERVERS + 1;
        let elapsed = u64::from(self.done) * INTERVAL;
        self.done += 1;
        let ahead = 0.003 + self.frequency * 12.8 * f64::from(self.done);
        // What queues add has a mean of 0.2 ms.
        let mut queue = || -0.0002 * (1.0 - self.random.random::<f64>()).ln();
        let mut way = || 0.002 * f64::from(server) + queue();
        let (there, back) = (way() - ahead, way() + ahead);
        let reference = -ahead - self.random.random_range(1.0..64.0);
        let sent = 1_416_000_000_250_000_000 + elapsed + self.random.random_range(0..1_000_000);
        let [seconds, nanoseconds] = [sent / 1_000_000_000, sent % 1_000_000_000];
        let now = nanoseconds + 30_000_000;
        self.text.clear();
        self.read = 0;
        write!(
            self.text,
            "Now {seconds}.{now:09}\nPoll s{server} 192.0.2.{server} [0 4 4   {server}   6  -20 \
             0.001500000 0.001500000 0x7f7f010{server} {reference:.9} {seconds}.{nanoseconds:09} \
             {there:.9} 0.000031948 {back:.9}]\n",
        )
        .expect("a String takes all");
    }
}

impl Read for PollTrace {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.text.len() && self.done < self.polls {
            self.write_poll();
        }
        let mut rest = &self.text.as_bytes()[self.read..];
        let read = rest.read(buffer)?;
        self.read += read;
        Ok(read)
    }
}
