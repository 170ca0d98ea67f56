use core::str::FromStr;

use horolog_ntimed::Bump;

/// `WHEN,FREQ,PHASE` on a command line: three finite numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BumpArgument(pub Bump);

impl FromStr for BumpArgument {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "expected three numbers WHEN,FREQ,PHASE";
        let number = |text: &str| {
            let number = text.trim().parse::<f64>().ok();
            number.filter(|number| number.is_finite()).ok_or(EXPECTED)
        };
        let [when, frequency, phase] = text.split(',').collect::<Vec<_>>()[..] else {
            return Err(EXPECTED);
        };
        let when = number(when)?;
        if when < 0.0 {
            return Err("WHEN is before the start");
        }
        Ok(Self(Bump {
            when,
            frequency: number(frequency)?,
            phase: number(phase)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bump_is_three_numbers() {
        let BumpArgument(bump) = "600,2e-6,-0.001".parse().unwrap();
        assert!((bump.when - 600.0).abs() < 1e-9);
        assert!((bump.frequency - 2e-6).abs() < 1e-12);
        assert!((bump.phase + 0.001).abs() < 1e-12);
        for bad in [
            "", "1,2", "1,2,3,4", "1,x,3", "1,nan,3", "1,2,inf", "-1,2,3",
        ] {
            assert!(bad.parse::<BumpArgument>().is_err(), "{bad}");
        }
    }
}
