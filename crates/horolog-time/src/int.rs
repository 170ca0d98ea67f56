//! Splitting and joining integers without `as`.

/// The upper 32 bits.
pub(crate) const fn high(bits: u64) -> u32 {
    let [a, b, c, d, ..] = bits.to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// The lower 32 bits.
pub(crate) const fn low(bits: u64) -> u32 {
    let [.., a, b, c, d] = bits.to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// `high` above `low`.
pub(crate) const fn join(high: u32, low: u32) -> u64 {
    let [a, b, c, d] = high.to_be_bytes();
    let [e, f, g, h] = low.to_be_bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// The lower 64 bits.
pub(crate) const fn low64(bits: u128) -> u64 {
    let [.., a, b, c, d, e, f, g, h] = bits.to_be_bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// The lower 16 bits.
pub(crate) const fn low16(bits: u32) -> u16 {
    let [.., a, b] = bits.to_be_bytes();
    u16::from_be_bytes([a, b])
}

/// The lower 8 bits.
pub(crate) const fn low8(bits: u32) -> u8 {
    let [.., a] = bits.to_be_bytes();
    a
}

/// The nearest `f64`.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "there is no From<i64> for f64, and rounding to the nearest is what the callers document"
)]
pub(crate) const fn to_f64(value: i64) -> f64 {
    value as f64
}

/// The integer part of `value`, at the ends of `i64` where it does not fit, 0 for a NaN.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "there is no TryFrom<f64> for i64; callers check the range first"
)]
pub(crate) const fn from_f64(value: f64) -> i64 {
    value as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_join_to_the_whole() {
        let bits = 0x0123_4567_89ab_cdef;
        assert_eq!((high(bits), low(bits)), (0x0123_4567, 0x89ab_cdef));
        assert_eq!(join(high(bits), low(bits)), bits);
        assert_eq!(low64((7 << 64) | u128::from(bits)), bits);
        assert_eq!((low16(0x0123_4567), low8(0x0123_4567)), (0x4567, 0x67));
    }
}
