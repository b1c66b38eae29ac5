//! What a Rust app calls, seen at the engine.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed; clippy knows that of test functions only"
)]

mod calls;
mod layer;
mod panics;

use super::{Options, Telemetry};

/// A client without a browser.
fn telemetry() -> Telemetry {
    Telemetry::start(Options::new("/t").redact_keys(["nickname"])).unwrap()
}

/// The records that wait, without the beginning and the time, which are the same for all.
fn recorded(telemetry: Telemetry) -> Vec<String> {
    let strip = |record: &str| {
        let (_, rest) = record.split_once(r#","type":""#).unwrap();
        let (record_type, rest) = rest.split_once(r#"","timestamp":1766361600000,"#).unwrap();
        [record_type, " {", rest].concat()
    };
    let client = telemetry.client().unwrap();
    client.host.read(|engine| engine.waiting().into_iter().map(strip).collect())
}

/// The only record that waits.
fn only(telemetry: Telemetry) -> String {
    let mut recorded = recorded(telemetry);
    assert_eq!(recorded.len(), 1, "{recorded:?}");
    recorded.remove(0)
}

/// The text of a field of a record.
fn field<'r>(record: &'r str, name: &str) -> &'r str {
    let (_, rest) = record.split_once(&["\"", name, "\":\""].concat()).unwrap_or(("", "\""));
    rest.split('"').next().unwrap()
}
