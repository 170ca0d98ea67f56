use core::net::SocketAddr;
use core::sync::atomic::AtomicU64;
use core::time::Duration;
use std::sync::mpsc::{self, Sender};
use std::thread::Scope;

use horolog_ntimed::{Params, SourceId};

use super::asker::{Asker, Told};
use super::server::{Server, Standing};
use super::turns::Turns;
use crate::address::HostPort;
use crate::query::Plan;
use crate::stop::Signals;

/// All servers, with a thread for each that asks it, and whose turn it is.
#[derive(Debug)]
pub(super) struct Fleet<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    crew: Crew<'env>,
    sender: Sender<Told>,
    servers: Vec<Server>,
    next_key: u64,
    turns: Option<Turns>,
}

/// What all askers share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crew<'env> {
    pub(super) plan: &'env Plan,
    pub(super) signals: &'env Signals,
    /// Counts the generations of samples.
    pub(super) generation: &'env AtomicU64,
}

impl<'scope, 'env> Fleet<'scope, 'env> {
    pub(super) const fn new(
        scope: &'scope Scope<'scope, 'env>,
        crew: Crew<'env>,
        sender: Sender<Told>,
    ) -> Self {
        Self {
            scope,
            crew,
            sender,
            servers: Vec::new(),
            next_key: 0,
            turns: None,
        }
    }

    /// Has these servers asked from now on and no others. Those that stay are looked for anew, and
    /// keep their askers. Gives back what the evaluation is to forget.
    pub(super) fn set_servers(&mut self, names: Vec<HostPort>) -> Vec<SourceId> {
        let mut old = core::mem::take(&mut self.servers);
        for name in names {
            let same = |server: &Server| {
                // One that did not want to be asked begins anew.
                server.name == name && server.standing != Standing::Stopped
            };
            match old.iter().position(same) {
                Some(place) => {
                    let mut server = old.remove(place);
                    server.find();
                    self.servers.push(server);
                }
                None => self.add(name),
            }
        }
        old.iter().filter_map(Server::source).collect()
    }

    fn add(&mut self, name: HostPort) {
        let (orders, receiver) = mpsc::channel();
        let key = self.next_key;
        self.next_key += 1;
        let Crew {
            plan,
            signals,
            generation,
        } = self.crew;
        let asker = Asker {
            key,
            server: name.clone(),
            plan,
            signals,
            generation,
            sender: self.sender.clone(),
        };
        self.scope.spawn(move || asker.run(&receiver));
        self.servers.push(Server::new(name, key, orders));
    }

    pub(super) fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// Whose asker this is; `None` for one that is gone.
    pub(super) fn by_key(&mut self, key: u64) -> Option<&mut Server> {
        self.servers.iter_mut().find(|server| server.key == key)
    }

    /// Whom the evaluation knows so.
    pub(super) fn by_source(&self, source: SourceId) -> Option<&Server> {
        let mut servers = self.servers.iter();
        servers.find(|server| server.source() == Some(source))
    }

    /// Another server that is asked there.
    pub(super) fn at(&self, address: SocketAddr, key: u64) -> Option<&Server> {
        self.servers.iter().find(|server| {
            let there = matches!(server.standing, Standing::Asked(place, _) if place == address);
            there && server.key != key
        })
    }

    /// Whether each server was found, or cannot be for now.
    pub(super) fn is_gathered(&self) -> bool {
        !self.servers.iter().any(Server::is_busy)
    }

    /// Begins with the first turn.
    pub(super) fn start_turns(
        &mut self,
        params: &Params,
        interval: Option<Duration>,
        now: Duration,
    ) {
        self.turns = Turns::new(self.servers.len(), params, interval, now);
    }

    /// When the next turn comes, once they have begun.
    pub(super) fn next_turn(&self) -> Option<Duration> {
        self.turns.as_ref().map(Turns::next)
    }

    /// Whether the turns have begun and the first lively minute is over.
    pub(super) fn is_steady(&self) -> bool {
        self.turns.as_ref().is_some_and(Turns::is_steady)
    }

    /// Has those asked whose turn it is.
    pub(super) fn take_turns(&mut self, now: Duration) {
        let Some(turns) = &mut self.turns else {
            return;
        };
        while let Some(number) = turns.take(now) {
            if let Some(server) = self.servers.get_mut(number) {
                server.ask();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ntimed::poll;
    use crate::query::Security;

    fn names(fleet: &Fleet<'_, '_>) -> Vec<(String, u64)> {
        let servers = fleet.servers().iter();
        servers
            .map(|server| (server.name.to_string(), server.key))
            .collect()
    }

    #[test]
    fn servers_that_stay_keep_their_askers() {
        let (plan, signals) = (poll::plan(Security::None), Signals::default());
        let generation = AtomicU64::new(0);
        let (sender, told) = mpsc::channel();
        let list = |ports: &[u16]| {
            let servers = ports.iter().map(|port| HostPort::new("127.0.0.1", *port));
            servers.collect::<Vec<_>>()
        };
        std::thread::scope(|scope| {
            let crew = Crew {
                plan: &plan,
                signals: &signals,
                generation: &generation,
            };
            let mut fleet = Fleet::new(scope, crew, sender);
            assert!(fleet.set_servers(list(&[1, 2, 3])).is_empty());
            assert!(!fleet.is_gathered());
            for _ in 0..3 {
                let key = told.recv().unwrap().key;
                fleet.by_key(key).unwrap().handle_answer();
            }
            assert!(fleet.is_gathered());
            fleet.by_key(2).unwrap().standing = Standing::Stopped;
            assert!(fleet.set_servers(list(&[3, 2, 4])).is_empty());
            let name = |port: u16| format!("127.0.0.1:{port}");
            assert_eq!(names(&fleet), [(name(3), 3), (name(2), 1), (name(4), 4)]);
            assert!(fleet.by_key(0).is_none());
            signals.stop();
        });
    }
}
