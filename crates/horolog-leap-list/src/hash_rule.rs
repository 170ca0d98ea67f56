/// What a list's hash must be for the list to be read.
///
/// # Examples
///
/// ```
/// use horolog_leap_list::{HashRule, HashState, LeapListError, LeapSecondsList};
///
/// let text = b"#@ 2303683200\n2272060800 10\n2287785600 11\n";
/// assert_eq!(LeapSecondsList::decode(text), Err(LeapListError::NoHash));
/// let list = LeapSecondsList::decode_with(text, HashRule::IfPresent)?;
/// assert_eq!(list.hash_state(), HashState::Absent);
/// # Ok::<(), LeapListError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum HashRule {
    /// It must be there and right. The lists of the IERS, of NIST and of tzdata keep to this.
    #[default]
    Required,
    /// It must be right, but may be absent: [`HashState::Absent`](crate::HashState::Absent).
    IfPresent,
    /// Right, wrong or absent: [`HashState`](crate::HashState) tells.
    Any,
}
