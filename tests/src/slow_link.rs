use core::net::SocketAddr;
use core::time::Duration;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

/// A slow link: TCP between clients and one server, each way with a delay of its own.
///
/// Octets that come together leave together. It lasts as long as the process, as do its threads.
#[derive(Clone, Copy, Debug)]
pub struct SlowLink {
    address: SocketAddr,
}

impl SlowLink {
    /// Starts one at a free port of 127.0.0.1.
    ///
    /// # Panics
    ///
    /// Where there is none.
    #[must_use]
    pub fn start(server: SocketAddr, there: Duration, back: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(server) else {
                    continue;
                };
                let pair = |stream: &TcpStream| stream.try_clone().expect("a second handle");
                carry(pair(&client), pair(&server), there);
                carry(server, client, back);
            }
        });
        Self { address }
    }

    /// Where clients connect to.
    #[must_use]
    pub const fn address(self) -> SocketAddr {
        self.address
    }
}

/// Passes on what comes, each portion after a delay.
fn carry(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let (sender, receiver) = mpsc::channel::<(Instant, Vec<u8>)>();
    let _ = to.set_nodelay(true);
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let portion = (Instant::now() + delay, buffer[..length].to_vec());
            if sender.send(portion).is_err() {
                return;
            }
        }
    });
    thread::spawn(move || {
        for (at, octets) in receiver {
            thread::sleep(at.saturating_duration_since(Instant::now()));
            if to.write_all(&octets).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
