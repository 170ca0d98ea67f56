use core::str;
use std::time::SystemTime;

use horolog_time::{TimeError, UnixTime};

use super::FieldError;
use crate::constants::DATE;

/// Octets of an IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT`.
const LENGTH: usize = 29;

/// The first second of the year 10000, which four digits cannot say.
const END: i64 = 253_402_300_800;

/// Reads the value of a `Date` field: whole seconds, cut off.
///
/// It has to be an IMF-fixdate
/// ([RFC 9110 § 5.6.7](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7)) of 1970 to 9999; the
/// two obsolete forms, a day of the week that is wrong, and 23:59:60 are refused.
///
/// # Errors
///
/// [`FieldError::Malformed`].
///
/// # Examples
///
/// ```
/// use horolog_https::decode_date;
///
/// // The example of RFC 9110.
/// let date = decode_date(b"Sun, 06 Nov 1994 08:49:37 GMT")?;
/// assert_eq!(date.seconds(), 784_111_777);
/// assert!(decode_date(b"Sunday, 06-Nov-94 08:49:37 GMT").is_err());
/// # Ok::<(), horolog_https::FieldError>(())
/// ```
pub fn decode_date(value: &[u8]) -> Result<UnixTime, FieldError> {
    let malformed = FieldError::Malformed {
        field: DATE,
        expected: "an IMF-fixdate",
        offset: 0,
    };
    // The obsolete forms have other lengths.
    let text = Some(value).filter(|value| value.len() == LENGTH);
    let text = text.and_then(|value| str::from_utf8(value).ok());
    let time = text.and_then(|text| httpdate::parse_http_date(text).ok());
    let time = time.and_then(|time| UnixTime::try_from(time).ok());
    time.ok_or(malformed)
}

/// The time of a system for a `Date` field to be written.
pub(crate) fn system_time(time: UnixTime) -> Result<SystemTime, TimeError> {
    if !(0..END).contains(&time.seconds()) {
        return Err(TimeError::OutOfRange {
            field: "seconds of a date",
            value: time.seconds(),
            min: 0,
            max: END - 1,
        });
    }
    SystemTime::try_from(UnixTime::from_seconds(time.seconds()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rfc_9110_section_5_6_7_obsolete_forms_and_wrong_dates_are_refused() {
        for bad in [
            "",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Mon, 06 Nov 1994 08:49:37 GMT", // It was a Sunday.
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 gmt",
            "Sun, 06 Nov 1994 08:49:37 GMT ",
            "Sun,  6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sat, 31 Dec 2016 23:59:60 GMT",
            "Thu, 30 Feb 2023 00:00:00 GMT",
            "Wed, 31 Dec 1969 23:59:59 GMT",
            "Sun, 06 N\u{f6}v 1994 08:49:37 GT",
        ] {
            let error = decode_date(bad.as_bytes()).unwrap_err();
            assert_eq!(
                error.to_string(),
                "Date: expected an IMF-fixdate at offset 0",
                "{bad}"
            );
        }
        assert!(decode_date(&[0xff; LENGTH]).is_err());
    }

    #[test]
    fn the_last_date_has_four_digits() {
        let last = decode_date(b"Fri, 31 Dec 9999 23:59:59 GMT").unwrap();
        assert_eq!(last.seconds(), END - 1);
        for outside in [-1, END] {
            let error = system_time(UnixTime::from_seconds(outside)).unwrap_err();
            assert!(matches!(error, TimeError::OutOfRange { value, .. } if value == outside));
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(seconds in 0..END, nanoseconds in 0..1_000_000_000_u32) {
            let time = UnixTime::new(seconds, nanoseconds).unwrap();
            let text = httpdate::fmt_http_date(system_time(time).unwrap());
            prop_assert_eq!(decode_date(text.as_bytes()), Ok(UnixTime::from_seconds(seconds)));
        }
    }
}
