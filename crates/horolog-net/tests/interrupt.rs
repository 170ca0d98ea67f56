//! A signal ends the waiting of either socket.

extern crate alloc;

use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::process::{self, Command};
use std::thread;
use std::time::Instant;

use horolog_net::NetError;
use horolog_net::udp::{Batch, ClientSocket, ServerSocket};
use signal_hook::consts::SIGUSR1;

/// Sends signals to this process until `wait` returns, which it should do with an error.
fn is_interrupted<T>(wait: impl FnOnce() -> Result<T, NetError>) {
    let done = Arc::new(AtomicBool::new(false));
    let until = Arc::clone(&done);
    let signals = thread::spawn(move || {
        while !until.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(20));
            let id = process::id().to_string();
            let status = Command::new("kill").args(["-USR1", &id]).status();
            assert!(status.expect("kill runs").success());
        }
    });
    let start = Instant::now();
    let result = wait();
    done.store(true, Ordering::SeqCst);
    signals.join().expect("the signals are sent");
    assert!(matches!(result, Err(NetError::Interrupted)));
    assert!(start.elapsed() < Duration::from_secs(30));
}

fn main() {
    let seen = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(SIGUSR1, Arc::clone(&seen)).expect("SIGUSR1 can be caught");

    let local = "127.0.0.1:0".parse().expect("an address");
    let mut server = ServerSocket::bind(local).expect("a port");
    let address = server.local_address().expect("an address");
    let mut client = ClientSocket::connect(address).expect("a way to this host");

    is_interrupted(|| client.receive(&mut [0; 8], Duration::from_mins(1)));
    is_interrupted(|| client.receive(&mut [0; 8], Duration::MAX));
    is_interrupted(|| server.receive(&mut Batch::new(4, 8), Duration::from_mins(1)));
    assert!(seen.load(Ordering::SeqCst));
}
