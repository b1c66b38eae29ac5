//! A disk in memory, whose power can be cut: bytes that were not synced are dropped, kept, torn off
//! at any offset, or come back as zeros.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use beaconry::engine::Random;
use beaconry_ingest::journal::{Files, LogFile, Room, StoredFile};

/// The disk. Clones are the same disk.
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    files: BTreeMap<String, Stored>,
    random: Random,
    /// The chance in a thousand that a write or a sync fails.
    fails: u64,
    /// Operations until the machine dies, if it is to die in the middle of something.
    dies_in: Option<u64>,
    is_full: bool,
}

#[derive(Debug, Default)]
struct Stored {
    bytes: Vec<u8>,
    synced: usize,
}

impl Disk {
    pub(crate) fn new(seed: u64, fails: u64) -> Self {
        let inner = Inner {
            files: BTreeMap::new(),
            random: Random::from_seed(seed),
            fails,
            dies_in: None,
            is_full: false,
        };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    /// Lets the machine die after so many operations from now.
    pub(crate) fn die_in(&self, operations: u64) {
        self.lock().dies_in = Some(operations);
    }

    /// Lets every write find no space left, or space again.
    pub(crate) fn fill(&self, is_full: bool) {
        self.lock().is_full = is_full;
    }

    /// Whether the machine has died.
    pub(crate) fn is_dead(&self) -> bool {
        self.lock().dies_in == Some(0)
    }

    /// Stops failing, for the end of a run.
    pub(crate) fn heal(&self) {
        let mut inner = self.lock();
        inner.fails = 0;
        inner.dies_in = None;
    }

    /// The machine is on again, with all that was written: only the process was killed.
    pub(crate) fn restart(&self) {
        self.lock().dies_in = None;
    }

    /// The machine is on again, with what survived.
    pub(crate) fn cut_power(&self) {
        let mut inner = self.lock();
        inner.dies_in = None;
        let Inner { files, random, .. } = &mut *inner;
        for stored in files.values_mut() {
            let unsynced = stored.bytes.len() - stored.synced;
            if unsynced > 0 {
                stored.lose(unsynced, random);
            }
            stored.synced = stored.bytes.len();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stored {
    fn lose(&mut self, unsynced: usize, random: &mut Random) {
        let kept = |random: &mut Random| usize::try_from(random.below(unsynced as u64 + 1)).unwrap_or(0);
        match random.below(4) {
            0 => self.bytes.truncate(self.synced),
            1 => {}
            2 => {
                let kept = kept(random);
                self.bytes.truncate(self.synced + kept);
            }
            _ => {
                let kept = kept(random);
                self.bytes[self.synced + kept..].fill(0);
            }
        }
    }
}

impl Inner {
    /// Counts an operation that changes the disk; an error if it is not to happen.
    fn step(&mut self) -> Result<()> {
        match &mut self.dies_in {
            Some(0) => return Err(Error::other("the machine is dead")),
            Some(left) => *left -= 1,
            None => {}
        }
        if self.dies_in == Some(0) || self.random.below(1_000) < self.fails {
            return Err(Error::other("the disk failed"));
        }
        Ok(())
    }

    fn stored(&mut self, name: &str) -> Result<&mut Stored> {
        self.files.get_mut(name).ok_or_else(|| ErrorKind::NotFound.into())
    }
}

impl Files for Disk {
    fn list(&self, folder: &str) -> Result<Vec<String>> {
        let prefix = format!("{folder}/");
        let inner = self.lock();
        Ok(inner.files.keys().filter_map(|name| name.strip_prefix(&prefix).map(str::to_owned)).collect())
    }

    fn length(&self, name: &str) -> Result<u64> {
        Ok(self.lock().stored(name)?.bytes.len() as u64)
    }

    fn open(&self, name: &str) -> Result<Box<dyn StoredFile>> {
        Ok(Box::new(Snapshot(self.lock().stored(name)?.bytes.clone())))
    }

    fn create(&self, name: &str) -> Result<Box<dyn LogFile>> {
        let mut inner = self.lock();
        if inner.files.contains_key(name) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        inner.step()?;
        inner.files.insert(name.to_owned(), Stored::default());
        Ok(Box::new(Handle { disk: self.clone(), name: name.to_owned() }))
    }

    fn reopen(&self, name: &str) -> Result<Box<dyn LogFile>> {
        let mut inner = self.lock();
        inner.step()?;
        inner.stored(name)?;
        Ok(Box::new(Handle { disk: self.clone(), name: name.to_owned() }))
    }

    fn truncate(&self, name: &str, length: u64) -> Result<()> {
        let mut inner = self.lock();
        inner.step()?;
        let stored = inner.stored(name)?;
        stored.bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        stored.synced = stored.bytes.len();
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let mut inner = self.lock();
        inner.step()?;
        let stored = inner.files.remove(from).ok_or(ErrorKind::NotFound)?;
        inner.files.insert(to.to_owned(), stored);
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<()> {
        let mut inner = self.lock();
        inner.step()?;
        inner.files.remove(name).map(drop).ok_or_else(|| ErrorKind::NotFound.into())
    }

    /// Names last on this disk; those that are lost have a test of their own, beside the journal.
    fn sync_folder(&self, _folder: &str) -> Result<()> {
        self.lock().step()
    }

    fn room(&self) -> Result<Room> {
        Ok(Room::ENDLESS)
    }
}

#[derive(Debug)]
struct Snapshot(Vec<u8>);

impl StoredFile for Snapshot {
    fn length(&self) -> Result<u64> {
        Ok(self.0.len() as u64)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(self.0.len());
        let length = buffer.len().min(self.0.len() - from);
        buffer[..length].copy_from_slice(&self.0[from..from + length]);
        Ok(length)
    }
}

#[derive(Debug)]
struct Handle {
    disk: Disk,
    name: String,
}

impl LogFile for Handle {
    /// A write that fails may have written some of it.
    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        let mut inner = self.disk.lock();
        let is_full = inner.is_full;
        let outcome = inner.step().and(if is_full { Err(ErrorKind::StorageFull.into()) } else { Ok(()) });
        let written = match outcome {
            Ok(()) => bytes.len(),
            Err(_) => usize::try_from(inner.random.below(bytes.len() as u64 + 1)).unwrap_or(0),
        };
        inner.stored(&self.name)?.bytes.extend_from_slice(&bytes[..written]);
        outcome
    }

    /// A sync that fails says nothing about what is on the disk.
    fn sync_data(&mut self) -> Result<()> {
        let mut inner = self.disk.lock();
        inner.step()?;
        let stored = inner.stored(&self.name)?;
        stored.synced = stored.bytes.len();
        Ok(())
    }
}
