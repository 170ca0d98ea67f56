use core::slice::Chunks;

/// Octets of a character-string, at most: its length is one octet (RFC 1035 § 3.3).
const MAX_CHARACTER_STRING: usize = 255;

/// Cuts a text into the character-strings of a TXT record.
///
/// # Examples
///
/// ```
/// let text = "6+".repeat(200) + "5?";
/// let lengths: Vec<_> = horolog_leap_compact::character_strings(&text)
///     .map(|string| string.len())
///     .collect();
/// assert_eq!(lengths, [255, 147]);
/// ```
pub fn character_strings(text: &str) -> Chunks<'_, u8> {
    text.as_bytes().chunks(MAX_CHARACTER_STRING)
}
