//! The data folder on a real disk. Folders that are made here are for their owner only (0700), and so
//! are files (0600); the mode of a folder that was there is left as its owner wants it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Instant;

use rustix::fs::{StatVfsMountFlags, statvfs};

use super::{Files, LogFile, Room, StoredFile, segment};
use crate::signals::{JournalSynced, Signal};

/// The files of one data folder.
#[derive(Debug, Clone)]
pub struct RealFiles {
    folder: PathBuf,
}

impl RealFiles {
    /// Opens the data folder and makes it first if need be.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let files = Self { folder: folder.into() };
        make_folder(&files.folder)?;
        make_folder(&files.folder.join(segment::FOLDER))?;
        Ok(files)
    }

    /// The path of a file of the data folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl Files for RealFiles {
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.path(folder)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        // A name that is not UTF-8 is none of ours.
        entries
            .filter_map(|entry| entry.map(|entry| entry.file_name().into_string().ok()).transpose())
            .collect()
    }

    fn length(&self, name: &str) -> io::Result<u64> {
        Ok(fs::metadata(self.path(name))?.len())
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn StoredFile>> {
        Ok(Box::new(RealStoredFile(File::open(self.path(name))?)))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn LogFile>> {
        let path = self.path(name);
        let file = OpenOptions::new().append(true).create_new(true).mode(FILE_MODE).open(&path)?;
        Ok(Box::new(RealLogFile { file, path }))
    }

    fn reopen(&self, name: &str) -> io::Result<Box<dyn LogFile>> {
        let path = self.path(name);
        let file = OpenOptions::new().append(true).open(&path)?;
        Ok(Box::new(RealLogFile { file, path }))
    }

    fn truncate(&self, name: &str, length: u64) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(self.path(name))?;
        file.set_len(length)?;
        file.sync_all()
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path(name))
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        File::open(self.path(folder))?.sync_all()
    }

    fn room(&self) -> io::Result<Room> {
        let found = statvfs(&self.folder)?;
        Ok(Room {
            free_bytes: found.f_bavail.saturating_mul(found.f_frsize),
            is_read_only: found.f_flag.contains(StatVfsMountFlags::RDONLY),
        })
    }
}

#[derive(Debug)]
struct RealStoredFile(File);

impl StoredFile for RealStoredFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.0.read_at(&mut buffer[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

#[derive(Debug)]
struct RealLogFile {
    file: File,
    path: PathBuf,
}

impl RealLogFile {
    /// A file that was deleted or moved away takes bytes and syncs as before, for nobody.
    fn check_name(&self) -> io::Result<()> {
        let (own, named) = (self.file.metadata()?, fs::metadata(&self.path)?);
        if (own.dev(), own.ino()) != (named.dev(), named.ino()) {
            return Err(io::Error::other(format!("{} is another file by now", self.path.display())));
        }
        Ok(())
    }
}

impl LogFile for RealLogFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        let begun = Instant::now();
        self.file.sync_data()?;
        JournalSynced { took: begun.elapsed() }.emit();
        self.check_name()
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    if !path.is_dir() {
        DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)?;
    }
    sync_parent(path)
}

/// A new name is durable only when its folder was synced.
fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
