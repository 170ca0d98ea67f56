use crate::{Trace, TraceError};

/// The lines of a trace that is in memory.
///
/// A file of any length is read line by line with [`Trace::decode`].
///
/// # Examples
///
/// ```
/// use horolog_ntimed::{Trace, TraceReader};
///
/// let text = "# Found 1 peers\n# Peer a 192.0.2.1\r\nNow 1.5\n";
/// let mut lines = TraceReader::new(text);
/// assert_eq!(lines.next(), Some(Ok(Trace::Found { peers: 1 })));
/// assert!(matches!(lines.next(), Some(Ok(Trace::Peer(peer))) if peer.host == "a"));
/// let error = lines.next().unwrap().unwrap_err();
/// assert_eq!((error.line, error.column), (3, 5));
/// assert_eq!(lines.next(), None);
/// ```
#[derive(Clone, Debug)]
pub struct TraceReader<'a> {
    lines: core::str::Lines<'a>,
    number: u64,
}

impl<'a> TraceReader<'a> {
    /// Takes a text; lines end with LF or CR LF.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self {
            lines: text.lines(),
            number: 0,
        }
    }
}

/// Goes on behind a line that cannot be read.
impl<'a> Iterator for TraceReader<'a> {
    type Item = Result<Trace<'a>, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.lines.next()?;
        self.number += 1;
        Some(Trace::decode(line, self.number))
    }
}
