use core::iter::FusedIterator;
use core::net::IpAddr;

use crate::{AddressError, LeapAnnouncement};

/// The announcements in a resolver's answer, from [`LeapAnnouncement::from_addrs`].
///
/// Addresses that are none are skipped. What was skipped so far can be asked at any time.
///
/// # Examples
///
/// ```
/// use core::net::{IpAddr, Ipv4Addr};
/// use horolog_leap_a::LeapAnnouncement;
///
/// let answer = [Ipv4Addr::new(192, 0, 2, 80), Ipv4Addr::new(244, 34, 36, 97)];
/// let mut announcements = LeapAnnouncement::from_addrs(answer.map(IpAddr::from));
/// assert_eq!(announcements.next().unwrap().to_string(), "2015-12 dtai=36 delta=0");
/// assert_eq!(announcements.next(), None);
/// assert_eq!(announcements.skipped(), 1);
/// assert_eq!(
///     announcements.first_error().unwrap().to_string(),
///     "not class E: 192.0.2.80 is not in 240.0.0.0/4",
/// );
/// ```
#[derive(Clone, Debug)]
#[must_use = "an iterator does nothing until it is asked"]
pub struct Announcements<I> {
    addresses: I,
    skipped: usize,
    first_error: Option<AddressError>,
}

impl<I> Announcements<I> {
    pub(crate) const fn new(addresses: I) -> Self {
        Self {
            addresses,
            skipped: 0,
            first_error: None,
        }
    }

    /// How many addresses were skipped so far.
    #[must_use]
    pub const fn skipped(&self) -> usize {
        self.skipped
    }

    /// Why the first of them was skipped; the error has the address.
    #[must_use]
    pub const fn first_error(&self) -> Option<AddressError> {
        self.first_error
    }
}

impl<I> Iterator for Announcements<I>
where
    I: Iterator<Item: Into<IpAddr>>,
{
    type Item = LeapAnnouncement;

    fn next(&mut self) -> Option<LeapAnnouncement> {
        loop {
            let decoded = match self.addresses.next()?.into().to_canonical() {
                IpAddr::V4(address) => LeapAnnouncement::from_addr(address),
                address @ IpAddr::V6(_) => Err(AddressError::NotClassE { address }),
            };
            match decoded {
                Ok(announcement) => return Some(announcement),
                Err(error) => {
                    self.skipped = self.skipped.saturating_add(1);
                    self.first_error.get_or_insert(error);
                }
            }
        }
    }
}

impl<I> FusedIterator for Announcements<I> where I: FusedIterator<Item: Into<IpAddr>> {}

#[cfg(test)]
mod tests {
    use super::*;
    use core::net::Ipv4Addr;

    #[test]
    fn foreign_addresses_are_skipped_and_counted() {
        let answer: [IpAddr; 6] = [
            "2001:db8::1",
            "::ffff:244.23.35.255",
            "127.240.133.76",
            "255.209.76.40",
            "241.179.152.73",
            "240.3.9.77",
        ]
        .map(|text| text.parse().unwrap());
        let mut announcements = LeapAnnouncement::from_addrs(answer);
        let months: Vec<_> = announcements
            .by_ref()
            .map(|announcement| announcement.month().to_string())
            .collect();
        assert_eq!(months, ["2015-06", "1971-12"]);
        assert_eq!(announcements.skipped(), 4);
        let [address, ..] = answer;
        assert_eq!(
            announcements.first_error(),
            Some(AddressError::NotClassE { address })
        );
    }

    #[test]
    fn addresses_of_ipv4_alone_do_too() {
        let mut announcements = LeapAnnouncement::from_addrs([Ipv4Addr::new(240, 3, 9, 77)]);
        assert!(announcements.next().is_some());
        assert_eq!(
            (announcements.skipped(), announcements.first_error()),
            (0, None)
        );
    }
}
