//! From a line's text to its meaning.

use horolog_ntp::{LeapIndicator, Mode, ReferenceId, Stratum, Version};
use horolog_time::UnixTime;

use super::{Trace, TracePacket, TracePeer};
use crate::{Adjustment, FilterBranch, FilterReport, Peak, PllMode, PllReport};

/// The column of a fault, and what should have stood there.
type Fault = (usize, &'static str);

/// Takes a line apart at its spaces.
struct Words<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Words<'a> {
    /// Behind the first `skip` octets of a line.
    const fn behind(line: &'a str, skip: usize) -> Self {
        Self { line, at: skip }
    }

    fn rest(&self) -> &'a str {
        self.line.get(self.at..).unwrap_or_default()
    }

    /// The next word and its column.
    fn word(&mut self, expected: &'static str) -> Result<(&'a str, Fault), Fault> {
        let rest = self.rest();
        let word = rest.trim_start_matches(' ');
        self.at += rest.len() - word.len();
        let fault = (self.at + 1, expected);
        let end = word.find(' ').unwrap_or(word.len());
        let word = word.get(..end).unwrap_or_default();
        if word.is_empty() {
            return Err(fault);
        }
        self.at += end;
        Ok((word, fault))
    }

    fn peer(&mut self) -> Result<TracePeer<'a>, Fault> {
        let (host, _) = self.word("a host name")?;
        let (address, _) = self.word("an address")?;
        Ok(TracePeer { host, address })
    }

    /// A whole number.
    fn integer<T: core::str::FromStr>(&mut self, expected: &'static str) -> Result<T, Fault> {
        let (word, fault) = self.word(expected)?;
        word.parse().map_err(|_| fault)
    }

    /// A number as `%f` or `%e` prints it, special values too.
    fn number(&mut self, expected: &'static str) -> Result<f64, Fault> {
        let (word, fault) = self.word(expected)?;
        word.parse().map_err(|_| fault)
    }

    fn numbers<const N: usize>(&mut self) -> Result<[f64; N], Fault> {
        let mut numbers = [0.0; N];
        for number in &mut numbers {
            *number = self.number("a number")?;
        }
        Ok(numbers)
    }

    /// A span of time in decimal seconds.
    fn span(&mut self, expected: &'static str) -> Result<f64, Fault> {
        let (word, fault) = self.word(expected)?;
        span(word, fault)
    }

    /// A time with nine decimals, as `%u.%u` of seconds and nanoseconds needs it.
    fn time(&mut self) -> Result<UnixTime, Fault> {
        let (word, fault) = self.word("seconds with nine decimals")?;
        match word.split_once('.') {
            Some((seconds, decimals)) if decimals.len() == 9 && !seconds.starts_with('-') => {
                word.parse().map_err(|_| fault)
            }
            _ => Err(fault),
        }
    }

    fn end(&self) -> Result<(), Fault> {
        if self.rest().is_empty() {
            Ok(())
        } else {
            Err((self.at + 1, "the end of the line"))
        }
    }
}

fn span(word: &str, fault: Fault) -> Result<f64, Fault> {
    let plain = |octet: u8| octet.is_ascii_digit() || octet == b'.' || octet == b'-';
    if !word.bytes().all(plain) {
        return Err(fault);
    }
    match word.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(fault),
    }
}

pub(super) fn line(line: &str) -> Result<Trace<'_>, Fault> {
    let behind = |prefix: &str| {
        line.starts_with(prefix)
            .then(|| Words::behind(line, prefix.len()))
    };
    let (trace, words) = if line == Trace::FORMAT {
        return Ok(Trace::Format);
    } else if let Some(mut words) = behind("# Found ") {
        let peers = words.integer("the number of peers")?;
        let (_, fault) = words.word("\"peers\"")?;
        if !line.ends_with(" peers") {
            return Err(fault);
        }
        (Trace::Found { peers }, words)
    } else if let Some(mut words) = behind("# Peer ") {
        (Trace::Peer(words.peer()?), words)
    } else if let Some(mut words) = behind("Now ") {
        let time = words.time()?;
        let task = words.rest().strip_prefix(' ');
        if task.is_none() {
            words.end()?;
        }
        return Ok(Trace::Now { time, task });
    } else if let Some(mut words) = behind("Poll ") {
        let peer = words.peer()?;
        let packet = packet(&mut words)?;
        (Trace::Poll { peer, packet }, words)
    } else if let Some(mut words) = behind("NTP_Packet ") {
        let peer = words.peer()?;
        let packet = packet(&mut words)?;
        (Trace::Packet { peer, packet }, words)
    } else if let Some(mut words) = behind("NTP_Filter ") {
        (filter(&mut words)?, words)
    } else if let Some(mut words) = behind("Combine ") {
        let peer = words.peer()?;
        let density = words.numbers()?;
        let [offset, weight, log_weight] = words.numbers()?;
        let trace = Trace::Combine {
            peer,
            density,
            peak: Peak { offset, weight },
            log_weight,
        };
        (trace, words)
    } else if let Some(mut words) = behind("PLL ") {
        (pll(&mut words)?, words)
    } else if let Some(mut words) = behind("SIMPLL ") {
        let [frequency, offset, duration] = words.numbers()?;
        let adjustment = Adjustment {
            offset,
            duration,
            frequency,
        };
        (Trace::SimPll(adjustment), words)
    } else {
        return Ok(Trace::Other(line));
    };
    words.end()?;
    Ok(trace)
}

fn filter<'a>(words: &mut Words<'a>) -> Result<Trace<'a>, Fault> {
    let peer = words.peer()?;
    let (word, fault) = words.word("a branch, 1 to 4")?;
    let branch = word.parse().ok().and_then(FilterBranch::from_number);
    let branch = branch.ok_or(fault)?;
    let [low, mid, high, low_limit, average_mid, high_limit] = words.numbers()?;
    let report = FilterReport {
        branch,
        low,
        mid,
        high,
        low_limit,
        average_mid,
        high_limit,
    };
    Ok(Trace::Filter { peer, report })
}

fn pll<'a>(words: &mut Words<'a>) -> Result<Trace<'a>, Fault> {
    let (word, fault) = words.word("a mode, 0 to 3")?;
    let mode = word.parse().ok().and_then(PllMode::from_number);
    let mode = mode.ok_or(fault)?;
    let [elapsed, offset, weight] = words.numbers()?;
    let (arrow, fault) = words.word("\"->\"")?;
    if arrow != "->" {
        return Err(fault);
    }
    let [phase, duration, frequency, proportional, integral] = words.numbers()?;
    Ok(Trace::Pll(PllReport {
        mode,
        elapsed,
        offset,
        weight,
        adjustment: Adjustment {
            offset: phase,
            duration,
            frequency,
        },
        proportional,
        integral,
    }))
}

fn packet(words: &mut Words<'_>) -> Result<TracePacket, Fault> {
    const LEAP: &str = "\"[\" and a leap indicator, 0 to 3";
    const VERSION: &str = "a version, 0 to 7";
    const MODE: &str = "a mode, 0 to 7";
    let (word, fault) = words.word(LEAP)?;
    let leap = word.strip_prefix('[').and_then(|bits| bits.parse().ok());
    let leap = leap.filter(|bits| *bits <= 3).ok_or(fault)?;
    let three_bits = |words: &mut Words<'_>, expected| {
        let (word, fault) = words.word(expected)?;
        let bits = word.parse().ok();
        bits.filter(|bits| *bits <= 7).ok_or(fault)
    };
    let version = three_bits(words, VERSION)?;
    let mode = three_bits(words, MODE)?;
    Ok(TracePacket {
        leap: LeapIndicator::from_bits(leap),
        version: Version::from_bits(version),
        mode: Mode::from_bits(mode),
        stratum: Stratum::new(words.integer("a stratum, 0 to 255")?),
        poll: words.integer("a poll exponent, 0 to 255")?,
        precision: words.integer("a precision, -128 to 127")?,
        root_delay: words.span("a root delay")?,
        root_dispersion: words.span("a root dispersion")?,
        reference_id: reference_id(words)?,
        reference: words.span("the reference time less T1")?,
        t1: words.time()?,
        there: words.span("T2 - T1")?,
        processing: words.span("T3 - T2")?,
        back: {
            let (word, fault) = words.word("T4 - T3 and \"]\"")?;
            span(word.strip_suffix(']').ok_or(fault)?, fault)?
        },
    })
}

fn reference_id(words: &mut Words<'_>) -> Result<ReferenceId, Fault> {
    let (word, fault) = words.word("a reference ID, 0x and eight digits")?;
    let digits = word.strip_prefix("0x").ok_or(fault)?;
    if digits.len() != 8 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(fault);
    }
    let bits = u32::from_str_radix(digits, 16).map_err(|_| fault)?;
    Ok(ReferenceId::from_octets(bits.to_be_bytes()))
}
