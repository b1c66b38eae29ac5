//! Records into the files of a folder, so that it can be killed at any moment and goes on the same.
//!
//! Every [`PART_LINES`] lines of the journal all files are ended, synced, and their lengths written
//! down. A run that was killed is cut back to these lengths and goes on from there. A run that came
//! to its end is cut back to them too by the next one, which writes the last part again with what has
//! come since: so compressed parts end at the same lines however often it runs, and the bytes are the
//! same.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::sink::Sink;
use super::state::{FILE, Mark, State};
use super::{Compression, Destination, ExportError, Layout, Selection, Stored};
use crate::operations::{make_private_folders, names_below, sync_folder};

/// A folder that records are exported into.
#[derive(Debug)]
pub struct ExportFolder {
    folder: PathBuf,
    layout: Layout,
    compression: Compression,
    state: State,
    open: HashMap<String, Sink<BufWriter<File>>>,
    /// Where this run began.
    after: u64,
    part: u64,
}

impl ExportFolder {
    /// Opens a folder that is new, empty, or was exported into before with the same words. `selection`
    /// gets the times that the words meant then. `first_n` is the first line that the journal has
    /// still, if it has one.
    ///
    /// # Errors
    /// When the folder holds something else or cannot be written.
    pub fn open(
        folder: &Path,
        words: &str,
        layout: Layout,
        compression: Compression,
        selection: &mut Selection,
        first_n: u64,
    ) -> Result<Self, ExportError> {
        let failed = |source| ExportError::Write { what: folder.display().to_string(), source };
        let other = |why: String| ExportError::OtherFolder { folder: folder.display().to_string(), why };
        if is_in_a_data_folder(folder) {
            // `forget` would find there what it has erased, and could not end well.
            return Err(other("is in a data folder".to_owned()));
        }
        make_private_folders(folder).map_err(failed)?;
        let what = format!("{words}{} --layout {}", compression.suffix(), layout.as_str());
        let mut state = match State::read(folder).map_err(failed)? {
            Some(state) if state.what == what => state,
            Some(state) => return Err(other(format!("holds another export ({})", state.what.trim()))),
            None if !is_empty(folder).map_err(failed)? => return Err(other("is not empty".to_owned())),
            None => State { what, since: selection.since, until: selection.until, ..State::default() },
        };
        (selection.since, selection.until) = (state.since, state.until);
        state.begin_again(first_n);
        let after = state.checkpoint.n;
        let export = Self {
            folder: folder.to_owned(),
            layout,
            compression,
            state,
            open: HashMap::new(),
            after,
            part: part(after + 1),
        };
        export.save()?;
        export.cut_back().map_err(failed)?;
        Ok(export)
    }

    fn save(&self) -> Result<(), ExportError> {
        self.state.write(&self.folder).map_err(|source| self.error(FILE, source))
    }

    /// Makes every file as long as it was at the checkpoint.
    fn cut_back(&self) -> io::Result<()> {
        for name in names_below(&self.folder)? {
            let path = self.folder.join(&name);
            match self.state.checkpoint.files.get(&name) {
                // What somebody else put there is not touched.
                _ if !name.ends_with(&format!(".jsonl{}", self.compression.suffix())) => {}
                Some(length) => OpenOptions::new().write(true).open(path)?.set_len(*length)?,
                None => fs::remove_file(path)?,
            }
        }
        Ok(())
    }

    fn sink(&mut self, name: &str) -> io::Result<&mut Sink<BufWriter<File>>> {
        if !self.open.contains_key(name) {
            let path = self.folder.join(name);
            make_private_folders(path.parent().unwrap_or(&self.folder))?;
            let mut options = OpenOptions::new();
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = options.append(true).create(true).open(path)?;
            self.open.insert(name.to_owned(), self.compression.begin(BufWriter::new(file))?);
        }
        self.open.get_mut(name).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Ends all files, durably, and says how long they are with all lines up to `n`.
    fn end_part(&mut self, n: u64) -> Result<Mark, ExportError> {
        let mut files = self.state.checkpoint.files.clone();
        for (name, sink) in std::mem::take(&mut self.open) {
            let length = end(sink).map_err(|source| self.error(&name, source))?;
            let parent = self.folder.join(&name);
            sync_folder(parent.parent().unwrap_or(&self.folder))
                .map_err(|source| self.error(&name, source))?;
            files.insert(name, length);
        }
        Ok(Mark { n, files })
    }

    fn error(&self, name: &str, source: io::Error) -> ExportError {
        ExportError::Write { what: self.folder.join(name).display().to_string(), source }
    }
}

impl Destination for ExportFolder {
    fn after(&self) -> u64 {
        self.after
    }

    fn add(&mut self, n: u64, record: &Stored<'_>, json: &str) -> Result<(), ExportError> {
        if part(n) != self.part {
            self.part = part(n);
            self.state.checkpoint = self.end_part(self.part * PART_LINES)?;
            self.save()?;
        }
        let name = self.layout.file(record) + self.compression.suffix();
        let line = self.layout.line(record, json) + "\n";
        let written = self.sink(&name).and_then(|sink| sink.write_all(line.as_bytes()));
        written.map_err(|source| self.error(&name, source))
    }

    fn finish(&mut self, n: u64) -> Result<(), ExportError> {
        self.state.end = Some(self.end_part(n)?);
        self.save()
    }
}

impl State {
    /// What a run that ended wrote after the checkpoint is written again, unless the journal has not
    /// all of these lines any more.
    fn begin_again(&mut self, first_n: u64) {
        if let Some(end) = self.end.take()
            && first_n > self.checkpoint.n + 1
        {
            self.checkpoint = end;
        }
    }
}

fn end(sink: Sink<BufWriter<File>>) -> io::Result<u64> {
    let file = sink.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

/// Which part line `n` is of.
const fn part(n: u64) -> u64 {
    n.saturating_sub(1) / PART_LINES
}

/// Whether a folder, which may not be there yet, lies in one that a server stores in.
fn is_in_a_data_folder(folder: &Path) -> bool {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let there = absolute.ancestors().find_map(|path| path.canonicalize().ok());
    let mut above = there.iter().flat_map(|path| path.ancestors());
    above.any(|path| path.join("journal").is_dir() && path.join("install-secret").is_file())
}

fn is_empty(folder: &Path) -> io::Result<bool> {
    Ok(fs::read_dir(folder)?.next().is_none())
}

/// Lines of the journal between two checkpoints.
pub(super) const PART_LINES: u64 = 64 * 1024;
