//! A disk in memory that keeps apart what is written, what is synced, and which names are synced.
//!
//! A power cut drops, keeps or tears every byte and forgets every name that nobody synced. A failed
//! operation may have been done, or half of it. A failed sync may drop the bytes and call the next
//! sync a success, as Linux does.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex, MutexGuard};

use beaconry_ingest::journal::{Files, LogFile, Room, StoredFile};

use crate::random::Random;

/// The disk. Clones are the same disk.
#[derive(Debug, Clone)]
pub(crate) struct Disk(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    synced_names: BTreeMap<String, usize>,
    /// What was done to names since they were synced.
    pending: Vec<NameChange>,
    random: Random,
    /// How many operations of a thousand fail.
    fails: u64,
    /// Operations until the machine dies.
    dies_in: Option<u64>,
    room: Room,
    is_traced: bool,
}

#[derive(Debug, Default, Clone)]
struct Inode {
    bytes: Vec<u8>,
    synced: Vec<u8>,
    /// A sync has failed: what was dirty then is clean, and not on the disk.
    is_poisoned: bool,
}

#[derive(Debug, Clone)]
enum NameChange {
    Set(String, usize),
    Unset(String),
    Move(String, String, usize),
}

impl NameChange {
    fn is_in(&self, folder: &str) -> bool {
        let (Self::Set(name, _) | Self::Unset(name) | Self::Move(name, ..)) = self;
        name.rsplit_once('/').map_or("", |(folder, _)| folder) == folder
    }

    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Set(name, inode) => drop(names.insert(name.clone(), *inode)),
            Self::Unset(name) => drop(names.remove(name)),
            Self::Move(from, to, inode) => {
                names.remove(from);
                names.insert(to.clone(), *inode);
            }
        }
    }
}

impl Disk {
    /// One that is traced prints what is done to it.
    pub(crate) fn new(seed: u64, is_traced: bool) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            inodes: Vec::new(),
            names: BTreeMap::new(),
            synced_names: BTreeMap::new(),
            pending: Vec::new(),
            random: Random::new(seed),
            fails: 0,
            dies_in: None,
            room: Room::ENDLESS,
            is_traced,
        })))
    }

    /// From now on so many operations of a thousand fail.
    pub(crate) fn fail(&self, of_thousand: u64) {
        self.lock().fails = of_thousand;
    }

    /// The machine dies in the middle of an operation that is so far away.
    pub(crate) fn die_in(&self, operations: u64) {
        self.lock().dies_in = Some(operations);
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.lock().dies_in == Some(0)
    }

    pub(crate) fn set_room(&self, room: Room) {
        self.lock().room = room;
    }

    /// Only the process has gone: what it wrote is there. What a failed sync dropped is read from the
    /// disk again, since nobody keeps it in memory for ever.
    pub(crate) fn restart(&self) {
        let mut inner = self.lock();
        inner.dies_in = None;
        for inode in inner.inodes.iter_mut().filter(|inode| inode.is_poisoned) {
            inode.bytes.clone_from(&inode.synced);
            inode.is_poisoned = false;
        }
    }

    /// The power was gone; what is there now is what a disk may have after that.
    pub(crate) fn cut_power(&self) {
        let mut inner = self.lock();
        inner.dies_in = None;
        let Inner { inodes, names, synced_names, pending, random, .. } = &mut *inner;
        let kept = random.below(3);
        for change in pending.drain(..) {
            if kept == 1 || (kept == 2 && random.chance(500)) {
                change.apply(synced_names);
            }
        }
        names.clone_from(synced_names);
        for inode in inodes {
            let after = inode.after_power_cut(random);
            *inode = Inode { bytes: after.clone(), synced: after, is_poisoned: false };
        }
    }

    /// All files, with what is written to them.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let inner = self.lock();
        inner.names.iter().map(|(name, inode)| (name.clone(), inner.inodes[*inode].bytes.clone())).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }
}

impl Inode {
    fn after_power_cut(&self, random: &mut Random) -> Vec<u8> {
        let shared = self.synced.len().min(self.bytes.len());
        if self.is_poisoned || self.bytes[..shared] != self.synced[..] {
            // Cut and not synced, or never going to be synced.
            return self.synced.clone();
        }
        let unsynced = &self.bytes[shared..];
        let kept = random.index(unsynced.len() + 1);
        let tail = match random.below(5) {
            0 => Vec::new(),
            1 => unsynced.to_vec(),
            2 => unsynced[..kept].to_vec(),
            // The length was written, the bytes were not, or only the later ones.
            3 => [&unsynced[..kept], &vec![0; unsynced.len() - kept]].concat(),
            _ => [&vec![0; kept], &unsynced[kept..]].concat(),
        };
        [&self.synced[..], &tail].concat()
    }
}

/// How an operation ends.
#[derive(Debug)]
enum Turn {
    Done,
    /// It failed; whether it was done all the same.
    Failed {
        is_done: bool,
    },
}

impl Turn {
    fn is_done(&self) -> bool {
        matches!(self, Self::Done | Self::Failed { is_done: true })
    }

    fn result(self) -> Result<()> {
        if matches!(self, Self::Done) { Ok(()) } else { Err(Error::other("the disk failed")) }
    }
}

impl Inner {
    /// Counts an operation and says how it ends; an error from a machine that is dead.
    fn step(&mut self, what: &str, name: &str) -> Result<Turn> {
        self.check_alive()?;
        if let Some(left) = &mut self.dies_in {
            *left -= 1;
        }
        let fails = self.dies_in == Some(0) || self.random.chance(self.fails);
        let is_done = self.random.chance(500);
        let turn = if fails { Turn::Failed { is_done } } else { Turn::Done };
        if self.is_traced {
            println!("    {what} {name}: {turn:?}");
        }
        Ok(turn)
    }

    fn check_alive(&self) -> Result<()> {
        if self.dies_in == Some(0) { Err(Error::other("the machine is dead")) } else { Ok(()) }
    }

    fn inode(&self, name: &str) -> Result<usize> {
        self.names.get(name).copied().ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn change(&mut self, change: NameChange) {
        change.apply(&mut self.names);
        self.pending.push(change);
    }
}

impl Files for Disk {
    fn list(&self, folder: &str) -> Result<Vec<String>> {
        let inner = self.lock();
        inner.check_alive()?;
        let prefix = format!("{folder}/");
        Ok(inner.names.keys().filter_map(|name| name.strip_prefix(&prefix).map(str::to_owned)).collect())
    }

    fn length(&self, name: &str) -> Result<u64> {
        let inner = self.lock();
        inner.check_alive()?;
        Ok(inner.inodes[inner.inode(name)?].bytes.len() as u64)
    }

    fn open(&self, name: &str) -> Result<Box<dyn StoredFile>> {
        let inner = self.lock();
        inner.check_alive()?;
        let inode = inner.inode(name)?;
        drop(inner);
        Ok(Box::new(Handle { disk: self.clone(), name: name.to_owned(), inode }))
    }

    fn create(&self, name: &str) -> Result<Box<dyn LogFile>> {
        let mut inner = self.lock();
        if inner.names.contains_key(name) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let turn = inner.step("create", name)?;
        let inode = inner.inodes.len();
        if turn.is_done() {
            inner.inodes.push(Inode::default());
            inner.change(NameChange::Set(name.to_owned(), inode));
        }
        turn.result()?;
        drop(inner);
        Ok(Box::new(Handle { disk: self.clone(), name: name.to_owned(), inode }))
    }

    fn reopen(&self, name: &str) -> Result<Box<dyn LogFile>> {
        let inner = self.lock();
        inner.check_alive()?;
        let inode = inner.inode(name)?;
        drop(inner);
        Ok(Box::new(Handle { disk: self.clone(), name: name.to_owned(), inode }))
    }

    fn truncate(&self, name: &str, length: u64) -> Result<()> {
        let mut inner = self.lock();
        let turn = inner.step("truncate", name)?;
        let at = inner.inode(name)?;
        let inode = &mut inner.inodes[at];
        if turn.is_done() {
            inode.bytes.truncate(usize::try_from(length).unwrap());
            inode.is_poisoned &= inode.bytes.len() > inode.synced.len();
        }
        if matches!(turn, Turn::Done) && !inode.is_poisoned {
            inode.synced.clone_from(&inode.bytes);
        }
        turn.result()
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let mut inner = self.lock();
        let turn = inner.step("rename", from)?;
        let inode = inner.inode(from)?;
        if turn.is_done() {
            inner.change(NameChange::Move(from.to_owned(), to.to_owned(), inode));
        }
        turn.result()
    }

    fn remove(&self, name: &str) -> Result<()> {
        let mut inner = self.lock();
        inner.inode(name)?;
        let turn = inner.step("remove", name)?;
        if turn.is_done() {
            inner.change(NameChange::Unset(name.to_owned()));
        }
        turn.result()
    }

    fn sync_folder(&self, folder: &str) -> Result<()> {
        let mut inner = self.lock();
        let turn = inner.step("sync_folder", folder)?;
        if matches!(turn, Turn::Done) {
            let Inner { pending, synced_names, .. } = &mut *inner;
            pending
                .iter()
                .filter(|change| change.is_in(folder))
                .for_each(|change| change.apply(synced_names));
            pending.retain(|change| !change.is_in(folder));
        }
        turn.result()
    }

    fn room(&self) -> Result<Room> {
        Ok(self.lock().room)
    }
}

#[derive(Debug)]
struct Handle {
    disk: Disk,
    name: String,
    inode: usize,
}

impl StoredFile for Handle {
    fn length(&self) -> Result<u64> {
        Ok(self.disk.lock().inodes[self.inode].bytes.len() as u64)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        let inner = self.disk.lock();
        inner.check_alive()?;
        let bytes = &inner.inodes[self.inode].bytes;
        let from = usize::try_from(offset).unwrap().min(bytes.len());
        let length = buffer.len().min(bytes.len() - from);
        buffer[..length].copy_from_slice(&bytes[from..from + length]);
        Ok(length)
    }
}

impl LogFile for Handle {
    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        let mut inner = self.disk.lock();
        let turn = inner.step("append", &self.name)?;
        let written = match turn {
            Turn::Done => bytes.len(),
            Turn::Failed { .. } => inner.random.index(bytes.len() + 1),
        };
        inner.inodes[self.inode].bytes.extend_from_slice(&bytes[..written]);
        turn.result()
    }

    fn sync_data(&mut self) -> Result<()> {
        let mut inner = self.disk.lock();
        let turn = inner.step("sync_data", &self.name)?;
        let is_named = inner.names.get(&self.name) == Some(&self.inode);
        let inode = &mut inner.inodes[self.inode];
        match turn {
            Turn::Done if inode.is_poisoned => {}
            Turn::Done => inode.synced.clone_from(&inode.bytes),
            Turn::Failed { is_done } => {
                inode.is_poisoned |= is_done && inode.bytes.len() > inode.synced.len()
            }
        }
        turn.result()?;
        if is_named { Ok(()) } else { Err(Error::other("the name leads elsewhere")) }
    }
}
