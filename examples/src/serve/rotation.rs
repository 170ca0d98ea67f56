use core::time::Duration;
use std::sync::RwLock;
use std::time::Instant;

use horolog_nts::Keyring;
use horolog_time::UnixTime;

use super::{KeyStore, write};
use crate::cli::{self, Context};
use crate::stop::Signals;

/// The keys of cookies as time goes by: turned, kept, and what went wrong.
#[derive(Debug, Default)]
pub struct Rotation {
    next: Option<Instant>,
    /// Whether the store has older keys.
    is_unsaved: bool,
    /// What was said to be wrong.
    trouble: Option<String>,
}

impl Rotation {
    /// Looks at the keys once a second: turns them when it is time to, and keeps them. What fails is
    /// told of, once until it changes, and tried again. A Redis that hangs holds up no signal to stop.
    pub fn go_on(
        &mut self,
        store: &KeyStore,
        keyring: &RwLock<Keyring>,
        now: UnixTime,
        signals: &Signals,
    ) {
        if self.next.is_some_and(|next| next > Instant::now()) {
            return;
        }
        let result = self.try_go_on(store, keyring, now, signals);
        self.next = Some(Instant::now() + Duration::from_secs(1));
        let trouble = result.err().map(|error| cli::chain(&error));
        if let Some(trouble) = &trouble
            && self.trouble.as_ref() != Some(trouble)
        {
            cli::note(format_args!("error: {trouble}"));
        }
        self.trouble = trouble;
    }

    fn try_go_on(
        &mut self,
        store: &KeyStore,
        keyring: &RwLock<Keyring>,
        now: UnixTime,
        signals: &Signals,
    ) -> Result<(), Context> {
        // The store may take its time: requests are answered meanwhile.
        let octets = {
            let mut keyring = write(keyring);
            self.is_unsaved |= store.rotate(&mut keyring, now)?;
            if !self.is_unsaved {
                return Ok(());
            }
            keyring.encode()
        };
        let saved = if let KeyStore::Redis(_) = store {
            let store = store.clone();
            signals.unless_stopped(move || store.save_encoded(&octets))
        } else {
            Some(store.save_encoded(&octets))
        };
        if let Some(saved) = saved {
            saved?;
            self.is_unsaved = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;
    use horolog_nts::KeyRotation;
    use std::net::TcpListener;
    use std::{env, fs, process};

    #[test]
    fn what_could_not_be_kept_is_kept_later() {
        let directory = env::temp_dir().join(format!("horolog-rotation-{}", process::id()));
        // Of a test that was killed, in a process of the same number.
        let _ = fs::remove_dir_all(&directory);
        let path = directory.join("keys");
        let store = KeyStore::File(path.clone());
        let at = |seconds| UnixTime::from_seconds(seconds);
        let rotation = KeyRotation::new(Duration::from_secs(10), 7).unwrap();
        let keyring = Keyring::random(rotation, at(1_000_000), &mut random::system());
        let keyring = RwLock::new(keyring);
        let mut rotation = Rotation::default();

        let signals = Signals::default();
        rotation.go_on(&store, &keyring, at(1_000_010), &signals);
        let trouble = rotation.trouble.clone().unwrap();
        assert!(trouble.contains("cannot write cookie keys"), "{trouble}");

        // A second later there is nothing to turn, but the turned keys are to be kept.
        fs::create_dir_all(&directory).unwrap();
        rotation.next = None;
        rotation.go_on(&store, &keyring, at(1_000_011), &signals);
        assert_eq!(rotation.trouble, None);
        assert_eq!(fs::read(&path).unwrap(), *write(&keyring).encode());

        // Once is enough.
        fs::remove_dir_all(&directory).unwrap();
        rotation.next = None;
        rotation.go_on(&store, &keyring, at(1_000_012), &signals);
        assert_eq!(rotation.trouble, None);
    }

    #[test]
    fn a_redis_that_hangs_holds_up_no_signal() {
        // The system connects, and nobody says anything.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("redis://{}", silent.local_addr().unwrap());
        let period = KeyRotation::new(Duration::from_secs(10), 7).unwrap();
        let at = UnixTime::from_seconds(1_000_000);
        let keyring = Keyring::random(period, at, &mut random::system());
        let keyring = RwLock::new(keyring);
        let mut rotation = Rotation::default();
        let signals = Signals::default();
        signals.stop();
        let later = UnixTime::from_seconds(1_000_010);
        rotation.go_on(&KeyStore::Redis(url), &keyring, later, &signals);
        // Nothing went wrong yet, and nothing is kept.
        assert_eq!((rotation.trouble, rotation.is_unsaved), (None, true));
    }
}
