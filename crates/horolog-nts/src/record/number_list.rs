/// Numbers of 16 bits, in the order in which they stand in a record's body.
///
/// # Examples
///
/// ```
/// use horolog_nts::{AeadAlgorithm, Record, RecordType};
///
/// let record = Record {
///     critical: true,
///     record_type: RecordType::AEAD_ALGORITHM,
///     body: &[0, 30, 0, 15],
/// };
/// let offered: Vec<_> = record.numbers()?.iter().map(AeadAlgorithm::from_number).collect();
/// assert_eq!(offered, [AeadAlgorithm::AES_128_GCM_SIV, AeadAlgorithm::AES_SIV_CMAC_256]);
/// # Ok::<(), horolog_nts::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct NumberList<'a> {
    pairs: &'a [[u8; 2]],
}

impl<'a> NumberList<'a> {
    /// Takes a body, unless there is an octet too many.
    pub(super) const fn new(body: &'a [u8]) -> Option<Self> {
        match body.as_chunks() {
            (pairs, []) => Some(Self { pairs }),
            _ => None,
        }
    }

    /// The numbers.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u16> + DoubleEndedIterator + use<'a> {
        self.pairs.iter().map(|pair| u16::from_be_bytes(*pair))
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }
}
