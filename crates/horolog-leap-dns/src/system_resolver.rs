use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, SocketAddr};
use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::io;
use std::net::ToSocketAddrs as _;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use crate::owner_name::absolute;
use crate::{LeapAnswer, LeapForm, LeapRrset, Origin, RecordType, ResolveError};

/// The operating system's resolver, `getaddrinfo`: A records alone, no dependency.
///
/// It cannot be interrupted and has timeouts of its own, often longer than half a minute. So each
/// question has a thread, which is left to itself when the timeout passes: it ends with
/// `getaddrinfo`, and what it finds is dropped. There are at most
/// [`MOST_PENDING`](Self::MOST_PENDING) of them in a process; then nothing more is asked until one
/// has ended.
///
/// Nothing is validated; who trusts the resolver that the system asks may trust the answer. Class E
/// and the CRC keep addresses of hosts out, and those of IPv6 are left aside. The system looks into
/// files too, and tells no time to live.
///
/// # Examples
///
/// ```no_run
/// use core::time::Duration;
/// use horolog_leap_dns::{KAMP_NAME, LeapForm, SystemResolver};
///
/// let resolver = SystemResolver::new().with_timeout(Duration::from_secs(2));
/// let answer = resolver.fetch(KAMP_NAME, LeapForm::A)?;
/// let newest = answer.announcement().expect("it is one Bulletin C");
/// assert!(newest.tai_utc_after().seconds() >= 37);
/// # Ok::<(), horolog_leap_dns::ResolveError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SystemResolver {
    timeout: Duration,
}

/// Questions that are under way, waited for or not.
static PENDING: AtomicUsize = AtomicUsize::new(0);

impl SystemResolver {
    /// How many questions can be under way in a process.
    pub const MOST_PENDING: usize = 16;

    /// With a timeout of five seconds.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            timeout: Duration::from_secs(5),
        }
    }

    /// The same with another timeout.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Asks for leap seconds at a name, and waits for the answer.
    ///
    /// # Errors
    ///
    /// * [`ResolveError::NotOfSystem`] for another form than A and next.
    /// * [`ResolveError::Name`] for what is no domain name.
    /// * [`ResolveError::Busy`] while too many earlier questions are under way.
    /// * [`ResolveError::Timeout`] where the answer does not come in time.
    /// * [`ResolveError::System`] where the system finds no address; it does not tell why.
    /// * [`ResolveError::NoData`] where it finds addresses of IPv6 alone.
    /// * [`ResolveError::Records`] where the addresses say nothing of leap seconds.
    pub fn fetch(&self, name: &str, form: LeapForm) -> Result<LeapAnswer, ResolveError> {
        let record_type = form.record_type();
        if record_type != RecordType::A {
            return Err(ResolveError::NotOfSystem { record_type });
        }
        let owner = absolute(&form.owner(name))?;
        // With its final dot the name is not looked for in other domains.
        let asked = owner.clone();
        let look_up = move || (asked.as_str(), 0).to_socket_addrs().map(Iterator::collect);
        let addresses = self.wait_for(&owner, look_up)?;
        let rdata: Vec<[u8; 4]> = addresses
            .iter()
            .filter_map(|address| match address.ip().to_canonical() {
                IpAddr::V4(address) => Some(address.octets()),
                IpAddr::V6(_) => None,
            })
            .collect();
        if rdata.is_empty() {
            return Err(ResolveError::NoData { owner, record_type });
        }
        match LeapRrset::decode(form, &rdata) {
            Ok(rrset) => Ok(LeapAnswer::new(owner, rrset).with_origin(Origin::System)),
            Err(source) => Err(ResolveError::Records {
                owner,
                record_type,
                source,
            }),
        }
    }

    /// Runs a lookup in a thread of its own, and waits for it until the timeout.
    fn wait_for(
        &self,
        owner: &str,
        look_up: impl FnOnce() -> io::Result<Vec<SocketAddr>> + Send + 'static,
    ) -> Result<Vec<SocketAddr>, ResolveError> {
        let system = |error: io::Error| ResolveError::System {
            owner: owner.to_owned(),
            message: text(&error),
        };
        let pending = Pending::add()?;
        let (sender, receiver) = mpsc::sync_channel(1);
        let thread = thread::Builder::new().name("getaddrinfo".to_owned());
        let thread = thread.spawn(move || {
            let addresses = look_up();
            drop(pending);
            // Nobody may be waiting any more.
            let _ = sender.send(addresses);
        });
        thread.map_err(system)?;
        match receiver.recv_timeout(self.timeout) {
            Ok(addresses) => addresses.map_err(system),
            // The second is not possible: the thread always sends.
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                Err(ResolveError::Timeout {
                    owner: owner.to_owned(),
                    record_type: RecordType::A,
                    timeout: self.timeout,
                })
            }
        }
    }
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self::new()
    }
}

/// What the system says, without the sentence that the standard library puts in front.
fn text(error: &io::Error) -> String {
    let text = alloc::format!("{error}");
    let plain = text.strip_prefix("failed to lookup address information: ");
    plain.unwrap_or(&text).to_owned()
}

/// One of the questions under way.
struct Pending;

impl Pending {
    fn add() -> Result<Self, ResolveError> {
        let more = |pending: usize| {
            (pending < SystemResolver::MOST_PENDING).then_some(pending.saturating_add(1))
        };
        match PENDING.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
            Ok(_) => Ok(Self),
            Err(pending) => Err(ResolveError::Busy { pending }),
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        PENDING.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: SystemResolver = SystemResolver::new().with_timeout(Duration::from_millis(20));

    #[test]
    fn other_forms_than_a_are_not_asked_for() {
        for form in LeapForm::ALL {
            if form.record_type() != RecordType::A {
                let error = SHORT.fetch("leapsecond.example", form).unwrap_err();
                assert!(matches!(error, ResolveError::NotOfSystem { .. }), "{error}");
            }
        }
    }

    #[test]
    fn what_is_no_name_is_not_asked_for() {
        for name in ["", ".", "a..b", &"x".repeat(64), &"a.".repeat(128)] {
            let error = SHORT.fetch(name, LeapForm::A).unwrap_err();
            assert!(matches!(error, ResolveError::Name { .. }), "{error}");
        }
    }

    /// The files of every system have this name.
    #[test]
    fn an_address_of_a_host_is_no_leap_second() {
        let resolver = SystemResolver::default();
        let error = loop {
            let error = resolver.fetch("localhost", LeapForm::A).unwrap_err();
            // The test below takes all places for a moment.
            if !matches!(error, ResolveError::Busy { .. }) {
                break error;
            }
            thread::yield_now();
        };
        // Not all have an address of IPv4, or find the name with a dot; then a name server is asked,
        // which may be silent.
        let expected = matches!(
            error,
            ResolveError::Records { .. }
                | ResolveError::NoData { .. }
                | ResolveError::System { .. }
                | ResolveError::Timeout { .. }
        );
        assert!(expected, "{error}");
    }

    /// In one test, because all questions of a process are counted together.
    #[test]
    fn a_lookup_that_hangs_is_left_to_itself_and_counted() {
        let (release, gate) = mpsc::channel::<()>();
        let gate = alloc::sync::Arc::new(std::sync::Mutex::new(gate));
        let hang = || {
            let gate = alloc::sync::Arc::clone(&gate);
            SHORT.wait_for("slow.example.", move || {
                let _ = gate.lock().unwrap().recv();
                Ok(Vec::new())
            })
        };
        let mut timeouts = 0;
        let busy = loop {
            match hang() {
                Err(ResolveError::Timeout { .. }) => timeouts += 1,
                other => break other,
            }
        };
        let pending = SystemResolver::MOST_PENDING;
        assert_eq!(busy, Err(ResolveError::Busy { pending }));
        // Other tests may have taken some of the places.
        assert!((1..=pending).contains(&timeouts));
        drop(release);
        let look_up = || loop {
            let patient = SystemResolver::new().with_timeout(Duration::from_mins(1));
            let found = patient.wait_for("fast.example.", || Ok(Vec::new()));
            if !matches!(found, Err(ResolveError::Busy { .. })) {
                break found;
            }
            thread::yield_now();
        };
        assert_eq!(look_up(), Ok(Vec::new()));
    }
}
