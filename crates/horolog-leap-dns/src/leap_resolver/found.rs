use alloc::vec::Vec;

use hickory_resolver::net::NetError;
use hickory_resolver::proto::op::{Message, ResponseCode as HickoryCode};
use hickory_resolver::proto::rr::rdata::CNAME;
use hickory_resolver::proto::rr::{Name, RData, Record};
use hickory_resolver::proto::serialize::binary::BinEncodable as _;

use super::Failure;
use crate::{RecordType, Security};

/// How many aliases may lead to the records.
const MOST_ALIASES: usize = 8;

/// The records that were asked for.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The data of each.
    pub(crate) rdata: Vec<Vec<u8>>,
    /// The shortest time to live on the way to them, in seconds.
    pub(crate) ttl: u32,
    /// How they were checked.
    pub(crate) security: Security,
}

impl Found {
    /// Takes the records of a name, or of the name that it is an alias of (RFC 1034 § 3.6.2), from
    /// a response that is no error: the library lets those through whose code it does not know, and
    /// where an alias leads to a name that does not exist.
    pub(crate) fn in_response(
        response: &Message,
        owner: &Name,
        record_type: RecordType,
    ) -> Result<Self, Failure> {
        let (aliases, records) = chain(&response.answers, owner, record_type);
        if records.is_empty() || response.response_code != HickoryCode::NoError {
            return Err(Failure::of_code(response.response_code));
        }
        let ttl = aliases.iter().chain(&records).map(|record| record.ttl);
        let rdata = records.iter().map(|record| record.data.to_bytes());
        Ok(Self {
            ttl: ttl.min().unwrap_or(0),
            rdata: rdata.collect::<Result<_, _>>().map_err(NetError::from)?,
            security: Security::NotValidated,
        })
    }

    /// The same, checked in another way.
    #[cfg(feature = "dnssec")]
    pub(crate) const fn with_security(mut self, security: Security) -> Self {
        self.security = security;
        self
    }
}

/// The aliases that lead from a name to records of a type, and these records.
pub(crate) fn chain<'a>(
    answers: &'a [Record],
    owner: &Name,
    record_type: RecordType,
) -> (Vec<&'a Record>, Vec<&'a Record>) {
    let record_type = record_type.0.into();
    let mut aliases: Vec<&Record> = Vec::new();
    let mut name = owner;
    loop {
        let at_name = || answers.iter().filter(|record| record.name == *name);
        let records = at_name().filter(|record| record.record_type() == record_type);
        let records: Vec<_> = records.collect();
        let alias = at_name().find_map(|record| match &record.data {
            RData::CNAME(CNAME(target)) => Some((record, target)),
            _ => None,
        });
        match alias {
            Some((record, target)) if records.is_empty() && aliases.len() < MOST_ALIASES => {
                aliases.push(record);
                name = target;
            }
            _ => return (aliases, records),
        }
    }
}
