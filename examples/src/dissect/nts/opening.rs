//! What comes of an attempt to open an authenticator.

use horolog_ntp::{FieldLayout, FieldWalker, Trailing};

use super::super::field::Field;

/// An authenticator after an attempt to open it.
#[derive(Clone, Debug, Default)]
pub enum Opening {
    /// No key is known that could be its own.
    #[default]
    NoKey,
    /// Keys are known, and none of them opens it.
    Refused,
    /// It is genuine.
    Opened(Plaintext),
}

/// What an authenticator hid.
#[derive(Clone, Debug)]
pub struct Plaintext {
    pub(super) octets: Vec<u8>,
    pub(super) layout: FieldLayout,
    /// Which keys opened it, in words.
    pub(super) keys: String,
}

impl Opening {
    /// Whether it is genuine; `None` where that is not known.
    #[must_use]
    pub const fn opened(&self) -> Option<bool> {
        match self {
            Self::NoKey => None,
            Self::Refused => Some(false),
            Self::Opened(_) => Some(true),
        }
    }

    /// What it hid, if it was opened.
    #[must_use]
    pub const fn plaintext(&self) -> Option<&Plaintext> {
        match self {
            Self::Opened(plaintext) => Some(plaintext),
            Self::NoKey | Self::Refused => None,
        }
    }
}

impl Plaintext {
    /// Which keys opened it: the algorithm, and the exporter's context where that is unusual.
    #[must_use]
    pub fn keys(&self) -> &str {
        &self.keys
    }

    /// The extension fields up to the first that is malformed, and what is wrong with the first whose
    /// length or value is. Offsets count from the start of the plaintext.
    #[must_use]
    pub fn fields(&self) -> (Vec<Field<'_>>, Option<String>) {
        let mut walker = FieldWalker::new(&self.octets, self.layout);
        let (mut fields, mut error) = (Vec::new(), None);
        loop {
            let offset = walker.offset();
            match walker.next() {
                Some(Ok(Trailing::Field(raw))) => {
                    let field = Field::new(raw, self.layout, None);
                    error = error.or_else(|| field.error_at(offset));
                    fields.push(field);
                }
                // These layouts have none.
                Some(Ok(Trailing::Mac(_))) => {}
                Some(Err(malformed)) => error = error.or_else(|| Some(malformed.to_string())),
                None => return (fields, error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plaintext(octets: &[u8], layout: FieldLayout) -> Plaintext {
        Plaintext {
            octets: octets.to_vec(),
            layout,
            keys: String::new(),
        }
    }

    #[test]
    fn fields_before_a_malformed_one_are_kept() {
        let octets = [0xf0, 0x0d, 0, 4, 0xf0, 0x0e, 0, 8, 1, 2, 3, 4, 2, 4, 0, 3];
        let inside = plaintext(&octets, FieldLayout::NtsPlaintext);
        let (fields, error) = inside.fields();
        let lengths: Vec<_> = fields.iter().map(Field::length).collect();
        assert_eq!(lengths, [4, 8]);
        let error = error.unwrap();
        assert!(error.ends_with(", at offset 14"), "{error}");
        assert_eq!(
            plaintext(&octets[..12], FieldLayout::NtsPlaintext)
                .fields()
                .1,
            None
        );
    }

    #[test]
    fn a_value_that_its_type_forbids_is_an_error() {
        let mut octets = vec![0xf0, 0x0d, 0, 4, 1, 4, 0, 12];
        octets.extend([7; 8]);
        let inside = plaintext(&octets, FieldLayout::NtsPlaintext);
        let (fields, error) = inside.fields();
        assert_eq!(fields.len(), 2);
        assert_eq!(
            error.as_deref(),
            Some("unique-identifier: unique identifier length 8 is not 32 or more, at offset 8")
        );
    }

    /// In the draft, a length does not count the padding.
    #[test]
    fn version_5_pads_in_its_own_way() {
        let octets = [0xf0, 0x0d, 0, 5, 9, 0, 0, 0, 0xf0, 0x0e, 0, 4];
        let inside = plaintext(&octets, FieldLayout::V5);
        let (fields, error) = inside.fields();
        let lengths: Vec<_> = fields.iter().map(Field::length).collect();
        assert_eq!((lengths, error), (vec![5, 4], None));
        assert!(
            plaintext(&octets, FieldLayout::NtsPlaintext)
                .fields()
                .1
                .is_some()
        );
    }
}
