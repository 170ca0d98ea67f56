#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(clippy::as_conversions, clippy::indexing_slicing)]

extern crate alloc;
#[cfg(all(feature = "std", not(test)))]
extern crate std;

mod bogus_reason;
mod character_strings;
mod host_info;
mod leap_answer;
mod leap_content;
mod leap_form;
#[cfg(feature = "resolver")]
mod leap_resolver;
mod leap_rrset;
mod newest;
#[cfg(feature = "std")]
mod owner_name;
mod record_type;
#[cfg(feature = "std")]
mod resolve_error;
mod response_code;
mod rrset;
mod rrset_error;
mod security;
#[cfg(feature = "std")]
mod system_resolver;
#[cfg(feature = "dnssec")]
mod trust_anchors;
mod ttl;
#[cfg(feature = "dnssec")]
mod validation;
mod zone;

pub use bogus_reason::BogusReason;
pub use host_info::HostInfoRecord;
pub use leap_answer::{LeapAnswer, Origin};
pub use leap_content::LeapContent;
pub use leap_form::LeapForm;
#[cfg(feature = "resolver")]
pub use leap_resolver::LeapResolver;
pub use leap_rrset::LeapRrset;
pub use newest::newest_announcement;
pub use record_type::RecordType;
#[cfg(feature = "std")]
pub use resolve_error::ResolveError;
pub use response_code::ResponseCode;
pub use rrset_error::RrsetError;
pub use security::{Insecurity, Security};
#[cfg(feature = "std")]
pub use system_resolver::SystemResolver;
#[cfg(feature = "dnssec")]
pub use trust_anchors::{TrustAnchorError, TrustAnchors};
pub use ttl::ttl_at;
pub use zone::{ZoneError, ZoneFragment};

/// Where Poul-Henning Kamp publishes the newest announcement, as an A record.
pub const KAMP_NAME: &str = "leapsecond.utcd.org";

/// Where Tony Finch publishes the whole list, in every [form](LeapForm).
pub const FINCH_NAME: &str = "leapsecond.dotat.at";
