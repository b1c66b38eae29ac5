//! What became of the records of every key, read back out of the numbers.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use beaconry_protocol::DiscardReason;
use serde::Serialize;

use super::metrics::{Metrics, OfKey, Rejected, metrics};
use crate::intake::Refusal;

/// What became of the records of one key, since the process began.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyAccount {
    received: u64,
    stored: u64,
    duplicate: u64,
    /// By reason.
    rejected: BTreeMap<&'static str, u64>,
    /// To be sent again, by reason.
    put_off: BTreeMap<&'static str, u64>,
    /// Those that have no verdict yet. At rest it is 0, or records were lost count of.
    under_way: i64,
}

/// The accounts of all keys that sent something, by name.
pub(crate) fn key_accounts() -> BTreeMap<String, KeyAccount> {
    let keys = metrics().keys.lock().unwrap_or_else(PoisonError::into_inner).clone();
    keys.into_iter().map(|key| (key.clone(), KeyAccount::of(metrics(), key))).collect()
}

impl KeyAccount {
    fn of(metrics: &Metrics, key: String) -> Self {
        let name = OfKey { key: key.clone() };
        let by_reason = |reasons: &[&'static str], family: &super::metrics::ByReason| {
            let count = |reason: &&'static str| {
                let label = Rejected { key: key.clone(), reason };
                family.get(&label).map(|count| (*reason, count.get()))
            };
            reasons.iter().filter_map(count).collect::<BTreeMap<_, _>>()
        };
        let reasons = DiscardReason::ALL.map(DiscardReason::as_str);
        let mut account = Self {
            stored: metrics.stored.get_or_create(&name).get(),
            duplicate: metrics.duplicate.get_or_create(&name).get(),
            rejected: by_reason(&reasons, &metrics.rejected),
            put_off: by_reason(&Refusal::REASONS, &metrics.put_off),
            // Last, so that what is under way is never below 0.
            received: metrics.received.get_or_create(&name).get(),
            under_way: 0,
        };
        let settled = account.stored + account.duplicate + sum(&account.rejected) + sum(&account.put_off);
        account.under_way = account.received.cast_signed() - settled.cast_signed();
        account
    }
}

fn sum(counts: &BTreeMap<&'static str, u64>) -> u64 {
    counts.values().sum()
}
