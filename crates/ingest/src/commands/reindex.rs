//! `beaconry reindex`.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::Args;

use super::{DataOption, Failure};
use crate::index::{Follower, Index};
use crate::journal::{Files, Journal, Position, RealFiles, Tail};
use crate::live::Live;
use crate::operations::{Bar, Progress};
use crate::server::FolderLock;

/// The options of `beaconry reindex`.
#[derive(Debug, Args)]
pub struct ReindexOptions {
    #[command(flatten)]
    data: DataOption,
}

/// Makes the index anew.
///
/// # Errors
/// A wrong option, or what could not be read or written.
pub fn run(options: &ReindexOptions) -> Result<(), Failure> {
    let folder = options.data.existing()?;
    let _lock = FolderLock::take(&folder).map_err(Failure::of)?;
    Ok(reindex(&folder)?)
}

fn reindex(folder: &Path) -> Result<(), Box<dyn Error>> {
    let files: Arc<dyn Files> = Arc::new(RealFiles::open(folder)?);
    let bar = Bar::new();
    bar.tell("reading the journal", 0, 0);
    let (journal, _) = Journal::open(Arc::clone(&files), Position::default(), |_| {})?;
    let path = folder.join("index.db");
    follow(Index::open(&path)?.reset()?, &journal, files, &bar)?;
    drop(bar);
    let mut out = io::stdout();
    writeln!(out, "the index is made anew, up to line {}", journal.last_n())?;
    writeln!(out, "sha256 of all it says: {}", Index::open(&path)?.dump_hash()?)?;
    Ok(())
}

/// Does what the server does behind its journal, to the end.
fn follow(index: Index, journal: &Journal, files: Arc<dyn Files>, bar: &Bar) -> Result<(), Box<dyn Error>> {
    let tail = Arc::new(Tail::default());
    tail.publish(journal);
    tail.close();
    let last_n = journal.last_n();
    let bytes: u64 = journal.segments().iter().map(|segment| segment.length).sum();
    let follower =
        Follower { index, files, tail, live: Live::new(), old_n: last_n, last_work: Duration::MAX };
    let (progress, thread) = follower.start()?;
    while !thread.is_finished() {
        // Lines are about as long as one another.
        let done = u128::from(bytes) * u128::from(progress.indexed_n()) / u128::from(last_n.max(1));
        bar.tell("making the index", u64::try_from(done).unwrap_or(bytes), bytes);
        thread::sleep(LOOK_AGAIN);
    }
    match thread.join() {
        Ok(()) if progress.indexed_n() >= last_n => Ok(()),
        _ => {
            Err(format!("the index could be made up to line {} of {last_n} only", progress.indexed_n())
                .into())
        }
    }
}

const LOOK_AGAIN: Duration = Duration::from_millis(50);

pub(crate) const EXAMPLE: &str = "\
Example:
  beaconry reindex --data ./beaconry-data

Deletes index.db and makes it again from the journal, with the same answers: the hash that is printed
is the same as that of the index before, if nothing was wrong with it. A server that uses the folder
has to be stopped first. If it is killed, run it again, or start the server, which goes on with it.";
