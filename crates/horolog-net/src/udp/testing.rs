use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;
use std::sync::OnceLock;
use std::time::Instant;

use super::{Batch, ClientSocket, ServerSocket, StampSource};

/// Waits until the kernel stamps what arrives: Linux begins some time after the first socket asks
/// for it, and stops after the last one closes.
pub(super) fn await_kernel_stamps() {
    static KEPT_OPEN: OnceLock<ServerSocket> = OnceLock::new();
    KEPT_OPEN.get_or_init(|| {
        let mut server = ServerSocket::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let mut client = ClientSocket::connect(server.local_address().unwrap()).unwrap();
        let mut batch = Batch::new(8, 8);
        let end = Instant::now() + Duration::from_mins(1);
        while cfg!(target_os = "linux") && Instant::now() < end {
            client.send(b"?").unwrap();
            server.receive(&mut batch, Duration::from_secs(30)).unwrap();
            let is_kernels = |source| source == StampSource::Kernel;
            if batch
                .datagrams()
                .any(|datagram| is_kernels(datagram.stamp().source))
            {
                break;
            }
        }
        server
    });
}
