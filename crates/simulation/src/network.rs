//! The network: a list of things that will arrive, if they do.

use beaconry::engine::{Millis, Reply, SendId};

/// Which tab waits for the answer to which request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) tab: usize,
    pub(crate) send: SendId,
}

/// Something that is under way.
#[derive(Debug)]
pub(crate) enum Packet {
    Request(Route, String),
    Answer(Route, Reply),
}

/// What is under way, and when it arrives.
#[derive(Debug, Default)]
pub(crate) struct Network {
    packets: Vec<(Millis, Packet)>,
}

impl Network {
    pub(crate) fn send(&mut self, arrives_at: Millis, packet: Packet) {
        self.packets.push((arrives_at, packet));
    }

    /// The packets that have arrived by now, earliest first.
    pub(crate) fn arrived(&mut self, now: Millis) -> Vec<Packet> {
        let mut arrived: Vec<_> = self.packets.extract_if(.., |(at, _)| *at <= now).collect();
        arrived.sort_by_key(|(at, _)| *at);
        arrived.into_iter().map(|(_, packet)| packet).collect()
    }

    pub(crate) fn next_arrival(&self) -> Option<Millis> {
        self.packets.iter().map(|(at, _)| *at).min()
    }
}
