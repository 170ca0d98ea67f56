//! Octets of hostile peers as text that no terminal obeys.

use core::fmt::Write as _;

/// Printable ASCII as it is, a backslash twice, and all else as `\x1b`.
#[must_use]
pub fn text(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for &octet in octets {
        match octet {
            b'\\' => text.push_str("\\\\"),
            b' '..=b'~' => text.push(octet.into()),
            // Writing to a string cannot fail.
            _ => drop(write!(text, "\\x{octet:02x}")),
        }
    }
    text
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(octets: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('?');
    octets
        .iter()
        .flat_map(|octet| [digit(octet >> 4), digit(octet & 0x0f)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_comes_through() {
        let all: Vec<u8> = (0..=255).collect();
        assert!(
            text(&all)
                .bytes()
                .all(|octet| (b' '..=b'~').contains(&octet))
        );
        assert_eq!(text(b"a\x1b[2J\\\"\xc2\x9b"), "a\\x1b[2J\\\\\"\\xc2\\x9b");
    }

    #[test]
    fn hex_has_two_digits_an_octet() {
        assert_eq!(hex(&[0x00, 0x0f, 0xa5]), "000fa5");
    }
}
