//! Zone files as far as trust anchors need them (RFC 1035 § 5.1): no character-string, no origin.

use alloc::string::String;
use alloc::vec::Vec;

/// A record, or a directive.
#[derive(Debug)]
pub(super) struct TextRecord<'a> {
    /// Where it starts, from 1.
    pub(super) line: usize,
    /// Whether it starts with white space: its name is that of the record before.
    unnamed: bool,
    words: Vec<&'a str>,
}

/// The parts of a record.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    /// Its name, where it has one of its own.
    pub(super) owner: Option<&'a str>,
    /// Its type.
    pub(super) record_type: &'a str,
    /// Its data, on one line.
    pub(super) data: String,
}

/// Cuts a text into records: what parentheses hold together is one of them.
pub(super) fn split(text: &str) -> Vec<TextRecord<'_>> {
    let mut records: Vec<TextRecord<'_>> = Vec::new();
    let mut open = false;
    for (line, number) in text.lines().zip(1..) {
        let plain = line.split(';').next().unwrap_or_default();
        if !open {
            records.push(TextRecord {
                line: number,
                unnamed: plain.starts_with([' ', '\t']),
                words: Vec::new(),
            });
        }
        for part in plain.split_inclusive(['(', ')']) {
            if let Some(record) = records.last_mut() {
                let words = part.trim_end_matches(['(', ')']);
                record.words.extend(words.split_whitespace());
            }
            open = part.ends_with('(') || open && !part.ends_with(')');
        }
    }
    records.retain(|record| !record.words.is_empty());
    records
}

impl<'a> TextRecord<'a> {
    /// Whether it is a directive of that name.
    pub(super) fn is_directive(&self, name: &str) -> bool {
        let first = self.words.first();
        first.is_some_and(|word| word.eq_ignore_ascii_case(name))
    }

    /// The parts. TTL and class can come in any order, or not at all.
    pub(super) fn fields(&self) -> Result<Fields<'a>, &'static str> {
        let mut words = self.words.iter().copied();
        let owner = if self.unnamed { None } else { words.next() };
        if owner.is_some_and(|owner| owner.starts_with('$') || owner == "@") {
            return Err("directives and the origin are not known here");
        }
        let is_ttl = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
        let is_class = |word: &str| word.eq_ignore_ascii_case("IN");
        let mut words = words.skip_while(|word| is_ttl(word) || is_class(word));
        let record_type = words.next().ok_or("expected DNSKEY or DS, found the end")?;
        let data: Vec<_> = words.collect();
        Ok(Fields {
            owner,
            record_type,
            data: data.join(" "),
        })
    }
}
