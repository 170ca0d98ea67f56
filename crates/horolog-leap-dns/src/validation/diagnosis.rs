use alloc::string::ToString as _;

use hickory_resolver::net::dnssec::DnssecDnsHandle;
use hickory_resolver::net::xfer::{DnsHandle as _, FirstAnswer as _};
use hickory_resolver::proto::dnssec::rdata::DNSKEY;
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Record, RecordType as HickoryType};

use super::{Clock, Handle, options, signatures_of};
use crate::BogusReason;

/// Why the first records that are neither secure nor insecure are not: the resolver library keeps
/// its reason to itself. `None` where there are no such records.
pub(super) async fn reason<'a>(
    handle: &DnssecDnsHandle<Handle>,
    records: impl Iterator<Item = &'a Record> + Clone,
    clock: Clock,
) -> Option<BogusReason> {
    let is_bad = |record: &&Record| {
        let unknown = record.proof.is_bogus() || record.proof.is_indeterminate();
        unknown && record.record_type() != HickoryType::RRSIG
    };
    let bad = records.clone().find(is_bad)?;
    let signatures = signatures_of(records, &bad.name, bad.record_type());
    let signature = match signatures.in_time(clock) {
        Ok(in_time) => *in_time.first()?,
        Err(reason) => return Some(reason),
    };
    let zone = &signature.input().signer_name;
    let untrusted = || BogusReason::UntrustedKeys {
        zone: zone.to_string(),
    };
    let query = Query::query(zone.clone(), HickoryType::DNSKEY);
    let Ok(response) = handle.lookup(query, options()).first_answer().await else {
        return Some(untrusted());
    };
    let keys = response.answers.iter().filter_map(|record| {
        let key = record.try_borrow::<DNSKEY>()?;
        record
            .proof
            .is_secure()
            .then(|| key.data().calculate_key_tag())
    });
    let mut tags = keys.peekable();
    if tags.peek().is_none() {
        return Some(untrusted());
    }
    if tags.any(|tag| tag.is_ok_and(|tag| tag == signature.input().key_tag)) {
        return Some(signatures.mismatch());
    }
    Some(signatures.unknown_key(signature))
}
