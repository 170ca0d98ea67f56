use horolog_leap_dns::Security;

use crate::leap::LeapKnowledge;

/// What is known of leap seconds, and where it is from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KnownLeaps {
    /// What was heard.
    pub knowledge: LeapKnowledge,
    /// How it was checked.
    pub security: Security,
}
