//! Validation: from a trust anchor to the keys of its zone, and by the resolver library from there.

use alloc::boxed::Box;
use alloc::string::ToString as _;
use alloc::sync::Arc;
use alloc::vec::Vec;

use hickory_resolver::net::dnssec::DnssecDnsHandle;
use hickory_resolver::net::xfer::{DnsHandle as _, FirstAnswer as _};
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::dnssec::rdata::DNSKEY;
use hickory_resolver::proto::dnssec::{
    Proof, PublicKey as _, TrustAnchors as TrustedKeys, Verifier as _,
};
use hickory_resolver::proto::op::{DnsRequestOptions, Query};
use hickory_resolver::proto::rr::{DNSClass, Name, Record, RecordType as HickoryType};

use crate::leap_resolver::{Failure, Found, Pool, chain};
use crate::{BogusReason, Insecurity, RecordType, Security, TrustAnchors};

mod checking_disabled;
mod clock;
mod diagnosis;
mod signatures;

use checking_disabled::CheckingDisabled;
use clock::Clock;
use signatures::signatures_of;

/// Signatures that are tried for one set of keys, at most: each costs time, and the zone chooses
/// their number.
const MOST_SIGNATURES: usize = 8;

type Handle = CheckingDisabled<Pool>;

/// Requests for signed records.
fn options() -> DnsRequestOptions {
    let mut options = DnsRequestOptions::default();
    options.edns_set_dnssec_ok = true;
    options
}

/// Looks records up and follows their signatures from the keys of a zone that has a trust anchor.
pub(crate) async fn look_up(
    pool: Pool,
    anchors: &TrustAnchors,
    zone: &Name,
    name: &Name,
    record_type: RecordType,
) -> Result<Found, Failure> {
    let handle = CheckingDisabled(pool);
    let clock = Clock::now();
    let keys = trusted_keys(&handle, anchors, zone, clock).await?;
    let handle = DnssecDnsHandle::with_trust_anchor(handle, Arc::new(keys));
    let query = Query::query(name.clone(), record_type.0.into());
    let (response, proven) = match handle.lookup(query, options()).first_answer().await {
        Ok(response) => (response, true),
        Err(NetError::Dns(DnsError::Nsec {
            response, proof, ..
        })) => {
            if proof != Proof::Insecure {
                let sections = response.answers.iter().chain(&response.authorities);
                let reason = diagnosis::reason(&handle, sections, clock).await;
                return Err(Failure::Bogus(reason.unwrap_or_else(|| {
                    BogusReason::NoProofOfAbsence {
                        owner: name.to_string(),
                        record_type,
                    }
                })));
            }
            (*response, false)
        }
        Err(error) => return Err(error.into()),
    };
    let (aliases, records) = chain(&response.answers, name, record_type);
    if records.is_empty() && aliases.is_empty() {
        return Err(Failure::of_code(response.response_code));
    }
    let on_the_way = || aliases.iter().chain(&records).copied();
    let worst = on_the_way().map(|record| record.proof).min();
    let security = match worst {
        Some(Proof::Secure) if proven => Security::Secure,
        Some(Proof::Secure | Proof::Insecure) => Security::Insecure(Insecurity::UnsignedZone),
        _ => {
            let answers = response.answers.iter();
            let reason = diagnosis::reason(&handle, answers, clock).await;
            return Err(Failure::Bogus(reason.unwrap_or_else(|| {
                BogusReason::Mismatch {
                    owner: name.to_string(),
                    record_type,
                }
            })));
        }
    };
    let found = Found::in_response(&response, name, record_type)?;
    Ok(found.with_security(security))
}

/// The keys of a zone, where one that a trust anchor vouches for has signed them (RFC 4035 § 5.2).
///
/// The resolver library takes no DS record as a trust anchor, and looks for one above the zone
/// where not every key of it is a trust anchor. So all of them become one here.
async fn trusted_keys(
    handle: &Handle,
    anchors: &TrustAnchors,
    zone: &Name,
    clock: Clock,
) -> Result<TrustedKeys, Failure> {
    let no_match = || {
        Failure::Bogus(BogusReason::TrustAnchor {
            zone: zone.to_string(),
        })
    };
    let query = Query::query(zone.clone(), HickoryType::DNSKEY);
    let response = handle.lookup(query, options()).first_answer().await;
    let response = response.map_err(|error| match Failure::from(error) {
        Failure::NoSuchName | Failure::NoData => no_match(),
        failure => Failure::Keys {
            zone: zone.to_string(),
            failure: Box::new(failure),
        },
    })?;
    let is_key =
        |record: &&Record| record.name == *zone && record.record_type() == HickoryType::DNSKEY;
    let records: Vec<&Record> = response.answers.iter().filter(is_key).collect();
    let keys = || {
        let keys = records
            .iter()
            .filter_map(|record| record.try_borrow::<DNSKEY>());
        keys.map(|record| record.data().clone()).collect::<Vec<_>>()
    };
    let trusted: Vec<_> = keys()
        .into_iter()
        .filter(|key| anchors.vouch_for(zone, key))
        .collect();
    if trusted.is_empty() {
        return Err(no_match());
    }
    let signatures = signatures_of(&response.answers, zone, HickoryType::DNSKEY);
    let in_time = signatures.in_time(clock).map_err(Failure::Bogus)?;
    let is_signed = in_time.iter().take(MOST_SIGNATURES).any(|signature| {
        trusted.iter().any(|key| {
            let input = signature.input();
            let names_it = input.signer_name == *zone
                && input.algorithm == key.public_key().algorithm()
                && key
                    .calculate_key_tag()
                    .is_ok_and(|tag| tag == input.key_tag);
            let records = records.iter().copied();
            names_it
                && key
                    .verify_rrsig(zone, DNSClass::IN, signature, records)
                    .is_ok()
        })
    });
    if !is_signed {
        return Err(Failure::Bogus(signatures.mismatch()));
    }
    let mut trusted = TrustedKeys::empty();
    for key in keys() {
        trusted.insert_with_name(key.public_key(), zone.into());
    }
    Ok(trusted)
}
