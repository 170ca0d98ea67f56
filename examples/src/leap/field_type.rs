use horolog_ntp::ExtensionType;

/// The number of an experimental extension field, as an option.
///
/// # Errors
///
/// Where it is not one of those for private and experimental use.
pub fn field_type(text: &str) -> Result<ExtensionType, &'static str> {
    let number = text
        .strip_prefix("0x")
        .map_or_else(|| text.parse(), |hex| u16::from_str_radix(hex, 16));
    number
        .ok()
        .map(ExtensionType::from_bits)
        .filter(|field_type| field_type.is_private())
        .ok_or("expected a number from 0xf000 to 0xffff")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_for_experiments_alone() {
        assert_eq!(field_type("0xf1ea"), Ok(ExtensionType::LEAP_LIST));
        assert_eq!(field_type("61930"), Ok(ExtensionType::LEAP_LIST));
        for text in ["", "0x", "0x0104", "0x10000", "61439", "f1ea"] {
            assert!(field_type(text).is_err(), "{text}");
        }
    }
}
