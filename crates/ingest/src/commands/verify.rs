//! `beaconry verify`.

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

use beaconry_protocol::StreamId;
use clap::Args;

use super::{DataOption, Failure};
use crate::duplicates::SeqSet;
use crate::index::{Disagreement, IndexCheck};
use crate::journal::{Extent, Inspected, Line, RealFiles, extent, inspect};
use crate::operations::{Bar, Progress};
use crate::server::FolderLock;

/// The options of `beaconry verify`.
#[derive(Debug, Args)]
pub struct VerifyOptions {
    #[command(flatten)]
    data: DataOption,
}

/// Reads everything and says what is wrong.
///
/// # Errors
/// A wrong option, what could not be read, or that something is wrong.
pub fn run(options: &VerifyOptions) -> Result<(), Failure> {
    let folder = options.data.existing()?;
    let _lock = FolderLock::take(&folder).map_err(Failure::of)?;
    Ok(verify(&folder)?)
}

fn verify(folder: &Path) -> Result<(), Box<dyn Error>> {
    let files = RealFiles::open(folder)?;
    let extent = extent(&files)?;
    let bar = Bar::new();
    let mut verification = Verification::of(folder)?;
    inspect(&files, |met| match met {
        Inspected::Finding(finding) => verification.tell(&finding, finding.is_damage()),
        Inspected::Line(line) => {
            verification.take(line);
            if line.n.is_multiple_of(LINES_A_STEP) {
                bar.tell("reading", verification.bytes, extent.bytes);
            }
        }
    })?;
    drop(bar);
    verification.finish(extent)
}

/// What was read so far, and what is wrong with it.
struct Verification {
    stored: HashMap<StreamId, SeqSet>,
    index: Option<IndexCheck>,
    /// What the index says otherwise, as far as it may go on.
    disagreement: Option<Disagreement>,
    lines: u64,
    erased: u64,
    bytes: u64,
    damage: u64,
    told: u64,
    failed: Option<Box<dyn Error>>,
}

impl Verification {
    fn of(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let mut verification = Self {
            stored: HashMap::new(),
            index: None,
            disagreement: None,
            lines: 0,
            erased: 0,
            bytes: 0,
            damage: 0,
            told: 0,
            failed: None,
        };
        match IndexCheck::open(&folder.join("index.db")) {
            Ok(Some(index)) => {
                index.damage()?.iter().for_each(|said| verification.tell(&format!("index.db: {said}"), true));
                verification.index = Some(index);
            }
            Ok(None) => verification.tell(&"there is no index.db; the next start makes it", false),
            Err(error) => {
                let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
                verification.tell(
                    &format!("index.db cannot be used, and is made anew by the next start: {why}"),
                    true,
                );
            }
        }
        Ok(verification)
    }

    fn take(&mut self, line: &Line<'_>) {
        self.lines += 1;
        self.bytes += line.length();
        self.erased += u64::from(line.is_erased());
        let is_new = line.id().is_none_or(|id| self.stored.entry(id.stream).or_default().insert(id.seq));
        if !is_new {
            let id = line.id().map_or_else(String::new, |id| id.to_string());
            self.tell(&format!("line {} is a second copy of record {id}", line.n), true);
        }
        let Some(mut index) = self.index.take() else { return };
        let mut disagreements = Vec::new();
        match index.line(line, is_new, |disagreement| disagreements.push(disagreement)) {
            Ok(()) => self.index = Some(index),
            // Without it the rest is read all the same.
            Err(error) => self.failed = Some(error.into()),
        }
        disagreements.into_iter().for_each(|disagreement| self.disagree(disagreement));
    }

    /// Told once for all lines that follow one another.
    fn disagree(&mut self, disagreement: Disagreement) {
        if !self.disagreement.as_mut().is_some_and(|before| before.extend(disagreement)) {
            let before = self.disagreement.replace(disagreement);
            before.iter().for_each(|before| self.tell(before, true));
        }
    }

    /// One line each, as far as a person reads.
    fn tell(&mut self, finding: &dyn std::fmt::Display, is_damage: bool) {
        self.damage += u64::from(is_damage);
        self.told += 1;
        let kind = if is_damage { "WRONG" } else { "note" };
        if self.told <= MOST_TOLD {
            say(&format!("{kind:<6} {finding}"));
        }
    }

    fn finish(mut self, extent: Extent) -> Result<(), Box<dyn Error>> {
        let indexed = self.index.as_ref().map(IndexCheck::last_n);
        if let Some(index) = self.index.take() {
            let mut disagreements = Vec::new();
            index.finish(|disagreement| disagreements.push(disagreement))?;
            disagreements.into_iter().for_each(|disagreement| self.disagree(disagreement));
            let last = self.disagreement.take();
            last.iter().for_each(|last| self.tell(last, true));
        }
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if self.told > MOST_TOLD {
            say(&format!("… and {} more", self.told - MOST_TOLD));
        }
        let Self { lines, erased, damage, .. } = self;
        let Extent { segments, sealed, .. } = extent;
        say(&format!(
            "{lines} lines were read ({erased} of them erased), in {segments} segments ({sealed} of them sealed)"
        ));
        if let Some(n) = indexed {
            say(&format!("index.db goes up to line {n}"));
        }
        match damage {
            0 => {
                say("everything is as it was written");
                Ok(())
            }
            1 => Err("one thing is wrong, see above".into()),
            count => Err(format!("{count} things are wrong, see above").into()),
        }
    }
}

/// Whoever reads may have stopped, as `head` does.
fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

const LINES_A_STEP: u64 = 1_024;
const MOST_TOLD: u64 = 100;

pub(crate) const EXAMPLE: &str = "\
Example:
  beaconry verify --data ./beaconry-data

Reads every line of the journal, sealed or not: checksums, numbers without a gap, no record twice, and
that the index has each record where the journal has it. Nothing is changed. A server that uses the
folder has to be stopped first.

Each thing that is wrong is one line that begins with WRONG, and the exit code is 1 then. A line that
begins with note is what any sudden end leaves, and the next start puts in order.

What is damaged can be put back from a backup; an index that disagrees is made anew by beaconry reindex.";
