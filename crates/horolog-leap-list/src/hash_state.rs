use crate::ListHash;

/// What is known of a list's integrity.
///
/// # Examples
///
/// ```
/// use horolog_leap_list::{HashRule, HashState, LeapSecondsList};
///
/// let text = b"#@ 2287785600\n2272060800 10\n#h 0 0 0 0 0\n";
/// let list = LeapSecondsList::decode_with(text, HashRule::Any)?;
/// assert!(matches!(list.hash_state(), HashState::Wrong { .. }));
/// # Ok::<(), horolog_leap_list::LeapListError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum HashState {
    /// The list has a hash and it is right: nothing in it was changed by accident.
    Verified,
    /// The list has a hash and it is wrong.
    Wrong {
        /// The hash of the text.
        computed: ListHash,
        /// The hash in the text.
        found: ListHash,
    },
    /// The list has no hash: it may have been changed, or cut off after one of its lines.
    Absent,
}
