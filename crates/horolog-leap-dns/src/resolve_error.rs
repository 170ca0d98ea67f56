use alloc::string::String;
use core::time::Duration;

use thiserror::Error;

use crate::{BogusReason, RecordType, ResponseCode, RrsetError};

/// Why there is no answer.
///
/// What the operating system or the resolver library say in words is kept in their words.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ResolveError {
    /// The name is no domain name.
    #[error("\"{}\" is no domain name", name.escape_debug())]
    Name {
        /// The name.
        name: String,
    },
    /// There is no name server to ask.
    #[error("no name server is configured: {message}")]
    NoServer {
        /// What the resolver library says.
        message: String,
    },
    /// The operating system's resolver does not do this: it has A records alone.
    #[error("the operating system's resolver has A records alone, not {record_type}")]
    NotOfSystem {
        /// The type that was asked for.
        record_type: RecordType,
    },
    /// The operating system's resolver still works on earlier questions that nobody waits for.
    #[error("the operating system's resolver has not yet finished {pending} earlier questions")]
    Busy {
        /// How many.
        pending: usize,
    },
    /// No answer came in time.
    #[error("no answer for {owner} {record_type} within {} s", timeout.as_secs_f64())]
    Timeout {
        /// The name that was asked for.
        owner: String,
        /// The type that was asked for.
        record_type: RecordType,
        /// How long it was waited.
        timeout: Duration,
    },
    /// There is no such name, or it is an alias of one that there is not (RFC 1035 § 4.1.1,
    /// `NXDOMAIN`).
    #[error("the name {owner} does not exist (NXDOMAIN)")]
    NoSuchName {
        /// The name.
        owner: String,
    },
    /// The name has no records of the type (RFC 2308 § 2.2, `NODATA`).
    #[error("the name {owner} has no {record_type} records (NODATA)")]
    NoData {
        /// The name.
        owner: String,
        /// The type.
        record_type: RecordType,
    },
    /// The name server says that it cannot or may not answer.
    #[error("the name server answers {code} for {owner} {record_type}")]
    Refused {
        /// The name that was asked for.
        owner: String,
        /// The type that was asked for.
        record_type: RecordType,
        /// What it says.
        code: ResponseCode,
    },
    /// What the name server sends is no DNS message.
    #[error("the name server sends a malformed answer: {message}")]
    Malformed {
        /// What the resolver library says.
        message: String,
    },
    /// The operating system's resolver or its sockets fail.
    #[error("cannot ask for {owner}: {message}")]
    System {
        /// The name that was asked for.
        owner: String,
        /// What they say.
        message: String,
    },
    /// Validation failed: somebody lies, or a zone or the clock is not in order.
    #[error("the answer for {owner} {record_type} is bogus")]
    Bogus {
        /// The name that was asked for.
        owner: String,
        /// The type that was asked for.
        record_type: RecordType,
        /// Where the chain of signatures breaks.
        #[source]
        reason: BogusReason,
    },
    /// The records say nothing of leap seconds.
    #[error("the {record_type} records of {owner}")]
    Records {
        /// Their name.
        owner: String,
        /// Their type.
        record_type: RecordType,
        /// What is wrong with them.
        source: RrsetError,
    },
}
