//! The vectors of Wycheproof, as they stand in tests/data.

/// A ciphertext that a key opens, or must not open.
pub(super) struct Vector {
    pub(super) is_good: bool,
    pub(super) secret: Vec<u8>,
    /// Empty where the mode is tested without one.
    pub(super) nonce: Vec<u8>,
    pub(super) associated_data: Vec<u8>,
    pub(super) plaintext: Vec<u8>,
    pub(super) ciphertext: Vec<u8>,
}

/// The vectors of an algorithm by its number, so many that open and so many that do not.
pub(super) fn vectors(number: u16, good: usize, bad: usize) -> Vec<Vector> {
    let lines = include_str!("../../tests/data/wycheproof.txt").lines();
    let vectors: Vec<_> = lines
        .map(|line| line.split(' ').collect::<Vec<_>>())
        .filter(|words| words[0] == number.to_string())
        .map(|words| vector(&words))
        .collect();
    let found = vectors.iter().filter(|vector| vector.is_good).count();
    assert_eq!((found, vectors.len()), (good, good + bad));
    vectors
}

fn vector(words: &[&str]) -> Vector {
    let [_, kind, octets @ ..] = words else {
        panic!("{words:?}")
    };
    let octets: Vec<_> = octets.iter().map(|digits| hex(digits)).collect();
    let [secret, nonce, associated_data, plaintext, ciphertext] = octets.try_into().unwrap();
    Vector {
        is_good: match *kind {
            "pass" => true,
            "fail" => false,
            other => panic!("{other}"),
        },
        secret,
        nonce,
        associated_data,
        plaintext,
        ciphertext,
    }
}

fn hex(digits: &str) -> Vec<u8> {
    if digits == "-" {
        return Vec::new();
    }
    let octet = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(octet).collect()
}
