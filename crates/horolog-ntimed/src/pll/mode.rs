/// What a [`Pll`](crate::Pll) is doing.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PllMode {
    /// 0: nothing was estimated yet.
    Startup,
    /// 1: waits for a good estimate, then steps the clock if it is far off.
    Stepping,
    /// 2: waits after the step.
    Settling,
    /// 3: steers.
    Tracking,
}

impl PllMode {
    /// The number, as traces have it.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Startup => 0,
            Self::Stepping => 1,
            Self::Settling => 2,
            Self::Tracking => 3,
        }
    }

    /// The mode of this number, 0 to 3.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Startup),
            1 => Some(Self::Stepping),
            2 => Some(Self::Settling),
            3 => Some(Self::Tracking),
            _ => None,
        }
    }
}
