//! Leap-second lists by hand: one loop over the octets, rows in the caller's array, no error but
//! `None`.

use memchr::memchr;
use sha1::{Digest, Sha1};

/// The rows that a caller has room for.
pub(super) type Rows<T> = [(T, i32); 64];

pub(super) const NO_MONTHS: Rows<i32> = [(0, 0); 64];
pub(super) const NO_SECONDS: Rows<i64> = [(0, 0); 64];

const UNIX_EPOCH_IN_NTP_SECONDS: i64 = 2_208_988_800;

/// Unix seconds at which a month begins that is so many after 1972-01.
#[inline]
pub(super) fn start_of_month(boundary: i32) -> i64 {
    const DAYS: [i32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let (years, month) = (boundary / 12, boundary % 12);
    let leap_days = |year: i32| year / 4 - year / 100 + year / 400;
    let year = 1972 + years;
    let january = month < 2;
    let days = 365 * (years + 2) + leap_days(if january { year - 1 } else { year })
        - leap_days(1969)
        + DAYS[usize::try_from(month).unwrap_or_default()];
    i64::from(days) * 86_400
}

/// Rows of the text form: `boundary` makes of its month what the rows hold. Tells how many there
/// are, and the expiry.
#[inline]
pub(super) fn decode_text<T>(
    text: &[u8],
    rows: &mut Rows<T>,
    boundary: impl Fn(i32) -> T,
) -> Option<(usize, T)> {
    let (mut at, mut count, mut months, mut tai_utc) = (0, 0, 0, 10);
    loop {
        let mut gap = i32::from(text.get(at)?.wrapping_sub(b'0'));
        if !(1..=9).contains(&gap) {
            return None;
        }
        at += 1;
        for _ in 0..2 {
            let digit = text.get(at)?.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            gap = gap * 10 + i32::from(digit);
            at += 1;
        }
        months += gap;
        let mark = *text.get(at)?;
        at += 1;
        match mark {
            b'+' => tai_utc += 1,
            b'-' => tai_utc -= 1,
            b'?' => return (at == text.len()).then(|| (count, boundary(months))),
            _ => return None,
        }
        *rows.get_mut(count)? = (boundary(months), tai_utc);
        count += 1;
    }
}

/// The same from the binary form.
#[inline]
pub(super) fn decode_binary<T>(
    octets: &[u8],
    rows: &mut Rows<T>,
    boundary: impl Fn(i32) -> T,
) -> Option<(usize, T)> {
    let nibble = |at: usize| {
        let octet = *octets.get(at / 2)?;
        Some(if at.is_multiple_of(2) {
            octet >> 4
        } else {
            octet & 15
        })
    };
    let (mut at, mut count, mut months, mut gap, mut tai_utc) = (0, 0, 0, 0, 10);
    loop {
        let first = nibble(at)?;
        at += 1;
        let (event, length) = if first < 8 {
            (1, 6 * (i32::from(first) + 1))
        } else {
            let second = nibble(at).unwrap_or(4);
            at += 1;
            let unit = if first & 4 == 0 { 6 } else { 1 };
            (first & 3, unit * (i32::from(second) + 1))
        };
        gap += length;
        if gap > 999 {
            return None;
        }
        match event {
            0 => continue,
            1 => tai_utc += 1,
            2 => tai_utc -= 1,
            _ => {
                return nibble(at)
                    .is_none()
                    .then(|| (count, boundary(months + gap)));
            }
        }
        months += gap;
        gap = 0;
        *rows.get_mut(count)? = (boundary(months), tai_utc);
        count += 1;
    }
}

/// Digits at the start, their number, and the rest.
#[inline]
fn number(text: &[u8]) -> Option<(&[u8], i64, &[u8])> {
    let mut number = 0_i64;
    let mut length = 0;
    while let Some(digit @ b'0'..=b'9') = text.get(length) {
        number = number
            .checked_mul(10)?
            .checked_add(i64::from(digit - b'0'))?;
        length += 1;
    }
    let (digits, rest) = text.split_at(length);
    (length > 0).then_some((digits, number, rest))
}

/// Rows of a leap-seconds.list in Unix seconds, the start's left out; the hash must be right.
#[inline]
pub(super) fn decode_list(text: &[u8], rows: &mut Rows<i64>) -> Option<(usize, i64)> {
    decode_list_lines(text.split(|octet| *octet == b'\n'), rows)
}

/// The same with line ends found many octets at a time.
#[inline]
pub(super) fn decode_list_memchr(text: &[u8], rows: &mut Rows<i64>) -> Option<(usize, i64)> {
    let mut rest = text;
    let lines = std::iter::from_fn(|| {
        if rest.is_empty() {
            return None;
        }
        let (line, after) = rest.split_at(memchr(b'\n', rest).unwrap_or(rest.len()));
        rest = after.get(1..).unwrap_or_default();
        Some(line)
    });
    decode_list_lines(lines, rows)
}

#[inline]
fn decode_list_lines<'a>(
    lines: impl Iterator<Item = &'a [u8]>,
    rows: &mut Rows<i64>,
) -> Option<(usize, i64)> {
    let mut sha1 = Sha1::default();
    let (mut count, mut before, mut expires, mut hash) = (0, None, None, None);
    for line in lines {
        match line {
            [b'#', mark @ (b'$' | b'@'), line @ ..] => {
                let (digits, seconds, rest) = number(line.trim_ascii_start())?;
                if !rest.trim_ascii_start().is_empty() {
                    return None;
                }
                sha1.update(digits);
                if *mark == b'@' {
                    expires = Some(seconds - UNIX_EPOCH_IN_NTP_SECONDS);
                }
            }
            [b'#', b'h', line @ ..] => {
                let mut words = [0_u32; 5];
                let mut rest = line;
                for word in &mut words {
                    rest = rest.trim_ascii_start();
                    while let [digit, after @ ..] = rest
                        && let Some(value) = char::from(*digit).to_digit(16)
                    {
                        *word = *word << 4 | value;
                        rest = after;
                    }
                }
                hash = Some(words);
            }
            [b'#', ..] => {}
            _ => {
                let line = line.trim_ascii_start();
                if line.is_empty() {
                    continue;
                }
                let (digits, seconds, rest) = number(line)?;
                sha1.update(digits);
                let (digits, tai_utc, rest) = number(rest.trim_ascii_start())?;
                sha1.update(digits);
                if !matches!(rest.trim_ascii_start(), [] | [b'#', ..]) {
                    return None;
                }
                let tai_utc = i32::try_from(tai_utc).ok()?;
                match before.replace((seconds, tai_utc)) {
                    None if (seconds, tai_utc) == (2_272_060_800, 10) => {}
                    Some((earlier, one)) if earlier < seconds && (one - tai_utc).abs() == 1 => {
                        *rows.get_mut(count)? = (seconds - UNIX_EPOCH_IN_NTP_SECONDS, tai_utc);
                        count += 1;
                    }
                    _ => return None,
                }
            }
        }
    }
    let digest: [u8; 20] = sha1.finalize().into();
    let hash = hash?;
    let mut pairs = digest.as_chunks().0.iter().zip(hash);
    let is_right = pairs.all(|(octets, word)| u32::from_be_bytes(*octets) == word);
    is_right.then_some((count, expires?))
}

/// TAI-UTC from rows of Unix seconds.
#[inline]
pub(super) fn tai_utc(rows: &[(i64, i32)], unix: i64) -> i32 {
    let before = rows.partition_point(|(end, _)| *end <= unix);
    before.checked_sub(1).map_or(10, |at| rows[at].1)
}

/// Octets in a buffer of the caller.
struct Output<'a> {
    buffer: &'a mut [u8],
    length: usize,
}

impl Output<'_> {
    #[inline]
    fn put(&mut self, octet: u8) -> Option<()> {
        *self.buffer.get_mut(self.length)? = octet;
        self.length += 1;
        Some(())
    }

    #[inline]
    fn slice(&mut self, octets: &[u8]) -> Option<()> {
        let end = self.length + octets.len();
        self.buffer
            .get_mut(self.length..end)?
            .copy_from_slice(octets);
        self.length = end;
        Some(())
    }
}

/// Gaps and marks of rows of months, up to the expiry.
#[inline]
fn gaps(
    rows: &[(i32, i32)],
    expiry: i32,
    mut write: impl FnMut(i32, u8) -> Option<()>,
) -> Option<()> {
    let (mut previous, mut tai_utc) = (0, 10);
    for (boundary, after) in rows {
        write(
            boundary - previous,
            if *after > tai_utc { b'+' } else { b'-' },
        )?;
        (previous, tai_utc) = (*boundary, *after);
    }
    write(expiry - previous, b'?')
}

#[inline]
fn digit(number: i32) -> u8 {
    b'0' + (number % 10).to_le_bytes()[0]
}

/// Writes the text form; tells its length.
#[inline]
pub(super) fn encode_text(rows: &[(i32, i32)], expiry: i32, buffer: &mut [u8]) -> Option<usize> {
    let mut output = Output { buffer, length: 0 };
    gaps(rows, expiry, |gap, mark| {
        if gap >= 100 {
            output.put(digit(gap / 100))?;
        }
        if gap >= 10 {
            output.put(digit(gap / 10))?;
        }
        output.put(digit(gap))?;
        output.put(mark)
    })?;
    Some(output.length)
}

/// Writes the binary form, which here never needs an even number of nibbles to be made; tells its
/// length.
#[inline]
pub(super) fn encode_binary(rows: &[(i32, i32)], expiry: i32, buffer: &mut [u8]) -> Option<usize> {
    let mut nibbles = 0;
    let mut put = |nibble: u8| {
        let octet = buffer.get_mut(nibbles / 2)?;
        *octet = if nibbles.is_multiple_of(2) {
            nibble << 4
        } else {
            *octet | nibble
        };
        nibbles += 1;
        Some(())
    };
    let count = |number: i32| (number - 1).to_le_bytes()[0];
    gaps(rows, expiry, |mut gap, mark| {
        let event = match mark {
            b'+' => 1,
            b'-' => 2,
            _ => 3,
        };
        if gap % 6 == 0 {
            while gap > 96 {
                put(8)?;
                put(15)?;
                gap -= 96;
            }
            let gap = count(gap / 6);
            if event == 1 && gap < 8 {
                return put(gap);
            }
            put(0x8 | event)?;
            return put(gap);
        }
        if gap > 16 {
            let mut years = gap / 12 * 12;
            gap -= years;
            while years > 96 {
                put(8)?;
                put(15)?;
                years -= 96;
            }
            put(8)?;
            put(count(years / 6))?;
        }
        put(0xc | event)?;
        put(count(gap))
    })?;
    (nibbles.is_multiple_of(2)).then_some(nibbles / 2)
}

/// Year, month and day of Unix seconds.
#[inline]
fn civil(unix: i64) -> (i64, usize, i64) {
    // Days since 0000-03-01, of 400 years, of a year from March on.
    let days = unix.div_euclid(86_400) + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = (year + era * 400, usize::try_from(month).unwrap_or_default());
    if month < 10 {
        (year, month + 2, day)
    } else {
        (year + 1, month - 10, day)
    }
}

/// Writes a leap-seconds.list without comments; tells its length.
#[inline]
pub(super) fn encode_list(
    rows: &[(i64, i32)],
    updated: i64,
    expires: i64,
    buffer: &mut [u8],
) -> Option<usize> {
    const MONTHS: [&[u8; 3]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    fn number(output: &mut Output<'_>, mut number: i64, sha1: Option<&mut Sha1>) -> Option<()> {
        let mut digits = [0; 20];
        let mut start = digits.len();
        loop {
            start -= 1;
            digits[start] = b'0' + (number % 10).to_le_bytes()[0];
            number /= 10;
            if number == 0 {
                break;
            }
        }
        if let Some(sha1) = sha1 {
            sha1.update(&digits[start..]);
        }
        output.slice(&digits[start..])
    }
    let mut sha1 = Sha1::default();
    let mut output = Output { buffer, length: 0 };
    output.slice(b"#$\t")?;
    number(
        &mut output,
        updated + UNIX_EPOCH_IN_NTP_SECONDS,
        Some(&mut sha1),
    )?;
    output.slice(b"\n#@\t")?;
    number(
        &mut output,
        expires + UNIX_EPOCH_IN_NTP_SECONDS,
        Some(&mut sha1),
    )?;
    output.put(b'\n')?;
    for (unix, tai_utc) in [(63_072_000, 10)].iter().chain(rows) {
        number(
            &mut output,
            unix + UNIX_EPOCH_IN_NTP_SECONDS,
            Some(&mut sha1),
        )?;
        output.slice(b"      ")?;
        number(&mut output, i64::from(*tai_utc), Some(&mut sha1))?;
        output.slice(b"      # ")?;
        let (year, month, day) = civil(*unix);
        number(&mut output, day, None)?;
        output.put(b' ')?;
        output.slice(MONTHS[month])?;
        output.put(b' ')?;
        number(&mut output, year, None)?;
        output.put(b'\n')?;
    }
    output.slice(b"#h\t")?;
    let digest: [u8; 20] = sha1.finalize().into();
    for (at, octet) in digest.into_iter().enumerate() {
        if at > 0 && at % 4 == 0 {
            output.put(b' ')?;
        }
        for nibble in [octet >> 4, octet & 15] {
            output.put(if nibble < 10 {
                b'0' + nibble
            } else {
                b'a' + nibble - 10
            })?;
        }
    }
    output.put(b'\n')?;
    Some(output.length)
}
