//! Conversions between integers and `f64`, each in one place.

/// 2^64, the units of a second.
pub(crate) const UNITS: f64 = 18_446_744_073_709_551_616.0;

/// The nearest `f64`.
#[expect(
    clippy::cast_precision_loss,
    reason = "rounding to the nearest is meant"
)]
pub(crate) const fn from_u64(value: u64) -> f64 {
    value as f64
}

/// The nearest `f64`.
#[expect(
    clippy::cast_precision_loss,
    reason = "rounding to the nearest is meant"
)]
pub(crate) const fn from_i64(value: i64) -> f64 {
    value as f64
}

/// The nearest `f64`; counts of sources and samples are exact.
#[expect(
    clippy::cast_precision_loss,
    reason = "rounding to the nearest is meant"
)]
pub(crate) const fn from_usize(value: usize) -> f64 {
    value as f64
}

/// Cut towards zero, saturating; 0 for a NaN.
#[expect(clippy::cast_possible_truncation, reason = "saturating is meant")]
pub(crate) const fn to_i64(value: f64) -> i64 {
    value as i64
}

/// Cut towards zero, saturating; 0 for a NaN and what is negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturating is meant"
)]
pub(crate) const fn to_u64(value: f64) -> u64 {
    value as u64
}
