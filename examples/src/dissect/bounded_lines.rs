use std::io::{self, BufRead, Read as _};

/// Lines of a reader, one in memory, none of them longer than a limit.
#[derive(Debug)]
pub(super) struct BoundedLines<R> {
    reader: R,
    limit: u64,
    line: Vec<u8>,
    number: u64,
}

/// What a step of reading gives.
pub(super) enum Line<'a> {
    /// A line, with its end.
    Whole(&'a [u8]),
    /// A line that is longer than the limit; nothing behind it can be read.
    TooLong,
}

impl<R: BufRead> BoundedLines<R> {
    /// Starts with the first line; none must have `limit` octets.
    pub(super) const fn new(reader: R, limit: u64) -> Self {
        Self {
            reader,
            limit,
            line: Vec::new(),
            number: 0,
        }
    }

    /// The number of the line that was read last, from 1.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    /// The next line; `None` at the end.
    pub(super) fn read(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let mut limited = self.reader.by_ref().take(self.limit);
        if limited.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let is_cut = !self.line.ends_with(b"\n") && limited.limit() == 0;
        Ok(Some(if is_cut {
            Line::TooLong
        } else {
            Line::Whole(&self.line)
        }))
    }
}
