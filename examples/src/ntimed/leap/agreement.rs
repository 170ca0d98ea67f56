use serde::Serialize;

/// How what the servers show goes with what is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeapAgreement {
    /// They show what is known.
    Agrees,
    /// They show what was right up to an hour ago, and may not have heard of the change yet.
    Late,
    /// Most of them show something else.
    Contradicts,
    /// Nothing is known, or the servers have no majority.
    Uncompared,
}
