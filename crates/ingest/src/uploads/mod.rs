//! Screenshots: files of the data folder that are named by the SHA-256 of their bytes.
//!
//! # Promise
//! When [`Uploads::keep`] returns an id, the file is on disk whole and under its name: it was written
//! and synced under another one, renamed, and its folder synced. The same bytes are one file, whoever
//! sends them and however often. What a killed process was writing is removed at the next start.
//!
//! # What is taken
//! Images only, by what is in them (see [`Image`]): what a sender calls them is not believed.

mod image;

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use beaconry_protocol::{hex, is_upload_id};
use sha2::{Digest, Sha256};

use crate::journal::StorageError;
pub use image::Image;

/// The name of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadId(String);

impl UploadId {
    /// The name of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex(&Sha256::digest(bytes)))
    }

    /// Reads a name; nothing but 64 lower-case hex digits is one, so none can lead out of a folder.
    pub fn parse(text: &str) -> Option<Self> {
        is_upload_id(text).then(|| Self(text.to_owned()))
    }

    /// The 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The uploads of one data folder.
#[derive(Debug)]
pub struct Uploads {
    folder: PathBuf,
    /// Bytes that are kept. Held while one is written.
    bytes: Mutex<u64>,
    most_bytes: u64,
}

impl Uploads {
    /// Opens the folder, makes it first if need be, and removes what was not finished.
    ///
    /// # Errors
    /// When it cannot be made or read.
    pub fn open(folder: PathBuf) -> io::Result<Self> {
        make_folder(&folder)?;
        let mut bytes = 0;
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.path().extension().is_some_and(|end| end == UNFINISHED) {
                fs::remove_file(entry.path())?;
            } else {
                bytes += entry.metadata()?.len();
            }
        }
        Ok(Self { folder, bytes: Mutex::new(bytes), most_bytes: MOST_BYTES })
    }

    /// Keeps an image. Waits for the disk.
    ///
    /// # Errors
    /// When the disk does not take it, or as many bytes are kept as may be.
    pub fn keep(&self, bytes: &[u8]) -> Result<UploadId, StorageError> {
        let id = UploadId::of(bytes);
        let mut kept = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        if self.holds(&id, bytes) {
            // The try that wrote it may have failed after that.
            sync_folder(&self.folder)?;
            // It belongs to a new report now, and stays as long as that one does.
            File::options().append(true).open(self.path(&id))?.set_modified(SystemTime::now())?;
            return Ok(id);
        }
        let length = bytes.len() as u64;
        if *kept + length > self.most_bytes {
            let full = io::Error::new(io::ErrorKind::QuotaExceeded, "the space for screenshots is used up");
            return Err(StorageError::Full(Arc::new(full)));
        }
        self.write(&id, bytes)?;
        *kept += length;
        Ok(id)
    }

    /// Counts anew what is kept, after files were removed.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn count_again(&self) -> io::Result<()> {
        let mut kept = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let files = fs::read_dir(&self.folder)?;
        *kept = files.map(|file| file?.metadata().map(|file| file.len())).sum::<io::Result<u64>>()?;
        Ok(())
    }

    /// The bytes of an upload. Waits for the disk.
    ///
    /// # Errors
    /// `NotFound` when there is none of this name, and what else the disk says.
    pub fn read(&self, id: &UploadId) -> io::Result<Vec<u8>> {
        fs::read(self.path(id))
    }

    fn holds(&self, id: &UploadId, bytes: &[u8]) -> bool {
        self.read(id).is_ok_and(|kept| kept == bytes)
    }

    fn write(&self, id: &UploadId, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(id);
        let unfinished = path.with_extension(UNFINISHED);
        let written = write_synced(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, &path));
        if let Err(error) = written {
            // What is left of it takes space that somebody needs.
            let _ = fs::remove_file(&unfinished);
            return Err(error);
        }
        sync_folder(&self.folder)
    }

    fn path(&self, id: &UploadId) -> PathBuf {
        self.folder.join(id.as_str())
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(FILE_MODE).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if !folder.is_dir() {
        DirBuilder::new().mode(FOLDER_MODE).create(folder)?;
    }
    folder.parent().map_or(Ok(()), sync_folder)
}

/// A name is durable only when its folder was synced.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The end of the names of files that are being written.
const UNFINISHED: &str = "unfinished";

/// Of all screenshots together: the key that lets them in is public.
const MOST_BYTES: u64 = 2 * 1024 * 1024 * 1024;

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for each test, empty.
    fn uploads(test: &str) -> Uploads {
        let folder = std::env::temp_dir().join(format!("beaconry-uploads-{}-{test}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Uploads::open(folder).unwrap()
    }

    fn names(uploads: &Uploads) -> Vec<String> {
        let entries = fs::read_dir(&uploads.folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn remove(uploads: Uploads) {
        fs::remove_dir_all(uploads.folder).unwrap();
    }

    #[test]
    fn a_name_is_the_hash_and_nothing_else_is_a_name() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(UploadId::of(b"abc").as_str(), abc);
        assert_eq!(UploadId::parse(abc), Some(UploadId::of(b"abc")));
        for bad in [
            "",
            "..",
            "../lock",
            &abc[1..],
            &abc.to_uppercase(),
            &format!("{abc}.unfinished"),
            &format!("/{}", &abc[1..]),
        ] {
            assert_eq!(UploadId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_same_bytes_are_one_file_and_count_once() {
        let uploads = Uploads { most_bytes: 10, ..uploads("once") };
        let id = uploads.keep(b"eight by").unwrap();
        assert_eq!(uploads.keep(b"eight by").unwrap(), id);
        assert_eq!(names(&uploads), [id.as_str()]);
        assert_eq!(uploads.read(&id).unwrap(), b"eight by");
        uploads.keep(b"2b").unwrap();
        remove(uploads);
    }

    #[test]
    fn no_more_is_kept_than_there_is_space_for_and_a_start_counts_what_is_there() {
        let first = Uploads { most_bytes: 4, ..uploads("space") };
        let id = first.keep(b"abc").unwrap();
        assert!(matches!(first.keep(b"de"), Err(StorageError::Full(_))));
        let second = Uploads { most_bytes: 4, ..Uploads::open(first.folder.clone()).unwrap() };
        assert!(matches!(second.keep(b"de"), Err(StorageError::Full(_))));
        assert_eq!(second.keep(b"abc").unwrap(), id);
        assert_eq!(names(&second), [id.as_str()]);
        remove(second);
    }

    #[test]
    fn what_was_not_finished_is_removed_at_the_start_and_what_is_damaged_is_written_again() {
        let first = uploads("unfinished");
        let id = first.keep(b"whole").unwrap();
        fs::write(first.path(&id).with_extension(UNFINISHED), b"who").unwrap();
        let second = Uploads::open(first.folder.clone()).unwrap();
        assert_eq!(names(&second), [id.as_str()]);
        fs::write(second.path(&id), b"w").unwrap();
        second.keep(b"whole").unwrap();
        assert_eq!(second.read(&id).unwrap(), b"whole");
        remove(second);
    }

    #[test]
    fn a_folder_that_is_gone_is_an_error_and_leaves_nothing_counted() {
        let uploads = uploads("gone");
        fs::remove_dir_all(&uploads.folder).unwrap();
        assert!(matches!(uploads.keep(b"abc"), Err(StorageError::Failed(_))));
        assert_eq!(*uploads.bytes.lock().unwrap(), 0);
    }
}
