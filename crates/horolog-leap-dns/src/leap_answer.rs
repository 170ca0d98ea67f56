use alloc::string::String;

use horolog_leap_a::LeapAnnouncement;
use horolog_time::LeapTable;

use crate::{LeapContent, LeapRrset, Security};

/// Leap seconds from the DNS: what was said, where it came from and how it was checked.
///
/// # Examples
///
/// ```
/// use horolog_leap_dns::{LeapAnswer, LeapForm, LeapRrset, Origin, Security};
///
/// // Of a resolver of your own.
/// let rrset = LeapRrset::decode(LeapForm::Next, &[[244, 34, 36, 97]])?;
/// let answer = LeapAnswer::new("next.leapsecond.example", rrset)
///     .with_security(Security::Secure)
///     .with_ttl(3600);
/// assert_eq!(answer.announcement().unwrap().to_string(), "2015-12 dtai=36 delta=0");
/// assert_eq!(answer.origin(), Origin::Caller);
/// # Ok::<(), horolog_leap_dns::RrsetError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LeapAnswer {
    owner: String,
    rrset: LeapRrset,
    origin: Origin,
    security: Security,
    ttl: Option<u32>,
}

/// Who asked the DNS.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Origin {
    /// The caller: the records were given.
    Caller,
    /// The operating system's resolver, which may as well have looked into files.
    System,
    /// This crate, at name servers.
    NameServers,
}

impl LeapAnswer {
    /// Records that the caller got at a name, not validated, for an unknown time to live.
    #[must_use]
    pub fn new(owner: impl Into<String>, rrset: LeapRrset) -> Self {
        Self {
            owner: owner.into(),
            rrset,
            origin: Origin::Caller,
            security: Security::NotValidated,
            ttl: None,
        }
    }

    /// The same, checked in another way.
    #[must_use]
    pub const fn with_security(mut self, security: Security) -> Self {
        self.security = security;
        self
    }

    /// The same with a time to live, in seconds.
    #[must_use]
    pub const fn with_ttl(mut self, seconds: u32) -> Self {
        self.ttl = Some(seconds);
        self
    }

    #[cfg(feature = "std")]
    pub(crate) const fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// The name of the records.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The records.
    #[must_use]
    pub const fn rrset(&self) -> &LeapRrset {
        &self.rrset
    }

    /// What they say.
    #[must_use]
    pub const fn content(&self) -> &LeapContent {
        self.rrset.content()
    }

    /// The whole list, where that is what they say.
    #[must_use]
    pub const fn table(&self) -> Option<&LeapTable> {
        self.content().table()
    }

    /// The newest announcement, where announcements are what they say.
    #[must_use]
    pub fn announcement(&self) -> Option<LeapAnnouncement> {
        self.content().announcement()
    }

    /// Who asked.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// How the answer was checked.
    #[must_use]
    pub const fn security(&self) -> Security {
        self.security
    }

    /// Seconds that the answer may be kept; the operating system does not tell.
    #[must_use]
    pub const fn ttl(&self) -> Option<u32> {
        self.ttl
    }
}
