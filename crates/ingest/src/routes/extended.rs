//! How the server is, in detail: for people, for whoever watches it, and for tests that count records.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use beaconry_protocol::format_millis;
use serde::Serialize;

use super::metrics::measure;
use super::probe::Probed;
use super::telemetry::ask;
use super::{App, reply};
use crate::clock::now_millis;
use crate::duplicates::{Places, Totals};
use crate::query::{ACTIVE_MINUTES, Pulse};
use crate::signals::{Gauges, KeyAccount, key_accounts, resident_bytes};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Extended {
    /// The worst of all below.
    status: Level,
    timestamp: String,
    version: &'static str,
    commit: &'static str,
    uptime: Uptime,
    database: Timed,
    storage: Timed,
    sessions: Sessions,
    error_rate: ErrorRate,
    event_rate: EventRate,
    last_event_at: Option<String>,
    memory: Memory,
    index: Index,
    conservation: Conservation,
}

/// From when on something is slow.
#[derive(Debug, Clone, Copy)]
struct Marks {
    slow: Duration,
    too_slow: Duration,
}

/// From good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Healthy,
    Degraded,
    Unhealthy,
}

#[derive(Serialize)]
struct Uptime {
    seconds: u64,
    minutes: u64,
    hours: u64,
    formatted: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Timed {
    status: Level,
    latency_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sessions {
    active: u64,
    /// Whether there may be more, since only the newest records were looked at.
    at_least: bool,
    window_minutes: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorRate {
    status: Level,
    errors: u64,
    total_events: u64,
    /// In percent.
    rate: f64,
    window_hours: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventRate {
    per_minute: f64,
    window_minutes: u64,
}

#[derive(Serialize)]
struct Memory {
    #[serde(rename = "rssMB")]
    rss_mb: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    stored: u64,
    indexed: u64,
    lag: u64,
    damaged_lines: u64,
}

#[derive(Serialize)]
struct Conservation {
    /// Since the process began: received = stored + duplicate + rejected + put off + under way.
    keys: BTreeMap<String, KeyAccount>,
    streams: Streams,
}

/// Since the data folder was made: highest = stored + reported + missing.
#[derive(Serialize)]
struct Streams {
    total: u64,
    closed: u64,
    /// Those without a closing record.
    open: u64,
    implausible: u64,
    highest: u64,
    stored: u64,
    reported: u64,
    missing: u64,
}

pub(super) async fn extended(State(app): State<Arc<App>>) -> Response<Body> {
    let asked = Arc::clone(&app);
    let now = now_millis();
    match ask(move || Ok((asked.queries.pulse(now)?, asked.probe.probe()))).await {
        Ok((pulse, probed)) => reply::json(StatusCode::OK, &Extended::new(&app, now, &pulse, probed)),
        Err(response) => response,
    }
}

impl Extended {
    fn new(app: &App, now: u64, pulse: &Pulse, probed: Probed) -> Self {
        let gauges = measure(app);
        let database = Timed::new(pulse.latency, None, INDEX);
        let storage = Timed::new(probed.took, probed.error, DISK);
        let error_rate = ErrorRate::new(pulse);
        let working = if gauges.is_failing { Level::Degraded } else { Level::Healthy };
        let status = working.max(database.status).max(storage.status).max(error_rate.status);
        Self {
            status,
            timestamp: format_millis(now),
            version: env!("CARGO_PKG_VERSION"),
            commit: crate::COMMIT,
            uptime: Uptime::new(app.started.elapsed().as_secs()),
            database,
            storage,
            sessions: Sessions {
                active: pulse.active_sessions,
                at_least: pulse.are_more,
                window_minutes: ACTIVE_MINUTES,
            },
            error_rate,
            event_rate: EventRate {
                per_minute: rounded(pulse.last_minutes as f64 / ACTIVE_MINUTES as f64),
                window_minutes: ACTIVE_MINUTES,
            },
            last_event_at: app.progress.last_received_at().map(format_millis),
            memory: Memory { rss_mb: rounded(resident_bytes() as f64 / 1e6) },
            index: Index::new(&gauges),
            conservation: Conservation { keys: key_accounts(), streams: Streams::new(gauges.totals) },
        }
    }
}

impl Uptime {
    fn new(seconds: u64) -> Self {
        let (minutes, hours) = (seconds / 60, seconds / 3_600);
        let formatted = format!("{hours}h {}m {}s", minutes % 60, seconds % 60);
        Self { seconds, minutes, hours, formatted }
    }
}

impl Timed {
    fn new(took: Duration, error: Option<String>, marks: Marks) -> Self {
        let status = match took {
            _ if error.is_some() => Level::Unhealthy,
            took if took < marks.slow => Level::Healthy,
            took if took < marks.too_slow => Level::Degraded,
            _ => Level::Unhealthy,
        };
        Self { status, latency_ms: rounded(took.as_secs_f64() * 1e3), error }
    }
}

impl ErrorRate {
    fn new(pulse: &Pulse) -> Self {
        let rate = pulse.errors as f64 * 100.0 / pulse.last_hour.max(1) as f64;
        let status = match rate {
            rate if rate < MANY_ERRORS => Level::Healthy,
            rate if rate < TOO_MANY_ERRORS => Level::Degraded,
            _ => Level::Unhealthy,
        };
        let (errors, total_events) = (pulse.errors, pulse.last_hour);
        Self { status, errors, total_events, rate: rounded(rate), window_hours: 1 }
    }
}

impl Index {
    fn new(gauges: &Gauges) -> Self {
        let Gauges { journal_records: stored, indexed_records: indexed, damaged_lines, .. } = *gauges;
        Self { stored, indexed, lag: stored.saturating_sub(indexed), damaged_lines }
    }
}

impl Streams {
    fn new(totals: Totals) -> Self {
        let Totals { streams, closed, implausible, places } = totals;
        let Places { highest, stored, reported, missing } = places;
        let open = streams - closed;
        Self { total: streams, closed, open, implausible, highest, stored, reported, missing }
    }
}

/// To hundredths: the rest is noise.
fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

const INDEX: Marks = Marks { slow: Duration::from_millis(50), too_slow: Duration::from_millis(100) };
/// A disk that many write to may take that long for a sync, and still keep up: syncs are shared.
const DISK: Marks = Marks { slow: Duration::from_millis(500), too_slow: Duration::from_secs(5) };

/// In percent.
const MANY_ERRORS: f64 = 1.0;
const TOO_MANY_ERRORS: f64 = 5.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_at_50_and_100_ms_and_at_1_and_5_percent() {
        let timed = |millis| Timed::new(Duration::from_millis(millis), None, INDEX).status;
        assert_eq!(
            [49, 50, 99, 100].map(timed),
            [Level::Healthy, Level::Degraded, Level::Degraded, Level::Unhealthy]
        );
        assert_eq!(Timed::new(Duration::ZERO, Some("full".into()), DISK).status, Level::Unhealthy);
        let of = |errors, last_hour| ErrorRate::new(&Pulse { errors, last_hour, ..Pulse::default() });
        assert_eq!(
            [of(9, 1_000), of(10, 1_000), of(49, 1_000), of(50, 1_000)].map(|rate| rate.status),
            [Level::Healthy, Level::Degraded, Level::Degraded, Level::Unhealthy]
        );
        assert_eq!((of(0, 0).status, of(3, 1_200).rate), (Level::Healthy, 0.25));
        assert!(Level::Healthy < Level::Degraded && Level::Degraded < Level::Unhealthy);
    }

    #[test]
    fn the_time_since_the_start_is_said_in_words_too() {
        assert_eq!(Uptime::new(90_061).formatted, "25h 1m 1s");
    }
}
