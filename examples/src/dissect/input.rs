use std::io::{self, Read};

/// Octets of a reader, as many as are asked for and no more.
#[derive(Debug)]
pub(super) struct Input<R> {
    reader: R,
    buffer: Vec<u8>,
    /// Octets of the buffer that are used up.
    start: usize,
    /// Octets of the buffer that were read.
    end: usize,
    /// Octets of the reader before `start`.
    offset: u64,
}

/// Octets read at once.
const CHUNK: usize = 64 * 1024;

impl<R: Read> Input<R> {
    pub(super) const fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            offset: 0,
        }
    }

    /// What was read and is not used up.
    pub(super) fn data(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Where [`data`](Self::data) starts.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// Uses up octets.
    pub(super) fn consume(&mut self, octets: usize) {
        let octets = octets.min(self.data().len());
        self.start += octets;
        self.offset += octets as u64;
    }

    /// Reads what there is; `false` at the end.
    pub(super) fn fill(&mut self) -> io::Result<bool> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.buffer.len() - self.end < CHUNK {
            self.buffer.resize(self.end + CHUNK, 0);
        }
        loop {
            let place = self.buffer.get_mut(self.end..).unwrap_or_default();
            match self.reader.read(place) {
                Ok(read) => {
                    self.end += read;
                    return Ok(read > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
