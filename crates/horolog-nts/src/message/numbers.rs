use crate::{AeadAlgorithm, NextProtocol, NumberList};

/// A number of 16 bits that stands in a list.
pub(super) trait CodePoint: Copy + Eq {
    fn from_number(number: u16) -> Self;
    fn number(self) -> u16;
}

impl CodePoint for NextProtocol {
    fn from_number(number: u16) -> Self {
        Self::from_number(number)
    }

    fn number(self) -> u16 {
        self.number()
    }
}

impl CodePoint for AeadAlgorithm {
    fn from_number(number: u16) -> Self {
        Self::from_number(number)
    }

    fn number(self) -> u16 {
        self.number()
    }
}

/// A list of protocols or algorithms: as it was received, or to be sent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Numbers<'a, T> {
    Received(NumberList<'a>),
    Given(&'a [T]),
    One(T),
}

impl<'a, T: CodePoint> Numbers<'a, T> {
    pub(super) fn iter(self) -> impl Iterator<Item = T> + use<'a, T> {
        let (received, given, one) = match self {
            Self::Received(list) => (Some(list), &[][..], None),
            Self::Given(given) => (None, given, None),
            Self::One(one) => (None, &[][..], Some(one)),
        };
        let received = received.into_iter().flat_map(|list| list.iter());
        let given = given.iter().copied();
        received.map(T::from_number).chain(given).chain(one)
    }

    pub(super) const fn len(self) -> usize {
        match self {
            Self::Received(list) => list.len(),
            Self::Given(given) => given.len(),
            Self::One(_) => 1,
        }
    }
}

/// The same numbers in the same order, wherever they stand.
impl<T: CodePoint> PartialEq for Numbers<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<T: CodePoint> Eq for Numbers<'_, T> {}
