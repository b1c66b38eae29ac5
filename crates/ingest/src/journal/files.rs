//! What the journal needs of a file system. The real one is [`RealFiles`](super::RealFiles); a
//! simulator brings its own, with power cuts.
//!
//! Names are relative to the data folder, with `/` between folder and file.

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

    /// Reads from `offset` on until `buffer` is full or the file ends, and says how much it read.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn read_at(&self, name: &str, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Creates a file that is not there yet, to append to it. Its **name** is durable when this
    /// returns.
    ///
    /// # Errors
    /// `AlreadyExists` when it is there; any other error when it could not be made durable.
    fn create(&self, name: &str) -> io::Result<Box<dyn LogFile>>;

    /// Opens a file that is there, to append to it. Its **name and content** are durable when this
    /// returns, whoever wrote them.
    ///
    /// # Errors
    /// When it is not there or could not be made durable.
    fn reopen(&self, name: &str) -> io::Result<Box<dyn LogFile>>;

    /// Cuts a file to `length` bytes, durably.
    ///
    /// # Errors
    /// When it could not be cut, or not durably.
    fn truncate(&self, name: &str, length: u64) -> io::Result<()>;
}

/// A file that grows at its end.
pub trait LogFile: Send + fmt::Debug {
    /// Writes all of `bytes` at the end. They are durable only after [`sync_data`](Self::sync_data).
    ///
    /// # Errors
    /// When not all of them could be written; some may have been.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes everything durable that was appended so far, under the name that the file was opened by.
    ///
    /// # Errors
    /// When it may not be durable, or the name leads to it no more.
    fn sync_data(&mut self) -> io::Result<()>;
}
