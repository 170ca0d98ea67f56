mod error;

use core::fmt;
use core::str::FromStr;

pub use error::ParamError;

macro_rules! params {
    ($($variant:ident $name:literal $unit:literal [$min:literal, $max:literal] $default:literal $meaning:literal)+) => {
        /// One of the values by which an evaluation can be tuned.
        ///
        /// The first eight are the original's and have its names, ranges and defaults.
        ///
        /// # Examples
        ///
        /// ```
        /// use horolog_ntimed::Param;
        ///
        /// let param: Param = "ntp_filter_average".parse()?;
        /// assert_eq!(param, Param::FilterAverage);
        /// assert_eq!((param.min(), param.max(), param.default_value()), (3.0, 1000.0, 20.0));
        /// # Ok::<(), horolog_ntimed::ParamError>(())
        /// ```
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum Param {
            $(#[doc = $meaning] $variant,)+
        }

        impl Param {
            /// All of them, in the order of the original's report.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// The name, as command lines and traces have it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The unit, empty for a plain number.
            #[must_use]
            pub const fn unit(self) -> &'static str {
                match self {
                    $(Self::$variant => $unit,)+
                }
            }

            /// The smallest value allowed.
            #[must_use]
            pub const fn min(self) -> f64 {
                match self {
                    $(Self::$variant => $min,)+
                }
            }

            /// The largest value allowed.
            #[must_use]
            pub const fn max(self) -> f64 {
                match self {
                    $(Self::$variant => $max,)+
                }
            }

            /// The value unless another is set.
            #[must_use]
            pub const fn default_value(self) -> f64 {
                match self {
                    $(Self::$variant => $default,)+
                }
            }

            /// One sentence for people.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)+
                }
            }
        }
    };
}

params! {
    PllPInit "pll_std_p_init" "" [0.001, 0.5] 0.33
        "Proportional gain of the PLL when it starts to track."
    PllIInit "pll_std_i_init" "" [10.0, 1000.0] 60.0
        "The PLL's integral gain is the proportional gain divided by this."
    PllCaptureTime "pll_std_capture_time" "s" [20.0, 1e6] 300.0
        "How long the PLL tracks before it stiffens."
    PllStiffenRate "pll_std_stiffen_rate" "1/s" [0.5, 1.0] 0.999
        "By what the PLL's gains are multiplied each second while it stiffens."
    PllPLimit "pll_std_p_limit" "" [1e-6, 0.5] 0.03
        "The proportional gain at which the PLL stops stiffening."
    PollRate "poll_rate" "s" [16.0, 4096.0] 64.0
        "Time in which every server is asked once."
    FilterAverage "ntp_filter_average" "" [3.0, 1000.0] 20.0
        "Over how many exchanges the filter averages."
    FilterThreshold "ntp_filter_threshold" "" [0.01, 10.0] 3.0
        "How many standard deviations a bound may be off its average."
    AgingRate "aging_rate" "s/s" [0.0, 0.001] 15e-6
        "By how much a sample's bounds widen with its age (not in classic mode)."
    MaxAge "max_age" "s" [64.0, 1e6] 1024.0
        "The age at which a source's newest sample no longer counts (not in classic mode)."
    Window "window" "" [1.0, 64.0] 8.0
        "How many samples of a source narrow its bounds (not in classic mode)."
}

impl Param {
    /// Whether the original has it too.
    #[must_use]
    pub const fn is_classic(self) -> bool {
        !matches!(self, Self::AgingRate | Self::MaxAge | Self::Window)
    }

    /// Its place in [`Param::ALL`].
    pub(crate) fn index(self) -> usize {
        Self::ALL
            .iter()
            .position(|param| *param == self)
            .unwrap_or_default()
    }
}

/// The name.
impl fmt::Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads the name.
impl FromStr for Param {
    type Err = ParamError;

    fn from_str(name: &str) -> Result<Self, ParamError> {
        Self::ALL
            .into_iter()
            .find(|param| param.name() == name)
            .ok_or(ParamError::Unknown)
    }
}
