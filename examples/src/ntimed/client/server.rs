use core::net::SocketAddr;
use std::sync::mpsc::Sender;

use horolog_ntimed::SourceId;
use horolog_ntp::KissAction;

use super::asker::Order;
use crate::address::HostPort;
use crate::cli;
use crate::ntimed::pause::Pause;
use crate::query::Event;

/// A server that the client was told to ask.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) name: HostPort,
    /// Tells its asker from those of servers that are gone.
    pub(super) key: u64,
    pub(super) standing: Standing,
    /// How far its clock may be off, as it says itself, in seconds.
    pub(super) distance: f64,
    orders: Sender<Order>,
    /// Orders that are not answered yet.
    busy: bool,
    pause: Pause,
    /// What was told last of its troubles.
    trouble: Option<String>,
    /// Replies that were lost since the last that told the time; nothing where there was none yet.
    lost: Option<u32>,
}

/// A link may lose so many replies in a row and is no trouble yet.
const FORGIVEN: u32 = 2;

/// Where a server stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Standing {
    /// Nobody knows where it is.
    Sought,
    /// It is asked there.
    Asked(SocketAddr, SourceId),
    /// It is where another is, which alone is asked.
    Duplicate(SocketAddr),
    /// It does not want to be asked.
    Stopped,
}

impl Server {
    /// One that its asker looks for.
    pub(super) const fn new(name: HostPort, key: u64, orders: Sender<Order>) -> Self {
        Self {
            name,
            key,
            standing: Standing::Sought,
            distance: 0.0,
            orders,
            busy: true,
            pause: Pause::NONE,
            trouble: None,
            lost: None,
        }
    }

    /// Has it asked, unless it is not to be.
    pub(super) fn ask(&mut self) {
        let asks = matches!(self.standing, Standing::Sought | Standing::Asked(..));
        if asks && !self.busy && !self.pause.skips() {
            self.order(Order::Ask);
        }
    }

    /// Has it looked for anew.
    pub(super) fn find(&mut self) {
        self.pause = Pause::NONE;
        self.order(Order::Find);
    }

    fn order(&mut self, order: Order) {
        // Its asker ends only with the program.
        self.busy = self.orders.send(order).is_ok();
    }

    /// Whether an order is not answered yet, the first of which is to find it.
    pub(super) const fn is_busy(&self) -> bool {
        self.busy
    }

    /// An order is answered.
    pub(super) const fn handle_answer(&mut self) {
        self.busy = false;
    }

    /// Leaves out some of the next polls, more each time.
    pub(super) fn slow_down(&mut self) {
        self.pause.lengthen();
    }

    /// Does what a reply that is none asks for; tells whether it is not to be asked any more.
    pub(super) fn obey(&mut self, event: &Event) -> bool {
        match event {
            Event::Kiss(code) if code.action() == KissAction::Stop => return true,
            Event::Kiss(code) if code.action() == KissAction::SlowDown => self.slow_down(),
            _ => {}
        }
        false
    }

    /// Whether people want to hear of what brought no time: not of each reply that a link loses.
    pub(super) fn is_trouble(&mut self, event: &Event) -> bool {
        let (Event::Lost { refused: false, .. }, Some(lost)) = (event, &mut self.lost) else {
            return true;
        };
        *lost = lost.saturating_add(1);
        *lost > FORGIVEN
    }

    /// Tells people of a trouble, once.
    pub(super) fn lament(&mut self, trouble: &str) {
        if self.is_new_trouble(trouble) {
            cli::note(format_args!("{}: {trouble}", self.name));
        }
    }

    /// It told the time: tells people that a trouble is over.
    pub(super) fn handle_relief(&mut self) {
        self.lost = Some(0);
        if self.trouble.take().is_some() {
            cli::note(format_args!("{}: answers again", self.name));
        }
    }

    fn is_new_trouble(&mut self, trouble: &str) -> bool {
        let is_new = self.trouble.as_deref() != Some(trouble);
        if is_new {
            self.trouble = Some(trouble.to_owned());
        }
        is_new
    }

    /// As whom the evaluation knows it.
    pub(super) const fn source(&self) -> Option<SourceId> {
        match self.standing {
            Standing::Asked(_, source) => Some(source),
            Standing::Sought | Standing::Duplicate(_) | Standing::Stopped => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use horolog_ntp::KissCode;

    #[test]
    fn one_order_at_a_time() {
        let (sender, orders) = mpsc::channel();
        let mut server = Server::new("a".parse().unwrap(), 1, sender);
        server.ask();
        assert!(server.is_busy() && orders.try_recv().is_err());
        server.handle_answer();
        server.ask();
        server.ask();
        assert_eq!(orders.try_iter().collect::<Vec<_>>(), [Order::Ask]);
        server.handle_answer();
        server.standing = Standing::Stopped;
        server.ask();
        assert!(orders.try_recv().is_err());
    }

    #[test]
    fn kiss_codes_are_obeyed() {
        let (sender, orders) = mpsc::channel();
        let mut server = Server::new("a".parse().unwrap(), 1, sender);
        server.handle_answer();
        assert!(!server.obey(&Event::Kiss(KissCode::RATE)));
        server.ask();
        assert!(orders.try_recv().is_err());
        server.ask();
        assert_eq!(orders.try_recv(), Ok(Order::Ask));
        assert!(server.obey(&Event::Kiss(KissCode::DENY)));
        assert!(server.obey(&Event::Kiss(KissCode::RSTR)));
        assert!(!server.obey(&Event::Nak));
    }

    #[test]
    fn a_trouble_is_told_once() {
        let (sender, _orders) = mpsc::channel();
        let mut server = Server::new("a".parse().unwrap(), 1, sender);
        let told = ["no reply", "no reply", "refused", "no reply"];
        let told = told.map(|trouble| server.is_new_trouble(trouble));
        assert_eq!(told, [true, false, true, true]);
        server.handle_relief();
        assert!(server.is_new_trouble("no reply"));
    }

    #[test]
    fn a_link_may_lose_a_reply() {
        let (sender, _orders) = mpsc::channel();
        let mut server = Server::new("a".parse().unwrap(), 1, sender);
        let lost = |refused| Event::Lost {
            discarded: 0,
            refused,
            unauthentic: None,
        };
        // Nobody has heard of it yet.
        assert!(server.is_trouble(&lost(false)));
        for _ in 0..2 {
            server.handle_relief();
            let told = [(); 4].map(|()| server.is_trouble(&lost(false)));
            assert_eq!(told, [false, false, true, true]);
        }
        server.handle_relief();
        assert!(server.is_trouble(&lost(true)));
        assert!(server.is_trouble(&Event::Nak));
    }
}
