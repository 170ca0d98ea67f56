//! Extension fields: the walker, the raw field, and a file for each known type.

mod autokey;
mod checksum_complement;
mod chrony_mono_root;
mod extension_type;
mod field;
#[cfg(feature = "unstable-leap-ef")]
mod leap_list;
mod network_correction;
mod nts_authenticator;
mod nts_cookie;
mod nts_cookie_placeholder;
#[cfg(feature = "unstable-leap-ef")]
mod private_type;
mod unique_identifier;
mod walker;

pub use autokey::AutokeyType;
pub use checksum_complement::ChecksumComplement;
pub use chrony_mono_root::ChronyMonoRoot;
pub use extension_type::ExtensionType;
pub(crate) use field::encoded_length;
pub use field::{ExtensionField, FieldValue};
#[cfg(feature = "unstable-leap-ef")]
pub use leap_list::LeapListField;
pub use network_correction::NetworkCorrection;
pub use nts_authenticator::NtsAuthenticator;
pub use nts_cookie::NtsCookie;
pub use nts_cookie_placeholder::NtsCookiePlaceholder;
#[cfg(feature = "unstable-leap-ef")]
pub use private_type::{NotPrivateError, PrivateExtensionType};
pub use unique_identifier::UniqueIdentifier;
pub use walker::{FieldLayout, FieldWalker, Trailing};
pub(crate) use walker::{padded_field, v4_item};
