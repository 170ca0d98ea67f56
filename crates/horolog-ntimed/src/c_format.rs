//! Numbers as C's `printf` writes them.
//!
//! The digits are those of the standard library, which rounds the exact binary value to the nearest
//! decimal and ties to even, as glibc does; only exponents and special values look different.

use core::fmt;

use alloc::format;
use alloc::string::String;

/// `%.3e`: four digits and an exponent of at least two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exponential(pub(crate) f64);

impl fmt::Display for Exponential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = special(self.0) {
            return f.write_str(text);
        }
        f.write_str(&exponential(self.0, 3))
    }
}

/// `%.{decimals}f`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fixed(pub(crate) f64, pub(crate) usize);

impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match special(self.0) {
            Some(text) => f.write_str(text),
            None => write!(f, "{:.*}", self.1, self.0),
        }
    }
}

/// `%g`: six digits at most, without zeros at the end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct General(pub(crate) f64);

impl fmt::Display for General {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = special(self.0) {
            return f.write_str(text);
        }
        let text = exponential(self.0, 5);
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "+00"));
        match exponent.parse::<i32>() {
            Ok(exponent @ -4..=5) => {
                let decimals = usize::try_from(5 - exponent).unwrap_or_default();
                f.write_str(trimmed(&format!("{:.*}", decimals, self.0)))
            }
            _ => write!(f, "{}e{exponent}", trimmed(mantissa)),
        }
    }
}

fn special(value: f64) -> Option<&'static str> {
    let negative = value.is_sign_negative();
    match (value.is_nan(), value.is_infinite()) {
        (true, _) => Some(if negative { "-nan" } else { "nan" }),
        (_, true) => Some(if negative { "-inf" } else { "inf" }),
        _ => None,
    }
}

fn exponential(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What glibc 2.41 prints.
    #[test]
    fn exponents_are_those_of_printf() {
        for (value, text) in [
            (0.0, "0.000e+00"),
            (-0.0, "-0.000e+00"),
            (1.0, "1.000e+00"),
            (9.9995, "9.999e+00"),
            (9.9996, "1.000e+01"),
            (1000.5, "1.000e+03"),
            (1001.5, "1.002e+03"),
            (-2.4691e-4, "-2.469e-04"),
            (1e100, "1.000e+100"),
            (-5e-324, "-4.941e-324"),
            (f64::MAX, "1.798e+308"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(Exponential(value).to_string(), text);
        }
    }

    #[test]
    fn fixed_decimals_are_those_of_printf() {
        for (value, decimals, text) in [
            (0.5, 0, "0"),
            (1.5, 0, "2"),
            (0.001_743_5, 6, "0.001744"),
            (-1e-9, 6, "-0.000000"),
            (-24.547_789_182, 9, "-24.547789182"),
            (-f64::NAN, 6, "-nan"),
        ] {
            assert_eq!(Fixed(value, decimals).to_string(), text);
        }
    }

    #[test]
    fn general_numbers_are_those_of_printf() {
        for (value, text) in [
            (0.0, "0"),
            (0.33, "0.33"),
            (60.0, "60"),
            (1e6, "1e+06"),
            (100_000.0, "100000"),
            (999_999.5, "1e+06"),
            (1e-6, "1e-06"),
            (1.5e-5, "1.5e-05"),
            (0.0001, "0.0001"),
            (0.999, "0.999"),
            (1_234_567.0, "1.23457e+06"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(General(value).to_string(), text);
        }
    }
}
