//! A program for a machine without an operating system, as far as the compiler can tell.
//!
//! `std` brings a panic handler; so does this. If any crate below linked `std`, there would be two,
//! and the build would fail. The `bytes` crate links `alloc`, so there has to be an allocator; this
//! one has no memory, and nothing that asks it for some is ever run.

#![no_std]
#![forbid(unsafe_code)]

use core::net::Ipv4Addr;
use core::panic::PanicInfo;

use horolog_leap_a::LeapAnnouncement;
use horolog_leap_compact::{BinarySteps, Step};
use horolog_leap_dns::{LeapForm, LeapRrset};
use horolog_leap_list::LeapSecondsList;
use horolog_ntimed::{Params, Peak, Pll, PllUpdate};
use horolog_ntp::{Datagram, Header, KeyId, MacAlgorithm, MacKey, PacketWriter};
use horolog_nts::{AeadAlgorithm, AeadKey, NextRecord, RecordReader, RecordType};
use horolog_time::{NtpDate, NtpTimestamp};
use linked_list_allocator::LockedHeap;

#[global_allocator]
static NO_MEMORY: LockedHeap = LockedHeap::empty();

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

/// Answers a request with the least there is.
pub fn answer(request: &[u8], now: NtpTimestamp, reply: &mut [u8]) -> Option<usize> {
    let Ok(Datagram::Ntp(request)) = Datagram::decode(request) else {
        return None;
    };
    let key = MacKey::new(KeyId::new(1), MacAlgorithm::AesCmac128, &[0; 16]).ok()?;
    let header = Header {
        origin: request.header.transmit,
        receive: now,
        transmit: now,
        ..Header::default()
    };
    PacketWriter::new(reply, &header)
        .ok()?
        .finish_with_mac(&key)
        .ok()
}

/// Reads an announcement of a leap second.
pub fn announced(address: Ipv4Addr) -> Option<LeapAnnouncement> {
    LeapAnnouncement::from_addr(address).ok()
}

/// Walks over a compact list to its last step.
pub fn last_step(octets: &[u8]) -> Option<Step> {
    BinarySteps::new(octets).last()?.ok()
}

/// Whether a file is a whole list, with its hash.
pub fn is_list(file: &[u8]) -> bool {
    LeapSecondsList::decode(file).is_ok()
}

/// Opens what an authenticator holds.
pub fn opened<'a>(associated_data: &[u8], nonce: &[u8], buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    let key = AeadKey::new(AeadAlgorithm::AES_SIV_CMAC_256, &[0; 32]).ok()?;
    key.open(associated_data, nonce, buffer)
        .ok()
        .map(|plaintext| &*plaintext)
}

/// What to do about an offset.
pub fn steered(pll: &mut Pll, peak: Peak, now: NtpDate) -> PllUpdate {
    pll.handle_estimate(peak, now, &Params::default())
}

/// Reads the type of a message's first record.
pub fn first_type(message: &[u8]) -> Option<RecordType> {
    match RecordReader::new().next(message).ok()? {
        NextRecord::Record(record) => Some(record.record_type),
        _ => None,
    }
}

/// How many leap seconds the TXT records of an answer list.
pub fn answered(records: &[&[u8]]) -> Option<usize> {
    let rrset = LeapRrset::decode(LeapForm::Txt, records).ok()?;
    Some(rrset.content().table()?.leaps().len())
}
