use super::*;
use alloc::collections::BTreeMap;
use core::convert::Infallible;
use core::time::Duration;
use hex_literal::hex;
use proptest::prelude::*;

const ALGORITHMS: [AeadAlgorithm; 5] = [
    AeadAlgorithm::AES_SIV_CMAC_256,
    AeadAlgorithm::AES_SIV_CMAC_384,
    AeadAlgorithm::AES_SIV_CMAC_512,
    AeadAlgorithm::AES_128_GCM_SIV,
    AeadAlgorithm::AES_256_GCM_SIV,
];

const DAY: i64 = 86_400;

/// Octets that count up, so that what is random is known.
struct Counting(u8);

impl rand_core::TryRng for Counting {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut octets = [0; 4];
        self.try_fill_bytes(&mut octets)?;
        Ok(u32::from_be_bytes(octets))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut octets = [0; 8];
        self.try_fill_bytes(&mut octets)?;
        Ok(u64::from_be_bytes(octets))
    }

    fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), Infallible> {
        for octet in octets {
            *octet = self.0;
            self.0 = self.0.wrapping_add(1);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Counting {}

fn counted() -> [u8; 32] {
    core::array::from_fn(|index| u8::try_from(index).unwrap())
}

fn at(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(seconds)
}

fn keys(algorithm: AeadAlgorithm) -> SessionKeys {
    let length = algorithm.key_length().unwrap();
    SessionKeys::new(algorithm, &vec![0xc5; length], &vec![0x5c; length]).unwrap()
}

fn cookie(keyring: &Keyring, algorithm: AeadAlgorithm) -> Vec<u8> {
    let mut buffer = [0xa5; 200];
    let length = keyring
        .seal_cookie(&keys(algorithm), &mut Counting(0xa0), &mut buffer)
        .unwrap();
    assert_eq!(buffer[length..], vec![0xa5; 200 - length]);
    buffer[..length].to_vec()
}

#[track_caller]
fn opens(keyring: &Keyring, cookie: &[u8], algorithm: AeadAlgorithm) {
    let opened = keyring.open_cookie(cookie).unwrap();
    let expected = keys(algorithm);
    assert_eq!(opened.algorithm(), algorithm);
    assert_eq!(
        opened.client_to_server().secret(),
        expected.client_to_server().secret()
    );
    assert_eq!(
        opened.server_to_client().secret(),
        expected.server_to_client().secret()
    );
}

/// Source: computed with Python `cryptography`, `AESSIV` with the key identifier and the nonce as
/// two components.
#[test]
fn cookies_octet_by_octet() {
    let keyring = Keyring::new(0x0102_0304, &counted());
    let expected: [&[u8]; 5] = [
        &hex!(
            "01020304a0a1a2a3a4a5a6a7a8a9aaab412dea5b82afa80f98b1cf94e59260e2bf60e958e95e4e90cf1f"
            "86a574307f4c28abb95e6b52c3adff6757b2fa1985651ff83881350160d0d4e5c8105aa9517fc16c9f40"
            "f6fc8413dda46d129fc2411e36fe9f2d"
        ),
        &hex!(
            "01020304a0a1a2a3a4a5a6a7a8a9aaab6de0c50b89d519eaf5bb3f784c5d5a8f6eb73da5231aefbe2d12"
            "261d4e2efbfb2778964c2ca8a21eea49e513aeba3556d10c848c3cdc1a31028337abcdbfe21ccedee9f8"
            "fcd920bd4992b10e4fc606d5993788795793f5dbb19b2992fdc6c6983fd3ce50f42f945c65c74af7e7f4"
            "992e2c037212"
        ),
        &hex!(
            "01020304a0a1a2a3a4a5a6a7a8a9aaaba9d4b72e90c0bdf137c641cdd442ccdadc69381092e631828079"
            "d5f4bee2e5b843179cbc9805dd23e5272b147fc54f2a99d21518c20d032fb69b472e49a025dce0664ace"
            "7347a265ed9b5a9e777e98bb095f6c7b3ba80f962ba375ee30a15c33aab495e40bef85b3b595accbd760"
            "4c2cdf89588f72de0898121373b9fada6d9270851543c881db19c6c01e72078d2980a8a7149d"
        ),
        &hex!(
            "01020304a0a1a2a3a4a5a6a7a8a9aaab18178339ea05c819bad136f6c95836b389059aabb243a2227e52"
            "7f8e03036e3cafcac8d234950fb12b9502effca96b64374229a8"
        ),
        &hex!(
            "01020304a0a1a2a3a4a5a6a7a8a9aaab4c8502c0381ae5f075a4951a55b95c21e670fe75097f9e181829"
            "75648f79c7950e01291a73fa3d29942ecffc47f7bfb7059c356ee9191bffcb44d6db6eb9bd788b904446"
            "23cd70fefda7e2e9b09d877e17b05c6a"
        ),
    ];
    for (algorithm, expected) in ALGORITHMS.into_iter().zip(expected) {
        assert_eq!(cookie(&keyring, algorithm), expected, "{algorithm:?}");
        opens(&keyring, expected, algorithm);
    }
}

#[test]
fn lengths_are_constant_and_multiples_of_four() {
    for (algorithm, length) in ALGORITHMS.into_iter().zip([100, 132, 164, 68, 100]) {
        assert_eq!(Keyring::cookie_length(algorithm), Some(length));
        assert_eq!(length % 4, 0);
        let keyring = Keyring::new(1, &[1; 32]);
        assert_eq!(cookie(&keyring, algorithm).len(), length);
    }
    assert_eq!(Keyring::cookie_length(AeadAlgorithm::from_number(1)), None);
}

#[test]
fn no_octet_can_be_changed_and_none_left_out() {
    let keyring = Keyring::random(KeyRotation::default(), at(0), &mut Counting(7));
    for algorithm in ALGORITHMS {
        let made = cookie(&keyring, algorithm);
        for place in 0..made.len() {
            for bit in [1, 0x80, 0xff] {
                let mut changed = made.clone();
                changed[place] ^= bit;
                let error = keyring.open_cookie(&changed).unwrap_err();
                match place {
                    0..4 => assert!(matches!(error, CookieError::UnknownKey { .. })),
                    _ => assert_eq!(error, CookieError::NotAuthentic),
                }
            }
        }
        let lengths = ALGORITHMS.map(|other| Keyring::cookie_length(other).unwrap());
        for length in 0..made.len() {
            let error = keyring.open_cookie(&made[..length]).unwrap_err();
            let expected = if lengths.contains(&length) {
                CookieError::NotAuthentic
            } else {
                CookieError::Length { length }
            };
            assert_eq!(error, expected);
        }
        let longer = [&made[..], &[0; 4]].concat();
        assert!(keyring.open_cookie(&longer).is_err());
    }
}

/// What is authentic but says something else is refused all the same.
#[test]
fn refuses_contents_that_it_does_not_make() {
    let keyring = Keyring::new(1, &[9; 32]);
    let siv = crate::AeadKey::new(AeadAlgorithm::AES_SIV_CMAC_256, &[9; 32]).unwrap();
    for (head, authentic) in [
        ([0, 15, 0, 0], true),
        ([0, 31, 0, 0], true),
        ([0, 15, 0, 1], false),
        ([0, 15, 1, 0], false),
        ([0, 16, 0, 0], false),
        ([0, 30, 0, 0], false),
        ([0, 1, 0, 0], false),
    ] {
        let mut text = [&head[..], &[0; 64 + 16]].concat();
        siv.seal(&[0, 0, 0, 1], &[2; 12], &mut text).unwrap();
        let cookie = [&[0, 0, 0, 1][..], &[2; 12], &text].concat();
        let opened = keyring.open_cookie(&cookie);
        assert_eq!(opened.is_ok(), authentic, "{head:?}");
        assert!(authentic || matches!(opened, Err(CookieError::NotAuthentic)));
    }
}

#[test]
fn refuses_a_buffer_that_is_too_small() {
    let keyring = Keyring::new(1, &[1; 32]);
    for length in 0..100 {
        let mut buffer = vec![0xa5; length];
        let keys = keys(AeadAlgorithm::AES_SIV_CMAC_256);
        let error = keyring.seal_cookie(&keys, &mut Counting(0), &mut buffer);
        let expected = EncodeError::BufferTooSmall {
            field: "cookie",
            needed: 100,
            left: length,
        };
        assert_eq!(error, Err(expected));
        assert_eq!(buffer, vec![0xa5; length]);
    }
}

/// Source: computed with Python, `HKDF` of `cryptography` and the same by `hmac`: ikm = K, salt = I,
/// info empty, SHA-256. 1795000000 is in day 20775.
#[test]
fn rfc_8915_section_6_ratchet() {
    let start = at(1_795_000_000);
    let secrets = [
        counted(),
        hex!("7e216cfe2227e6c3e68e8cf7a134303ec1269a43ef2c5eb40f850880bdc68030"),
        hex!("9ff4168cf74ab984a98ffbd84743b165d9f5c45906cb6741ef2644987e1d26ad"),
        hex!("214736d8a058aff4a6813c1352186b8994a12c71643f50a90507e633abb2e261"),
    ];
    let now = at(1_795_000_000 + 2 * DAY);
    let keyring = Keyring::shared(KeyRotation::default(), &counted(), start, now).unwrap();
    assert!(keyring.key_ids().eq([20_775, 20_776, 20_777, 20_778]));
    assert!(keyring.keys().map(CookieKey::secret).eq(secrets));
    assert_eq!(cookie(&keyring, ALGORITHMS[0])[..4], [0, 0, 0x51, 0x29]);

    let far = at(1_795_000_000 + 999 * DAY);
    let keyring = Keyring::shared(KeyRotation::default(), &counted(), start, far).unwrap();
    assert_eq!(
        keyring.keys().last().unwrap().secret(),
        hex!("e58a9ce0d04214af8f6044f8445cbd04819feb7b22ecd66c947994b96af61cb7")
    );
    assert_eq!(keyring.key_ids().count(), 9);
}

/// Source: as above. The period is a minute; its number goes over 2^32.
#[test]
fn identifiers_wrap() {
    let rotation = KeyRotation::new(Duration::from_mins(1), 2).unwrap();
    let start = at(i64::from(u32::MAX) * 60);
    let mut keyring = Keyring::shared(rotation, &counted(), start, start).unwrap();
    assert!(keyring.key_ids().eq([u32::MAX, 0]));
    let made = cookie(&keyring, ALGORITHMS[0]);
    let now = at((i64::from(u32::MAX) + 2) * 60);
    assert_eq!(keyring.rotate(now, &mut Counting(0)), Ok(true));
    assert!(keyring.key_ids().eq([u32::MAX, 0, 1, 2]));
    let secrets: Vec<_> = keyring.keys().map(CookieKey::secret).collect();
    assert_eq!(
        secrets[1..3],
        [
            hex!("c1d844a40a28e9b0a10303e2594b468d8914c47e471a3502f7c067df9e7bc1fb"),
            hex!("039c1f59dd968c2777354e11834e96fe4fa2f3dec579c5c34ea20220e0be156e"),
        ]
    );
    opens(&keyring, &made, ALGORITHMS[0]);

    // Before 1970 too.
    let before = Keyring::shared(rotation, &counted(), at(-1), at(0)).unwrap();
    assert!(before.key_ids().eq([u32::MAX, 0, 1]));
}

#[test]
fn cookies_of_a_neighbour_whose_clock_is_ahead_open() {
    let rotation = KeyRotation::default();
    let keyring = |now| Keyring::shared(rotation, &[3; 32], at(0), at(now)).unwrap();
    let (behind, ahead) = (keyring(10 * DAY - 1), keyring(10 * DAY));
    let made = cookie(&ahead, ALGORITHMS[3]);
    assert_ne!(made[..4], cookie(&behind, ALGORITHMS[3])[..4]);
    opens(&behind, &made, ALGORITHMS[3]);
    opens(&ahead, &cookie(&behind, ALGORITHMS[3]), ALGORITHMS[3]);
}

#[test]
fn a_broken_clock_costs_no_more_than_is_said() {
    let rotation = KeyRotation::default();
    let most = i64::from(Keyring::MAX_CATCH_UP);
    let mut keyring = Keyring::shared(rotation, &[3; 32], at(0), at(0)).unwrap();
    let ids: Vec<_> = keyring.key_ids().collect();
    for (now, expected) in [
        (
            i64::MAX,
            RotationError::Ahead {
                periods: 106_751_991_167_300,
                most: 65_536,
            },
        ),
        (
            (most + 1) * DAY,
            RotationError::Ahead {
                periods: 65_537,
                most: 65_536,
            },
        ),
        (-2 * DAY, RotationError::Behind { periods: 2 }),
        (
            i64::MIN,
            RotationError::Behind {
                periods: 106_751_991_167_301,
            },
        ),
    ] {
        assert_eq!(keyring.rotate(at(now), &mut Counting(0)), Err(expected));
        assert!(keyring.key_ids().eq(ids.iter().copied()));
        if now >= 0 {
            let made = Keyring::shared(rotation, &[3; 32], at(0), at(now));
            assert_eq!(made.unwrap_err(), expected);
        }
    }
    assert_eq!(keyring.rotate(at(-DAY), &mut Counting(0)), Ok(false));
    let before = Keyring::shared(rotation, &[3; 32], at(0), at(-1));
    assert_eq!(before.unwrap_err(), RotationError::Behind { periods: 1 });
    assert_eq!(keyring.rotate(at(most * DAY), &mut Counting(0)), Ok(true));
    assert_eq!(keyring.key_ids().last(), Some(65_537));
}

#[test]
fn random_keys_start_anew_when_time_goes_back() {
    let mut rng = Counting(0);
    let mut keyring = Keyring::random(KeyRotation::default(), at(10 * DAY), &mut rng);
    let made = cookie(&keyring, ALGORITHMS[0]);
    assert_eq!(keyring.rotate(at(9 * DAY), &mut rng), Ok(false));
    opens(&keyring, &made, ALGORITHMS[0]);
    assert_eq!(keyring.rotate(at(8 * DAY), &mut rng), Ok(true));
    assert!(keyring.key_ids().eq([8]));
    assert_eq!(keyring.next_rotation(), Some(at(9 * DAY)));
    assert_eq!(
        keyring.open_cookie(&made).unwrap_err(),
        CookieError::UnknownKey { id: 10 }
    );
}

#[test]
fn a_single_key_is_not_rotated() {
    let mut keyring = Keyring::new(u32::MAX, &[1; 32]);
    let made = cookie(&keyring, ALGORITHMS[0]);
    assert_eq!(keyring.next_rotation(), None);
    assert_eq!(keyring.rotate(at(i64::MAX), &mut Counting(0)), Ok(false));
    assert!(keyring.key_ids().eq([u32::MAX]));
    opens(&keyring, &made, ALGORITHMS[0]);
}

#[test]
fn rejects_rotations() {
    let error = |seconds, nanoseconds, previous| {
        KeyRotation::new(Duration::new(seconds, nanoseconds), previous)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        error(0, 999_999_999, 2),
        "rotation period of 0.999999999 s is not 1 to 4294967295 whole seconds"
    );
    assert!(error(1, 1, 2).contains("1.000000001 s"));
    assert!(error(1 << 32, 0, 2).contains("4294967296.0"));
    for previous in [0, 1, 31, 258] {
        let expected = format!("number of previous keys {previous} is not 2 to 30");
        assert_eq!(error(60, 0, previous), expected);
    }
    let longest = KeyRotation::new(Duration::from_secs(u32::MAX.into()), 30).unwrap();
    assert_eq!(longest.previous(), 30);
    assert_eq!(longest.period().as_secs(), u64::from(u32::MAX));
}

#[test]
fn debug_shows_no_secret() {
    let keyring = Keyring::new(3, &[0xab; 32]);
    let text = format!("{keyring:?}");
    assert_eq!(
        text,
        "Keyring { source: Fixed, rotation: KeyRotation { period: 86400, previous: 7 }, \
         current: 3, keys: 1, .. }"
    );
}

fn rotations() -> impl Strategy<Value = KeyRotation> {
    (60..200_000_u64, 2..=30_usize).prop_map(|(period, previous)| {
        KeyRotation::new(Duration::from_secs(period), previous).unwrap()
    })
}

/// Steps from one rotation to the next, in periods: mostly forward, at times back.
fn steps() -> impl Strategy<Value = Vec<i64>> {
    let step = prop_oneof![5 => 0..3_i64, 2 => 0..50_i64, 1 => -4..0_i64];
    proptest::collection::vec(step, 1..12)
}

proptest! {
    /// Beside a map from periods to cookies: what the keyring opens is what the model keeps.
    #[test]
    fn random_keys_beside_a_model(rotation in rotations(), start in -1000..1000_i64, steps in steps()) {
        let period = i64::try_from(rotation.period().as_secs()).unwrap();
        let previous = i64::try_from(rotation.previous()).unwrap();
        // Not `Counting`, whose octets come round after eight keys.
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let mut now = start;
        let mut keyring = Keyring::random(rotation, at(start * period), &mut rng);
        let mut current = start;
        let mut model = BTreeMap::from([(start, cookie(&keyring, ALGORITHMS[0]))]);
        let mut gone = Vec::new();
        for step in steps {
            now += step;
            let rotated = keyring.rotate(at(now * period + period - 1), &mut rng).unwrap();
            prop_assert_eq!(rotated, now > current || now < current - 1);
            if rotated {
                if now < current {
                    gone.extend(core::mem::take(&mut model).into_values());
                }
                current = now;
                let kept = model.split_off(&(now - previous));
                gone.extend(core::mem::replace(&mut model, kept).into_values());
                model.insert(now, cookie(&keyring, ALGORITHMS[0]));
            }
            prop_assert_eq!(keyring.next_rotation(), Some(at((current + 1) * period)));
            prop_assert!(keyring.key_ids().eq(model.keys().map(|epoch| id_of(*epoch))));
            prop_assert!(model.values().all(|cookie| keyring.open_cookie(cookie).is_ok()));
            prop_assert!(gone.iter().all(|cookie| keyring.open_cookie(cookie).is_err()));
            let loaded = Keyring::decode(&keyring.encode()).unwrap();
            prop_assert_eq!(loaded.encode(), keyring.encode());
            prop_assert!(model.values().all(|cookie| loaded.open_cookie(cookie).is_ok()));
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However it came there: servers that share a secret have the same key at the same time.
    #[test]
    fn ratchets_agree(rotation in rotations(), start in -1000..1000_i64, steps in steps()) {
        let period = i64::try_from(rotation.period().as_secs()).unwrap();
        let previous = i64::try_from(rotation.previous()).unwrap();
        let shared = |now: i64| {
            Keyring::shared(rotation, &counted(), at(start * period), at(now * period)).unwrap()
        };
        let mut keyring = shared(start);
        let (mut now, mut current) = (start, start);
        for step in steps {
            now += step;
            let rotated = keyring.rotate(at(now * period), &mut Counting(0));
            if now < current - 1 {
                let periods = (current - now).unsigned_abs();
                prop_assert_eq!(rotated, Err(RotationError::Behind { periods }));
            } else {
                prop_assert_eq!(rotated, Ok(now > current));
            }
            current = current.max(now);
            let other = shared(current);
            prop_assert_eq!(keyring.encode(), other.encode());
            let kept = start.max(current - previous)..=current + 1;
            prop_assert!(keyring.key_ids().eq(kept.map(id_of)));
            opens(&other, &cookie(&keyring, ALGORITHMS[3]), ALGORITHMS[3]);
            keyring = Keyring::decode(&keyring.encode()).unwrap();
        }
    }

}

proptest! {
    #[test]
    fn no_octets_are_a_cookie(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
        let keyring = Keyring::new(1, &[1; 32]);
        prop_assert!(keyring.open_cookie(&octets).is_err());
        let named = [&[0, 0, 0, 1][..], &octets].concat();
        prop_assert!(keyring.open_cookie(&named).is_err());
    }
}
