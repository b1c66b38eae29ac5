//! Searching the data folder for what should not be there any more.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use memchr::memmem;
use serde::{Deserialize, Serialize};

use super::person::quoted;
use super::set_aside::{self, Sought, is_long};
use super::{ChangeError, Forgetting, Person};
use crate::operations::files_below;

/// What was searched, and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Files that were read.
    pub files: u64,
    /// Their bytes, unpacked.
    pub bytes: u64,
    /// How many names were looked for.
    pub names: u64,
    /// Names that were not looked for, since somebody else has them too.
    pub shared: u64,
    /// Records of the person that came in since, and are left alone.
    pub newer: u64,
    /// The files in which something is left.
    pub found: Vec<String>,
}

impl Forgetting<'_> {
    /// Searches every file. What the index has left in pages that it uses no more is found too; it is
    /// then written anew.
    pub(super) fn prove(&mut self, person: &Person) -> Result<Proof, ChangeError> {
        let shared = self.shared(person)?;
        let names: Vec<String> = person.names().filter(|name| !shared.contains(name)).collect();
        let sought = person.sought(|name| !shared.contains(name));
        self.empty_log()?;
        let mut proof = self.search(&names, &sought)?;
        if proof.found.iter().any(|name| name.starts_with("index.db")) {
            self.rows.vacuum()?;
            self.empty_log()?;
            proof = self.search(&names, &sought)?;
        }
        proof.newer = self.newer(person)?;
        if proof.newer > 0 {
            // They are in the index, and among the lines that are not searched.
            proof.found.retain(|name| !name.starts_with("index.db"));
        }
        proof.shared = shared.len() as u64;
        Ok(proof)
    }

    /// Questions that are being answered keep the log; they end soon.
    fn empty_log(&self) -> Result<(), ChangeError> {
        for _ in 0..TRIES {
            if self.rows.empty_log()? {
                break;
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// The names that somebody else has too, in records that stay.
    fn shared(&self, person: &Person) -> Result<BTreeSet<String>, ChangeError> {
        let mut shared = BTreeSet::new();
        self.read("reading what stays", |_, traits, json| {
            if !person.has(traits, json) {
                shared.extend(person.shared(traits).map(str::to_owned));
            }
        })?;
        Ok(shared)
    }

    fn newer(&self, person: &Person) -> Result<u64, ChangeError> {
        let segments = self.premises.tail.segments();
        let mut newer = 0;
        super::read_between(&*self.premises.files, &segments, self.last_n, u64::MAX, |_, line| {
            let traits = super::Traits::read(line.json);
            newer += u64::from(traits.is_some_and(|traits| person.has(&traits, line.json)));
            true
        })?;
        Ok(newer)
    }

    fn search(&self, names: &[String], sought: &Sought) -> Result<Proof, ChangeError> {
        let mut proof = Proof { names: names.len() as u64, ..Proof::default() };
        let files = self.files()?;
        let total = files.len() as u64;
        for (done, path) in files.iter().enumerate() {
            self.progress.tell("searching every file", done as u64, total);
            let shown = path.strip_prefix(&self.premises.data).unwrap_or(path).display().to_string();
            let found = match path.file_name().and_then(|name| name.to_str()) {
                Some(name) if set_aside::FILES.contains(&name) => find_entry(path, sought),
                _ => find(path, &needles(names, &shown)),
            };
            match found {
                // The sealer may have replaced it by another one, which is in the list or will be.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                found => {
                    let (bytes, is_found) = found?;
                    proof.files += 1;
                    proof.bytes += bytes;
                    proof.found.extend(is_found.then_some(shown));
                }
            }
        }
        Ok(proof)
    }

    /// Every file of the data folder, but for the segments that were begun since.
    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = files_below(&self.premises.data)?;
        let is_newer = |path: &PathBuf| {
            let is_segment = path.parent().is_some_and(|folder| folder.ends_with("journal"));
            let stem = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let first = stem.get(..20).and_then(|digits| digits.parse::<u64>().ok());
            is_segment && first.is_some_and(|first| first > self.last_n)
        };
        // Neither sockets nor links: what a link leads to is not in the folder.
        files.retain(|path| !is_newer(path) && path.symlink_metadata().is_ok_and(|about| about.is_file()));
        files.sort();
        Ok(files)
    }
}

/// In lines of JSON a name stands in quotes; in a database it does not, and one that is short may be
/// part of anything.
fn needles(names: &[String], file: &str) -> Vec<Vec<u8>> {
    if file.contains(".db") {
        let long = names.iter().filter(|name| is_long(name));
        return long.map(|name| name.clone().into_bytes()).collect();
    }
    names.iter().map(|name| quoted(name).into_bytes()).collect()
}

/// The bytes of a file, unpacked, and whether one of the needles is in it.
fn find(path: &Path, needles: &[Vec<u8>]) -> io::Result<(u64, bool)> {
    let file = File::open(path)?;
    let is_packed = path.extension().is_some_and(|end| end == "zst");
    let mut input: Box<dyn Read> =
        if is_packed { Box::new(zstd::Decoder::new(file)?) } else { Box::new(file) };
    let overlap = needles.iter().map(Vec::len).max().unwrap_or_default();
    let mut window = Vec::new();
    let mut part = vec![0; PART_BYTES];
    let (mut bytes, mut is_found) = (0, false);
    loop {
        let read = input.read(&mut part)?;
        if read == 0 {
            return Ok((bytes, is_found));
        }
        bytes += read as u64;
        window.extend_from_slice(&part[..read]);
        is_found = is_found || needles.iter().any(|needle| memmem::find(&window, needle).is_some());
        window.drain(..window.len().saturating_sub(overlap));
    }
}

/// The bytes of a file of lines that were set aside, and whether one of them names somebody.
fn find_entry(path: &Path, sought: &Sought) -> io::Result<(u64, bool)> {
    let mut input = BufReader::new(File::open(path)?);
    let mut entry = Vec::new();
    let (mut bytes, mut is_found) = (0, false);
    while input.read_until(b'\n', &mut entry)? > 0 {
        bytes += entry.len() as u64;
        is_found = is_found || sought.is_in(&entry);
        entry.clear();
    }
    Ok((bytes, is_found))
}

const PART_BYTES: usize = 256 * 1024;
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);
