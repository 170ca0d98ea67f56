use core::error::Error;
use core::fmt;
use core::str::FromStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use horolog_nts::{KeyRotation, Keyring};
use horolog_time::UnixTime;
use redis::{Commands, Connection, ExistenceCheck, RedisError, SetOptions};
use zeroize::Zeroizing;

use crate::cli::{Context, context};
use crate::{private_file, random};

/// Where a server keeps the keys of its cookies.
///
/// Keys in a file or in Redis follow from each other (a ratchet), so servers that began with the same
/// open each other's cookies; they read it once and on request, and write it at each rotation. Keys in
/// memory are random, and gone with the server: its clients then run the key establishment again.
#[derive(Clone, Eq, PartialEq)]
pub enum KeyStore {
    /// Nowhere.
    Memory,
    /// In a file that only its owner may read.
    File(PathBuf),
    /// In a Redis, under [`REDIS_KEY`]; the address may hold a password.
    Redis(String),
}

/// Under which key a Redis keeps the keyring.
pub const REDIS_KEY: &str = "horolog:nts-keyring";

impl KeyStore {
    /// Reads the keyring, or makes one and keeps it; then turns it to the present.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read or written or holds no keyring, or one with another rotation.
    pub fn load(&self, rotation: KeyRotation, now: UnixTime) -> Result<Keyring, Context> {
        let stored: Option<Zeroizing<Vec<u8>>> = match self {
            Self::Memory => return Ok(Keyring::random(rotation, now, &mut random::system())),
            Self::File(path) => read(path).map_err(context(self.cannot("read")))?,
            Self::Redis(url) => self
                .connect(url)?
                .get::<_, Option<Vec<u8>>>(REDIS_KEY)
                .map_err(refine)
                .map_err(context(self.cannot("read")))?
                .map(Zeroizing::new),
        };
        let Some(octets) = stored else {
            return self.create(rotation, now);
        };
        let mut keyring = Keyring::decode(&octets).map_err(context(self.cannot("read")))?;
        if keyring.rotation() != rotation {
            let period = keyring.rotation().period().as_secs();
            let text = format!("its keys are rotated every {period} s: see --rotate");
            return Err(context(self.cannot("use"))(text));
        }
        if self.rotate(&mut keyring, now)? {
            self.save(&keyring)?;
        }
        Ok(keyring)
    }

    /// Turns a keyring to the present, and tells whether there is something to [save](Self::save).
    ///
    /// # Errors
    ///
    /// Where the clock is so far from the keyring's time that it cannot be right.
    pub fn rotate(&self, keyring: &mut Keyring, now: UnixTime) -> Result<bool, Context> {
        keyring
            .rotate(now, &mut random::system())
            .map_err(context(self.cannot("rotate")))
    }

    /// Keeps the keyring.
    ///
    /// # Errors
    ///
    /// Where the store cannot be written.
    pub fn save(&self, keyring: &Keyring) -> Result<(), Context> {
        self.save_encoded(&keyring.encode())
    }

    /// Keeps the octets of a keyring, which nobody needs to hold meanwhile.
    pub(super) fn save_encoded(&self, octets: &[u8]) -> Result<(), Context> {
        let cannot = || self.cannot("write");
        match self {
            Self::Memory => Ok(()),
            Self::File(path) => private_file::replace(path, octets).map_err(context(cannot())),
            Self::Redis(url) => self
                .connect(url)?
                .set(REDIS_KEY, octets)
                .map_err(refine)
                .map_err(context(cannot())),
        }
    }

    /// Keeps a keyring of a new secret, unless another server was quicker: then takes that one.
    fn create(&self, rotation: KeyRotation, now: UnixTime) -> Result<Keyring, Context> {
        let mut secret = Zeroizing::new([0; Keyring::SECRET_LENGTH]);
        random::fill(&mut *secret);
        let keyring =
            Keyring::shared(rotation, &secret, now, now).map_err(context(self.cannot("make")))?;
        let created = match self {
            Self::Memory => true,
            Self::File(path) => private_file::create(path, &keyring.encode())
                .map_err(context(self.cannot("write")))?,
            Self::Redis(url) => {
                let options = SetOptions::default().conditional_set(ExistenceCheck::NX);
                let octets = keyring.encode();
                let set: Option<String> = self
                    .connect(url)?
                    .set_options(REDIS_KEY, octets.as_slice(), options)
                    .map_err(refine)
                    .map_err(context(self.cannot("write")))?;
                set.is_some()
            }
        };
        if created {
            Ok(keyring)
        } else {
            self.load(rotation, now)
        }
    }

    fn connect(&self, url: &str) -> Result<Connection, Context> {
        let what = || format!("cannot connect to {self}");
        let client = redis::Client::open(url).map_err(context(what()))?;
        client
            .get_connection_with_timeout(PATIENCE)
            .and_then(|connection| {
                connection.set_read_timeout(Some(PATIENCE))?;
                connection.set_write_timeout(Some(PATIENCE))?;
                Ok(connection)
            })
            .map_err(refine)
            .map_err(context(what()))
    }

    fn cannot(&self, verb: &str) -> String {
        format!("cannot {verb} cookie keys in {self}")
    }
}

/// How long a Redis may take.
const PATIENCE: core::time::Duration = core::time::Duration::from_secs(2);

/// Says what a timeout is, which the system calls a resource that is temporarily unavailable.
fn refine(error: RedisError) -> Box<dyn Error + Send + Sync> {
    if error.is_timeout() {
        format!("no answer within {} s", PATIENCE.as_secs()).into()
    } else {
        error.into()
    }
}

/// More octets than any keyring has: what is no file of keys may have no end.
const LONGEST: usize = 4096;

fn read(path: &std::path::Path) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut octets = Zeroizing::new(Vec::with_capacity(LONGEST));
    let limit = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    let read = File::open(path).and_then(|file| file.take(limit).read_to_end(&mut octets));
    match read {
        Ok(_) => Ok(Some(octets)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// `memory`, `file:PATH`, `redis://HOST[:PORT][/DATABASE]`.
impl FromStr for KeyStore {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "memory" => Ok(Self::Memory),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            Some(("redis", rest)) if rest.starts_with("//") => Ok(Self::Redis(text.to_owned())),
            _ => Err("expected memory, file:PATH or redis://HOST[:PORT]"),
        }
    }
}

/// As it is displayed: without a password.
impl fmt::Debug for KeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Without a password that the address may hold.
impl fmt::Display for KeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Redis(url) => {
                let place = url
                    .rsplit_once('@')
                    .map_or(url.as_str(), |(_, place)| place);
                f.write_str(place)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_shows_a_password() {
        let store: KeyStore = "redis://user:secret@127.0.0.1:6379/1".parse().unwrap();
        for text in [format!("{store}"), format!("{store:?}")] {
            assert!(text.contains("127.0.0.1"), "{text}");
            assert!(!text.contains("secret"), "{text}");
        }
    }
}
