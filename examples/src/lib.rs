//! What the example programs share.
//!
//! Each program is one file beside this folder; here is what more than one of them needs, and what
//! would make one of them too long.

#![expect(clippy::std_instead_of_alloc, reason = "programs have std")]

pub mod address;
pub mod chart;
pub mod cli;
pub mod dissect;
pub mod httpstime;
pub mod leap;
pub mod mac_key;
pub mod ntimed;
mod nts_arguments;
pub mod private_file;
pub mod progress;
pub mod query;
pub mod random;
pub mod seconds;
pub mod serve;
pub mod stop;
pub mod survey;
pub mod tls;
pub mod units;

pub use nts_arguments::NtsArguments;
