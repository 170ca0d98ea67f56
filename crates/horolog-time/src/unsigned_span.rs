//! What the unsigned spans of 32 bits have in common: [`NtpShort`](crate::NtpShort) and
//! [`Time32`](crate::Time32) differ in where the point stands.

use crate::{NtpDuration, int};

/// `duration` in units of 2^(`shift` - 32) s, rounded up, clamped to 32 bits.
pub(crate) fn round_up(duration: NtpDuration, shift: u32) -> u32 {
    let bits = duration.to_bits().max(0).cast_unsigned();
    let units = (bits >> shift) + u64::from(bits & ((1 << shift) - 1) != 0);
    if int::high(units) == 0 {
        int::low(units)
    } else {
        u32::MAX
    }
}

macro_rules! unsigned_span {
    ($name:ident {
        $(#[$max:meta])*
        MAX,
        fraction_bits: $fraction_bits:literal,
        decimals: $decimals:literal,
    }) => {
        impl $name {
            /// No time at all.
            pub const ZERO: Self = Self(0);
            $(#[$max])*
            pub const MAX: Self = Self(u32::MAX);

            /// Takes the 32 bits as they stand in a packet.
            #[must_use]
            pub const fn from_bits(bits: u32) -> Self {
                Self(bits)
            }

            /// Takes four octets in network order.
            #[must_use]
            pub const fn from_octets(octets: [u8; 4]) -> Self {
                Self(u32::from_be_bytes(octets))
            }

            /// Rounds `duration` up, so that a bound stays one; at [`ZERO`](Self::ZERO) and
            /// [`MAX`](Self::MAX) where it lies outside.
            #[must_use]
            pub fn from_duration(duration: crate::NtpDuration) -> Self {
                Self($crate::unsigned_span::round_up(duration, 32 - $fraction_bits))
            }

            /// The 32 bits as they stand in a packet.
            #[must_use]
            pub const fn to_bits(self) -> u32 {
                self.0
            }

            /// Four octets in network order.
            #[must_use]
            pub const fn to_octets(self) -> [u8; 4] {
                self.0.to_be_bytes()
            }

            /// Seconds, exactly.
            #[must_use]
            pub fn as_seconds_f64(self) -> f64 {
                f64::from(self.0) / f64::from(1_u32 << $fraction_bits)
            }
        }

        /// Exact.
        impl From<$name> for crate::NtpDuration {
            fn from(span: $name) -> Self {
                Self::from_bits(i64::from(span.0) << (32 - $fraction_bits))
            }
        }

        #[doc = concat!("Seconds with ", $decimals, " decimals.")]
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{:.*}", $decimals, self.as_seconds_f64())
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, concat!(stringify!($name), "({} s)"), self)
            }
        }
    };
}

pub(crate) use unsigned_span;
