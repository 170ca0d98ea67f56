//! All NTS keys that are known, and how they open the authenticators of packets.

use core::fmt;
use core::net::IpAddr;
use std::collections::HashMap;
use std::sync::Arc;

use horolog_ntp::{FieldLayout, Mode, NtsAuthenticator, Version};
use horolog_nts::{AeadAlgorithm, AeadKey, ExporterSecret, KeyExporter, NextProtocol, SessionKeys};

use super::keys_argument::KeysArgument;
use super::opening::{Opening, Plaintext};

/// Keys from the command line and from a key log, and which of them opened what.
///
/// A key log does not tell which AEAD algorithm was agreed on, so every session gives candidates:
/// the keys of each algorithm, and those for AES-128-GCM-SIV in the context that chrony 4.4 to 4.6.0
/// use. A packet does not tell its session either, so all are tried, those first that opened the
/// last packets between the same hosts.
#[derive(Debug, Default)]
pub struct NtsKeys {
    given: Vec<Arc<SessionKeys>>,
    secrets: Vec<ExporterSecret>,
    /// Of protocol 0, where a packet of version 4 has asked for them.
    v4: Option<Candidates>,
    /// Of the protocol of the NTPv5 draft, where a packet of version 5 has asked for them.
    v5: Option<Candidates>,
}

/// What of a packet tells which keys may be its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Place {
    /// The version.
    pub version: Version,
    /// The mode, which tells the direction.
    pub mode: Mode,
    /// Sender and receiver, where they are known.
    pub hosts: Option<(IpAddr, IpAddr)>,
}

/// The protocol that the NTPv5 draft negotiates.
pub(super) const NTP_V5_DRAFT: NextProtocol = NextProtocol::from_number(0x8001);
const ALGORITHMS: [AeadAlgorithm; 5] = [
    AeadAlgorithm::AES_SIV_CMAC_256,
    AeadAlgorithm::AES_SIV_CMAC_384,
    AeadAlgorithm::AES_SIV_CMAC_512,
    AeadAlgorithm::AES_128_GCM_SIV,
    AeadAlgorithm::AES_256_GCM_SIV,
];
/// The most pairs of hosts that are remembered.
const MOST_PAIRS: usize = 65_536;
/// The most candidates that are remembered of a pair.
const MOST_RECENT: usize = 8;

/// All keys that may be those of a protocol's packets.
#[derive(Debug)]
struct Candidates {
    all: Vec<Candidate>,
    /// By hosts, the lesser address first: the indices of those that opened packets, the last first.
    recent: HashMap<(IpAddr, IpAddr), Vec<usize>>,
}

#[derive(Debug)]
struct Candidate {
    keys: Arc<SessionKeys>,
    of_older_chrony: bool,
}

impl NtsKeys {
    /// Takes the keys that were typed and the secrets of a key log.
    #[must_use]
    pub fn new(given: &[KeysArgument], secrets: Vec<ExporterSecret>) -> Self {
        Self {
            given: given
                .iter()
                .map(|KeysArgument(keys)| Arc::clone(keys))
                .collect(),
            secrets,
            ..Self::default()
        }
    }

    /// Opens the authenticator behind the octets `before` of a packet.
    ///
    /// Where any key is known, it is opened or refused: a key log that holds nothing of the packet's
    /// session counts too, and so does an AEAD algorithm that the nonce does not fit. Modes other
    /// than client and server have no keys.
    pub fn open(
        &mut self,
        place: Place,
        before: &[u8],
        authenticator: &NtsAuthenticator<'_>,
    ) -> Opening {
        let Some(key) = self.direction(place) else {
            return Opening::NoKey;
        };
        let (protocol, kept, layout) = if place.version == Version::V5 {
            (NTP_V5_DRAFT, &mut self.v5, FieldLayout::V5)
        } else {
            (
                NextProtocol::NTP_V4,
                &mut self.v4,
                FieldLayout::NtsPlaintext,
            )
        };
        let candidates =
            kept.get_or_insert_with(|| Candidates::new(&self.given, &self.secrets, protocol));
        let mut octets = authenticator.ciphertext.to_vec();
        let opened = candidates.find(place.hosts, |candidate| {
            let plaintext = key(&candidate.keys).open(before, authenticator.nonce, &mut octets);
            let octets = plaintext.ok()?.to_vec();
            Some(Plaintext {
                octets,
                layout,
                keys: candidate.to_string(),
            })
        });
        opened.map_or(Opening::Refused, Opening::Opened)
    }

    /// What comes of an authenticator that is not to be opened, whatever its key.
    #[must_use]
    pub fn refuse(&self, place: Place) -> Opening {
        self.direction(place)
            .map_or(Opening::NoKey, |_| Opening::Refused)
    }

    /// Which key of a pair is the packet's, if any pair is known.
    fn direction(&self, place: Place) -> Option<fn(&SessionKeys) -> &AeadKey> {
        match place.mode {
            _ if self.given.is_empty() && self.secrets.is_empty() => None,
            Mode::CLIENT => Some(SessionKeys::client_to_server),
            Mode::SERVER => Some(SessionKeys::server_to_client),
            _ => None,
        }
    }
}

impl Candidates {
    fn new(given: &[Arc<SessionKeys>], secrets: &[ExporterSecret], protocol: NextProtocol) -> Self {
        let given = given.iter().map(Arc::clone).map(Candidate::new);
        let derived = secrets.iter().flat_map(|secret| derive(secret, protocol));
        Self {
            all: given.chain(derived).collect(),
            recent: HashMap::new(),
        }
    }

    /// Tries all until one opens, first those that did between these hosts, and remembers it.
    fn find<T>(
        &mut self,
        hosts: Option<(IpAddr, IpAddr)>,
        mut open: impl FnMut(&Candidate) -> Option<T>,
    ) -> Option<T> {
        let pair = hosts.map(|(a, b)| (a.min(b), a.max(b)));
        let recent = pair.and_then(|pair| self.recent.get(&pair));
        let recent = recent.map(Vec::as_slice).unwrap_or_default();
        let others = (0..self.all.len()).filter(|index| !recent.contains(index));
        let (index, opened) = recent
            .iter()
            .copied()
            .chain(others)
            .find_map(|index| Some((index, open(self.all.get(index)?)?)))?;
        if let Some(pair) = pair {
            self.remember(pair, index);
        }
        Some(opened)
    }

    fn remember(&mut self, pair: (IpAddr, IpAddr), index: usize) {
        if self.recent.len() == MOST_PAIRS && !self.recent.contains_key(&pair) {
            self.recent.clear();
        }
        let recent = self.recent.entry(pair).or_default();
        recent.retain(|&other| other != index);
        recent.insert(0, index);
        recent.truncate(MOST_RECENT);
    }
}

impl Candidate {
    const fn new(keys: Arc<SessionKeys>) -> Self {
        Self {
            keys,
            of_older_chrony: false,
        }
    }
}

/// `AEAD 30`.
impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let context = if self.of_older_chrony {
            " in the context of AEAD 15"
        } else {
            ""
        };
        write!(f, "AEAD {}{context}", self.keys.algorithm())
    }
}

/// The keys that a session may have agreed on.
fn derive(secret: &impl KeyExporter, protocol: NextProtocol) -> impl Iterator<Item = Candidate> {
    let regular = ALGORITHMS
        .into_iter()
        .map(move |algorithm| SessionKeys::export(secret, protocol, algorithm))
        .map(|keys| (keys, false));
    let of_older_chrony = (protocol == NextProtocol::NTP_V4).then(|| {
        (
            SessionKeys::export_gcm_siv_of_chrony(secret, protocol),
            true,
        )
    });
    regular
        .chain(of_older_chrony)
        .filter_map(|(keys, of_older_chrony)| {
            Some(Candidate {
                keys: Arc::new(keys.ok()?),
                of_older_chrony,
            })
        })
}

#[cfg(test)]
mod tests;
