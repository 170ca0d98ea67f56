use core::fmt;
use core::ops::BitOrAssign;

use super::{ReferenceId, ReferenceIdsRequest, ReferenceIdsResponse};

/// The reference IDs of a server and of all that it follows, directly or not: a Bloom filter of
/// 4096 bits.
///
/// A server adds its own ID and the filters of the sources that it selected. Whoever finds its own
/// ID in a source's filter may be going round in a loop; the filter errs now and then, but only by
/// finding what was not added.
///
/// The draft says which bits an ID sets but not which octet holds bit *n*. As in ntpd-rs it is the
/// octet *n* / 8 here, its lowest bit first.
///
/// Defined in draft-ietf-ntp-ntpv5, "Reference IDs Request and Response Extension Fields".
///
/// # Examples
///
/// ```
/// use horolog_ntp::v5::{ReferenceId, ReferenceIds};
///
/// let own = ReferenceId::from_octets(*b"random octets 1");
/// let source = ReferenceId::from_address([192, 0, 2, 1].into());
///
/// let mut filter = ReferenceIds::new();
/// filter.insert(source);
/// assert!(filter.contains(source) && !filter.contains(own));
/// ```
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct ReferenceIds([u8; Self::LENGTH]);

impl ReferenceIds {
    /// Octets of a filter.
    pub const LENGTH: usize = 512;

    /// The empty filter.
    #[must_use]
    pub const fn new() -> Self {
        Self([0; Self::LENGTH])
    }

    /// Takes the octets of a filter.
    #[must_use]
    pub const fn from_octets(octets: [u8; Self::LENGTH]) -> Self {
        Self(octets)
    }

    /// Adds an ID.
    pub fn insert(&mut self, id: ReferenceId) {
        for (octet, mask) in id.positions().map(place) {
            if let Some(octet) = self.0.get_mut(octet) {
                *octet |= mask;
            }
        }
    }

    /// Whether an ID was added, perhaps; `false` is certain.
    #[must_use]
    pub fn contains(&self, id: ReferenceId) -> bool {
        let mut places = id.positions().map(place).into_iter();
        places.all(|(octet, mask)| self.0.get(octet).is_some_and(|octet| octet & mask != 0))
    }

    /// The octets.
    #[must_use]
    pub const fn as_octets(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// The part that a client asks for; `None` where it reaches beyond the filter, and the request
    /// has to be ignored.
    #[must_use]
    pub fn answer(&self, request: ReferenceIdsRequest) -> Option<ReferenceIdsResponse<'_>> {
        let start = usize::from(request.offset());
        let end = start.checked_add(request.length())?;
        self.0.get(start..end).map(ReferenceIdsResponse)
    }

    /// Puts in the part that a server answered, in place of what was there.
    ///
    /// Returns whether it did: not where the answer has another length than was asked for, nor
    /// where that reaches beyond the filter.
    #[must_use]
    pub fn set(
        &mut self,
        request: ReferenceIdsRequest,
        response: &ReferenceIdsResponse<'_>,
    ) -> bool {
        let start = usize::from(request.offset());
        let place = self
            .0
            .get_mut(start..)
            .and_then(|rest| rest.get_mut(..request.length()));
        match place {
            Some(place) if place.len() == response.0.len() => {
                place.copy_from_slice(response.0);
                true
            }
            _ => false,
        }
    }
}

/// The octet that holds a bit, and the bit in it.
fn place(position: u16) -> (usize, u8) {
    (usize::from(position >> 3), 1 << (position & 7))
}

/// The empty filter.
impl Default for ReferenceIds {
    fn default() -> Self {
        Self::new()
    }
}

/// Adds all that is in another filter.
impl BitOrAssign<&Self> for ReferenceIds {
    fn bitor_assign(&mut self, other: &Self) {
        for (octet, other) in self.0.iter_mut().zip(other.0) {
            *octet |= other;
        }
    }
}

/// How many bits are set.
impl fmt::Debug for ReferenceIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ones: u32 = self.0.iter().map(|octet| octet.count_ones()).sum();
        write!(f, "ReferenceIds({ones} of 4096 bits)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bits_stand_lowest_first() {
        let mut filter = ReferenceIds::new();
        filter.insert(ReferenceId::from_octets([0; 15]));
        assert_eq!(filter.as_octets()[..2], [1, 0]);
        filter.insert(ReferenceId::from_octets([0xff; 15]));
        assert_eq!(filter.as_octets()[510..], [0, 0x80]);
        assert_eq!(place(2848), (356, 1));
        assert_eq!(format!("{filter:?}"), "ReferenceIds(2 of 4096 bits)");
    }

    #[test]
    fn parts_go_from_a_server_to_a_client() {
        let mut server = ReferenceIds::new();
        let id = ReferenceId::from_address([192, 0, 2, 1].into());
        server.insert(id);
        let mut client = ReferenceIds::new();
        for offset in (0..512).step_by(64) {
            let request = ReferenceIdsRequest::new(offset, 64).unwrap();
            let response = server.answer(request).unwrap();
            assert!(client.set(request, &response));
        }
        assert_eq!(client, server);
        assert!(client.contains(id));
    }

    #[test]
    fn parts_that_do_not_fit_are_left_out() {
        let mut filter = ReferenceIds::new();
        let request = ReferenceIdsRequest::new(500, 13).unwrap();
        assert_eq!(filter.answer(request), None);
        assert!(!filter.set(request, &ReferenceIdsResponse(&[1; 13])));
        let request = ReferenceIdsRequest::new(0, 16).unwrap();
        assert!(!filter.set(request, &ReferenceIdsResponse(&[1; 15])));
        assert_eq!(filter, ReferenceIds::new());
    }

    proptest! {
        #[test]
        fn what_was_added_is_found(ids in proptest::collection::vec(any::<[u8; 15]>(), 0..20), split in 0..20_usize) {
            let mut filter = ReferenceIds::new();
            let mut other = ReferenceIds::new();
            for (number, &id) in ids.iter().enumerate() {
                let filter = if number < split { &mut filter } else { &mut other };
                filter.insert(ReferenceId::from_octets(id));
            }
            filter |= &other;
            prop_assert!(ids.iter().all(|&id| filter.contains(ReferenceId::from_octets(id))));
        }
    }
}
