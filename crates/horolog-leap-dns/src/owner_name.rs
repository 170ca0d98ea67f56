use alloc::borrow::ToOwned as _;
use alloc::string::String;

use crate::ResolveError;

/// A name with its final dot, where it can be one (RFC 1035 § 2.3.4). The root is none here.
///
/// Letters of other alphabets have to be in their ASCII form already.
pub(crate) fn absolute(name: &str) -> Result<String, ResolveError> {
    let relative = name.strip_suffix('.').unwrap_or(name);
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|octet| octet.is_ascii_graphic())
    };
    // With the length octet of each label and that of the root.
    let fits = relative.len() <= 253;
    if fits && !relative.contains(['\\', '"']) && relative.split('.').all(label) {
        return Ok(relative.to_owned() + ".");
    }
    Err(ResolveError::Name {
        name: name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_1035_section_2_3_4_names_have_their_limits() {
        let label = "x".repeat(63);
        let longest = [&label[..61], &label, &label, &label].join(".");
        for name in ["example", "example.", "a.b.c", "_x.example", &longest] {
            let dotted = absolute(name).unwrap();
            assert_eq!(dotted.trim_end_matches('.'), name.trim_end_matches('.'));
            assert!(dotted.ends_with('.') && !dotted.ends_with(".."), "{name}");
        }
        let too_long = "x".to_owned() + &longest;
        for name in [
            "",
            ".",
            "..",
            ".a",
            "a..",
            "a b",
            "ä.example",
            "a\\.b",
            &too_long,
        ] {
            assert!(absolute(name).is_err(), "{name}");
        }
        assert!(absolute(&"x".repeat(64)).is_err());
    }
}
