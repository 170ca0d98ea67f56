use alloc::string::String;

use horolog_time::UtcInstant;
use thiserror::Error;

use crate::RecordType;

/// Why signatures do not lead from the trust anchor to an answer (RFC 4035 § 5).
///
/// Zones are named with their final dot.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum BogusReason {
    /// The zone publishes no key that a trust anchor vouches for.
    #[error("no key of the zone {zone} matches a trust anchor")]
    TrustAnchor {
        /// The zone of the trust anchor.
        zone: String,
    },
    /// No trust leads from the zone above to the keys of this one.
    #[error("the keys of the zone {zone} have no chain of trust")]
    UntrustedKeys {
        /// The zone.
        zone: String,
    },
    /// Records have no signature, though nothing says that their zone is not signed.
    #[error("the {record_type} records of {owner} have no signature")]
    Unsigned {
        /// Their name.
        owner: String,
        /// Their type.
        record_type: RecordType,
    },
    /// All signatures are too old.
    #[error("the signature of the {record_type} records of {owner} expired on {at}")]
    Expired {
        /// The name of the records.
        owner: String,
        /// Their type.
        record_type: RecordType,
        /// When the last of the signatures expired.
        at: UtcInstant,
    },
    /// All signatures are from the future, or the clock is wrong.
    #[error("the signature of the {record_type} records of {owner} is valid from {from} on")]
    NotYetValid {
        /// The name of the records.
        owner: String,
        /// Their type.
        record_type: RecordType,
        /// When the first of the signatures becomes valid.
        from: UtcInstant,
    },
    /// Signatures are of keys that the zone does not have.
    #[error(
        "the zone {zone} has no key {key_tag}, which signed the {record_type} records of {owner}"
    )]
    UnknownKey {
        /// The zone.
        zone: String,
        /// The tag of the key.
        key_tag: u16,
        /// The name of the records.
        owner: String,
        /// Their type.
        record_type: RecordType,
    },
    /// The signature is of other records: these were changed.
    #[error("the signature of the {record_type} records of {owner} does not match them")]
    Mismatch {
        /// The name of the records.
        owner: String,
        /// Their type.
        record_type: RecordType,
    },
    /// There is no proof that what was asked for does not exist.
    #[error("nothing proves that {owner} has no {record_type} records")]
    NoProofOfAbsence {
        /// The name.
        owner: String,
        /// The type.
        record_type: RecordType,
    },
}
