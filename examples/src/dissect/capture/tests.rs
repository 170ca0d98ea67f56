use super::*;

/// Gives one octet at a time, as a slow pipe may.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(1);
        self.0.read(buffer.get_mut(..length).unwrap_or_default())
    }
}

fn frames(octets: &[u8]) -> Result<Vec<Frame>, (Vec<Frame>, CaptureError)> {
    let mut frames = Vec::new();
    let mut frame = Frame::default();
    let mut capture = Capture::new(Slow(octets)).map_err(|error| (Vec::new(), error))?;
    loop {
        match capture.read(&mut frame) {
            Ok(true) => frames.push(frame.clone()),
            Ok(false) => return Ok(frames),
            Err(error) => return Err((frames, error)),
        }
    }
}

/// Numbers in one of both orders.
struct Octets {
    octets: Vec<u8>,
    big_endian: bool,
}

impl Octets {
    const fn new(big_endian: bool) -> Self {
        let octets = Vec::new();
        Self { octets, big_endian }
    }

    fn u16(&mut self, number: u16) {
        self.octets.extend(if self.big_endian {
            number.to_be_bytes()
        } else {
            number.to_le_bytes()
        });
    }

    fn u32(&mut self, number: u32) {
        self.octets.extend(if self.big_endian {
            number.to_be_bytes()
        } else {
            number.to_le_bytes()
        });
    }

    fn words(&mut self, numbers: &[u32]) {
        for &number in numbers {
            self.u32(number);
        }
    }

    /// A block of pcapng around a body of whole words.
    fn block(&mut self, kind: u32, body: impl FnOnce(&mut Self)) {
        let mut inner = Self::new(self.big_endian);
        body(&mut inner);
        let length = u32::try_from(inner.octets.len() + 12).unwrap();
        self.words(&[kind, length]);
        self.octets.append(&mut inner.octets);
        self.u32(length);
    }
}

fn pcap(big_endian: bool, magic: u32, fraction: u32) -> Vec<u8> {
    let mut octets = Octets::new(big_endian);
    octets.words(&[magic, 0x0004_0002, 0, 0, 65_535, 1]);
    for data in [&[1, 2, 3][..], &[4]] {
        let length = u32::try_from(data.len()).unwrap();
        octets.words(&[1_795_337_488, fraction, length, length]);
        octets.octets.extend(data);
    }
    octets.octets
}

/// A section, an interface with options, an enhanced and a simple packet, and an unknown block.
fn pcapng(big_endian: bool, resolution: u8, units: u64) -> Vec<u8> {
    let mut octets = Octets::new(big_endian);
    octets.block(0x0a0d_0d0a, |body| {
        body.words(&[0x1a2b_3c4d, 1, u32::MAX, u32::MAX]);
    });
    octets.block(1, |body| {
        body.u16(101);
        body.u16(0);
        body.u32(65_535);
        body.u16(9);
        body.u16(1);
        body.octets.extend([resolution, 0, 0, 0]);
        body.u16(14);
        body.u16(8);
        let offset: i64 = -100;
        body.octets.extend(if big_endian {
            offset.to_be_bytes()
        } else {
            offset.to_le_bytes()
        });
        body.u32(0);
    });
    octets.block(0x0bad, |body| body.u32(7));
    octets.block(6, |body| {
        let (high, low) = (units >> 32, units & 0xffff_ffff);
        body.u32(0);
        body.u32(u32::try_from(high).unwrap());
        body.u32(u32::try_from(low).unwrap());
        body.words(&[3, 3]);
        body.octets.extend([1, 2, 3, 0]);
    });
    octets.block(3, |body| {
        body.u32(1);
        body.octets.extend([4, 0, 0, 0]);
    });
    octets.octets
}

#[test]
fn pcap_is_read_in_both_orders_and_precisions() {
    for big_endian in [false, true] {
        for (magic, fraction) in [(0xa1b2_c3d4, 123_456), (0xa1b2_3c4d, 123_456_000)] {
            let frames = frames(&pcap(big_endian, magic, fraction)).unwrap();
            let [first, second] = frames.as_slice() else {
                panic!("{frames:?}")
            };
            let time = UnixTime::new(1_795_337_488, 123_456_000).unwrap();
            assert_eq!((first.index, first.time), (1, Some(time)));
            assert_eq!((first.link, first.octets.as_slice()), (1, &[1, 2, 3][..]));
            assert_eq!((second.index, second.octets.as_slice()), (2, &[4][..]));
        }
    }
}

#[test]
fn pcapng_is_read_in_both_orders_and_all_resolutions() {
    for big_endian in [false, true] {
        for (resolution, units) in [
            (6, 1_000_500_000),
            (9, 1_000_500_000_000),
            (0x8a, 1000 * 1024 + 512),
        ] {
            let frames = frames(&pcapng(big_endian, resolution, units)).unwrap();
            let [first, second] = frames.as_slice() else {
                panic!("{frames:?}")
            };
            let time = UnixTime::new(900, 500_000_000).unwrap();
            assert_eq!((first.index, first.time), (1, Some(time)));
            assert_eq!((first.link, first.octets.as_slice()), (101, &[1, 2, 3][..]));
            assert_eq!((second.index, second.time), (2, None));
            assert_eq!((second.link, second.octets.as_slice()), (101, &[4][..]));
        }
        // So fine a resolution has no unit that fits.
        assert_eq!(frames(&pcapng(big_endian, 20, 1)).unwrap()[0].time, None);
    }
}

#[test]
fn what_is_cut_off_is_an_error_behind_what_is_whole() {
    for octets in [pcap(false, 0xa1b2_c3d4, 0), pcapng(true, 6, 0)] {
        for length in 0..octets.len() {
            let Err((frames, error)) = frames(&octets[..length]) else {
                continue; // cut between two packets or blocks
            };
            assert!(frames.len() < 2, "{length}");
            match error {
                CaptureError::Format => assert!(length < 4, "{length}"),
                CaptureError::Truncated(_) => {}
                error => panic!("{length}: {error}"),
            }
        }
    }
    let octets = pcap(false, 0xa1b2_c3d4, 0);
    let (whole, error) = frames(&octets[..octets.len() - 1]).unwrap_err();
    assert_eq!(whole.len(), 1);
    assert_eq!(
        error.to_string(),
        "the file ends in the middle of what starts at octet 43"
    );
}

#[test]
fn what_is_no_capture_is_refused() {
    for octets in [&b""[..], b"\n", b"GIF89a", &[0x1f, 0x8b, 8, 0, 0, 0]] {
        let (_, error) = frames(octets).unwrap_err();
        assert!(matches!(error, CaptureError::Format), "{error}");
    }
}

#[test]
fn a_block_whose_inside_is_too_long_is_malformed() {
    let mut octets = Octets::new(false);
    octets.octets = pcapng(false, 6, 0);
    octets.block(6, |body| body.words(&[0, 0, 0, 400, 400, 0]));
    octets.octets.extend([0; 1000]);
    let (frames, error) = frames(&octets.octets).unwrap_err();
    assert_eq!(frames.len(), 2);
    assert!(matches!(error, CaptureError::Malformed(_)), "{error}");
}

#[test]
fn a_packet_of_an_unknown_interface_is_an_error() {
    let mut octets = Octets::new(false);
    octets.octets = pcapng(false, 6, 0);
    octets.block(6, |body| body.words(&[1, 0, 0, 0, 0]));
    let (_, error) = frames(&octets.octets).unwrap_err();
    assert!(matches!(error, CaptureError::Interface(_)), "{error}");
}

#[test]
fn a_length_beyond_all_reason_is_not_waited_for() {
    let mut octets = pcap(false, 0xa1b2_c3d4, 0);
    octets.extend([0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0]);
    let endless = octets.as_slice().chain(io::repeat(0));
    let mut capture = Capture::new(endless).unwrap();
    let mut frame = Frame::default();
    assert!(capture.read(&mut frame).unwrap() && capture.read(&mut frame).unwrap());
    let error = capture.read(&mut frame).unwrap_err();
    assert!(matches!(error, CaptureError::TooLong(60)), "{error}");
}
