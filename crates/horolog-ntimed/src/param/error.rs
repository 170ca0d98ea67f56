use thiserror::Error;

use crate::Param;

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
