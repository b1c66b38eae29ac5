//! Files in memory that can fail and lose power, for tests.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use super::{Files, LogFile, Room, StoredFile};

#[derive(Debug, Default)]
pub(crate) struct MemoryFiles {
    disk: Arc<Mutex<Disk>>,
    gate: Arc<Gate>,
}

/// Where syncs wait while they are held.
#[derive(Debug, Default)]
struct Gate {
    state: Mutex<GateState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct GateState {
    is_closed: bool,
    waiting: usize,
    passed: usize,
}

impl Gate {
    fn pass(&self) {
        let mut state = self.state.lock().unwrap();
        state.waiting += 1;
        self.changed.notify_all();
        let mut state = self.changed.wait_while(state, |state| state.is_closed).unwrap();
        state.waiting -= 1;
        state.passed += 1;
    }
}

#[derive(Debug, Default)]
pub(crate) struct Disk {
    files: BTreeMap<String, MemoryFile>,
    /// The next appends write only this many bytes and fail.
    append_limit: Option<usize>,
    syncs_fail: bool,
    truncates_fail: bool,
    creates_fail: bool,
    removes_fail: bool,
    room: Option<Room>,
}

#[derive(Debug, Default)]
struct MemoryFile {
    bytes: Vec<u8>,
    durable: usize,
}

impl MemoryFiles {
    pub(crate) fn fail_appends_after(&self, bytes: Option<usize>) {
        self.disk().append_limit = bytes;
    }

    pub(crate) fn fail_syncs(&self, fail: bool) {
        self.disk().syncs_fail = fail;
    }

    pub(crate) fn fail_truncates(&self, fail: bool) {
        self.disk().truncates_fail = fail;
    }

    pub(crate) fn fail_creates(&self, fail: bool) {
        self.disk().creates_fail = fail;
    }

    pub(crate) fn fail_removes(&self, fail: bool) {
        self.disk().removes_fail = fail;
    }

    pub(crate) fn set_room(&self, room: Option<Room>) {
        self.disk().room = room;
    }

    /// Keeps of every file what was synced and `torn` bytes of the rest.
    pub(crate) fn cut_power(&self, torn: usize) {
        for file in self.disk().files.values_mut() {
            let kept = file.bytes.len().min(file.durable + torn);
            file.bytes.truncate(kept);
            file.durable = kept;
        }
    }

    /// From now on syncs wait, or go on.
    pub(crate) fn hold_syncs(&self, is_held: bool) {
        self.gate.state.lock().unwrap().is_closed = is_held;
        self.gate.changed.notify_all();
    }

    /// Returns when a sync waits.
    pub(crate) fn wait_for_held_sync(&self) {
        let state = self.gate.state.lock().unwrap();
        let waits_for_none = |state: &mut GateState| state.waiting == 0;
        let waited = self.gate.changed.wait_timeout_while(state, FAR_TOO_LONG, waits_for_none).unwrap();
        assert!(!waited.1.timed_out(), "nobody syncs");
    }

    /// How many syncs there were.
    pub(crate) fn syncs(&self) -> usize {
        self.gate.state.lock().unwrap().passed
    }

    /// Lets every use of the disk wait until the guard is dropped.
    pub(crate) fn hold(&self) -> MutexGuard<'_, Disk> {
        self.disk()
    }

    pub(crate) fn change(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        change(&mut self.disk().files.get_mut(name).unwrap().bytes);
    }

    pub(crate) fn delete(&self, name: &str) {
        self.disk().files.remove(name).unwrap();
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        self.disk().files[name].bytes.clone()
    }

    pub(crate) fn put(&self, name: &str, bytes: Vec<u8>) {
        self.disk().files.insert(name.to_owned(), MemoryFile { durable: bytes.len(), bytes });
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8_lossy(&self.disk().files[name].bytes).into_owned()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.disk().files.keys().cloned().collect()
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap()
    }

    fn handle(&self, name: &str) -> Box<dyn LogFile> {
        Box::new(Handle { disk: Arc::clone(&self.disk), gate: Arc::clone(&self.gate), name: name.to_owned() })
    }
}

impl Files for MemoryFiles {
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let prefix = format!("{folder}/");
        Ok(self.names().iter().filter_map(|name| name.strip_prefix(&prefix)).map(str::to_owned).collect())
    }

    fn length(&self, name: &str) -> io::Result<u64> {
        let disk = self.disk();
        disk.files.get(name).map(|file| file.bytes.len() as u64).ok_or(io::ErrorKind::NotFound.into())
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn StoredFile>> {
        let disk = self.disk();
        let file = disk.files.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(Snapshot(file.bytes.clone())))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn LogFile>> {
        let mut disk = self.disk();
        if disk.files.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        disk.files.insert(name.to_owned(), MemoryFile::default());
        // As after a failed sync of the folder: the name is there, but not for sure.
        if disk.creates_fail {
            return Err(io::ErrorKind::StorageFull.into());
        }
        drop(disk);
        Ok(self.handle(name))
    }

    fn reopen(&self, name: &str) -> io::Result<Box<dyn LogFile>> {
        self.length(name)?;
        Ok(self.handle(name))
    }

    fn truncate(&self, name: &str, length: u64) -> io::Result<()> {
        let mut disk = self.disk();
        if disk.truncates_fail {
            return Err(io::Error::other("truncate"));
        }
        let file = disk.files.get_mut(name).ok_or(io::ErrorKind::NotFound)?;
        file.bytes.truncate(usize::try_from(length).unwrap());
        file.durable = file.bytes.len();
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut disk = self.disk();
        let file = disk.files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        disk.files.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut disk = self.disk();
        if disk.removes_fail && disk.files.contains_key(name) {
            return Err(io::Error::other("remove"));
        }
        disk.files.remove(name).map(drop).ok_or(io::ErrorKind::NotFound.into())
    }

    /// Names last here; the model test has files that lose them.
    fn sync_folder(&self, _folder: &str) -> io::Result<()> {
        Ok(())
    }

    fn room(&self) -> io::Result<Room> {
        Ok(self.disk().room.unwrap_or(Room::ENDLESS))
    }
}

#[derive(Debug)]
struct Snapshot(Vec<u8>);

impl StoredFile for Snapshot {
    fn length(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.0.get(offset..)).unwrap_or_default();
        let read = rest.len().min(buffer.len());
        buffer[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    }
}

#[derive(Debug)]
struct Handle {
    disk: Arc<Mutex<Disk>>,
    gate: Arc<Gate>,
    name: String,
}

impl LogFile for Handle {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.disk.lock().unwrap();
        let limit = disk.append_limit;
        let file = disk.files.get_mut(&self.name).ok_or(io::ErrorKind::NotFound)?;
        file.bytes.extend_from_slice(&bytes[..limit.unwrap_or(bytes.len()).min(bytes.len())]);
        if limit.is_some() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.gate.pass();
        let mut disk = self.disk.lock().unwrap();
        if disk.syncs_fail {
            return Err(io::Error::other("sync"));
        }
        let file = disk.files.get_mut(&self.name).ok_or(io::ErrorKind::NotFound)?;
        file.durable = file.bytes.len();
        Ok(())
    }
}

const FAR_TOO_LONG: Duration = Duration::from_secs(30);
