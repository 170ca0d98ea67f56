//! What the lines of a list say together.

use horolog_time::{LeapTable, UtcInstant};
use sha1::{Digest, Sha1};

use super::grammar::{Line, Number, instant};
use crate::fault::Fault;
use crate::steps::{At, StepReader, Wording};
use crate::{HashRule, HashState, LeapListError, ListHash};

pub(super) const START: &str = "the start of the list, 2272060800 10";

/// What the lines have said so far.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    sha1: Sha1,
    updated: Option<UtcInstant>,
    expires: Option<At<'a, UtcInstant>>,
    hash: Option<ListHash>,
    steps: StepReader<'a>,
}

impl<'a> Reader<'a> {
    pub(super) fn new() -> Self {
        Self {
            sha1: Sha1::default(),
            updated: None,
            expires: None,
            hash: None,
            steps: StepReader::new(Wording {
                start: START,
                first_of_month: "the first second of a month",
            }),
        }
    }

    /// Takes one line.
    #[inline]
    pub(super) fn take(&mut self, line: Line<'a>) -> Result<(), Fault<'a>> {
        match line {
            Line::Comment { .. } | Line::Blank => Ok(()),
            Line::Updated(second) => self.take_updated(second),
            Line::Expires(second) => self.take_expires(second),
            Line::Hash { at, hash } => self.take_hash(at, hash),
            Line::Data { second, tai_utc } => self.take_data(second, tai_utc),
        }
    }

    fn take_updated(&mut self, second: Number<'a>) -> Result<(), Fault<'a>> {
        if self.updated.replace(instant(second)?.value).is_some() {
            return Err(second.expected("one time of the last update, not a second"));
        }
        self.sha1.update(second.digits);
        Ok(())
    }

    fn take_expires(&mut self, second: Number<'a>) -> Result<(), Fault<'a>> {
        if self.expires.replace(instant(second)?).is_some() {
            return Err(second.expected("one expiry, not a second"));
        }
        self.sha1.update(second.digits);
        Ok(())
    }

    fn take_hash(&mut self, at: &'a [u8], hash: ListHash) -> Result<(), Fault<'a>> {
        if self.hash.replace(hash).is_some() {
            let expected = "one hash, not a second";
            return Err(Fault { at, expected });
        }
        Ok(())
    }

    fn take_data(&mut self, second: Number<'a>, tai_utc: Number<'a>) -> Result<(), Fault<'a>> {
        let seconds = At {
            at: tai_utc.at,
            value: tai_utc.value.try_into().ok(),
        };
        self.steps.take(instant(second)?, seconds)?;
        self.sha1.update(second.digits);
        self.sha1.update(tai_utc.digits);
        Ok(())
    }

    pub(super) fn finish(
        self,
        text: &[u8],
        rule: HashRule,
    ) -> Result<(LeapTable, HashState), LeapListError> {
        let malformed = |fault: Fault<'_>| fault.in_text(text);
        self.steps.check_start().map_err(malformed)?;
        let expires = self
            .expires
            .ok_or_else(|| malformed(Fault::at_end("#@ and the expiry")))?;
        let no_leaps = self.steps.is_empty();
        let table = self.steps.finish(text, expires, self.updated)?;
        let computed = ListHash::from_octets(self.sha1.finalize().into());
        let hash_state = match self.hash {
            Some(found) if found == computed => HashState::Verified,
            Some(found) if rule == HashRule::Any => HashState::Wrong { computed, found },
            Some(found) => return Err(LeapListError::WrongHash { computed, found }),
            None if rule == HashRule::Required => return Err(LeapListError::NoHash),
            // What the hash would have told of a list cut off here.
            None if !text.ends_with(b"\n") => {
                return Err(malformed(Fault::at_end(
                    "the end of the last line, or a hash",
                )));
            }
            None if no_leaps => {
                return Err(malformed(Fault::at_end("a leap second, or a hash")));
            }
            None => HashState::Absent,
        };
        Ok((table, hash_state))
    }
}
