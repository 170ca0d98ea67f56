/// Defines code points of a few bits: a newtype, its known values and their names.
macro_rules! code_points {
    (
        $(#[$meta:meta])*
        $type:ident, $mask:literal;
        $($(#[$doc:meta])* $name:ident = $bits:literal, $text:literal;)*
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
        pub struct $type(u8);

        impl $type {
            $($(#[$doc])* pub const $name: Self = Self($bits);)*

            /// Takes as many of the lower bits as the field has.
            #[must_use]
            pub const fn from_bits(bits: u8) -> Self {
                Self(bits & $mask)
            }

            /// The bits as they stand in a message.
            #[must_use]
            pub const fn to_bits(self) -> u8 {
                self.0
            }

            /// The name, in lower case, if the code point has one.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some($text),)*
                    _ => None,
                }
            }
        }

        /// The name, or else the number.
        impl core::fmt::Display for $type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => core::fmt::Display::fmt(&self.0, f),
                }
            }
        }
    };
}

pub(super) use code_points;
