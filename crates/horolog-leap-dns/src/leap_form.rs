use alloc::borrow::Cow;
use alloc::format;
use core::fmt;

use crate::RecordType;

/// A form in which leap seconds stand in the DNS: which records to ask for.
///
/// # Examples
///
/// ```
/// use horolog_leap_dns::{LeapForm, RecordType};
///
/// let form = LeapForm::Next;
/// assert_eq!(form.owner("leapsecond.example"), "next.leapsecond.example");
/// assert_eq!(form.record_type(), RecordType::A);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum LeapForm {
    /// A records: the whole list with the record that ends it, or announcements.
    A,
    /// AAAA records: the whole list.
    Aaaa,
    /// A TXT record: the whole list as text.
    Txt,
    /// A record of the private type 65432: the whole list in binary.
    Binary,
    /// HINFO records: what the other forms are, for people.
    HostInfo,
    /// A records at `next`: the newest announcement alone.
    Next,
}

impl LeapForm {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::A,
        Self::Aaaa,
        Self::Txt,
        Self::Binary,
        Self::HostInfo,
        Self::Next,
    ];

    /// The type of its records.
    #[must_use]
    pub const fn record_type(self) -> RecordType {
        match self {
            Self::A | Self::Next => RecordType::A,
            Self::Aaaa => RecordType::AAAA,
            Self::Txt => RecordType::TXT,
            Self::Binary => RecordType::LEAP_BINARY,
            Self::HostInfo => RecordType::HINFO,
        }
    }

    /// The name of its records, where leap seconds are published at `name`.
    #[must_use]
    pub fn owner(self, name: &str) -> Cow<'_, str> {
        match self {
            Self::Next => Cow::Owned(format!("next.{name}")),
            _ => Cow::Borrowed(name),
        }
    }
}

/// `A`, or `A at next`.
impl fmt::Display for LeapForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.record_type().fmt(f)?;
        match self {
            Self::Next => f.write_str(" at next"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_announcement_alone_has_a_name_of_its_own() {
        for form in LeapForm::ALL {
            let owner = form.owner(crate::FINCH_NAME);
            let next = owner == "next.leapsecond.dotat.at";
            assert_eq!(next, form == LeapForm::Next, "{form}");
            assert!(owner.ends_with(crate::FINCH_NAME));
        }
        assert_eq!(LeapForm::Next.to_string(), "A at next");
        assert_eq!(LeapForm::Binary.to_string(), "TYPE65432");
    }
}
