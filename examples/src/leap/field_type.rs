use horolog_ntp::{ExtensionType, PrivateExtensionType};

/// The number of an experimental extension field, as an option.
///
/// # Errors
///
/// Where it is not one of those for private and experimental use.
pub fn field_type(text: &str) -> Result<PrivateExtensionType, &'static str> {
    let number = text
        .strip_prefix("0x")
        .map_or_else(|| text.parse(), |hex| u16::from_str_radix(hex, 16));
    number
        .ok()
        .and_then(|number| PrivateExtensionType::new(ExtensionType::from_bits(number)).ok())
        .ok_or("expected a number from 0xf000 to 0xffff")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_experiments_alone() {
        assert_eq!(field_type("0xf1ea"), Ok(PrivateExtensionType::LEAP_LIST));
        assert_eq!(field_type("61930"), Ok(PrivateExtensionType::LEAP_LIST));
        for text in ["", "0x", "0x0104", "0x10000", "61439", "f1ea"] {
            assert!(field_type(text).is_err(), "{text}");
        }
    }
}
