use alloc::vec::Vec;
use core::fmt;

use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::MAX_COOKIE_LENGTH;

/// The cookies that a client keeps of one server, each to be used once.
///
/// It holds [`CAPACITY`](Self::CAPACITY), as many as
/// [RFC 8915 § 5.7](https://www.rfc-editor.org/rfc/rfc8915#section-5.7) wants a client to have, and
/// gives the oldest first. What comes when it is full is not taken. Room that was once needed is used
/// again: after the first cookies nothing is allocated. Cookies are wiped when their place is used
/// again, and on drop.
///
/// A cookie is kept as it came. One whose length is not a multiple of four can only be sent with
/// padding behind it, which its server cannot tell from the cookie.
///
/// # Examples
///
/// ```
/// use horolog_nts::CookieJar;
///
/// let mut jar = CookieJar::new();
/// jar.push(b"first cookie")?;
/// jar.push(b"second cookie")?;
/// assert_eq!((jar.len(), jar.missing()), (2, 6));
///
/// assert_eq!(jar.take(), Some(&b"first cookie"[..]));
/// assert_eq!(jar.take(), Some(&b"second cookie"[..]));
/// assert_eq!(jar.take(), None);
/// # Ok::<(), horolog_nts::JarError>(())
/// ```
#[derive(Default)]
pub struct CookieJar {
    slots: [Zeroizing<Vec<u8>>; Self::CAPACITY],
    /// The slot of the oldest cookie.
    first: usize,
    length: usize,
}

/// A cookie that is not kept.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum JarError {
    /// It is empty, or longer than [`MAX_COOKIE_LENGTH`].
    #[error("cookie length {length} is not 1 to 1024")]
    Length {
        /// Its length in octets.
        length: usize,
    },
    /// There are as many as are kept.
    #[error("the cookie jar is full")]
    Full,
}

impl CookieJar {
    /// Cookies that are kept at most.
    pub const CAPACITY: usize = 8;

    /// No cookies.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// How many there is room for.
    #[must_use]
    pub const fn missing(&self) -> usize {
        Self::CAPACITY - self.length
    }

    /// Keeps a cookie.
    ///
    /// # Errors
    ///
    /// [`JarError`]; then the jar is as it was.
    pub fn push(&mut self, cookie: &[u8]) -> Result<(), JarError> {
        let length = cookie.len();
        if !(1..=MAX_COOKIE_LENGTH).contains(&length) {
            return Err(JarError::Length { length });
        }
        if self.missing() == 0 {
            return Err(JarError::Full);
        }
        if let Some(slot) = self
            .slots
            .get_mut((self.first + self.length) % Self::CAPACITY)
        {
            // Wiped first: where the room is too small, it is given back as it is.
            slot.as_mut_slice().zeroize();
            slot.clear();
            slot.extend_from_slice(cookie);
        }
        self.length += 1;
        Ok(())
    }

    /// Takes the oldest cookie out; its octets can be read until the jar is changed.
    pub fn take(&mut self) -> Option<&[u8]> {
        if self.is_empty() {
            return None;
        }
        let taken = self.first;
        self.first = (taken + 1) % Self::CAPACITY;
        self.length -= 1;
        self.slots.get(taken).map(|slot| slot.as_slice())
    }

    /// The oldest cookie, which [`take`](Self::take) would give.
    #[must_use]
    pub fn peek(&self) -> Option<&[u8]> {
        self.iter().next()
    }

    /// The cookies, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let cycle = self.slots.iter().cycle();
        cycle
            .skip(self.first)
            .take(self.length)
            .map(|slot| slot.as_slice())
    }

    /// The length of the cookies, where they have one: a server whose cookies differ in length tells
    /// clients apart by it, and may answer with fewer than it was asked for.
    #[must_use]
    pub fn cookie_length(&self) -> Option<usize> {
        let length = self.peek()?.len();
        self.iter()
            .all(|cookie| cookie.len() == length)
            .then_some(length)
    }

    /// How many placeholders to send along with a cookie that was just taken, so that the jar is
    /// full with the response: never more than fit into `room` octets of the request.
    ///
    /// The response brings a cookie for the cookie and one for each placeholder. A placeholder's field
    /// is as long as that of the cookie: four octets, the cookie and its padding to a multiple of four.
    ///
    /// # Examples
    ///
    /// ```
    /// use horolog_nts::CookieJar;
    ///
    /// let mut jar = CookieJar::new();
    /// jar.push(&[1; 100])?;
    /// jar.push(&[2; 100])?;
    /// let length = jar.take().map_or(0, <[u8]>::len);
    /// // One is left; the cookie brings another and six placeholders the rest.
    /// assert_eq!(jar.placeholders(length, 1000), 6);
    /// assert_eq!(jar.placeholders(length, 250), 2);
    /// # Ok::<(), horolog_nts::JarError>(())
    /// ```
    #[must_use]
    pub fn placeholders(&self, cookie_length: usize, room: usize) -> usize {
        let field = cookie_length.saturating_add(4 + 3) / 4 * 4;
        self.missing().saturating_sub(1).min(room / field.max(16))
    }

    /// Forgets all cookies.
    pub fn clear(&mut self) {
        self.length = 0;
        self.slots.iter_mut().for_each(Zeroize::zeroize);
    }
}

/// How many there are, not what they are: they can be replayed.
impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieJar")
            .field("len", &self.length)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::VecDeque;
    use proptest::prelude::*;

    #[test]
    fn refuses_a_cookie_of_no_or_too_great_length() {
        let mut jar = CookieJar::new();
        for length in [0, MAX_COOKIE_LENGTH + 1] {
            assert_eq!(jar.push(&vec![1; length]), Err(JarError::Length { length }));
        }
        assert_eq!(jar.push(&[1; MAX_COOKIE_LENGTH]), Ok(()));
    }

    #[test]
    fn rfc_8915_section_5_7_keeps_eight() {
        let mut jar = CookieJar::new();
        for number in 0..8 {
            assert_eq!(jar.push(&[number]), Ok(()));
        }
        assert_eq!(jar.push(&[8]), Err(JarError::Full));
        assert!(jar.iter().map(|cookie| cookie[0]).eq(0..8));
        assert_eq!(format!("{jar:?}"), "CookieJar { len: 8, .. }");
        jar.clear();
        assert_eq!((jar.len(), jar.peek()), (0, None));
    }

    #[test]
    fn tells_whether_all_have_one_length() {
        let mut jar = CookieJar::new();
        assert_eq!(jar.cookie_length(), None);
        for length in [100, 100, 100] {
            jar.push(&vec![1; length]).unwrap();
            assert_eq!(jar.cookie_length(), Some(100));
        }
        jar.push(&[1; 99]).unwrap();
        assert_eq!(jar.cookie_length(), None);
        for _ in 0..3 {
            assert!(jar.take().is_some());
        }
        assert_eq!(jar.cookie_length(), Some(99));
    }

    #[test]
    fn rfc_8915_section_5_7_placeholders_refill_to_eight() {
        let mut jar = CookieJar::new();
        let fill = |jar: &mut CookieJar, number: usize| {
            jar.clear();
            (0..number).for_each(|_| jar.push(&[1; 100]).unwrap());
        };
        for (kept, expected) in [(0, 7), (1, 6), (6, 1), (7, 0), (8, 0)] {
            fill(&mut jar, kept);
            assert_eq!(jar.placeholders(100, usize::MAX), expected, "{kept} kept");
        }
        jar.clear();
        // Fields of 16, 104 and 108 octets; a cookie of 97 is padded to 100.
        for (length, room, expected) in [
            (1, 16, 1),
            (1, 15, 0),
            (12, 33, 2),
            (97, 104, 1),
            (97, 103, 0),
            (101, 107, 0),
            (101, 216, 2),
            (usize::MAX, usize::MAX, 1),
        ] {
            assert_eq!(jar.placeholders(length, room), expected, "{length} {room}");
        }
    }

    proptest! {
        /// Beside a queue of the standard library.
        #[test]
        fn gives_the_oldest_once(steps in proptest::collection::vec(proptest::option::of(any::<u16>()), 0..100)) {
            let (mut jar, mut queue) = (CookieJar::new(), VecDeque::new());
            for step in steps {
                if let Some(number) = step {
                    let kept = queue.len() < CookieJar::CAPACITY;
                    if kept {
                        queue.push_back(number.to_be_bytes());
                    }
                    prop_assert_eq!(jar.push(&number.to_be_bytes()).is_ok(), kept);
                } else {
                    let expected = queue.pop_front();
                    prop_assert_eq!(jar.peek().is_some(), expected.is_some());
                    prop_assert_eq!(jar.take(), expected.as_ref().map(<[u8; 2]>::as_slice));
                }
                prop_assert_eq!(jar.len(), queue.len());
                prop_assert!(jar.iter().eq(queue.iter().map(<[u8; 2]>::as_slice)));
            }
        }
    }
}
