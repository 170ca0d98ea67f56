use core::fmt;
use core::str::FromStr;

use horolog_time::UnixTime;

use super::FieldError;
use crate::constants::{HTTPSTIME, SECOND};

/// The value of an `X-HTTPSTIME` field: Unix seconds in decimals, as exact as its last digit.
///
/// Whether a server cuts off or rounds is not known, so the time it means is taken to lie within one
/// unit of the last digit on either side. Of more than nine decimals nine are kept, and the unit is a
/// nanosecond.
///
/// # Examples
///
/// ```
/// use horolog_https::HttpsTime;
///
/// let time: HttpsTime = "1795338518.444".parse()?;
/// assert_eq!(time.time().to_string(), "1795338518.444000000");
/// assert_eq!((time.decimals(), time.unit_nanoseconds()), (3, 1_000_000));
/// assert_eq!(time.to_string(), "1795338518.444");
/// # Ok::<(), horolog_https::FieldError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct HttpsTime {
    time: UnixTime,
    /// At most nine.
    decimals: u8,
}

/// As many decimals as nanoseconds have.
const MAX_DECIMALS: u8 = 9;

impl HttpsTime {
    /// Cuts a time off behind so many decimals, at most nine.
    #[must_use]
    pub fn new(time: UnixTime, decimals: u8) -> Self {
        let decimals = decimals.min(MAX_DECIMALS);
        let unit = unit(decimals);
        let nanoseconds = time.nanoseconds() / unit * unit;
        Self {
            // What was below a second still is.
            time: UnixTime::new(time.seconds(), nanoseconds).unwrap_or(time),
            decimals,
        }
    }

    /// The time, as far as it was told.
    #[must_use]
    pub const fn time(self) -> UnixTime {
        self.time
    }

    /// How many decimals were told, at most nine.
    #[must_use]
    pub const fn decimals(self) -> u8 {
        self.decimals
    }

    /// One unit of the last digit.
    #[must_use]
    pub fn unit_nanoseconds(self) -> u32 {
        unit(self.decimals)
    }

    /// Reads the value of a field.
    ///
    /// # Errors
    ///
    /// [`FieldError::Malformed`] for anything but digits, or digits, a point and digits; and where the
    /// seconds are 2^63 or more.
    pub fn decode(value: &[u8]) -> Result<Self, FieldError> {
        let malformed = |expected, offset| FieldError::Malformed {
            field: HTTPSTIME,
            expected,
            offset,
        };
        let (whole, rest) = digits(value);
        if whole.is_empty() {
            return Err(malformed("decimal seconds", 0));
        }
        let seconds = whole.iter().try_fold(0_i64, |sum, digit| {
            sum.checked_mul(10)?.checked_add(i64::from(digit - b'0'))
        });
        let seconds = seconds.ok_or(malformed("seconds below 2^63", 0))?;
        let decimals = match rest.split_first() {
            None => &[],
            Some((b'.', rest)) => {
                let (decimals, rest) = digits(rest);
                let offset = value.len() - rest.len();
                if decimals.is_empty() {
                    return Err(malformed("decimals", offset));
                }
                if !rest.is_empty() {
                    return Err(malformed("the end", offset));
                }
                decimals
            }
            Some(_) => return Err(malformed("a point or the end", whole.len())),
        };
        let nine = decimals.iter().chain(core::iter::repeat(&b'0'));
        let nanoseconds = nine
            .take(MAX_DECIMALS.into())
            .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
        let time = UnixTime::new(seconds, nanoseconds);
        Ok(Self {
            time: time.unwrap_or(UnixTime::from_seconds(seconds)), // Nine digits are below 10^9.
            decimals: u8::try_from(decimals.len()).map_or(MAX_DECIMALS, |d| d.min(MAX_DECIMALS)),
        })
    }

    /// The earliest and the latest nanosecond that may be meant.
    pub(crate) fn span(self) -> (i128, i128) {
        let time = i128::from(self.time.seconds()) * SECOND + i128::from(self.time.nanoseconds());
        let unit = i128::from(self.unit_nanoseconds());
        (time - unit, time + unit)
    }
}

/// The digits at the start, and what is behind them.
fn digits(octets: &[u8]) -> (&[u8], &[u8]) {
    let count = octets.iter().take_while(|o| o.is_ascii_digit()).count();
    octets.split_at_checked(count).unwrap_or_default()
}

fn unit(decimals: u8) -> u32 {
    10_u32.pow(u32::from(MAX_DECIMALS - decimals))
}

/// The form of the field's value. A time before 1970 shows a sign, which is not read back.
impl fmt::Display for HttpsTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.time.to_string();
        // Nine decimals stand there, and a point where no decimal is wanted.
        let cut = usize::from(MAX_DECIMALS - self.decimals) + usize::from(self.decimals == 0);
        f.write_str(whole.get(..whole.len() - cut).unwrap_or(&whole))
    }
}

impl FromStr for HttpsTime {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        Self::decode(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Sources: the specification's example, and what nginx and Varnish send.
    #[test]
    fn values_seen_in_the_field() {
        for (text, seconds, nanoseconds, decimals) in [
            ("1448839000.123456", 1_448_839_000, 123_456_000, 6),
            ("1795338518.444", 1_795_338_518, 444_000_000, 3),
            ("1795338518", 1_795_338_518, 0, 0),
            ("0.1", 0, 100_000_000, 1),
            ("1.0000000019", 1, 1, 9),
        ] {
            let time: HttpsTime = text.parse().unwrap();
            assert_eq!(time.time(), UnixTime::new(seconds, nanoseconds).unwrap());
            assert_eq!(time.decimals(), decimals);
        }
    }

    #[test]
    fn says_where_the_fault_is() {
        for (text, offset) in [
            ("", 0),
            (" 1", 0),
            ("-1.5", 0),
            ("+1", 0),
            (".5", 0),
            ("1,5", 1),
            ("1e9", 1),
            ("12.", 3),
            ("1.2.3", 3),
            ("1.5 ", 3),
            ("9223372036854775808", 0),
        ] {
            match text.parse::<HttpsTime>() {
                Err(FieldError::Malformed { offset: found, .. }) => {
                    assert_eq!(found, offset, "{text:?}");
                }
                other => panic!("{text:?} gave {other:?}"),
            }
        }
    }

    #[test]
    fn the_end_of_the_range_does_not_overflow() {
        let time: HttpsTime = "9223372036854775807.999999999".parse().unwrap();
        let (low, high) = time.span();
        assert_eq!(high - low, 2);
        assert_eq!(time.to_string(), "9223372036854775807.999999999");
    }

    proptest! {
        #[test]
        fn text_survives(seconds in 0..i64::MAX, nanoseconds in 0..1_000_000_000_u32, decimals in 0..10_u8) {
            let time = HttpsTime::new(UnixTime::new(seconds, nanoseconds).unwrap(), decimals);
            prop_assert_eq!(time.to_string().parse(), Ok(time));
            let cut = nanoseconds - time.time().nanoseconds();
            prop_assert!(cut < time.unit_nanoseconds());
        }
    }
}
