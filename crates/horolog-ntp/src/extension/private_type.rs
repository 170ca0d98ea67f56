use core::fmt;

use thiserror::Error;

use super::ExtensionType;

/// The type of an extension field that two sides agree on: one of those for private and experimental
/// use, 0xF000 to 0xFFFF.
///
/// No field of a standard has it, now or later. Some of them are in use by others all the same; those
/// that are known have names.
///
/// Registry: [RFC 9748 § 4.3](https://www.rfc-editor.org/rfc/rfc9748#section-4.3).
///
/// # Examples
///
/// ```
/// use horolog_ntp::{ExtensionType, PrivateExtensionType};
///
/// let agreed = PrivateExtensionType::new(ExtensionType::from_bits(0xf0f0))?;
/// assert_eq!(agreed.get().to_bits(), 0xf0f0);
///
/// let error = PrivateExtensionType::new(ExtensionType::NTS_COOKIE).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "extension field type 0x0204 is not for private use, expected 0xf000 to 0xffff"
/// );
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PrivateExtensionType(ExtensionType);

/// A type that is not for private and experimental use.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("extension field type {0} is not for private use, expected 0xf000 to 0xffff")]
pub struct NotPrivateError(pub ExtensionType);

impl PrivateExtensionType {
    /// Our experimental list of leap seconds: [`ExtensionType::LEAP_LIST`].
    pub const LEAP_LIST: Self = Self(ExtensionType::LEAP_LIST);

    /// Takes a type.
    ///
    /// # Errors
    ///
    /// [`NotPrivateError`] for one below 0xF000: it is the registry's.
    pub const fn new(field_type: ExtensionType) -> Result<Self, NotPrivateError> {
        if field_type.is_private() {
            Ok(Self(field_type))
        } else {
            Err(NotPrivateError(field_type))
        }
    }

    /// The type.
    #[must_use]
    pub const fn get(self) -> ExtensionType {
        self.0
    }
}

impl TryFrom<ExtensionType> for PrivateExtensionType {
    type Error = NotPrivateError;

    fn try_from(field_type: ExtensionType) -> Result<Self, NotPrivateError> {
        Self::new(field_type)
    }
}

impl From<PrivateExtensionType> for ExtensionType {
    fn from(field_type: PrivateExtensionType) -> Self {
        field_type.get()
    }
}

/// As that of [`ExtensionType`].
impl fmt::Display for PrivateExtensionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_9748_section_4_3_types_for_private_use_begin_at_f000() {
        for bits in 0..=u16::MAX {
            let field_type = ExtensionType::from_bits(bits);
            let taken = PrivateExtensionType::try_from(field_type);
            let expected = if bits < 0xf000 {
                Err(NotPrivateError(field_type))
            } else {
                Ok(bits)
            };
            assert_eq!(taken.map(|it| it.get().to_bits()), expected);
        }
        let listed = PrivateExtensionType::new(ExtensionType::LEAP_LIST);
        assert_eq!(listed, Ok(PrivateExtensionType::LEAP_LIST));
        assert_eq!(PrivateExtensionType::LEAP_LIST.to_string(), "0xf1ea");
    }
}
