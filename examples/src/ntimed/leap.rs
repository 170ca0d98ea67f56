//! Leap seconds for the client: what is known, whether servers agree, and what a kernel has to be told.

mod agreement;
mod kernel;
mod known;
mod order;
mod status;
mod watch;

pub use agreement::LeapAgreement;
pub use kernel::KernelLeap;
pub use known::KnownLeaps;
pub use order::KernelOrder;
pub use status::LeapStatus;
pub use watch::LeapWatch;
