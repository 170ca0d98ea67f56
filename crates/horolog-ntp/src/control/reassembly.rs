use alloc::vec::Vec;
use core::ops::Range;

use thiserror::Error;

use super::{ControlMessage, ErrorStatus, OpCode};

/// Puts the parts of an answer together, in whatever order they come.
///
/// The last part is the one without the `more` bit; the answer is there once it is, and all octets
/// before it. Parts that come twice do no harm. What is kept is bounded by
/// [`with_limit`](Self::with_limit) and [`MAX_FRAGMENTS`](Self::MAX_FRAGMENTS).
///
/// # Examples
///
/// ```
/// use horolog_ntp::control::{ControlMessage, Reassembly};
///
/// let request = ControlMessage::read_variables(7, ControlMessage::SYSTEM);
/// let part = |offset, data, more| ControlMessage { response: true, offset, data, more, ..request };
///
/// let mut answer = Reassembly::new(&request);
/// assert!(!answer.insert(&part(9, b" leap=0", false))?);
/// assert_eq!(answer.missing(), Some(0..9));
/// assert!(answer.insert(&part(0, b"stratum=2", true))?);
/// assert_eq!(answer.data(), Some(&b"stratum=2 leap=0"[..]));
/// # Ok::<(), horolog_ntp::control::ReassemblyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reassembly {
    opcode: OpCode,
    sequence: u16,
    association: u16,
    limit: usize,
    fragments: usize,
    status: Option<u16>,
    /// The data; what lies in a gap is zero.
    data: Vec<u8>,
    /// Which octets of the data are there, in order, with gaps between them.
    present: Vec<Range<usize>>,
    /// Where the last part ends, once it came.
    end: Option<usize>,
}

/// Why a part does not fit into an answer.
///
/// The answer stays as it was before.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ReassemblyError {
    /// The message does not answer the request; waiting goes on.
    #[error("the message does not answer this request")]
    Foreign,
    /// The server refused the request.
    #[error("the server refused the request: {0}")]
    Refused(ErrorStatus),
    /// A part has other octets where there are some already.
    #[error("octets at offset {offset} differ from those that came before")]
    Overlap {
        /// The first octet that differs.
        offset: usize,
    },
    /// A part reaches beyond the last one, or there are two last ones.
    #[error("a part that ends at offset {end} contradicts where the answer ends")]
    End {
        /// Where the part ends.
        end: usize,
    },
    /// The answer is longer than it may be.
    #[error("a part ends at offset {end}, the limit is {limit}")]
    TooLong {
        /// Where the part ends.
        end: usize,
        /// The most octets that there may be.
        limit: usize,
    },
    /// The answer comes in too many parts.
    #[error("more than {max} parts", max = Reassembly::MAX_FRAGMENTS)]
    TooManyFragments,
}

impl Reassembly {
    /// The most octets of an answer, unless said otherwise: 64 KiB. An offset has 16 bits, so at
    /// most 467 octets more could be told of.
    pub const DEFAULT_LIMIT: usize = 65_536;

    /// The most parts of an answer, counting those that come twice. 64 KiB in full parts are 141;
    /// servers send no more than 128 of them for a request.
    pub const MAX_FRAGMENTS: usize = 256;

    /// Starts with nothing of the answer to `request`.
    #[must_use]
    pub const fn new(request: &ControlMessage<'_>) -> Self {
        Self {
            opcode: request.opcode,
            sequence: request.sequence,
            association: request.association,
            limit: Self::DEFAULT_LIMIT,
            fragments: 0,
            status: None,
            data: Vec::new(),
            present: Vec::new(),
            end: None,
        }
    }

    /// Takes no more than so many octets.
    #[must_use]
    pub const fn with_limit(mut self, octets: usize) -> Self {
        self.limit = octets;
        self
    }

    /// Takes a part and says whether the answer is whole now.
    ///
    /// # Errors
    ///
    /// * [`ReassemblyError::Foreign`] for a request, or for other numbers than the request's.
    /// * [`ReassemblyError::Refused`] for an answer with the error bit.
    /// * [`ReassemblyError::TooManyFragments`] and [`ReassemblyError::TooLong`] at the bounds.
    /// * [`ReassemblyError::End`] and [`ReassemblyError::Overlap`] where parts contradict each
    ///   other.
    pub fn insert(&mut self, message: &ControlMessage<'_>) -> Result<bool, ReassemblyError> {
        self.check(message)?;
        let start = usize::from(message.offset);
        let end = start + message.data.len();
        self.check_end(end, message.more)?;
        self.check_overlap(start, message.data)?;
        self.fragments += 1;
        self.status.get_or_insert(message.status);
        if !message.more {
            self.end = Some(end);
        }
        if self.data.len() < end {
            self.data.resize(end, 0);
        }
        if let Some(place) = self.data.get_mut(start..end) {
            place.copy_from_slice(message.data);
        }
        self.mark(start..end);
        Ok(self.is_complete())
    }

    /// Whether the whole answer is there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.end.is_some() && self.missing().is_none()
    }

    /// The whole answer, once it is there.
    #[must_use]
    pub fn data(&self) -> Option<&[u8]> {
        self.is_complete().then_some(&self.data)
    }

    /// The whole answer.
    ///
    /// # Errors
    ///
    /// Gives itself back where it is not there yet.
    pub fn into_data(self) -> Result<Vec<u8>, Self> {
        if self.is_complete() {
            Ok(self.data)
        } else {
            Err(self)
        }
    }

    /// The status word of the part that came first.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        self.status
    }

    /// The first octets that are missing before others that are there, or before the end once it is
    /// known. `None` tells nothing of whether more is to come behind.
    #[must_use]
    pub fn missing(&self) -> Option<Range<usize>> {
        let known = self.data.len();
        let (start, next) = match self.present.as_slice() {
            [] => (0, known),
            [first, ..] if first.start > 0 => (0, first.start),
            [first] => (first.end, known),
            [first, second, ..] => (first.end, second.start),
        };
        (start < next).then_some(start..next)
    }

    fn check(&self, message: &ControlMessage<'_>) -> Result<(), ReassemblyError> {
        let is_answer = message.response
            && message.opcode == self.opcode
            && message.sequence == self.sequence
            && message.association == self.association;
        if !is_answer {
            return Err(ReassemblyError::Foreign);
        }
        if message.error {
            let status = ErrorStatus::from_bits(message.status);
            return Err(ReassemblyError::Refused(status));
        }
        if self.fragments == Self::MAX_FRAGMENTS {
            return Err(ReassemblyError::TooManyFragments);
        }
        Ok(())
    }

    fn check_end(&self, end: usize, more: bool) -> Result<(), ReassemblyError> {
        if end > self.limit {
            let limit = self.limit;
            return Err(ReassemblyError::TooLong { end, limit });
        }
        let fits = match self.end {
            Some(last) if more => end <= last,
            Some(last) => end == last,
            None => more || end >= self.data.len(),
        };
        fits.then_some(()).ok_or(ReassemblyError::End { end })
    }

    fn check_overlap(&self, start: usize, part: &[u8]) -> Result<(), ReassemblyError> {
        let end = start + part.len();
        for present in &self.present {
            let common = present.start.max(start)..present.end.min(end);
            let old = self.data.get(common.clone()).unwrap_or_default();
            let new = part.get(common.start - start..).unwrap_or_default();
            if let Some(place) = old.iter().zip(new).position(|(old, new)| old != new) {
                let offset = common.start + place;
                return Err(ReassemblyError::Overlap { offset });
            }
        }
        Ok(())
    }

    /// Notes octets as present, joining what they touch.
    fn mark(&mut self, mut new: Range<usize>) {
        if new.is_empty() {
            return;
        }
        self.present.retain(|old| {
            let apart = old.end < new.start || new.end < old.start;
            if !apart {
                new = old.start.min(new.start)..old.end.max(new.end);
            }
            apart
        });
        let place = self.present.partition_point(|old| old.start < new.start);
        self.present.insert(place, new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REQUEST: ControlMessage<'static> = ControlMessage::read_variables(7, 9);

    fn part(offset: u16, data: &[u8], more: bool) -> ControlMessage<'_> {
        ControlMessage {
            response: true,
            offset,
            data,
            more,
            ..REQUEST
        }
    }

    #[test]
    fn rejects_messages_that_do_not_answer() {
        let mut answer = Reassembly::new(&REQUEST);
        let fits = part(0, b"", false);
        for message in [
            REQUEST,
            ControlMessage {
                sequence: 8,
                ..fits
            },
            ControlMessage {
                association: 0,
                ..fits
            },
            ControlMessage {
                opcode: OpCode::READ_STATUS,
                ..fits
            },
        ] {
            assert_eq!(answer.insert(&message), Err(ReassemblyError::Foreign));
        }
        assert_eq!(answer.insert(&fits), Ok(true));
        assert_eq!(answer.data(), Some(&[][..]));
    }

    #[test]
    fn rejects_a_refusal_with_its_reason() {
        let refusal = ControlMessage {
            error: true,
            status: 0x0500,
            ..part(0, b"", false)
        };
        let error = Reassembly::new(&REQUEST).insert(&refusal).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the server refused the request: unknown variable name"
        );
    }

    #[test]
    fn duplicates_and_equal_overlaps_do_no_harm() {
        let mut answer = Reassembly::new(&REQUEST);
        assert_eq!(answer.insert(&part(4, b"efgh", true)), Ok(false));
        assert_eq!(answer.insert(&part(4, b"efgh", true)), Ok(false));
        assert_eq!(answer.insert(&part(2, b"cdef", true)), Ok(false));
        assert_eq!(answer.missing(), Some(0..2));
        assert_eq!(answer.insert(&part(8, b"", false)), Ok(false));
        assert_eq!(answer.data(), None);
        let mut answer = answer.into_data().unwrap_err();
        assert_eq!(answer.insert(&part(0, b"abc", true)), Ok(true));
        assert_eq!(answer.into_data().unwrap(), b"abcdefgh");
    }

    #[test]
    fn a_last_part_without_octets_does_not_hide_a_gap() {
        let mut answer = Reassembly::new(&REQUEST);
        assert_eq!(answer.insert(&part(8, b"", false)), Ok(false));
        assert_eq!(answer.insert(&part(0, b"abcd", true)), Ok(false));
        assert_eq!(answer.missing(), Some(4..8));
        assert_eq!(answer.insert(&part(4, b"efgh", true)), Ok(true));
    }

    #[test]
    fn rejects_overlaps_with_other_octets_and_stays_as_it_was() {
        let mut answer = Reassembly::new(&REQUEST);
        answer.insert(&part(0, b"abcd", true)).unwrap();
        assert_eq!(
            answer.insert(&part(2, b"cXef", false)),
            Err(ReassemblyError::Overlap { offset: 3 })
        );
        assert_eq!(answer.insert(&part(2, b"cdef", false)), Ok(true));
        assert_eq!(answer.data(), Some(&b"abcdef"[..]));
    }

    #[test]
    fn rejects_ends_that_contradict_each_other() {
        let mut answer = Reassembly::new(&REQUEST);
        answer.insert(&part(4, b"efgh", true)).unwrap();
        assert_eq!(
            answer.insert(&part(0, b"abcd", false)),
            Err(ReassemblyError::End { end: 4 })
        );
        answer.insert(&part(8, b"ij", false)).unwrap();
        for message in [part(8, b"ijk", true), part(8, b"i", false)] {
            assert!(matches!(
                answer.insert(&message),
                Err(ReassemblyError::End { .. })
            ));
        }
    }

    #[test]
    fn rejects_what_is_beyond_the_limits() {
        let mut answer = Reassembly::new(&REQUEST).with_limit(8);
        assert_eq!(
            answer.insert(&part(5, b"fghi", false)),
            Err(ReassemblyError::TooLong { end: 9, limit: 8 })
        );
        for _ in 0..Reassembly::MAX_FRAGMENTS {
            answer.insert(&part(1, b"b", true)).unwrap();
        }
        let error = answer.insert(&part(0, b"a", true)).unwrap_err();
        assert_eq!(error.to_string(), "more than 256 parts");
    }

    proptest! {
        #[test]
        fn any_cut_and_order_gives_the_whole(
            data in proptest::collection::vec(any::<u8>(), 1..250),
            lengths in proptest::collection::vec(1..60_usize, 1..40),
            order: u64,
        ) {
            let mut parts = Vec::new();
            let mut start = 0;
            for length in lengths.iter().cycle() {
                let end = (start + length).min(data.len());
                parts.push((start, end));
                start = end;
                if start == data.len() {
                    break;
                }
            }
            let key = |start: usize| u64::try_from(start).unwrap().wrapping_add(1).wrapping_mul(order | 1).rotate_left(17);
            parts.sort_by_key(|&(start, _)| key(start));
            let mut answer = Reassembly::new(&REQUEST);
            for (number, &(start, end)) in parts.iter().enumerate() {
                let message = part(u16::try_from(start).unwrap(), &data[start..end], end < data.len());
                prop_assert_eq!(answer.insert(&message), Ok(number + 1 == parts.len()));
                prop_assert_eq!(answer.missing().is_none() && answer.end.is_some(), number + 1 == parts.len());
            }
            prop_assert_eq!(answer.into_data().unwrap(), data);
        }
    }
}
