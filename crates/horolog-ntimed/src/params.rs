use core::fmt;

use crate::c_format::General;
use crate::{Param, ParamError};

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
