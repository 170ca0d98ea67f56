//! A client's side of an exchange: the request made, the answer read.

use std::hint::black_box;

use horolog_ntp::{Header, LeapIndicator, Mode, Stratum};
use horolog_time::{NtpDuration, NtpShort, NtpTimestamp, UnixTime};

use super::samples::SERVER;
use super::sntpc_socket::{Clock, PEER, Socket, ready};
use crate::Operation;
use crate::group::Group;

const NOW: Clock = Clock {
    seconds: 1_649_141_032,
    microseconds: 461_393,
};

/// The time of the clock in a packet.
#[inline]
fn timestamp(clock: Clock) -> NtpTimestamp {
    UnixTime::new(clock.seconds.into(), clock.microseconds * 1000)
        .map_or(NtpTimestamp::UNKNOWN, NtpTimestamp::from_unix)
}

/// From a clock's reading to the octets to send.
pub(super) fn make_request() -> Vec<Operation> {
    const GROUP: &str = "ntp/make-request/fixed-clock";
    let socket = Socket { answer: SERVER };
    Group::new(GROUP, 48)
        .with(
            "horolog",
            move || {
                let header = Header {
                    transmit: timestamp(black_box(NOW)),
                    ..Header::default()
                };
                black_box(&header.to_octets());
                header.transmit
            },
            |transmit| transmit.seconds() == 0xe5f6_63a8,
        )
        .with(
            "sntpc",
            move || {
                let context = sntpc::NtpContext::new(NOW);
                ready(sntpc::sntp_send_request(PEER, &socket, context))
            },
            |sent| matches!(sent, Some(Ok(_))),
        )
        .operations()
}

/// What a client learns from an answer.
#[derive(Debug)]
struct Answer {
    offset: NtpDuration,
    delay: NtpDuration,
    time: UnixTime,
    header: Header,
}

/// What sntpc does with an answer, in terms of Horolog: the same checks, the same results.
#[inline]
fn answer(octets: &[u8], request: NtpTimestamp, clock: Clock) -> Option<Answer> {
    let arrival = timestamp(clock);
    let header = Header::decode(octets).ok()?;
    let distance = NtpDuration::from(header.root_delay)
        .half()
        .saturating_add(header.root_dispersion.into());
    let is_right = header.origin == request
        && header.mode == Mode::SERVER
        && header.stratum.is_synchronised()
        && header.leap != LeapIndicator::Unknown
        && !header.transmit.is_unknown()
        && distance < NtpShort::from_bits(16 << 16).into()
        && !(header.transmit - header.reference).is_negative();
    let there = header.receive - header.origin;
    let back = header.transmit - arrival;
    is_right.then_some(Answer {
        offset: NtpDuration::mean(there, back),
        delay: (arrival - header.origin).saturating_sub(header.transmit - header.receive),
        time: header
            .transmit
            .to_unix(UnixTime::from_seconds(clock.seconds.into()))?,
        header,
    })
}

/// From an answer's octets to offset, delay and time.
pub(super) fn read_answer() -> Vec<Operation> {
    const GROUP: &str = "ntp/read-answer/captured-server";
    let context = sntpc::NtpContext::new(NOW);
    let mut octets = SERVER;
    // sntpc cuts a microsecond's fraction down where Horolog rounds it up: one unit of 2^-32 s.
    let origin = NtpTimestamp::from_bits(timestamp(NOW).to_bits() - 1);
    octets[24..32].copy_from_slice(&origin.to_octets());
    let socket = Socket { answer: octets };
    let sent = ready(sntpc::sntp_send_request(PEER, &socket, context));
    let sent = sent.expect("the socket is ready").expect("it takes all");
    Group::new(GROUP, 48)
        .with(
            "horolog",
            move || answer(black_box(&octets), black_box(origin), black_box(NOW)),
            |answer| {
                answer.is_some_and(|answer| {
                    answer.offset.as_nanoseconds() / 1000 == 13_422
                        && answer.delay.is_negative()
                        && answer.time.seconds() == i64::from(NOW.seconds)
                        && answer.header.stratum == Stratum::new(2)
                })
            },
        )
        .with(
            "sntpc",
            move || {
                ready(sntpc::sntp_process_response(
                    PEER,
                    &socket,
                    black_box(context),
                    black_box(sent),
                ))
            },
            |answer| matches!(answer, Some(Ok(answer)) if answer.offset() == 13_422),
        )
        .operations()
}
