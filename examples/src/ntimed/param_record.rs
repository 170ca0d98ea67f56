use core::fmt;

use horolog_ntimed::Param;
use serde::Serialize;

/// A parameter as `ntimed params` shows it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ParamRecord {
    name: &'static str,
    min: f64,
    max: f64,
    default: f64,
    unit: &'static str,
    /// Whether the original has it too.
    classic: bool,
    meaning: &'static str,
}

impl From<Param> for ParamRecord {
    fn from(param: Param) -> Self {
        Self {
            name: param.name(),
            min: param.min(),
            max: param.max(),
            default: param.default_value(),
            unit: param.unit(),
            classic: param.is_classic(),
            meaning: param.meaning(),
        }
    }
}

/// One line in columns.
impl fmt::Display for ParamRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = format!("{}..{}", self.min, self.max);
        let Self {
            name,
            default,
            unit,
            meaning,
            ..
        } = self;
        write!(
            f,
            "{name:20}  {default:>9} {unit:3}  {range:>15}  {meaning}"
        )
    }
}
