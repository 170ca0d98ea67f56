use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::cmp::Ordering;

use hickory_resolver::proto::dnssec::rdata::{DNSSECRData, RRSIG};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType as HickoryType};

use super::Clock;
use crate::{BogusReason, RecordType};

/// The signatures of the records of one name and type.
#[derive(Debug)]
pub(super) struct Signatures<'a> {
    owner: &'a Name,
    record_type: HickoryType,
    all: Vec<&'a RRSIG>,
}

/// Looks for signatures among records.
pub(super) fn signatures_of<'a>(
    records: impl IntoIterator<Item = &'a Record>,
    owner: &'a Name,
    record_type: HickoryType,
) -> Signatures<'a> {
    let signatures = records.into_iter().filter_map(|record| match &record.data {
        RData::DNSSEC(DNSSECRData::RRSIG(signature))
            if record.name == *owner && signature.input().type_covered == record_type =>
        {
            Some(signature)
        }
        _ => None,
    });
    Signatures {
        owner,
        record_type,
        all: signatures.collect(),
    }
}

impl<'a> Signatures<'a> {
    /// Those that are valid at an instant.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub(super) fn in_time(&self, clock: Clock) -> Result<Vec<&'a RRSIG>, BogusReason> {
        let (owner, record_type) = (self.owner.to_string(), self.record_type());
        let expiration = |signature: &&RRSIG| clock.utc(signature.input().sig_expiration);
        let inception = |signature: &&RRSIG| clock.utc(signature.input().sig_inception);
        let (past, rest): (Vec<&RRSIG>, Vec<&RRSIG>) = self
            .all
            .iter()
            .partition(|signature| clock.compare(signature.input().sig_expiration).is_lt());
        let (now, future): (Vec<&RRSIG>, Vec<&RRSIG>) = rest.into_iter().partition(|signature| {
            clock.compare(signature.input().sig_inception) != Ordering::Greater
        });
        if !now.is_empty() {
            return Ok(now);
        }
        let from = future.iter().map(inception).min();
        let at = past.iter().map(expiration).max();
        Err(match (from, at) {
            (Some(from), _) => BogusReason::NotYetValid {
                owner,
                record_type,
                from,
            },
            (None, Some(at)) => BogusReason::Expired {
                owner,
                record_type,
                at,
            },
            (None, None) => BogusReason::Unsigned { owner, record_type },
        })
    }

    /// That none of them is of these records.
    pub(super) fn mismatch(&self) -> BogusReason {
        BogusReason::Mismatch {
            owner: self.owner.to_string(),
            record_type: self.record_type(),
        }
    }

    /// That one of them is of a key that the zone does not have.
    pub(super) fn unknown_key(&self, signature: &RRSIG) -> BogusReason {
        BogusReason::UnknownKey {
            zone: signature.input().signer_name.to_string(),
            key_tag: signature.input().key_tag,
            owner: self.owner.to_string(),
            record_type: self.record_type(),
        }
    }

    fn record_type(&self) -> RecordType {
        RecordType(self.record_type.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_resolver::proto::dnssec::Algorithm;
    use hickory_resolver::proto::dnssec::rdata::sig::SigInput;
    use hickory_resolver::proto::rr::SerialNumber;

    const NOW: u64 = 1_700_000_000;

    fn signature(owner: &Name, covered: HickoryType, inception: i32, expiration: i32) -> Record {
        let at = |offset: i32| {
            let now = u32::try_from(NOW).unwrap();
            SerialNumber::new(now.wrapping_add_signed(offset))
        };
        let input = SigInput {
            type_covered: covered,
            algorithm: Algorithm::ECDSAP256SHA256,
            num_labels: 1,
            original_ttl: 60,
            sig_expiration: at(expiration),
            sig_inception: at(inception),
            key_tag: 1,
            signer_name: owner.clone(),
        };
        let signature = RRSIG::from_sig(input, vec![0; 64]);
        let data = RData::DNSSEC(DNSSECRData::RRSIG(signature));
        Record::from_rdata(owner.clone(), 60, data)
    }

    /// RFC 4035 § 5.3.1: the notion of now is within inception and expiration, both included.
    #[test]
    fn rfc_4035_section_5_3_1_signatures_are_valid_for_a_time() {
        let owner = Name::from_ascii("example.").unwrap();
        let told = |times: &[(i32, i32)]| {
            let record = |(inception, expiration): &(i32, i32)| {
                signature(&owner, HickoryType::A, *inception, *expiration)
            };
            let records: Vec<_> = times.iter().map(record).collect();
            let signatures = signatures_of(&records, &owner, HickoryType::A);
            let in_time = signatures.in_time(Clock::at(NOW));
            in_time
                .map(|all| all.len())
                .map_err(|reason| reason.to_string())
        };
        assert_eq!(told(&[(0, 0)]), Ok(1));
        assert_eq!(told(&[(-1, 1), (-2, -1), (1, 2), (-9, 9)]), Ok(2));
        let of = "the signature of the A records of example.";
        let expired = format!("{of} expired on 2023-11-14T22:13:19Z");
        assert_eq!(told(&[(-9, -5), (-2, -1)]), Err(expired));
        let future = format!("{of} is valid from 2023-11-14T22:13:21Z on");
        assert_eq!(told(&[(5, 9), (1, 2), (-2, -1)]), Err(future));
        let none = "the A records of example. have no signature";
        assert_eq!(told(&[]), Err(none.to_owned()));
    }

    #[test]
    fn signatures_of_other_records_do_not_count() {
        let owner = Name::from_ascii("example.").unwrap();
        let other = Name::from_ascii("other.").unwrap();
        let records = [
            signature(&owner, HickoryType::TXT, -1, 1),
            signature(&other, HickoryType::A, -1, 1),
        ];
        let signatures = signatures_of(&records, &owner, HickoryType::A);
        let reason = signatures.in_time(Clock::at(NOW)).unwrap_err();
        assert!(matches!(reason, BogusReason::Unsigned { .. }), "{reason}");
    }
}
