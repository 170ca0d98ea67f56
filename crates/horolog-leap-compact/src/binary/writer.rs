//! The canonical binary form.

use alloc::vec::Vec;

use bytes::BufMut;

use super::code::{Code, Unit};
use crate::outline::Outline;
use crate::{EncodeError, StepEvent};

/// Half years in a code, at most.
const MAX_COUNT: u32 = 16;

/// The octets that [`encode`] writes.
pub(crate) fn encoded_len(list: Outline<'_>) -> usize {
    Plan::of(list).len()
}

/// Writes a list.
pub(crate) fn encode(list: Outline<'_>, buffer: &mut impl BufMut) -> Result<(), EncodeError> {
    let plan = Plan::of(list);
    let (needed, left) = (plan.len(), buffer.remaining_mut());
    if left < needed {
        return Err(EncodeError::BufferTooSmall { needed, left });
    }
    write(list, &plan, buffer);
    Ok(())
}

/// Writes a list into octets of its own.
pub(crate) fn to_vec(list: Outline<'_>) -> Vec<u8> {
    let plan = Plan::of(list);
    let mut octets = Vec::with_capacity(plan.len());
    write(list, &plan, &mut octets);
    octets
}

fn write(list: Outline<'_>, plan: &Plan, buffer: &mut impl BufMut) {
    let mut writer = Writer { buffer, high: None };
    let mut short_codes = 0;
    for (gap, event) in list.gaps() {
        codes(gap, event, |code| {
            let short = code.short();
            short_codes += usize::from(short.is_some());
            match short {
                Some(nibble) if plan.widened != Some(short_codes) => writer.put(nibble),
                _ => code
                    .nibbles()
                    .into_iter()
                    .for_each(|nibble| writer.put(nibble)),
            }
        });
    }
    // A nibble that has no partner now is the last of an expiry after five months: it is left out.
}

/// The codes of one gap: half years first, as whole years where months are left; the event with
/// the last code, however many there are.
fn codes(gap: u32, event: StepEvent, mut put: impl FnMut(Code)) {
    let (mut half_years, months) = match gap {
        _ if gap.is_multiple_of(6) => (gap / 6, 0),
        ..=MAX_COUNT => (0, gap),
        _ => (gap / 12 * 2, gap % 12),
    };
    while half_years > MAX_COUNT {
        put(Code::new(Unit::HalfYear, MAX_COUNT, None));
        half_years -= MAX_COUNT;
    }
    if months == 0 {
        put(Code::new(Unit::HalfYear, half_years, Some(event)));
        return;
    }
    if half_years > 0 {
        put(Code::new(Unit::HalfYear, half_years, None));
    }
    put(Code::new(Unit::Month, months, Some(event)));
}

/// How the nibbles of a list come to an even number.
struct Plan {
    nibbles: usize,
    /// Which of the codes of one nibble is written with two, counted from 1.
    widened: Option<usize>,
}

impl Plan {
    fn of(list: Outline<'_>) -> Self {
        let (mut nibbles, mut short_codes, mut last) = (0, 0, None);
        for (gap, event) in list.gaps() {
            codes(gap, event, |code| {
                let is_short = code.short().is_some();
                short_codes += usize::from(is_short);
                nibbles += if is_short { 1 } else { 2 };
                last = Some(code);
            });
        }
        // An odd number has an odd number of short codes in it, so that there is a last one.
        let is_odd = nibbles % 2 == 1;
        let widens = is_odd && last != Some(Code::EXPIRY_AFTER_5);
        Self {
            nibbles: nibbles + usize::from(widens),
            widened: widens.then_some(short_codes),
        }
    }

    const fn len(&self) -> usize {
        self.nibbles / 2
    }
}

/// Puts nibbles into octets, the high one first.
struct Writer<'a, B> {
    buffer: &'a mut B,
    high: Option<u8>,
}

impl<B: BufMut> Writer<'_, B> {
    fn put(&mut self, nibble: u8) {
        match self.high.take() {
            Some(high) => self.buffer.put_u8(high << 4 | nibble),
            None => self.high = Some(nibble),
        }
    }
}
