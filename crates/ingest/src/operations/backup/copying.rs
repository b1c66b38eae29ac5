//! Copying and hashing of files.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use beaconry_protocol::hex;
use sha2::{Digest, Sha256};

/// Copies the first `length` bytes of a file, or all of it, durably; says how many and their SHA-256.
pub(super) fn copy(from: &Path, to: &Path, length: Option<u64>) -> io::Result<(u64, String)> {
    let source = File::open(from)?;
    let mut target = private(to)?;
    let (bytes, hash) =
        read_through(&mut source.take(length.unwrap_or(u64::MAX)), |part| target.write_all(part))?;
    target.sync_all()?;
    match length {
        Some(length) if bytes < length => {
            Err(io::Error::other("it is shorter than what was committed to it"))
        }
        _ => Ok((bytes, hash)),
    }
}

/// The length of a file and its SHA-256.
pub(super) fn hash_file(path: &Path) -> io::Result<(u64, String)> {
    read_through(&mut File::open(path)?, |_| Ok(()))
}

/// A new or emptied file for its owner only.
pub(super) fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

fn read_through(
    source: &mut impl Read,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<(u64, String)> {
    let mut buffer = vec![0; PART_BYTES];
    let mut hash = Sha256::new();
    let mut bytes = 0;
    loop {
        let read = match source.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if read == 0 {
            return Ok((bytes, hex(&hash.finalize())));
        }
        hash.update(&buffer[..read]);
        take(&buffer[..read])?;
        bytes += read as u64;
    }
}

const PART_BYTES: usize = 256 * 1024;
