//! The same work by hand: fixed offsets, plain integers, no error but `None`, no check of a value.

/// Every field of a header.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    pub(super) leap: u8,
    pub(super) version: u8,
    pub(super) mode: u8,
    pub(super) stratum: u8,
    pub(super) poll: i8,
    pub(super) precision: i8,
    pub(super) root_delay: u32,
    pub(super) root_dispersion: u32,
    pub(super) reference_id: [u8; 4],
    pub(super) reference: u64,
    pub(super) origin: u64,
    pub(super) receive: u64,
    pub(super) transmit: u64,
}

#[inline]
fn four(octets: &[u8; 48], at: usize) -> [u8; 4] {
    [octets[at], octets[at + 1], octets[at + 2], octets[at + 3]]
}

#[inline]
fn eight(octets: &[u8; 48], at: usize) -> u64 {
    u64::from(u32::from_be_bytes(four(octets, at))) << 32
        | u64::from(u32::from_be_bytes(four(octets, at + 4)))
}

#[inline]
pub(super) fn decode_header(octets: &[u8]) -> Option<Fields> {
    let octets: &[u8; 48] = octets.first_chunk()?;
    Some(Fields {
        leap: octets[0] >> 6,
        version: octets[0] >> 3 & 7,
        mode: octets[0] & 7,
        stratum: octets[1],
        poll: octets[2].cast_signed(),
        precision: octets[3].cast_signed(),
        root_delay: u32::from_be_bytes(four(octets, 4)),
        root_dispersion: u32::from_be_bytes(four(octets, 8)),
        reference_id: four(octets, 12),
        reference: eight(octets, 16),
        origin: eight(octets, 24),
        receive: eight(octets, 32),
        transmit: eight(octets, 40),
    })
}

#[inline]
pub(super) fn encode_header(fields: &Fields, buffer: &mut [u8]) -> Option<()> {
    let octets: &mut [u8; 48] = buffer.first_chunk_mut()?;
    octets[0] = fields.leap << 6 | fields.version << 3 | fields.mode;
    octets[1] = fields.stratum;
    octets[2] = fields.poll.cast_unsigned();
    octets[3] = fields.precision.cast_unsigned();
    octets[4..8].copy_from_slice(&fields.root_delay.to_be_bytes());
    octets[8..12].copy_from_slice(&fields.root_dispersion.to_be_bytes());
    octets[12..16].copy_from_slice(&fields.reference_id);
    octets[16..24].copy_from_slice(&fields.reference.to_be_bytes());
    octets[24..32].copy_from_slice(&fields.origin.to_be_bytes());
    octets[32..40].copy_from_slice(&fields.receive.to_be_bytes());
    octets[40..48].copy_from_slice(&fields.transmit.to_be_bytes());
    Some(())
}

/// The header, and what `visit` makes of each field in turn.
#[inline]
pub(super) fn decode_packet(packet: &[u8], mut visit: impl FnMut(u16, &[u8])) -> Option<Fields> {
    let header = decode_header(packet)?;
    let mut rest = &packet[48..];
    while !rest.is_empty() {
        let &[a, b, c, d] = rest.first_chunk()?;
        let length = usize::from(u16::from_be_bytes([c, d]));
        if length < 16 || length % 4 != 0 || length > rest.len() {
            return None;
        }
        visit(u16::from_be_bytes([a, b]), &rest[4..length]);
        rest = &rest[length..];
    }
    Some(header)
}

/// Header and fields, whose values are padded to a multiple of four; tells the length.
#[inline]
pub(super) fn encode_packet(
    header: &Fields,
    fields: &[(u16, &[u8])],
    buffer: &mut [u8],
) -> Option<usize> {
    encode_header(header, buffer)?;
    let mut at = 48;
    for (field_type, value) in fields {
        let whole = 4 + value.len().next_multiple_of(4);
        let field = buffer.get_mut(at..at + whole)?;
        field[..2].copy_from_slice(&field_type.to_be_bytes());
        field[2..4].copy_from_slice(&u16::try_from(whole).ok()?.to_be_bytes());
        field[4..4 + value.len()].copy_from_slice(value);
        field[4 + value.len()..].fill(0);
        at += whole;
    }
    Some(at)
}

/// A header that is read only where it is asked.
#[derive(Clone, Copy)]
pub(super) struct View<'a>(&'a [u8; 48]);

impl<'a> View<'a> {
    /// Checks what Horolog's header checks: length, version and mode.
    #[inline]
    pub(super) fn new(octets: &'a [u8]) -> Option<Self> {
        let octets: &[u8; 48] = octets.first_chunk()?;
        let (version, mode) = (octets[0] >> 3 & 7, octets[0] & 7);
        (matches!(version, 1..=4) && mode < 6).then_some(Self(octets))
    }

    #[inline]
    pub(super) fn stratum(self) -> u8 {
        self.0[1]
    }

    #[inline]
    pub(super) fn transmit(self) -> u64 {
        eight(self.0, 40)
    }

    #[inline]
    pub(super) fn all(self) -> Option<Fields> {
        decode_header(self.0)
    }
}

impl Fields {
    /// A number that every field goes into.
    #[inline]
    pub(super) fn mixed(&self) -> u64 {
        [
            u64::from(self.leap),
            u64::from(self.version),
            u64::from(self.mode),
            u64::from(self.stratum),
            u64::from(self.poll.cast_unsigned()),
            u64::from(self.precision.cast_unsigned()),
            u64::from(self.root_delay),
            u64::from(self.root_dispersion),
            u64::from(u32::from_be_bytes(self.reference_id)),
            self.reference,
            self.origin,
            self.receive,
            self.transmit,
        ]
        .into_iter()
        .fold(0, |mixed: u64, field| mixed.rotate_left(5) ^ field)
    }
}
