use crate::bulletin_c;

/// Which kind of file with leap seconds a file is.
///
/// # Examples
///
/// ```
/// use horolog_leap_list::LeapFileFormat;
///
/// let text = b"#  File expires on 28 December 1972\n 41317.0 1 1 1972 10\n";
/// assert_eq!(LeapFileFormat::detect(text), Some(LeapFileFormat::LeapSecondDat));
/// assert_eq!(LeapFileFormat::detect(b"#@ 2303683200\n"), Some(LeapFileFormat::LeapSecondsList));
/// assert_eq!(LeapFileFormat::detect(b"TZif2"), Some(LeapFileFormat::Tzif));
/// assert_eq!(LeapFileFormat::detect(b"Leap 1972 Jun 30 23:59:60 + S"), None);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum LeapFileFormat {
    /// [`LeapSecondsList`](crate::LeapSecondsList): a line `#$`, `#@` or of two numbers.
    LeapSecondsList,
    /// [`LeapSecondDat`](crate::LeapSecondDat): a line of five numbers, or of the expiry alone.
    LeapSecondDat,
    /// [`TzifLeapSeconds`](crate::TzifLeapSeconds): begins with `TZif`.
    Tzif,
    /// [`BulletinC`](crate::BulletinC): says that a leap second, or none, will be introduced.
    BulletinC,
}

impl LeapFileFormat {
    /// Tells by the contents, as far as they go. Whether the file is good is for its reader to say.
    #[must_use]
    pub fn detect(file: &[u8]) -> Option<Self> {
        if file.starts_with(b"TZif") {
            return Some(Self::Tzif);
        }
        let mut expires = false;
        for line in file.split(|octet| *octet == b'\n') {
            match line.trim_ascii() {
                [] => {}
                [b'#', b'$' | b'@', ..] => return Some(Self::LeapSecondsList),
                [b'#', comment @ ..] => {
                    // Of a list as well, but there it is not all that comes.
                    expires |= comment.trim_ascii().starts_with(b"File expires on");
                }
                data => return Self::of_data(data).or_else(|| Self::of_text(file)),
            }
        }
        expires.then_some(Self::LeapSecondDat)
    }

    /// Of the first line that is no comment.
    fn of_data(line: &[u8]) -> Option<Self> {
        let numbers = line.split(|octet| *octet == b'#').next()?;
        let numbers = numbers
            .split(u8::is_ascii_whitespace)
            .filter(|number| !number.is_empty());
        let is_number = |number: &[u8]| {
            number
                .iter()
                .all(|octet| matches!(octet, b'0'..=b'9' | b'.'))
        };
        if !numbers.clone().all(is_number) {
            return None;
        }
        match numbers.count() {
            2 => Some(Self::LeapSecondsList),
            5 => Some(Self::LeapSecondDat),
            _ => None,
        }
    }

    fn of_text(file: &[u8]) -> Option<Self> {
        bulletin_c::announces(file).then_some(Self::BulletinC)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FILES: [(&[u8], LeapFileFormat); 8] = [
        (
            include_bytes!("../tests/data/iers-expires-2026-06-28.list"),
            LeapFileFormat::LeapSecondsList,
        ),
        (
            include_bytes!("../tests/data/iers-expires-2027-06-28.list"),
            LeapFileFormat::LeapSecondsList,
        ),
        (
            include_bytes!("../tests/data/iers-Leap_Second.dat"),
            LeapFileFormat::LeapSecondDat,
        ),
        (
            include_bytes!("../tests/data/right-UTC.tzif"),
            LeapFileFormat::Tzif,
        ),
        (
            include_bytes!("../tests/data/bulletin-c-49.txt"),
            LeapFileFormat::BulletinC,
        ),
        (
            include_bytes!("../tests/data/bulletin-c-50.txt"),
            LeapFileFormat::BulletinC,
        ),
        (
            include_bytes!("../tests/data/bulletin-c-52.txt"),
            LeapFileFormat::BulletinC,
        ),
        (
            include_bytes!("../tests/data/bulletin-c-72.txt"),
            LeapFileFormat::BulletinC,
        ),
    ];

    #[test]
    fn real_files_are_told_apart() {
        for (file, format) in FILES {
            assert_eq!(LeapFileFormat::detect(file), Some(format));
            // Nor do any other line ends matter.
            let crlf = file
                .split(|octet| *octet == b'\n')
                .collect::<Vec<_>>()
                .join(&b"\r\n"[..]);
            assert_eq!(LeapFileFormat::detect(&crlf), Some(format));
        }
    }

    #[test]
    fn what_is_none_of_them() {
        for text in [
            "",
            "\n# hash\n",
            "#h 0 0 0 0 0\n",
            "1\n",
            "1 2 3\n",
            "hello 1\n",
            "TZi",
        ] {
            assert_eq!(LeapFileFormat::detect(text.as_bytes()), None, "{text}");
        }
        let bare = "2272060800 10 # 1 Jan 1972\n";
        let list = Some(LeapFileFormat::LeapSecondsList);
        assert_eq!(LeapFileFormat::detect(bare.as_bytes()), list);
    }

    proptest! {
        #[test]
        fn any_octets_are_answered(file: Vec<u8>) {
            let _ = LeapFileFormat::detect(&file);
        }
    }
}
