//! The binary form.

mod code;
mod nibbles;
mod steps;
#[cfg(feature = "alloc")]
mod writer;

pub use steps::BinarySteps;
#[cfg(feature = "alloc")]
pub(crate) use writer::{encode, encoded_len, to_vec};
