//! A data folder with many records, as a server leaves it: written by the server's own code.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use beaconry_ingest::index::{Follower, Index};
use beaconry_ingest::intake::Intake;
use beaconry_ingest::journal::{Files, RealFiles, Tail};
use beaconry_ingest::live::Live;
use beaconry_ingest::pipeline::{Prepared, Privacy, Pseudonyms, RecordTypes, Sender, Source, prepare};
use beaconry_ingest::server::known;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::batches::Batches;
use crate::samples::Samples;

/// What is written, and where.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The data folder; a new one
    #[arg(long)]
    pub(crate) data: PathBuf,
    /// How many records
    #[arg(long, default_value_t = 10_000_000)]
    pub(crate) records: u64,
}

/// Fills the folder, journal first.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.data.exists() {
        bail!("{} is there already: name a new folder, or delete it", options.data.display());
    }
    let files: Arc<dyn Files> = Arc::new(RealFiles::open(&options.data)?);
    let index = Index::open(options.data.join("index.db"))?;
    let mut intake = Intake::open(Arc::clone(&files), known(&options.data, None)?)?;
    let tail = Arc::new(Tail::default());
    write_journal(&mut intake, options.records)?;
    tail.publish(intake.journal());
    let live = Live::new();
    let last_work = Duration::MAX;
    let follower = Follower { index, files, tail: Arc::clone(&tail), live, old_n: 0, last_work };
    let (progress, thread) = follower.start()?;
    let bar = bar(options.records, "indexed");
    while !thread.is_finished() && progress.indexed_n() < options.records {
        bar.set_position(progress.indexed_n());
        thread::sleep(Duration::from_millis(200));
    }
    bar.finish_and_clear();
    tail.close();
    thread.join().ok().context("the index broke")
}

fn write_journal(intake: &mut Intake, records: u64) -> Result<()> {
    let mut batches = Batches::new(Arc::new(Samples::new(RECEIVED_AT)), RECEIVED_AT, 0);
    let privacy = Privacy { pseudonyms: Pseudonyms::new([7; 32]), allow_query_keys: Vec::new() };
    let bar = bar(records, "written");
    let mut body = Vec::new();
    while bar.position() < records {
        let mut group = Vec::new();
        for _ in 0..BATCHES_PER_GROUP {
            body.clear();
            batches.write(RECORDS_PER_BATCH, &mut body);
            group.push(prepared(&body, bar.position(), &privacy)?);
            bar.inc(RECORDS_PER_BATCH);
        }
        intake.commit(group).into_iter().collect::<Result<Vec<_>, _>>()?;
    }
    bar.finish_and_clear();
    Ok(())
}

/// As received over a day or two, one after the other.
fn prepared(body: &[u8], place: u64, privacy: &Privacy) -> Result<Prepared> {
    let received_at = RECEIVED_AT + place * 10;
    let sender = Sender {
        key_name: "default",
        source: Source::Client,
        types: RecordTypes::ALL,
        received_at,
        user_agent: None,
    };
    prepare(body, &sender, privacy).map_err(|error| anyhow::anyhow!(error.message))
}

fn bar(length: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::new(length);
    let template = format!("{{bar:40}} {{pos}}/{{len}} {what}, {{per_sec}}, {{eta}} left");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    if bar.is_hidden() {
        println!("{length} records are being {what}");
    }
    bar
}

const RECEIVED_AT: u64 = 1_795_000_000_000;
const RECORDS_PER_BATCH: u64 = 100;
const BATCHES_PER_GROUP: u64 = 50;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_record_of_every_body_is_taken_and_new() {
        let privacy = Privacy { pseudonyms: Pseudonyms::new([7; 32]), allow_query_keys: Vec::new() };
        let samples = Arc::new(Samples::new(RECEIVED_AT));
        let mut ids = HashSet::new();
        for sender in 0..3 {
            let mut batches = Batches::new(Arc::clone(&samples), 7, sender);
            for place in 0..25 {
                let mut body = Vec::new();
                batches.write(10, &mut body);
                let records = prepared(&body, place, &privacy).unwrap().records;
                ids.extend(records.into_iter().map(|record| record.unwrap().id.unwrap()));
            }
        }
        assert_eq!(ids.len(), 3 * 25 * 10);
    }
}
