use core::fmt;
use core::str::FromStr;

use thiserror::Error;

use crate::c_format::General;

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
    fn index(self) -> usize {
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

/// A parameter that does not exist or cannot have a value.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ParamError {
    /// No parameter has this name.
    #[error("no parameter has this name")]
    Unknown,
    /// The text is not `NAME=VALUE` with a number.
    #[error("expected NAME=VALUE with a number")]
    Text,
    /// The value lies outside of the parameter's range.
    #[error("{param} is not in {}..={}", .param.min(), .param.max())]
    OutOfRange {
        /// Which parameter.
        param: Param,
    },
}

/// A value for each [`Param`].
///
/// # Examples
///
/// ```
/// use horolog_ntimed::{Param, ParamError, Params};
///
/// let mut params = Params::default();
/// params.set(Param::PollRate, 32.0)?;
/// assert_eq!(params.get(Param::PollRate), 32.0);
/// assert_eq!(params.get(Param::PllPInit), 0.33);
/// assert_eq!(
///     params.set(Param::PollRate, 1.0),
///     Err(ParamError::OutOfRange { param: Param::PollRate }),
/// );
/// # Ok::<(), ParamError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Params([f64; Param::ALL.len()]);

impl Params {
    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, param: Param) -> f64 {
        self.0
            .get(param.index())
            .copied()
            .unwrap_or(param.default_value())
    }

    /// Sets a parameter.
    ///
    /// # Errors
    ///
    /// [`ParamError::OutOfRange`] for a value below [`Param::min`] or above [`Param::max`], and for
    /// a NaN.
    pub fn set(&mut self, param: Param, value: f64) -> Result<(), ParamError> {
        if !(param.min()..=param.max()).contains(&value) {
            return Err(ParamError::OutOfRange { param });
        }
        if let Some(place) = self.0.get_mut(param.index()) {
            *place = value;
        }
        Ok(())
    }

    /// Sets a parameter from `NAME=VALUE`.
    ///
    /// # Errors
    ///
    /// * [`ParamError::Text`] without `=`, or where no number follows it.
    /// * [`ParamError::Unknown`] where no parameter has the name.
    /// * [`ParamError::OutOfRange`] as for [`set`](Self::set).
    pub fn set_text(&mut self, text: &str) -> Result<(), ParamError> {
        let (name, value) = text.split_once('=').ok_or(ParamError::Text)?;
        let param = name.parse()?;
        self.set(param, value.parse().map_err(|_| ParamError::Text)?)
    }
}

/// A line for each parameter, as Ntimed's traces begin; `{:#}` leaves out what classic mode does not
/// use.
impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for param in Param::ALL {
            if f.alternate() && !param.is_classic() {
                continue;
            }
            writeln!(
                f,
                "# param {param} {} # min {}, max {}, default {}",
                General(self.get(param)),
                General(param.min()),
                General(param.max()),
                General(param.default_value()),
            )?;
        }
        Ok(())
    }
}

impl Default for Params {
    fn default() -> Self {
        Self(Param::ALL.map(Param::default_value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_lie_in_their_range_and_names_lead_back() {
        let mut params = Params::default();
        for param in Param::ALL {
            assert_eq!(params.set(param, param.default_value()), Ok(()), "{param}");
            assert_eq!(param.name().parse(), Ok(param));
            assert!(param.meaning().ends_with('.'), "{param}");
        }
        assert_eq!(params, Params::default());
    }

    /// The lines of the original, but for its parameter `foo`.
    #[test]
    fn the_report_is_the_originals() {
        assert_eq!(Params::default().to_string().lines().count(), 11);
        let report = format!("{:#}", Params::default());
        assert_eq!(
            report.lines().collect::<Vec<_>>(),
            [
                "# param pll_std_p_init 0.33 # min 0.001, max 0.5, default 0.33",
                "# param pll_std_i_init 60 # min 10, max 1000, default 60",
                "# param pll_std_capture_time 300 # min 20, max 1e+06, default 300",
                "# param pll_std_stiffen_rate 0.999 # min 0.5, max 1, default 0.999",
                "# param pll_std_p_limit 0.03 # min 1e-06, max 0.5, default 0.03",
                "# param poll_rate 64 # min 16, max 4096, default 64",
                "# param ntp_filter_average 20 # min 3, max 1000, default 20",
                "# param ntp_filter_threshold 3 # min 0.01, max 10, default 3",
            ]
        );
    }

    #[test]
    fn each_parameter_has_its_own_place() {
        let mut params = Params::default();
        for param in Param::ALL {
            params.set(param, param.max()).unwrap();
        }
        for param in Param::ALL {
            assert_eq!(
                params.get(param).to_bits(),
                param.max().to_bits(),
                "{param}"
            );
        }
    }

    #[test]
    fn texts_set_parameters_or_say_why_not() {
        let mut params = Params::default();
        assert_eq!(params.set_text("window=3"), Ok(()));
        assert_eq!(params.get(Param::Window).to_bits(), 3.0_f64.to_bits());
        for (text, error) in [
            ("window", ParamError::Text),
            ("window=", ParamError::Text),
            ("window=x", ParamError::Text),
            ("foo=64", ParamError::Unknown),
            (
                "window=NaN",
                ParamError::OutOfRange {
                    param: Param::Window,
                },
            ),
            (
                "window=65",
                ParamError::OutOfRange {
                    param: Param::Window,
                },
            ),
        ] {
            assert_eq!(params.set_text(text), Err(error), "{text}");
        }
        let error = params.set(Param::Window, 0.0).unwrap_err();
        assert_eq!(error.to_string(), "window is not in 1..=64");
    }
}
