//! What one server process has to do with its data folder beside storing: having it alone, and
//! keeping its key and its install secret there.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::config::{Config, is_token};
use crate::operations::backup::UNFINISHED_RESTORE;

/// The data folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// Another process uses it.
    #[error("the data folder {} is in use by another beaconry: stop that one, or choose another with --data", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// It was there before, for others too, and nothing in it is ours.
    #[error(
        "the data folder {} takes a new or empty folder, or one for beaconry alone (chmod 700): this one may be entered by others (mode {mode:04o})",
        path.display()
    )]
    Shared {
        /// The folder.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A backup was being put back into it.
    #[error("a backup is being put back into the data folder {}: run beaconry restore again to finish it", path.display())]
    Unfinished {
        /// The folder.
        path: PathBuf,
    },
    /// It cannot be made, read or written.
    #[error("the data folder {} cannot be used", path.display())]
    Unusable {
        /// The folder or the file in it.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Someone wrote something else into the key file.
    #[error("{} takes one line of 1 to 256 visible ASCII characters: mend it, or delete it to get a new key", path.display())]
    BadToken {
        /// The file.
        path: PathBuf,
    },
    /// Someone wrote something else into the file of the install secret.
    #[error("{} takes one line of 64 hex digits: put it back from a backup, or delete it and have every user counted as a new one", path.display())]
    BadSecret {
        /// The file.
        path: PathBuf,
    },
    /// The system gives no random bits.
    #[error("the system has no random numbers for a new key")]
    NoRandomness,
}

/// Refuses a folder that was made for something else, such as `/tmp`: records would lie open in it,
/// and making it private would lock out those it was made for. An empty one that only its owner
/// writes to was made for us, and becomes private.
pub(crate) fn claim(folder: &Path) -> Result<(), FolderError> {
    // One that is not there is made in a moment; what else is wrong with it is told then.
    let Ok(metadata) = fs::metadata(folder) else { return Ok(()) };
    if folder.join(UNFINISHED_RESTORE).exists() {
        return Err(FolderError::Unfinished { path: folder.to_owned() });
    }
    let mode = metadata.permissions().mode() & 0o7777;
    if !metadata.is_dir() || mode & OTHERS == 0 || is_data_folder(folder) {
        return Ok(());
    }
    let is_empty = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    if is_empty && mode & OTHERS_WRITE == 0 {
        let private = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
        return private.map_err(|source| FolderError::Unusable { path: folder.to_owned(), source });
    }
    Err(FolderError::Shared { path: folder.to_owned(), mode })
}

/// Whether something in it is ours.
pub(crate) fn is_data_folder(folder: &Path) -> bool {
    ["lock", "journal", "state.db"].iter().any(|name| folder.join(name).exists())
}

/// Keeps other processes off the folder. The system lets go of it when this process ends, however
/// it ends.
#[derive(Debug)]
#[must_use = "the folder is open to others as soon as this is dropped"]
pub(crate) struct FolderLock(#[expect(dead_code, reason = "held, not read")] File);

impl FolderLock {
    pub(crate) fn take(folder: &Path) -> Result<Self, FolderError> {
        let unusable = |source| FolderError::Unusable { path: folder.to_owned(), source };
        let file = private().create(true).truncate(false).open(folder.join("lock")).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(FolderError::InUse { path: folder.to_owned() }),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }
}

/// The secret part of the ingest key, and where it came from.
#[derive(Debug)]
#[non_exhaustive]
pub enum Token {
    /// From options or environment.
    Given(String),
    /// From the data folder, since now or since an earlier start.
    Kept {
        /// The token.
        token: String,
        /// The file that it is in.
        path: PathBuf,
    },
}

impl Token {
    pub(super) fn of(config: &Config) -> Result<Self, FolderError> {
        if let Some(token) = &config.token {
            return Ok(Self::Given(token.clone()));
        }
        let path = config.data.join("ingest-token");
        let token = match fs::read_to_string(&path) {
            Ok(text) if is_token(text.trim()) => text.trim().to_owned(),
            Ok(_) => return Err(FolderError::BadToken { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => make_secret::<16>(&path)?,
            Err(source) => return Err(FolderError::Unusable { path, source }),
        };
        Ok(Self::Kept { token, path })
    }

    /// The token.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Given(token) | Self::Kept { token, .. } => token,
        }
    }
}

/// The secret of this installation: made at its first start, kept for good, told to nobody.
pub(crate) fn install_secret(folder: &Path) -> Result<[u8; 32], FolderError> {
    let path = folder.join("install-secret");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => make_secret::<32>(&path)?,
        Err(source) => return Err(FolderError::Unusable { path, source }),
    };
    read_hex(text.trim()).ok_or(FolderError::BadSecret { path })
}

fn read_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    (text.len() == 64).then_some(bytes)
}

/// Writes so many random bytes into a new file, as hex digits.
fn make_secret<const BYTES: usize>(path: &Path) -> Result<String, FolderError> {
    let mut bits = [0; BYTES];
    getrandom::fill(&mut bits).map_err(|_| FolderError::NoRandomness)?;
    let secret: String = bits.iter().map(|byte| format!("{byte:02x}")).collect();
    let write = || {
        let mut file = private().create_new(true).open(path)?;
        writeln!(file, "{secret}")?;
        file.sync_all()
    };
    write().map_err(|source| FolderError::Unusable { path: path.to_owned(), source })?;
    Ok(secret)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

/// What a mode lets group and others do.
const OTHERS: u32 = 0o077;
const OTHERS_WRITE: u32 = 0o022;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_64_hex_digits_and_nothing_else() {
        assert_eq!(read_hex(&"0a".repeat(32)), Some([10; 32]));
        for bad in ["", "0a", &"0a".repeat(33), &"0g".repeat(32), &"+1".repeat(32), &"ä".repeat(32)] {
            assert_eq!(read_hex(bad), None, "{bad}");
        }
    }
}
