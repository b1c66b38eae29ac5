//! The account of every record, for an app that wants to show or test it.

use beaconry_protocol::DiscardReason;

use super::clients::Client;
use crate::engine::Engine;

/// What became of the records of a client. Everything is 0 where nothing is recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// The id of this client's stream, which the server knows its records by.
    pub stream: String,
    /// Where records are kept until they are acknowledged: `localStorage+indexedDB`, one of them, or only
    /// `memory`.
    pub storage: &'static str,
    /// Calls that were made, those that were refused included.
    pub recorded: u64,
    /// Records of earlier pages that this one took over.
    pub adopted: u64,
    /// Records that are on the server's disk.
    pub acknowledged: u64,
    /// Records that wait.
    pub waiting: usize,
    /// Records that are on their way.
    pub in_flight: usize,
    /// Requests that were made.
    pub requests: u64,
    /// What was given up, by reason.
    pub discarded: Vec<(DiscardReason, u64)>,
}

impl Stats {
    pub(super) fn of(client: &Client) -> Self {
        let storage = client.host.storage_name();
        client.host.read(|engine: &Engine| {
            let ledger = engine.ledger();
            Self {
                stream: engine.stream().to_hex(),
                storage,
                recorded: ledger.recorded,
                adopted: ledger.adopted,
                acknowledged: ledger.acknowledged,
                waiting: engine.waiting().len(),
                in_flight: engine.in_flight(),
                requests: ledger.requests,
                discarded: ledger.discarded().collect(),
            }
        })
    }
}
