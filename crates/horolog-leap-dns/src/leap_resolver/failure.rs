#[cfg(feature = "dnssec")]
use alloc::boxed::Box;
#[cfg(feature = "dnssec")]
use alloc::string::String;
use alloc::string::ToString as _;
use core::time::Duration;

use hickory_resolver::net::{DnsError, NetError, NoRecords};
use hickory_resolver::proto::op::ResponseCode as HickoryCode;

use super::Question;
use crate::{ResolveError, ResponseCode};

/// Why a lookup ended without records.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The list of name servers is empty.
    NoServer,
    /// There is no such name.
    NoSuchName,
    /// The name has no such records.
    NoData,
    /// Validation failed.
    #[cfg(feature = "dnssec")]
    Bogus(crate::BogusReason),
    /// The keys to validate by could not be looked up.
    #[cfg(feature = "dnssec")]
    Keys {
        /// Whose keys.
        zone: String,
        /// Why not.
        failure: Box<Self>,
    },
    /// What else the resolver library tells.
    Net(NetError),
}

impl From<NetError> for Failure {
    fn from(error: NetError) -> Self {
        match error {
            NetError::Dns(DnsError::NoRecordsFound(NoRecords { response_code, .. })) => {
                Self::of_code(response_code)
            }
            error => Self::Net(error),
        }
    }
}

impl Failure {
    /// What a response without records says.
    pub(crate) fn of_code(code: HickoryCode) -> Self {
        match code {
            HickoryCode::NXDomain => Self::NoSuchName,
            HickoryCode::NoError => Self::NoData,
            code => Self::Net(NetError::Dns(DnsError::ResponseCode(code))),
        }
    }

    /// The same for those who asked.
    pub(crate) fn into_error(self, question: &Question, timeout: Duration) -> ResolveError {
        let Question { owner, record_type } = question.clone();
        match self {
            Self::NoServer => ResolveError::NoServer {
                message: "the list is empty".to_string(),
            },
            Self::NoSuchName => ResolveError::NoSuchName { owner },
            Self::NoData => ResolveError::NoData { owner, record_type },
            #[cfg(feature = "dnssec")]
            Self::Bogus(reason) => ResolveError::Bogus {
                owner,
                record_type,
                reason,
            },
            #[cfg(feature = "dnssec")]
            Self::Keys { zone, failure } => {
                let question = Question {
                    owner: zone,
                    record_type: crate::RecordType::DNSKEY,
                };
                failure.into_error(&question, timeout)
            }
            Self::Net(NetError::Timeout) => ResolveError::Timeout {
                owner,
                record_type,
                timeout,
            },
            Self::Net(NetError::Dns(DnsError::ResponseCode(code))) => ResolveError::Refused {
                owner,
                record_type,
                code: ResponseCode(code.into()),
            },
            Self::Net(
                error @ (NetError::Proto(_)
                | NetError::Truncated
                | NetError::ForeignClassRecord { .. }
                | NetError::QueryCaseMismatch),
            ) => ResolveError::Malformed {
                message: error.to_string(),
            },
            Self::Net(error) => ResolveError::System {
                owner,
                message: error.to_string(),
            },
        }
    }
}
