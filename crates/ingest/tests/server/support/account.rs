//! That the server's numbers add up.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Request, Server, eventually};

/// Every number in `/metrics`, by its name with its labels.
pub(crate) fn numbers(server: &Server) -> BTreeMap<String, f64> {
    let text = server.send(&Request::get("/metrics")).body;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(name, number)| (name.to_owned(), number.parse().unwrap()))
        .collect()
}

/// Waits until nothing is under way, and expects every record and every place to be accounted for.
pub(crate) fn conservation(server: &Server) {
    let account = eventually("every record has its verdict", || {
        let account = server.get("/api/health/extended")["conservation"].clone();
        let keys = account["keys"].as_object().unwrap();
        keys.values().all(|key| key["underWay"] == 0).then_some(account)
    });
    for (name, key) in account["keys"].as_object().unwrap() {
        let number = |field: &str| key[field].as_u64().unwrap();
        let sum = |field: &str| {
            key[field].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum::<u64>()
        };
        let settled = number("stored") + number("duplicate") + sum("rejected") + sum("putOff");
        assert_eq!(number("received"), settled, "{name}: {key}");
    }
    let place = |field: &str| account["streams"][field].as_u64().unwrap();
    assert_eq!(place("highest"), place("stored") + place("reported") + place("missing"), "{account}");
    let numbers = numbers(server);
    for state in ["stored", "reported", "missing"] {
        let told = numbers[&format!("beaconry_stream_places{{state=\"{state}\"}}")];
        assert_eq!(Value::from(told).as_f64(), Some(place(state) as f64), "{state}");
    }
}

/// The same, where every stored record has an id and none was ever deleted: the accounts and the journal
/// are two ways to count the same.
pub(crate) fn conservation_with_journal(server: &Server, lines: u64) {
    conservation(server);
    let health = server.get("/api/health/extended");
    assert_eq!(health["conservation"]["streams"]["stored"], lines, "{health}");
    assert_eq!(health["index"]["stored"], lines, "{health}");
}
