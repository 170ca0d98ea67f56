use crate::peer::{Launcher, Peer, missing};
use crate::{Scratch, free_port};

/// The redis-server that `.ci/peers` unpacks.
#[derive(Clone, Debug)]
pub struct Redis {
    server: Launcher,
}

impl Redis {
    /// The one that is unpacked, if there is one.
    ///
    /// # Panics
    ///
    /// Where there is none and `HOROLOG_REQUIRE_PEERS` is set.
    #[must_use]
    pub fn unpacked() -> Option<Self> {
        match Launcher::unpacked("usr/bin/redis-server") {
            Some(server) => Some(Self { server }),
            None => missing("redis is not unpacked (.ci/peers does it)"),
        }
    }

    /// Starts a server at a free port of 127.0.0.1 that keeps nothing on disk and may do nothing that
    /// not every user may.
    ///
    /// # Panics
    ///
    /// Where it does not come up.
    #[must_use]
    pub fn start(&self) -> RedisServer {
        let (scratch, port) = (Scratch::new(), free_port());
        let lines = format!(
            "bind 127.0.0.1\nport {port}\nsave \"\"\nappendonly no\ndir {}\n",
            scratch.path().display()
        );
        let file = scratch.write("redis.conf", &lines);
        let server = self.server.clone().without_capabilities();
        let mut peer = Peer::start(server.command().arg(file), scratch);
        peer.wait_for_port("tcp", port);
        RedisServer { port, peer }
    }
}

/// A redis-server that runs.
#[derive(Debug)]
pub struct RedisServer {
    port: u16,
    peer: Peer,
}

impl RedisServer {
    /// Where it is, as clients want it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Sends a signal by its name: after STOP it takes connections and answers nothing.
    pub fn signal(&self, name: &str) {
        self.peer.signal(name);
    }
}
