use core::net::SocketAddr;
use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender};

use crate::address::HostPort;
use crate::cli::{self, Context};
use crate::query::{Event, Plan, Poller, Security};
use crate::stop::Signals;

/// What an asker is told to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Order {
    /// Ask once.
    Ask,
    /// Find the server anew.
    Find,
}

/// What an asker tells.
#[derive(Debug)]
pub(super) struct Told {
    /// Whose asker it is.
    pub(super) key: u64,
    pub(super) news: News,
}

#[derive(Debug)]
pub(super) enum News {
    /// The server was found there.
    Found(SocketAddr),
    /// The server cannot be found or has no keys for us, and why.
    NotFound(String),
    /// Something that is no answer to an order.
    Trouble(SocketAddr, Event),
    /// What came of asking.
    Asked {
        address: SocketAddr,
        /// The generation in which the request was sent.
        generation: u64,
        event: Event,
    },
}

/// Asks one server, in a thread of its own.
#[derive(Debug)]
pub(super) struct Asker<'a> {
    pub(super) key: u64,
    pub(super) server: HostPort,
    pub(super) plan: &'a Plan,
    pub(super) signals: &'a Signals,
    /// Counts the generations of samples: those of an earlier one are void.
    pub(super) generation: &'a AtomicU64,
    pub(super) sender: Sender<Told>,
}

/// After so many polls without a reply the server may have moved.
const PATIENCE: u32 = 8;

impl<'a> Asker<'a> {
    /// Finds the server and then does what is ordered, until nobody is there to order.
    ///
    /// Every order is answered by one piece of news that is no trouble, or two where the server has
    /// to be found first.
    pub(super) fn run(self, orders: &Receiver<Order>) {
        let mut poller = self.find();
        let mut lost = 0;
        while let Ok(order) = orders.recv() {
            if self.signals.should_stop() {
                return;
            }
            match order {
                Order::Find => self.find_again(&mut poller),
                Order::Ask => {
                    if lost >= PATIENCE {
                        (poller, lost) = (None, 0);
                    }
                    if poller.is_none() {
                        poller = self.find();
                    }
                    let event = poller.as_mut().and_then(|poller| self.ask(poller));
                    lost = match event {
                        Some(true) => 0,
                        Some(false) => lost + 1,
                        None => lost,
                    };
                }
            }
        }
    }

    /// Tells what comes of asking, and gives back whether it was a reply.
    fn ask(&self, poller: &mut Poller<'_>) -> Option<bool> {
        // Read before the request is sent; and a step is done before the generation is counted.
        let generation = self.generation.load(Ordering::SeqCst);
        let polled = poller.poll(self.signals, |address, event| {
            if matches!(event, Event::NotEstablished(_)) {
                self.tell(News::Trouble(address, event));
            }
        });
        let address = poller.address();
        let event = match polled {
            Ok(event) => event?,
            Err(error) => {
                self.tell(News::NotFound(cli::chain(&error)));
                return Some(false);
            }
        };
        let is_reply = !matches!(event, Event::Lost { .. } | Event::NoCookie | Event::Nak);
        self.tell(News::Asked {
            address,
            generation,
            event,
        });
        Some(is_reply)
    }

    fn find(&self) -> Option<Poller<'a>> {
        self.tell_found(Poller::new(&self.server, self.plan, self.signals))
    }

    /// Looks whether the server is still where it was. If it cannot be found, it is asked as before.
    fn find_again(&self, poller: &mut Option<Poller<'a>>) {
        let old = poller.as_ref().map(Poller::address);
        if let (Some(old), Security::None | Security::Mac(_)) = (old, &self.plan.security) {
            let (server, family) = (self.server.clone(), self.plan.family);
            let resolved = self
                .signals
                .unless_stopped(move || server.resolve_all(family));
            if resolved.is_some_and(|found| found.is_ok_and(|found| found.contains(&old))) {
                self.tell(News::Found(old));
                return;
            }
        }
        if let Some(new) = self.find() {
            *poller = Some(new);
        }
    }

    fn tell_found<'p>(&self, found: Result<Poller<'p>, Context>) -> Option<Poller<'p>> {
        match found {
            Ok(poller) => {
                self.tell(News::Found(poller.address()));
                Some(poller)
            }
            Err(error) => {
                self.tell(News::NotFound(cli::chain(&error)));
                None
            }
        }
    }

    fn tell(&self, news: News) {
        let told = Told {
            key: self.key,
            news,
        };
        // Nobody listens any more where the program ends.
        drop(self.sender.send(told));
    }
}
