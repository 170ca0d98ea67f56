//! What a capture holds beside the datagrams that are asked for.

use core::fmt;

use std::collections::BTreeMap;

use super::layers::Other;

/// Counts of frames that were skipped.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Skipped {
    others: BTreeMap<Other, u64>,
    ports: u64,
}

impl Skipped {
    /// Counts a frame that holds no UDP datagram.
    pub fn add(&mut self, other: Other) {
        *self.others.entry(other).or_default() += 1;
    }

    /// Counts a UDP datagram of other ports.
    pub const fn add_port(&mut self) {
        self.ports += 1;
    }

    /// Whether there was nothing but what is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether there were link types that are not known here, so that packets may be missing.
    #[must_use]
    pub fn has_unknown_link(&self) -> bool {
        self.others
            .keys()
            .any(|other| matches!(other, Other::Link(_)))
    }
}

/// `3 TCP segments, 1 UDP datagram of other ports`.
impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        let mut write = |count: u64, what: &str, rest: &str| {
            let plural = if count == 1 { "" } else { "s" };
            write!(f, "{separator}{count} {what}{plural}{rest}")?;
            separator = ", ";
            Ok(())
        };
        for (other, &count) in &self.others {
            match other {
                Other::Fragment => write(count, "IP fragment", ""),
                Other::Tcp => write(count, "TCP segment", ""),
                Other::NotUdp => write(count, "frame", " without UDP"),
                Other::Link(link) => {
                    write(count, "frame", &format!(" of the unknown link type {link}"))
                }
            }?;
        }
        if self.ports > 0 {
            write(self.ports, "UDP datagram", " of other ports")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_put_in_words() {
        let mut skipped = Skipped::default();
        assert!(skipped.is_empty());
        skipped.add_port();
        skipped.add(Other::Tcp);
        skipped.add(Other::Tcp);
        assert!(!skipped.has_unknown_link());
        skipped.add(Other::Link(105));
        assert!(skipped.has_unknown_link());
        assert_eq!(
            skipped.to_string(),
            "2 TCP segments, 1 frame of the unknown link type 105, 1 UDP datagram of other ports"
        );
    }
}
