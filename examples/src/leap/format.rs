use core::fmt;
use core::net::IpAddr;
use std::io::Write as _;
use std::path::Path;

use clap::ValueEnum;
use horolog_leap_a::{decode_set, encode_set};
use horolog_leap_compact::{AddressLayout, CompactList, decode_addresses, encode_addresses};
use horolog_leap_dns::{Security, ZoneFragment};
use horolog_leap_list::{
    HashRule, HashState, LeapFileFormat, LeapSecondDat, LeapSecondDatWriter, LeapSecondsList,
    ListWriter, TzifLeapSeconds,
};
use horolog_time::{LeapTable, Losses, UtcInstant};

use super::json;
use crate::cli;
use crate::mac_key::octets;

/// Any error, for the line that is printed.
pub type AnyError = Box<dyn core::error::Error + Send + Sync>;

/// A format of leap-second tables.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Format {
    /// leap-seconds.list
    List,
    /// Finch's text, as in a TXT record
    Txt,
    /// Finch's binary list, raw
    Bin,
    /// The same in hexadecimal digits
    Hex,
    /// PHK's A records of the whole list, one address a line
    A,
    /// Finch's AAAA records, one address a line
    Aaaa,
    /// A JSON object
    Json,
    /// `Leap_Second.dat` of the IERS
    Dat,
    /// The leap records of a `TZif` file (read only)
    Tzif,
    /// A DNS zone fragment, with a TTL of a day: serve the next table a day before it expires (write
    /// only)
    Zone,
}

/// The name on the command line.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            self.to_possible_value()
                .as_ref()
                .map_or("", |value| value.get_name()),
        )
    }
}

/// A table that was read, and the state of its hash where the format has one.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The table.
    pub table: LeapTable,
    /// In which format it was.
    pub format: Format,
    /// The state of its hash.
    pub hash: Option<HashState>,
    /// How it was checked, where it is from the DNS.
    pub security: Option<Security>,
}

impl Loaded {
    /// Why nobody can tell whether the table is whole, for people; `None` where it shows.
    #[must_use]
    pub const fn doubt(&self) -> Option<&'static str> {
        match (self.format, self.hash) {
            (_, Some(HashState::Absent)) => Some("has no hash, so nobody knows if it is whole"),
            (Format::Dat, _) => Some("has no mark of its end, so nobody knows if it is whole"),
            _ => None,
        }
    }

    /// Tells of the [`doubt`](Self::doubt), if there is one, on standard error.
    pub fn warn_of_doubt(&self, file: &Path) {
        if let Some(doubt) = self.doubt() {
            cli::note(format_args!("warning: {} {doubt}", file.display()));
        }
    }
}

impl Format {
    /// Tells the format of a file by its contents.
    #[must_use]
    pub fn detect(file: &[u8]) -> Option<Self> {
        match LeapFileFormat::detect(file) {
            Some(LeapFileFormat::LeapSecondsList) => return Some(Self::List),
            Some(LeapFileFormat::LeapSecondDat) => return Some(Self::Dat),
            Some(LeapFileFormat::Tzif) => return Some(Self::Tzif),
            _ => {}
        }
        let Ok(text) = core::str::from_utf8(file) else {
            return Some(Self::Bin);
        };
        // The octets of a binary list may all be letters, or white space.
        let binary = || {
            CompactList::decode_binary(file)
                .is_ok()
                .then_some(Self::Bin)
        };
        let text = text.trim();
        match text.split_whitespace().next().map(str::parse) {
            None => return binary(),
            Some(Ok(IpAddr::V4(_))) => return Some(Self::A),
            Some(Ok(IpAddr::V6(_))) => return Some(Self::Aaaa),
            Some(Err(_)) => {}
        }
        let all = |allowed: fn(char) -> bool| text.chars().all(allowed);
        if text.starts_with('{') {
            Some(Self::Json)
        } else if text.ends_with('?')
            && all(|letter| letter.is_ascii_digit() || "+-?".contains(letter))
        {
            Some(Self::Txt)
        } else if all(|letter| letter.is_ascii_hexdigit() || letter.is_ascii_whitespace()) {
            Some(Self::Hex)
        } else {
            binary()
        }
    }

    /// Reads a table.
    ///
    /// # Errors
    ///
    /// Where the file does not follow the format, and for [`Zone`](Self::Zone), which is not read.
    pub fn decode(self, file: &[u8]) -> Result<Loaded, AnyError> {
        let mut hash = None;
        let table = match self {
            Self::List => {
                let list = LeapSecondsList::decode_with(file, HashRule::IfPresent)?;
                hash = Some(list.hash_state());
                list.into_table()
            }
            Self::Txt => CompactList::decode_text(file.trim_ascii())?.into_table(),
            Self::Bin => CompactList::decode_binary(file)?.into_table(),
            Self::Hex => {
                let digits: String = text(file)?.split_whitespace().collect();
                let octets = octets(&digits).ok_or("expected pairs of hexadecimal digits")?;
                CompactList::decode_binary(&octets)?.into_table()
            }
            Self::A => decode_set(addresses(file)?)?,
            Self::Aaaa => decode_addresses(addresses(file)?)?,
            Self::Json => json::decode(file)?,
            Self::Dat => LeapSecondDat::decode(file)?.into_table(),
            Self::Tzif => TzifLeapSeconds::decode(file)?.into_table(),
            Self::Zone => return Err("zone fragments are written, not read".into()),
        };
        Ok(Loaded {
            table,
            format: self,
            hash,
            security: None,
        })
    }

    /// Writes a table, and tells what the format could not say of it.
    ///
    /// A list needs a time of update; `updated` stands in where the table has none.
    ///
    /// # Errors
    ///
    /// Where the format cannot say the table, and for [`Tzif`](Self::Tzif), which is not written.
    pub fn encode(
        self,
        table: &LeapTable,
        updated: UtcInstant,
    ) -> Result<(Vec<u8>, Losses), AnyError> {
        let mut file = Vec::new();
        let losses = match self {
            Self::List => {
                let updated = table.updated().unwrap_or(updated);
                write!(file, "{}", ListWriter::with_updated(table, updated)?)?;
                Losses::none()
            }
            Self::Txt => {
                let (list, losses) = CompactList::from_table(table)?;
                writeln!(file, "{}", list.to_text())?;
                losses
            }
            Self::Bin => {
                let (list, losses) = CompactList::from_table(table)?;
                file = list.to_binary();
                losses
            }
            Self::Hex => {
                let (list, losses) = CompactList::from_table(table)?;
                list.to_binary()
                    .iter()
                    .try_for_each(|octet| write!(file, "{octet:02X}"))?;
                file.push(b'\n');
                losses
            }
            Self::A => {
                let (addresses, losses) = encode_set(table)?;
                addresses
                    .iter()
                    .try_for_each(|address| writeln!(file, "{address}"))?;
                losses
            }
            Self::Aaaa => {
                let (addresses, losses) = encode_addresses(table, AddressLayout::default())?;
                addresses
                    .iter()
                    .try_for_each(|address| writeln!(file, "{address}"))?;
                losses
            }
            Self::Json => {
                writeln!(file, "{}", json::encode(table)?)?;
                Losses::none()
            }
            Self::Dat => {
                let writer = LeapSecondDatWriter::new(table)?;
                write!(file, "{writer}")?;
                writer.losses()
            }
            Self::Tzif => return Err("TZif files are read, not written".into()),
            Self::Zone => {
                let (zone, losses) = ZoneFragment::new(table)?;
                write!(file, "{zone}")?;
                losses
            }
        };
        Ok((file, losses))
    }

    /// Whether the format says the day of the expiry, not its month alone.
    #[must_use]
    pub const fn has_day_of_expiry(self) -> bool {
        matches!(self, Self::List | Self::Json | Self::Dat | Self::Tzif)
    }
}

fn text(file: &[u8]) -> Result<&str, AnyError> {
    core::str::from_utf8(file)
        .map_err(|error| format!("expected text at offset {}", error.valid_up_to()).into())
}

/// Addresses between white space.
fn addresses(file: &[u8]) -> Result<Vec<IpAddr>, AnyError> {
    let parse = |word: &str| {
        word.parse()
            .map_err(|_| format!("expected an address, not \"{}\"", word.escape_debug()).into())
    };
    text(file)?.split_whitespace().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use horolog_time::LeapSign;

    fn table() -> LeapTable {
        LeapTable::builder()
            .leap("1972-06".parse().unwrap(), LeapSign::Positive)
            .leap("1973-12".parse().unwrap(), LeapSign::Negative)
            .expires("1975-06-01T00:00:00Z".parse().unwrap())
            .build()
            .unwrap()
    }

    #[test]
    fn every_format_is_recognised_and_reads_what_it_wrote() {
        let now = "1975-01-01T00:00:00Z".parse().unwrap();
        for format in Format::value_variants() {
            if matches!(format, Format::Tzif | Format::Zone) {
                continue;
            }
            let (file, losses) = format.encode(&table(), now).unwrap();
            assert_eq!(Format::detect(&file), Some(*format), "{format}");
            let read = format.decode(&file).unwrap().table;
            assert_eq!(
                (read.leaps(), read.expires()),
                (table().leaps(), table().expires()),
                "{format}"
            );
            assert!(losses.is_empty(), "{format}: {losses}");
        }
    }

    #[test]
    fn a_binary_list_is_recognised_whatever_its_octets() {
        // The first two are ASCII: "U_" and control characters.
        for text in ["36+36+36+5?", "6+6+6+5?", "3-4?"] {
            let list = CompactList::decode_text(text.as_bytes()).unwrap();
            let file = list.to_binary();
            assert_eq!(Format::detect(&file), Some(Format::Bin), "{text}");
        }
        // What is no text is a binary list, and its error tells the nibble.
        assert_eq!(Format::detect(&[0xff, 0xff]), Some(Format::Bin));
    }

    #[test]
    fn what_is_no_table_is_an_error() {
        assert_eq!(Format::detect(b"hello, world"), None);
        assert!(Format::Hex.decode(b"0").is_err());
        assert!(Format::A.decode(b"244.23.35.255 nonsense").is_err());
        assert!(Format::Zone.decode(b"").is_err());
        assert!(
            Format::Tzif
                .encode(&table(), "1975-01-01T00:00:00Z".parse().unwrap())
                .is_err()
        );
    }
}
