use horolog_time::{LeapSign, Month};

/// The longest gap that can be said, in months.
pub const MAX_GAP: u32 = 999;

/// One element of a list: so many months after the one before, something happens.
///
/// The first counts from the start of 1972.
///
/// # Examples
///
/// ```
/// use horolog_leap_compact::{StepEvent, TextSteps};
/// use horolog_time::LeapSign;
///
/// let step = TextSteps::new(b"6+5?").next().unwrap()?;
/// assert_eq!(step.gap(), 6);
/// assert_eq!(step.event(), StepEvent::Leap(LeapSign::Positive));
/// assert_eq!(step.month().to_string(), "1972-06");
/// # Ok::<(), horolog_leap_compact::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Step {
    gap: u32,
    event: StepEvent,
    /// After 1972-01.
    boundary: Month,
}

/// What happens at the end of a month of a list.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum StepEvent {
    /// A leap second.
    Leap(LeapSign),
    /// The list ends; nothing is known of the months after.
    Expiry,
}

impl Step {
    /// Goes `gap` months, at least one, on from the month that started with the step before; `None`
    /// where the calendar ends.
    #[inline]
    pub(crate) fn after(previous: Month, gap: u32, event: StepEvent) -> Option<Self> {
        let boundary = previous.checked_add(gap.cast_signed())?;
        Some(Self {
            gap,
            event,
            boundary,
        })
    }

    /// Months since the step before, 1 to [`MAX_GAP`].
    #[inline]
    #[must_use]
    pub const fn gap(self) -> u32 {
        self.gap
    }

    /// What happens.
    #[inline]
    #[must_use]
    pub const fn event(self) -> StepEvent {
        self.event
    }

    /// The month at whose end it happens.
    #[inline]
    #[must_use]
    pub fn month(self) -> Month {
        let month = self.boundary.checked_add(-1);
        month.unwrap_or(Month::JANUARY_1972)
    }

    /// The month that starts when it has happened.
    #[inline]
    #[must_use]
    pub const fn boundary(self) -> Month {
        self.boundary
    }
}
