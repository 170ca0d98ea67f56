//! What the example programs share.
//!
//! Each program is one file beside this folder; here is what more than one of them needs, and what
//! would make one of them too long.

#![expect(clippy::std_instead_of_alloc, reason = "programs have std")]

pub mod address;
pub mod cli;
pub mod dissect;
pub mod leap;
pub mod mac_key;
pub mod ntimed;
pub mod private_file;
pub mod query;
pub mod random;
pub mod seconds;
pub mod serve;
pub mod stop;
pub mod tls;
pub mod units;
