//! All records that match, oldest first, however many there are: part by part, so that none waits in
//! memory for a reader who is slow.

use std::io;

use super::{BadParameter, Params, Queries};
use crate::clock::now_millis;
use crate::operations::export::{Destination, ExportError, Selection, export};
use crate::operations::{MOMENT, Silent, Stored, parse_moment};

/// Which records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportQuery {
    /// Only those behind this line of the journal.
    pub after: u64,
    /// Only those that it takes.
    pub selection: Selection,
}

/// Which lines of the journal there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// The first that was not deleted.
    pub first: u64,
    /// The last.
    pub last: u64,
}

impl ExportQuery {
    /// The parameters that it takes.
    pub const PARAMETERS: [&str; 5] = ["since", "until", "type", "app", "after"];

    /// Reads the question off the parameters of a URL.
    ///
    /// # Errors
    /// The parameter that is wrong.
    pub fn read(params: &Params) -> Result<Self, BadParameter> {
        let now = now_millis();
        let moment = |field| params.read(field, MOMENT, |text| parse_moment(text, now));
        Ok(Self {
            after: params.number("after", 0, 0..=u64::MAX, "the number of a line")?,
            selection: Selection {
                since: moment("since")?,
                until: moment("until")?,
                kind: params.text("type").map(str::to_owned),
                app: params.text("app").map(str::to_owned),
            },
        })
    }
}

impl Queries {
    /// Which lines there are now.
    pub fn extent(&self) -> Extent {
        let first = self.tail.segments().first().map_or(1, |segment| segment.name.first);
        Extent { first, last: self.tail.last_n() }
    }

    /// Hands the records that match, up to line `last`, to `take` as JSON Lines, until it says `false`.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn export(
        &self,
        query: &ExportQuery,
        last: u64,
        take: impl FnMut(Vec<u8>) -> bool,
    ) -> Result<(), ExportError> {
        let segments = self.tail.segments();
        let mut parts = Parts { after: query.after, gathered: Vec::new(), take };
        match export(&*self.files, &segments, Some(last), &query.selection, &mut parts, &Silent) {
            Err(error) if !error.is_closed_pipe() => Err(error),
            _ => Ok(()),
        }
    }
}

/// Gathers lines.
struct Parts<F> {
    after: u64,
    gathered: Vec<u8>,
    take: F,
}

impl<F: FnMut(Vec<u8>) -> bool> Parts<F> {
    fn hand_over(&mut self) -> Result<(), ExportError> {
        let part = std::mem::take(&mut self.gathered);
        if part.is_empty() || (self.take)(part) {
            return Ok(());
        }
        Err(ExportError::Write { what: "the answer".to_owned(), source: io::ErrorKind::BrokenPipe.into() })
    }
}

impl<F: FnMut(Vec<u8>) -> bool> Destination for Parts<F> {
    fn after(&self) -> u64 {
        self.after
    }

    fn told(&self) -> u64 {
        self.after()
    }

    fn add(&mut self, _n: u64, _record: &Stored<'_>, json: &str) -> Result<(), ExportError> {
        self.gathered.extend_from_slice(json.as_bytes());
        self.gathered.push(b'\n');
        if self.gathered.len() < PART_BYTES { Ok(()) } else { self.hand_over() }
    }

    fn finish(&mut self, _n: u64) -> Result<(), ExportError> {
        self.hand_over()
    }
}

const PART_BYTES: usize = 64 * 1024;
