//! What the journal needs of a file system. The real one is [`RealFiles`](super::RealFiles); tests and
//! simulators bring their own, with power cuts.
//!
//! Names are relative to the data folder, with `/` between folder and file. Nothing is durable by
//! itself but a cut: content is after [`LogFile::sync_data`], names are after [`Files::sync_folder`].

use std::fmt;
use std::io;

/// The files of a data folder.
pub trait Files: Send + Sync + fmt::Debug {
    /// The names of the files in `folder` (without the folder), in any order; none if there is no
    /// such folder.
    ///
    /// # Errors
    /// When the folder cannot be read.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;

    /// The length of a file in bytes.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be looked at.
    fn length(&self, name: &str) -> io::Result<u64>;

    /// Opens a file to read it. What is read stays of the file that had the name now, whatever becomes
    /// of the name.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read.
    fn open(&self, name: &str) -> io::Result<Box<dyn StoredFile>>;

    /// Creates a file that is not there yet, to append to it.
    ///
    /// # Errors
    /// `AlreadyExists` when it is there; any other error when it could not be created.
    fn create(&self, name: &str) -> io::Result<Box<dyn LogFile>>;

    /// Opens a file that is there, to append to it. What another process wrote to it may still be in
    /// memory only; the next [`LogFile::sync_data`] makes that durable too.
    ///
    /// # Errors
    /// When it is not there or cannot be written.
    fn reopen(&self, name: &str) -> io::Result<Box<dyn LogFile>>;

    /// Cuts a file to `length` bytes, durably.
    ///
    /// # Errors
    /// When it could not be cut, or not durably.
    fn truncate(&self, name: &str, length: u64) -> io::Result<()>;

    /// Gives a file another name of the same folder, and takes that name from whatever had it, in one
    /// step that no crash can divide.
    ///
    /// # Errors
    /// When it is not there, or could not be renamed.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// When it is not there, or could not be removed.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes durable which names are in a folder and what they lead to.
    ///
    /// # Errors
    /// When they may not be durable.
    fn sync_folder(&self, folder: &str) -> io::Result<()>;

    /// How much may still be written.
    ///
    /// # Errors
    /// When the file system cannot be asked.
    fn room(&self) -> io::Result<Room>;
}

/// A file that is open for reading.
pub trait StoredFile: Send + fmt::Debug {
    /// Its length in bytes.
    ///
    /// # Errors
    /// When it cannot be looked at.
    fn length(&self) -> io::Result<u64>;

    /// Reads from `offset` on until `buffer` is full or the file ends, and says how much it read.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// A file that grows at its end.
pub trait LogFile: Send + fmt::Debug {
    /// Writes all of `bytes` at the end. They are durable only after [`sync_data`](Self::sync_data).
    ///
    /// # Errors
    /// When not all of them could be written; some may have been.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes the whole content durable, under the name that the file was opened by if that name is.
    ///
    /// # Errors
    /// When it may not be durable, or the name leads to it no more.
    fn sync_data(&mut self) -> io::Result<()>;
}

/// What a file system still takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Free bytes, as far as this process may use them.
    pub free_bytes: u64,
    /// Whether it takes no writes at all.
    pub is_read_only: bool,
}

impl Room {
    /// That of a disk without limits.
    pub const ENDLESS: Self = Self { free_bytes: u64::MAX, is_read_only: false };
}

/// Reads a whole file.
pub(super) fn read_all(file: &dyn StoredFile) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(file.length()?).map_err(io::Error::other)?];
    let read = file.read_at(0, &mut bytes)?;
    bytes.truncate(read);
    Ok(bytes)
}

/// Removes a file if it is there; whether it was.
pub(super) fn remove_if_there(files: &dyn Files, name: &str) -> io::Result<bool> {
    match files.remove(name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        removed => removed.map(|()| true),
    }
}
