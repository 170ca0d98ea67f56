use core::net::IpAddr;

use alloc::vec::Vec;

use horolog_time::{NtpDuration, NtpTimestamp};

/// When replies really left, by their receive timestamps: what interleaved replies are made of.
///
/// The table has a fixed size; where it is full, the oldest timestamps of a set make room. A client
/// whose timestamps are gone gets a basic reply, which is always right.
///
/// Defined in [RFC 9769 § 2](https://www.rfc-editor.org/rfc/rfc9769#section-2).
///
/// # Examples
///
/// ```
/// use core::net::IpAddr;
/// use horolog_ntp::InterleavedTable;
/// use horolog_time::NtpTimestamp;
///
/// let client: IpAddr = "192.0.2.7".parse()?;
/// let mut table = InterleavedTable::new(1024);
/// let receive = table.insert(client, NtpTimestamp::from_bits(1000), NtpTimestamp::from_bits(2000));
/// table.set_transmit(receive, NtpTimestamp::from_bits(2010)); // the kernel's word for it
///
/// assert_eq!(table.take(client, receive), Some(NtpTimestamp::from_bits(2010)));
/// assert_eq!(table.take(client, receive), None); // a timestamp never matches twice
/// # Ok::<(), core::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug)]
pub struct InterleavedTable {
    /// A power of two of them.
    sets: Vec<[Option<Entry>; WAYS]>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// Clients behind one address may share it; their ports may change, so ports do not count.
    client: IpAddr,
    receive: NtpTimestamp,
    transmit: NtpTimestamp,
}

/// How far to look for a receive timestamp that no other reply has, in steps of 2^-31 s.
const MAX_STEPS: usize = 16;
/// Entries of a set.
const WAYS: usize = 4;
/// The largest table, about 40 MiB.
const MAX_ENTRIES: usize = 1 << 20;

impl InterleavedTable {
    /// Room for at least `entries` replies, at most 2^20.
    #[must_use]
    pub fn new(entries: usize) -> Self {
        let sets = entries
            .clamp(WAYS, MAX_ENTRIES)
            .div_ceil(WAYS)
            .next_power_of_two();
        Self {
            sets: alloc::vec![[None; WAYS]; sets],
        }
    }

    /// Keeps a reply's timestamps and tells the receive timestamp to put into it: the one given, or
    /// the next that no other reply of the table has.
    pub fn insert(
        &mut self,
        client: IpAddr,
        receive: NtpTimestamp,
        transmit: NtpTimestamp,
    ) -> NtpTimestamp {
        // Odd receive timestamps and even transmit timestamps cannot be equal.
        let mut receive = NtpTimestamp::from_bits(receive.to_bits() | 1);
        for _ in 0..MAX_STEPS {
            if !self
                .set(receive)
                .iter()
                .flatten()
                .any(|entry| entry.receive == receive)
            {
                break;
            }
            receive = receive + NtpDuration::from_bits(2);
        }
        // An entry of the same timestamp, if there still is one, goes first: none may stand twice.
        let rank = |slot: &Option<Entry>| match slot {
            // A timestamp that is far ahead is old as well: the clock was set back since.
            Some(entry) => (
                entry.receive == receive,
                (receive - entry.receive).saturating_abs(),
            ),
            None => (false, NtpDuration::MAX),
        };
        if let Some(slot) = self.set(receive).iter_mut().max_by_key(|slot| rank(slot)) {
            *slot = Some(Entry {
                client,
                receive,
                transmit,
            });
        }
        receive
    }

    /// Replaces the transmit timestamp of the reply with a receive timestamp by a better one.
    pub fn set_transmit(&mut self, receive: NtpTimestamp, transmit: NtpTimestamp) {
        if let Some(entry) = self
            .set(receive)
            .iter_mut()
            .flatten()
            .find(|entry| entry.receive == receive)
        {
            entry.transmit = transmit;
        }
    }

    /// Takes out the transmit timestamp of the reply that a client got with a receive timestamp.
    ///
    /// A saved receive timestamp never matches a second time (RFC 9769 § 2).
    pub fn take(&mut self, client: IpAddr, receive: NtpTimestamp) -> Option<NtpTimestamp> {
        let is_wanted = |entry: &Entry| entry.receive == receive && entry.client == client;
        let slot = self
            .set(receive)
            .iter_mut()
            .find(|slot| slot.as_ref().is_some_and(is_wanted))?;
        slot.take().map(|entry| entry.transmit)
    }

    /// How many replies are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sets.iter().flatten().flatten().count()
    }

    /// Whether no reply is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The set of a receive timestamp.
    fn set(&mut self, receive: NtpTimestamp) -> &mut [Option<Entry>] {
        // Fibonacci hashing: neighbouring timestamps fall into different sets.
        const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
        let hash = receive.to_bits().wrapping_mul(GOLDEN) >> 32;
        let sets = self.sets.len();
        let index = usize::try_from(hash).unwrap_or_default() & (sets - 1);
        self.sets
            .get_mut(index)
            .map(<[_; WAYS]>::as_mut_slice)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::net::Ipv4Addr;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn client(last: u8) -> IpAddr {
        Ipv4Addr::new(192, 0, 2, last).into()
    }

    fn stamp(bits: u64) -> NtpTimestamp {
        NtpTimestamp::from_bits(bits)
    }

    #[test]
    fn rfc_9769_section_2_timestamps_are_unique_and_match_once() {
        let mut table = InterleavedTable::new(64);
        let first = table.insert(client(1), stamp(1001), stamp(2000));
        let second = table.insert(client(2), stamp(1001), stamp(3000));
        assert_ne!(first, second);
        assert_eq!(table.take(client(2), first), None);
        assert_eq!(table.take(client(1), first), Some(stamp(2000)));
        assert_eq!(table.take(client(1), first), None);
        assert_eq!(table.take(client(2), second), Some(stamp(3000)));
    }

    #[test]
    fn the_oldest_make_room_and_the_table_does_not_grow() {
        let mut table = InterleavedTable::new(64);
        let kept: Vec<_> = (0..10_000)
            .map(|n| table.insert(client(1), stamp(n << 20), stamp(n << 20 | 2)))
            .collect();
        assert!(table.len() <= 64, "{}", table.len());
        assert!(table.take(client(1), kept[9_999]).is_some());
        assert!(table.take(client(1), kept[0]).is_none());
    }

    #[test]
    fn what_a_clock_said_before_it_was_set_back_makes_room() {
        let mut table = InterleavedTable::new(4);
        let hour = 3600 << 32;
        for n in 0..4 {
            table.insert(client(1), stamp(hour + (n << 20)), stamp(0));
        }
        let kept: Vec<_> = (1..5)
            .map(|n| table.insert(client(1), stamp(n << 20), stamp(n << 20)))
            .collect();
        for (number, receive) in kept.into_iter().enumerate() {
            assert!(table.take(client(1), receive).is_some(), "{number}");
        }
    }

    #[test]
    fn sizes_are_bounded() {
        assert_eq!(InterleavedTable::new(0).sets.len(), 1);
        assert_eq!(
            InterleavedTable::new(usize::MAX).sets.len() * WAYS,
            MAX_ENTRIES
        );
    }

    proptest! {
        #[test]
        fn receive_timestamps_of_kept_replies_differ(stamps in proptest::collection::vec(0..40_u64, 1..60)) {
            let mut table = InterleavedTable::new(64);
            for bits in stamps {
                table.insert(client(1), stamp(bits), stamp(0));
            }
            let kept: Vec<_> = table.sets.iter().flatten().flatten().map(|entry| entry.receive).collect();
            prop_assert_eq!(kept.iter().collect::<HashSet<_>>().len(), kept.len());
        }
    }
}
