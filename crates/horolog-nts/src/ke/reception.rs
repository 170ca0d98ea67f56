use alloc::vec::Vec;

use crate::{DecodeError, NextRecord, RecordReader};

/// Whether more octets are wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub enum KeProgress {
    /// The message is not over.
    NeedMore,
    /// The message is whole, or nothing can come of it any more.
    Done,
}

/// Collects the octets of one message, never more than the limit.
#[derive(Debug)]
pub(super) struct Reception {
    octets: Vec<u8>,
    reader: RecordReader,
    limit: usize,
    state: State,
}

/// What was received.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    /// No End of Message yet.
    Open,
    /// An End of Message, and so many octets behind it.
    Whole { trailing: usize },
    /// No more will come.
    Ended,
    /// The octets cannot be a message.
    Faulty(DecodeError),
}

impl Reception {
    pub(super) const fn new(limit: usize) -> Self {
        Self {
            octets: Vec::new(),
            reader: RecordReader::with_limit(limit),
            limit,
            state: State::Open,
        }
    }

    pub(super) fn handle_octets(&mut self, octets: &[u8]) -> KeProgress {
        match &mut self.state {
            State::Open => {}
            State::Whole { trailing } => {
                *trailing = trailing.saturating_add(octets.len());
                return KeProgress::Done;
            }
            State::Ended | State::Faulty(_) => return KeProgress::Done,
        }
        // At the limit the reader finds an end or an error.
        let room = self.limit.saturating_sub(self.octets.len());
        let (taken, left) = octets.split_at_checked(room).unwrap_or((octets, &[]));
        self.octets.extend_from_slice(taken);
        self.state = loop {
            match self.reader.next(&self.octets) {
                Ok(NextRecord::Record(_)) => {}
                Ok(NextRecord::NeedMore(_)) => return KeProgress::NeedMore,
                Ok(NextRecord::End) => {
                    let behind = self.octets.len().saturating_sub(self.reader.offset());
                    let trailing = behind.saturating_add(left.len());
                    break State::Whole { trailing };
                }
                Err(error) => break State::Faulty(error),
            }
        };
        self.octets.truncate(self.reader.offset());
        KeProgress::Done
    }

    pub(super) fn handle_end(&mut self) {
        if self.state == State::Open {
            self.state = State::Ended;
        }
    }

    /// What was received of the message: up to its end, or up to a record that is faulty.
    pub(super) fn octets(&self) -> &[u8] {
        &self.octets
    }

    pub(super) const fn state(&self) -> State {
        self.state
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;
    use proptest::prelude::*;

    fn received(limit: usize, portions: &[&[u8]]) -> Reception {
        let mut reception = Reception::new(limit);
        for portion in portions {
            let done = reception.handle_octets(portion) == KeProgress::Done;
            assert_eq!(done, reception.state() != State::Open);
        }
        reception
    }

    #[test]
    fn counts_what_stands_behind() {
        let message = hex!("80010002 0000 80000000");
        let reception = received(1024, &[&message, b"abc", b"", b"de"]);
        assert_eq!(reception.state(), State::Whole { trailing: 5 });
        assert_eq!(reception.octets(), message);
    }

    #[test]
    fn an_end_counts_while_something_is_missing() {
        let mut reception = received(1024, &[&[0x80]]);
        reception.handle_end();
        assert_eq!(reception.state(), State::Ended);
        assert_eq!(reception.handle_octets(&[0, 0, 0]), KeProgress::Done);
        assert_eq!(reception.octets(), [0x80]);

        let mut reception = received(1024, &[&hex!("80000000")]);
        reception.handle_end();
        assert_eq!(reception.state(), State::Whole { trailing: 0 });
    }

    #[test]
    fn never_keeps_more_than_the_limit() {
        let mut record = vec![0; 1024];
        record[..4].copy_from_slice(&hex!("4000 03f8")); // 1020 octets, and room for an end
        let message = [&record[..1020], &hex!("80000000")].concat();
        let whole = received(1024, &[&message, &[0; 10_000]]);
        assert_eq!(whole.state(), State::Whole { trailing: 10_000 });
        assert_eq!(whole.octets(), message);

        let short = received(1023, &[&message]);
        assert!(matches!(short.state(), State::Faulty(_)));
        assert_eq!(short.octets(), &message[..1020]);
        // The length of a record says it before its octets come.
        let early = received(1024, &[&hex!("40000400")]);
        assert!(matches!(early.state(), State::Faulty(_)));
        assert!(early.octets().is_empty());
    }

    proptest! {
        #[test]
        fn any_split_is_the_same(
            octets in proptest::collection::vec(prop_oneof![0..4_u8, any::<u8>()], 0..80),
            limit in 0..80_usize,
            splits in proptest::collection::vec(1..9_usize, 0..40),
        ) {
            let whole = received(limit, &[&octets]);
            let mut portions = Vec::new();
            let mut rest = &octets[..];
            for length in splits {
                let (portion, behind) = rest.split_at(length.min(rest.len()));
                portions.push(portion);
                rest = behind;
            }
            portions.push(rest);
            let portions = received(limit, &portions);
            prop_assert_eq!(portions.state(), whole.state());
            prop_assert_eq!(portions.octets(), whole.octets());
            prop_assert!(whole.octets().len() <= limit);
        }
    }
}
