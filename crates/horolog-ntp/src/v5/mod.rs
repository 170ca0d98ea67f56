//! NTP version 5 as in [`DRAFT`]; feature `unstable-ntpv5`, which changes with the draft.
//!
//! Version 5 has another header and lays extension fields out by
//! [`FieldLayout::V5`](crate::FieldLayout::V5). A client and a server find out by a
//! [`NegotiationStamp`] in version 4 that both speak it.
//!
//! # Examples
//!
//! A request, padded to the length of the answer that it asks for:
//!
//! ```
//! use horolog_ntp::v5::{DraftIdentification, Header, Packet, PacketWriter, ReferenceIdsRequest};
//!
//! let mut buffer = [0; 256];
//! let request = Header { client_cookie: 0x0b34_4cc1_c028_613a, ..Header::default() };
//! let mut writer = PacketWriter::new(&mut buffer, &request)?;
//! writer.field(&DraftIdentification::CURRENT)?;
//! writer.field(&ReferenceIdsRequest::new(0, 16)?)?;
//! let length = writer.finish();
//! assert_eq!(length, 48 + 28 + 20);
//!
//! let packet = Packet::decode(&buffer[..length])?;
//! assert_eq!(packet.header, request);
//! assert_eq!(packet.find_as::<DraftIdentification>().unwrap()?, DraftIdentification::CURRENT);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod correction;
mod draft_identification;
mod flags;
mod header;
mod mac;
mod monotonic_receive_timestamp;
mod negotiation_stamp;
mod packet;
mod packet_writer;
mod padding;
mod path_correction;
mod reference_id;
mod reference_ids;
mod reference_ids_request;
mod reference_ids_response;
mod reference_timestamp;
mod secondary_receive_timestamp;
mod server_information;
mod timescale;

pub use correction::Correction;
pub use draft_identification::DraftIdentification;
pub use flags::Flags;
pub use header::Header;
pub use mac::Mac;
pub use monotonic_receive_timestamp::MonotonicReceiveTimestamp;
pub use negotiation_stamp::NegotiationStamp;
pub use packet::Packet;
pub use packet_writer::PacketWriter;
pub use padding::Padding;
pub use path_correction::PathCorrection;
pub use reference_id::ReferenceId;
pub use reference_ids::ReferenceIds;
pub use reference_ids_request::ReferenceIdsRequest;
pub use reference_ids_response::ReferenceIdsResponse;
pub use reference_timestamp::ReferenceTimestamp;
pub use secondary_receive_timestamp::SecondaryReceiveTimestamp;
pub use server_information::ServerInformation;
pub use timescale::Timescale;

/// The draft that this module follows, as it stands in [`DraftIdentification`].
pub const DRAFT: &str = "draft-ietf-ntp-ntpv5-08";
