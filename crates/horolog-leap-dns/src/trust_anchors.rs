use alloc::borrow::ToOwned as _;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::str::FromStr;

use hickory_resolver::proto::dnssec::PublicKey as _;
use hickory_resolver::proto::dnssec::rdata::{DNSKEY, DNSSECRData, DS};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::proto::serialize::txt::ParseError;
use hickory_resolver::proto::serialize::txt::trust_anchor::{Entry, Parser};
use thiserror::Error;

mod records;

/// Keys that are trusted without a signature, and from which on signatures are followed.
///
/// As text they are DNSKEY or DS records in the form of zone files (RFC 1035 § 5.1), as `dig`,
/// `keymgr` and `unbound-anchor` write them. TTL and class may be left out, names are absolute with
/// or without their final dot.
///
/// # Examples
///
/// ```
/// use horolog_leap_dns::TrustAnchors;
///
/// let anchors: TrustAnchors = ". IN DS 20326 8 2 \
///     E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D".parse()?;
/// assert_eq!(anchors.zones().collect::<Vec<_>>(), ["."]);
/// # Ok::<(), horolog_leap_dns::TrustAnchorError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TrustAnchors {
    anchors: Vec<Anchor>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Anchor {
    zone: Name,
    trusted: Trusted,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Trusted {
    Key(DNSKEY),
    Digest(DS),
}

/// A text that is no trust anchors.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum TrustAnchorError {
    /// There is no record.
    #[error("there is no DNSKEY or DS record")]
    Empty,
    /// A record is not in the form of zone files.
    #[error("line {line}: {message}")]
    Malformed {
        /// The line in which the record starts, from 1.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
}

impl TrustAnchors {
    /// The keys of the root zone: those of 2017 and 2024 (key tags 20326 and 38696).
    #[must_use]
    pub fn root() -> Self {
        let keys = hickory_resolver::proto::dnssec::TrustAnchors::default();
        let keys = (0..keys.len()).filter_map(|index| keys.get(index).cloned());
        let anchors = keys.map(|key| Anchor {
            zone: Name::root(),
            // Zone key and secure entry point (RFC 4034 § 2.1.1).
            trusted: Trusted::Key(DNSKEY::with_flags(0x0101, key)),
        });
        Self {
            anchors: anchors.collect(),
        }
    }

    /// The zones that have trust anchors, one for each anchor, with their final dot.
    pub fn zones(&self) -> impl Iterator<Item = String> {
        self.anchors.iter().map(|anchor| anchor.zone.to_string())
    }

    /// The zone nearest to a name that has a trust anchor.
    pub(crate) fn closest_to(&self, name: &Name) -> Option<&Name> {
        let zones = self.anchors.iter().map(|anchor| &anchor.zone);
        zones
            .filter(|zone| zone.zone_of(name))
            .max_by_key(|zone| zone.num_labels())
    }

    /// Whether a key of a zone is trusted.
    pub(crate) fn vouch_for(&self, zone: &Name, key: &DNSKEY) -> bool {
        key.zone_key()
            && !key.revoke()
            && self.anchors.iter().any(|anchor| {
                anchor.zone == *zone
                    && match &anchor.trusted {
                        Trusted::Key(trusted) => trusted.public_key() == key.public_key(),
                        Trusted::Digest(digest) => digest.covers(zone, key).unwrap_or(false),
                    }
            })
    }
}

/// DNSKEY and DS records in the form of zone files.
impl FromStr for TrustAnchors {
    type Err = TrustAnchorError;

    fn from_str(text: &str) -> Result<Self, TrustAnchorError> {
        let mut anchors: Vec<Anchor> = Vec::new();
        for record in records::split(text) {
            let malformed = |message: String| TrustAnchorError::Malformed {
                line: record.line,
                message,
            };
            if record.is_directive("$TTL") {
                continue;
            }
            let fields = record
                .fields()
                .map_err(|message| malformed(message.to_owned()))?;
            let zone = match (fields.owner, anchors.last()) {
                (Some(owner), _) => absolute(owner).map_err(malformed)?,
                (None, Some(before)) => before.zone.clone(),
                (None, None) => return Err(malformed("the first record has no name".to_owned())),
            };
            let trusted = trusted(fields.record_type, &fields.data).map_err(malformed)?;
            anchors.push(Anchor { zone, trusted });
        }
        if anchors.is_empty() {
            return Err(TrustAnchorError::Empty);
        }
        Ok(Self { anchors })
    }
}

fn absolute(name: &str) -> Result<Name, String> {
    let mut zone = Name::from_ascii(name).map_err(|error| error.to_string())?;
    zone.set_fqdn(true);
    Ok(zone)
}

fn trusted(record_type: &str, data: &str) -> Result<Trusted, String> {
    if record_type.eq_ignore_ascii_case("DNSKEY") {
        let key = key(data).map_err(|error| error.to_string())?;
        if !key.zone_key() {
            return Err("the key is not one that signs a zone".to_owned());
        }
        if !key.public_key().algorithm().is_supported() {
            return Err("the algorithm of the key is not supported".to_owned());
        }
        Ok(Trusted::Key(key))
    } else if record_type.eq_ignore_ascii_case("DS") {
        match RData::try_from_str(RecordType::DS, data).map_err(|error| error.to_string())? {
            RData::DNSSEC(DNSSECRData::DS(digest)) if digest.digest_type().is_supported() => {
                Ok(Trusted::Digest(digest))
            }
            _ => Err("the digest type is not supported".to_owned()),
        }
    } else {
        Err(alloc::format!(
            "expected DNSKEY or DS, found \"{}\"",
            record_type.escape_debug()
        ))
    }
}

/// The data of a DNSKEY record. The library reads them only as a trust anchor with its name.
fn key(data: &str) -> Result<DNSKEY, ParseError> {
    let entries = Parser::new(alloc::format!(". IN DNSKEY {data}")).parse()?;
    match entries.into_iter().next() {
        Some(Entry::DNSKEY(record)) => Ok(record.data().clone()),
        _ => Err(ParseError::MissingToken("key data".to_owned())),
    }
}

#[cfg(test)]
mod tests;
