//! What was received in the last days, added up.
//!
//! Read from the rollups, so the cost does not grow with the records. The period begins with the
//! full hour in which it would begin to the millisecond, so that all numbers are of the same period.

use std::collections::BTreeMap;

use beaconry_protocol::format_millis;
use rusqlite::Connection;
use serde::Serialize;

use super::{BadParameter, Params, Queries, QueryError};
use crate::index::{HOUR_MILLIS, MINUTE_MILLIS, floor};

/// Which records to add up, and how finely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelemetryQuery {
    /// The length of the period, up to now.
    pub days: u64,
    /// Only records of this type, or events of this name.
    pub kind: Option<String>,
    /// How far apart two points are.
    pub bucket: Bucket,
}

/// How far apart two points are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    /// A minute; for at most [`DAYS_BY_MINUTE`] days.
    Minute,
    /// An hour.
    Hour,
    /// A day, in UTC.
    Day,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TelemetryReport {
    /// The length of the period.
    pub days: u64,
    /// Records.
    pub total: u64,
    /// Different sessions.
    pub unique_sessions: u64,
    /// Different users, anonymous ones included.
    pub unique_users: u64,
    /// Records by type.
    pub by_type: BTreeMap<String, u64>,
    /// The most frequent names, at most ten.
    pub top: Vec<TopName>,
    /// Counts over time, ascending; times without records have no point.
    pub points: Vec<Point>,
    /// When the period began and ended.
    pub period: Period,
}

/// How often a name was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TopName {
    /// The type of the records.
    #[serde(rename = "type")]
    pub record_type: String,
    /// Their name; for errors the error type.
    pub name: String,
    /// How many.
    pub count: u64,
}

/// What was received from a time on, for one bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Point {
    /// The beginning of the bucket, RFC 3339.
    pub timestamp: String,
    /// Records.
    pub event_count: u64,
    /// Records by type.
    pub by_type: BTreeMap<String, u64>,
}

/// A stretch of time, RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Period {
    /// Its beginning.
    pub start: String,
    /// Its end.
    pub end: String,
}

impl TelemetryQuery {
    /// The parameters that it takes.
    pub const PARAMETERS: [&str; 3] = ["days", "type", "bucket"];

    /// Reads the question off the parameters of a URL. Without a bucket, a day is shown by the
    /// minute, two weeks by the hour and more by the day.
    ///
    /// # Errors
    /// The parameter that is wrong.
    pub fn read(params: &Params) -> Result<Self, BadParameter> {
        let days = params.number("days", 7, 1..=90, "a whole number from 1 to 90")?;
        let bucket = params.read("bucket", "minute (up to 7 days), hour or day", |word| match word {
            "minute" if days <= DAYS_BY_MINUTE => Some(Bucket::Minute),
            "hour" => Some(Bucket::Hour),
            "day" => Some(Bucket::Day),
            _ => None,
        })?;
        let fitting = match days {
            1 => Bucket::Minute,
            2..=14 => Bucket::Hour,
            _ => Bucket::Day,
        };
        let kind = params.text("type").map(str::to_owned);
        Ok(Self { days, kind, bucket: bucket.unwrap_or(fitting) })
    }
}

impl Bucket {
    /// The rollups that make it up.
    const fn grain(self) -> u64 {
        match self {
            Self::Minute => MINUTE_MILLIS,
            Self::Hour | Self::Day => HOUR_MILLIS,
        }
    }

    const fn width(self) -> u64 {
        match self {
            Self::Minute => MINUTE_MILLIS,
            Self::Hour => HOUR_MILLIS,
            Self::Day => DAY_MILLIS,
        }
    }
}

impl Queries {
    /// Adds up what was received until `now` (epoch milliseconds).
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn telemetry(&self, query: &TelemetryQuery, now: u64) -> Result<TelemetryReport, QueryError> {
        let start = floor(now.saturating_sub(query.days * DAY_MILLIS), HOUR_MILLIS);
        let kind = query.kind.as_deref();
        self.read(|connection| {
            let by_type = count_by_type(connection, start, kind)?;
            Ok(TelemetryReport {
                days: query.days,
                total: by_type.values().sum(),
                unique_sessions: count_visitors(connection, "session", start, kind)?,
                unique_users: count_visitors(connection, "user", start, kind)?,
                by_type,
                top: top_names(connection, start, kind)?,
                points: points(connection, start, kind, query.bucket)?,
                period: Period { start: format_millis(start), end: format_millis(now) },
            })
        })
    }
}

fn count_by_type(
    connection: &Connection,
    start: u64,
    kind: Option<&str>,
) -> rusqlite::Result<BTreeMap<String, u64>> {
    let sql = format!("SELECT type, SUM(count) FROM rollups WHERE {OF_PERIOD_AND_KIND} GROUP BY type");
    let mut statement = connection.prepare_cached(&sql)?;
    let counts = statement.query_map((HOUR_MILLIS, start, kind), |row| Ok((row.get(0)?, row.get(1)?)))?;
    counts.collect()
}

fn count_visitors(
    connection: &Connection,
    visitor: &str,
    start: u64,
    kind: Option<&str>,
) -> rusqlite::Result<u64> {
    connection
        .prepare_cached(
            "SELECT COUNT(DISTINCT id) FROM visitors WHERE kind = ?1 AND hour >= ?2
             AND (?3 IS NULL OR type = ?3 OR (type = 'event' AND event = ?3))",
        )?
        .query_row((visitor, start, kind), |row| row.get(0))
}

fn top_names(connection: &Connection, start: u64, kind: Option<&str>) -> rusqlite::Result<Vec<TopName>> {
    let sql = format!(
        "SELECT type, name, SUM(count) AS count FROM rollups WHERE {OF_PERIOD_AND_KIND} AND name <> ''
         GROUP BY type, name ORDER BY count DESC, type, name LIMIT 10"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let names = statement.query_map((HOUR_MILLIS, start, kind), |row| {
        Ok(TopName { record_type: row.get(0)?, name: row.get(1)?, count: row.get(2)? })
    })?;
    names.collect()
}

fn points(
    connection: &Connection,
    start: u64,
    kind: Option<&str>,
    bucket: Bucket,
) -> rusqlite::Result<Vec<Point>> {
    let sql = format!(
        "SELECT start - start % ?4 AS bucket, type, SUM(count) FROM rollups WHERE {OF_PERIOD_AND_KIND}
         GROUP BY bucket, type ORDER BY bucket"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query((bucket.grain(), start, kind, bucket.width()))?;
    let mut points: Vec<Point> = Vec::new();
    while let Some(row) = rows.next()? {
        let timestamp = format_millis(row.get(0)?);
        let count = row.get(2)?;
        if points.last().is_none_or(|last| last.timestamp != timestamp) {
            points.push(Point { timestamp, event_count: 0, by_type: BTreeMap::new() });
        }
        if let Some(point) = points.last_mut() {
            point.event_count += count;
            point.by_type.insert(row.get(1)?, count);
        }
    }
    Ok(points)
}

/// Rollups of the grain `?1` from the time `?2` on, of the kind `?3` if there is one.
const OF_PERIOD_AND_KIND: &str = "grain = ?1 AND start >= ?2
    AND (?3 IS NULL OR type = ?3 OR (type = 'event' AND name = ?3))";

const DAY_MILLIS: u64 = 24 * HOUR_MILLIS;

/// The longest period that is shown by the minute.
pub const DAYS_BY_MINUTE: u64 = 7;
