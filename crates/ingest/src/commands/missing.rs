//! `beaconry missing`.

use std::io::{self, Write};

use beaconry_protocol::SeqRange;
use clap::Args;

use super::{DataOption, Failure};
use crate::config::wrong;
use crate::control::{Connection, Request};
use crate::operations::missing::{Incomplete, Missing, missing};
use crate::operations::{Bar, StoppedFolder};

/// The options of `beaconry missing`.
#[derive(Debug, Args)]
pub struct MissingOptions {
    #[command(flatten)]
    data: DataOption,

    /// How many streams to show, those that miss the most first
    #[arg(long, value_name = "COUNT", default_value = "20")]
    most: String,
}

/// Shows the streams that miss records: the running server looks, or the command itself.
///
/// # Errors
/// A wrong option, or what is in the way.
pub fn run(options: &MissingOptions) -> Result<(), Failure> {
    let folder = options.data.existing()?;
    let most = options.most.parse().ok().filter(|most| (1..=MOST).contains(most));
    let most = most.ok_or_else(|| wrong("--most", &options.most)("a whole number from 1 to 1000"))?;
    let bar = Bar::new();
    let found: Missing = match Connection::open(&folder).map_err(Failure::of)? {
        Some(mut server) => server.ask(&Request::Missing { most }, &bar).map_err(Failure::of)?,
        None => {
            let stopped = StoppedFolder::open(&folder).map_err(Failure::of)?;
            let streams = stopped.streams().map_err(Failure::of)?;
            missing(&*streams, most, &bar).map_err(Failure::of)?
        }
    };
    drop(bar);
    io::stdout().write_all(text(&found).as_bytes()).map_err(Failure::of)
}

fn text(found: &Missing) -> String {
    let Missing { known, incomplete, places, streams } = found;
    let headings = if streams.is_empty() { "" } else { HEADINGS };
    let lines: String = streams.iter().map(line).collect();
    format!("{headings}{lines}{incomplete} of {known} streams miss {places} records\n")
}

fn line(of: &Incomplete) -> String {
    let Incomplete { stream, highest, stored, reported, missing, is_closed, first } = of;
    let state = if *is_closed { "closed" } else { "open" };
    let places: Vec<_> = first.iter().map(range).collect();
    let places = places.join(", ");
    format!("{stream}  {highest:>8}  {stored:>8}  {reported:>8}  {missing:>8}  {state:<6}  {places}\n")
}

fn range(SeqRange(first, last): &SeqRange) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

const HEADINGS: &str =
    "STREAM                             HIGHEST    STORED  REPORTED   MISSING  STATE   FIRST MISSING\n";
const MOST: usize = 1_000;

pub(crate) const EXAMPLE: &str = "\
Examples:
  beaconry missing
  beaconry export | jq 'select(.stream == \"3f0c…\")'      # whose stream that is

Shows single streams (one page load, worker or process each) of which records are missing: neither stored, \
nor reported as lost by their client. Such records still wait in a browser, or are lost. An open stream may \
go on: most clients cannot say that they end. The sum is that of `missing` in /api/health/extended, but for \
streams that were forgotten since.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_a_stream_below_its_headings_and_the_sum_at_the_end() {
        let incomplete = Incomplete {
            stream: "0".repeat(32),
            highest: 12,
            stored: 7,
            reported: 1,
            missing: 4,
            is_closed: true,
            first: vec![SeqRange(2, 2), SeqRange(4, 6)],
        };
        let found = Missing { known: 3, incomplete: 1, places: 4, streams: vec![incomplete] };
        let text = text(&found);
        let [headings, line, sum] = &text.lines().collect::<Vec<_>>()[..] else { panic!("{text}") };
        assert_eq!(headings.find("FIRST"), line.find("2, 4-6"));
        assert_eq!(*sum, "1 of 3 streams miss 4 records");
    }
}
