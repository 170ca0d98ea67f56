//! Control messages, mode 6: what `ntpq` asks a server and what the server answers.
//!
//! A request is one [`ControlMessage`]. Its answer comes in one or more, which a `Reassembly`
//! (feature `alloc`) puts together; the text in it is read by [`Variables`], the status word by the
//! type for what was asked: [`SystemStatus`], [`PeerStatus`], [`ClockStatus`] or, where the error
//! bit is set, [`ErrorStatus`].
//!
//! [RFC 9327](https://www.rfc-editor.org/rfc/rfc9327) describes what servers do for the record and
//! advises against new uses. Answers can be far longer than requests, so a server that faces the
//! Internet should drop requests of this mode, and of mode 7, unless their sender is known.
//!
//! # Examples
//!
//! ```
//! use horolog_ntp::control::{ControlMessage, SystemStatus};
//!
//! let request = ControlMessage::read_variables(1, ControlMessage::SYSTEM);
//! let mut octets = Vec::new();
//! request.encode(&mut octets)?;
//! assert_eq!(octets.len(), 12);
//!
//! # let answer = b"\xd6\x82\x00\x01\xc0\x16\x00\x00\x00\x00\x00\x0bstratum=16,\x00";
//! let answer = ControlMessage::decode(answer)?; // what comes back
//! assert!(answer.answers(&request));
//! assert_eq!(SystemStatus::from_bits(answer.status).event.to_string(), "restart");
//! assert_eq!(answer.variables().get(b"stratum"), Some(&b"16"[..]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod associations;
mod clock_status;
mod code_point;
mod error_status;
mod message;
mod opcode;
mod peer_status;
#[cfg(feature = "alloc")]
mod reassembly;
mod requests;
mod system_status;
mod variables;

pub use associations::{Association, Associations};
pub use clock_status::{ClockEvent, ClockStatus};
pub use error_status::{ErrorCode, ErrorStatus};
pub use message::ControlMessage;
pub use opcode::OpCode;
pub use peer_status::{PeerEvent, PeerFlags, PeerSelection, PeerStatus};
#[cfg(feature = "alloc")]
pub use reassembly::{Reassembly, ReassemblyError};
pub use system_status::{ClockSource, SystemEvent, SystemStatus};
pub use variables::{Variable, Variables};
