//! Packets: Horolog beside its limit and its peers.
//!
//! * ntp-parser writes nothing, so it decodes only. It does not count a field's header in the
//!   field's length and wants a MAC behind fields, so packets with fields are not comparable.
//! * ntp-proto shows its codec as `__internal-fuzz`. It has no operation for the header alone; the
//!   packet of 48 octets stands for it. It verifies no MACs. It has no public constructor for
//!   packets with fields, so it encodes what it decoded before.
//! * sntpc shows no codec at all. Making a request and reading an answer are its smallest public
//!   operations, and have groups of their own.

mod exchange;
mod header;
mod limit;
mod mac;
mod packet;
mod samples;
mod sntpc_socket;

use crate::Operation;

/// All of them, group by group.
#[must_use]
pub fn operations() -> Vec<Operation> {
    [
        header::decode_header(),
        header::encode_header(),
        packet::decode_packet_with_fields(),
        packet::encode_packet_with_fields(),
        mac::decode_packet_with_mac(),
        mac::verify_packet(),
        exchange::make_request(),
        exchange::read_answer(),
        header::read_two_fields(),
        header::read_all_fields(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
