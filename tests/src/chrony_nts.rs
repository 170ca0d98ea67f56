use core::net::SocketAddr;
use core::str::FromStr;

use crate::{Chrony, ChronyServer, Pki};

/// What chronyc tells of a source under NTS (`authdata`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChronyAuthData {
    /// `NTS`, `SK` or `-`.
    pub mode: String,
    /// The number of key exchanges that succeeded.
    pub key_id: u32,
    /// The AEAD algorithm, as IANA numbers it.
    pub algorithm: u16,
    /// The length of its key in bits.
    pub key_length: u16,
    /// Key exchanges tried since one succeeded.
    pub attempts: u32,
    /// NAKs (kiss code NTSN) since the key exchange.
    pub naks: u32,
    /// Cookies it has.
    pub cookies: usize,
    /// Their length.
    pub cookie_length: usize,
}

impl Chrony {
    /// Starts an NTS server at free ports of 127.0.0.1 with further lines of configuration (such as
    /// `ntsaeads`, `ntsdumpdir` or `ntsrotate`), and waits until it answers.
    ///
    /// # Panics
    ///
    /// Where it does not come up.
    #[must_use]
    pub fn serve_nts(&self, pki: &Pki, configuration: &str) -> ChronyServer {
        let (ntp, nts) = (self.free_address(123), self.free_address(4460));
        let lines = format!(
            "ntsport {}\nntsservercert {}\nntsserverkey {}\nntsprocesses 0\n{configuration}",
            nts.port(),
            pki.certificate().display(),
            pki.key().display()
        );
        let mut server = self.serve_at(ntp, &lines);
        server.peer.wait_for_port("tcp", nts.port());
        server.key_exchange = Some(nts);
        server
    }

    /// The AEAD algorithm that it likes best, as IANA numbers it: since version 4.4 that is
    /// AES-128-GCM-SIV.
    ///
    /// # Panics
    ///
    /// Where it does not tell its version.
    #[must_use]
    pub fn algorithm(&self) -> u16 {
        let (major, minor) = self.version();
        if (major, minor) >= (4, 4) { 30 } else { 15 }
    }

    /// Asks once over NTS, `server` being the address of its key establishment, and tells by how
    /// many seconds the clock is wrong; `options` are those of chrony's `server` line.
    ///
    /// # Errors
    ///
    /// What it says where it measures nothing.
    pub fn measure_nts(&self, server: SocketAddr, pki: &Pki, options: &str) -> Result<f64, String> {
        self.ask(&source(server, pki, &format!("{} {options}", Self::OFTEN)))
    }

    /// Starts a client of an NTS server, `server` being the address of its key establishment;
    /// `options` are those of chrony's `server` line.
    ///
    /// # Panics
    ///
    /// Where it does not come up.
    #[must_use]
    pub fn client_nts(&self, server: SocketAddr, pki: &Pki, options: &str) -> ChronyServer {
        self.client(&source(server, pki, options))
    }
}

impl ChronyServer {
    /// Where an NTS server establishes keys.
    ///
    /// # Panics
    ///
    /// Where it was not started as one.
    #[must_use]
    pub const fn key_exchange(&self) -> SocketAddr {
        self.key_exchange.expect("a server with NTS")
    }

    /// The state of the authentication of a client's only source.
    ///
    /// # Panics
    ///
    /// Where it has none.
    #[must_use]
    pub fn auth_data(&self) -> ChronyAuthData {
        let report = self.control("-c authdata");
        let cells: Vec<_> = report.trim().split(',').collect();
        let [
            _,
            mode,
            key_id,
            algorithm,
            key_length,
            _,
            attempts,
            naks,
            cookies,
            cookie_length,
        ] = cells[..]
        else {
            panic!("chronyc says {report:?}")
        };
        ChronyAuthData {
            mode: mode.to_owned(),
            key_id: number(key_id),
            algorithm: number(algorithm),
            key_length: number(key_length),
            attempts: number(attempts),
            naks: number(naks),
            cookies: number(cookies),
            cookie_length: number(cookie_length),
        }
    }
}

fn source(server: SocketAddr, pki: &Pki, options: &str) -> String {
    format!(
        "server {} nts ntsport {} {options}\nntstrustedcerts {}\nnosystemcert\n",
        server.ip(),
        server.port(),
        pki.authority().display()
    )
}

fn number<T: FromStr>(text: &str) -> T {
    let number = text.parse().ok();
    number.unwrap_or_else(|| panic!("{text:?} is no number"))
}
