//! The newest records, as they are stored.

use beaconry_protocol::{RecordType, StreamId};
use rusqlite::{Connection, ToSql};

use super::{BadParameter, Params, Queries, QueryError};
use crate::journal::{LineReader, Position, push_without_checksum};

/// Which records, and how many of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventsQuery {
    /// At most so many.
    pub limit: u64,
    /// Only those before this number.
    pub before: Option<u64>,
    /// Only those of this record type, or events of this name.
    pub kind: Option<String>,
    /// Only those of this name; for errors the error type is the name.
    pub name: Option<String>,
    /// Only those of this stream.
    pub stream: Option<StreamId>,
    /// Only those of this session.
    pub session: Option<String>,
}

impl EventsQuery {
    /// The parameters that it takes.
    pub const PARAMETERS: [&str; 6] = ["type", "name", "stream", "session", "limit", "before"];

    /// Reads the question off the parameters of a URL.
    ///
    /// # Errors
    /// The parameter that is wrong.
    pub fn read(params: &Params) -> Result<Self, BadParameter> {
        Ok(Self {
            limit: params.number("limit", 100, 1..=1000, "a whole number from 1 to 1000")?,
            before: params.read("before", "the `next` of an earlier answer", |text| text.parse().ok())?,
            kind: params.text("type").map(str::to_owned),
            name: params.text("name").map(str::to_owned),
            stream: params.read("stream", "32 lower-case hex digits", |text| text.parse().ok())?,
            session: params.text("session").map(str::to_owned),
        })
    }

    /// The rows that match, newest first, and one more than asked for if there are more.
    fn find(&self, connection: &Connection) -> rusqlite::Result<Vec<Position>> {
        let before = self.before.map_or(i64::MAX, |n| i64::try_from(n).unwrap_or(i64::MAX));
        let stream = self.stream.map(|stream| stream.as_bits().to_be_bytes());
        let limit = self.limit + 1;
        let params: [(&str, &dyn ToSql); 6] = [
            (":before", &before),
            (":kind", &self.kind),
            (":name", &self.name),
            (":stream", &stream),
            (":session", &self.session),
            (":limit", &limit),
        ];
        let sql = self.sql();
        // SQLite refuses a parameter that the statement does not mention.
        let params: Vec<_> = params.into_iter().filter(|(name, _)| sql.contains(name)).collect();
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map(&*params, |row| {
            Ok(Position { n: row.get(0)?, offset: row.get(1)?, length: row.get(2)? })
        })?;
        rows.collect()
    }

    /// A kind can be a record type, the name of an event, or both; two queries that each follow one
    /// index are merged, since an `OR` would sort all that match.
    fn sql(&self) -> String {
        let mut conditions = String::from("n < :before");
        for (is_asked, condition) in [
            (self.name.is_some(), " AND name = :name"),
            (self.stream.is_some(), " AND stream = :stream"),
            (self.session.is_some(), " AND session_id = :session"),
        ] {
            conditions.push_str(if is_asked { condition } else { "" });
        }
        let select = |kind: &str| format!("SELECT n, offset, length FROM records WHERE {conditions}{kind}");
        let of_event = select(" AND type = 'event' AND name = :kind");
        let matching = match self.kind.as_deref().map(RecordType::parse) {
            None => select(""),
            Some(Err(_)) => of_event,
            Some(Ok(_)) => format!("{} UNION {of_event}", select(" AND type = :kind")),
        };
        format!("{matching} ORDER BY n DESC LIMIT :limit")
    }
}

impl Queries {
    /// The answer as JSON: `{"events":[…newest first],"next":n}`; `next` is what to give as `before`
    /// for those that follow, or null.
    ///
    /// # Errors
    /// When index or journal cannot be read.
    pub fn events(&self, query: &EventsQuery) -> Result<String, QueryError> {
        let found = self.read(|connection| Ok(query.find(connection)?))?;
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let mut answer = String::from(r#"{"events":["#);
        let looked_at = self.push_records(&found[..found.len().min(limit)], &mut answer)?;
        let next = found[..looked_at].last().filter(|_| looked_at < found.len());
        let next = next.map_or("null".to_owned(), |last| last.n.to_string());
        answer.push_str(&format!(r#"],"next":{next}}}"#));
        Ok(answer)
    }

    /// Writes the stored objects at these places until the answer is long enough, and says how many
    /// places that were. A line that was damaged, erased or deleted since is left out.
    fn push_records(&self, positions: &[Position], answer: &mut String) -> Result<usize, QueryError> {
        let segments = self.tail.segments();
        let mut reader = LineReader::new(&*self.files, &segments);
        let start = answer.len();
        for (looked_at, position) in positions.iter().enumerate() {
            if answer.len() > ANSWER_BYTES {
                return Ok(looked_at);
            }
            if let Some(line) = reader.read(*position)? {
                answer.push_str(if answer.len() > start { "," } else { "" });
                push_without_checksum(answer, line.json);
            }
        }
        Ok(positions.len())
    }
}

/// Where an answer ends that is not at its end: more is asked for with `next`.
const ANSWER_BYTES: usize = 8 * 1024 * 1024;
