/// The two character-strings of an HINFO record (RFC 1035 § 3.3.2).
///
/// # Examples
///
/// ```
/// use horolog_leap_compact::HINFO;
///
/// let [a, ..] = HINFO;
/// assert_eq!(a.cpu, "A");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct HostInfo {
    /// Where a host would name its CPU: the type of the records that are described.
    pub cpu: &'static str,
    /// Where a host would name its operating system: what these records say.
    pub os: &'static str,
}

/// What the other records of a name with leap seconds are, to be served beside them.
pub const HINFO: [HostInfo; 4] = [
    HostInfo {
        cpu: "A",
        os: "month, TAI-UTC and CRC of each leap second as a class E address; delta 3 ends the list",
    },
    HostInfo {
        cpu: "AAAA",
        os: "date and time of the last second before each leap and before the expiry, in decimal",
    },
    HostInfo {
        cpu: "TXT",
        os: "months from leap to leap since 1972-01, + second inserted, - removed, ? expiry",
    },
    HostInfo {
        cpu: "TYPE65432",
        os: "the list of the TXT record in binary, mostly four bits for a leap second",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_character_strings() {
        for info in HINFO {
            for text in [info.cpu, info.os] {
                assert!(!text.is_empty() && text.len() < 256 && text.is_ascii());
                assert!(!text.contains(['"', '\\', '\n']), "{text}");
            }
        }
    }
}
