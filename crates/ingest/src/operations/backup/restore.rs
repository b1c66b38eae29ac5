//! A backup put back into a data folder.
//!
//! Everything is first copied into `.restoring` in the data folder and read back, then moved to its
//! place. No server starts on a folder with a restore in it that was not finished; the same command
//! finishes it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::copying::copy;
use super::manifest::{self, Manifest};
use super::{BackedUp, BackupError, file_error, remove_folder, shown};
use crate::operations::{Progress, make_private_folders, sync_folder, write_whole};
use crate::server::FolderLock;

/// What came of a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What is in the folder now.
    pub summary: BackedUp,
    /// When that was copied.
    pub created_at: String,
    /// Where what was in the folder before is now.
    pub replaced: Option<PathBuf>,
}

/// Puts the backup at `from` into `data`. What is there already stays unless it may be replaced, and is
/// kept aside then, under a name with `now` in it.
///
/// # Errors
/// What is in the way. Nothing that was in the folder is lost.
pub fn restore(
    from: &Path,
    data: &Path,
    may_replace: bool,
    now: u64,
    progress: &dyn Progress,
) -> Result<Restored, BackupError> {
    let mut manifest = Manifest::read(from)?;
    make_private_folders(data).map_err(|source| file_error(data, source))?;
    let staged = data.join(UNFINISHED_RESTORE);
    let is_used = !entries(data).map_err(|source| file_error(data, source))?.is_empty();
    if is_used && !may_replace && !staged.exists() {
        let why = "takes an empty folder: it has data; give --replace to set that aside".to_owned();
        return Err(BackupError::Folder { path: shown(data), why });
    }
    let locked = FolderLock::take(data);
    let lock = locked.map_err(|error| BackupError::Folder { path: shown(data), why: error.to_string() })?;
    let replaced = if staged.join(MOVING).exists() {
        manifest = Manifest::read(&staged)?;
        None
    } else {
        manifest.verify(from, progress)?;
        stage(&mut manifest, from, &staged, progress)?;
        set_aside(data, now).map_err(|source| file_error(data, source))?
    };
    begin_moving(&staged)?;
    move_in(&staged, data).map_err(|source| file_error(data, source))?;
    drop(lock);
    Ok(Restored { summary: manifest.summary(), created_at: manifest.created_at.clone(), replaced })
}

/// Copies the backup and reads the copy back.
fn stage(
    manifest: &mut Manifest,
    from: &Path,
    staged: &Path,
    progress: &dyn Progress,
) -> Result<(), BackupError> {
    remove_folder(staged).map_err(|source| file_error(staged, source))?;
    let total = manifest.files.iter().map(|entry| entry.bytes).sum();
    let mut done = 0;
    for entry in &manifest.files {
        progress.tell("copying", done, total);
        let (source, target) = (from.join(&entry.path), staged.join(&entry.path));
        make_private_folders(target.parent().unwrap_or(staged))
            .and_then(|()| copy(&source, &target, None))
            .map_err(|error| file_error(&source, error))?;
        done += entry.bytes;
    }
    manifest.verify(staged, progress)?;
    manifest.write(staged)
}

/// Moves what is in the folder into one of its own in there.
fn set_aside(data: &Path, now: u64) -> io::Result<Option<PathBuf>> {
    let entries = entries(data)?;
    if entries.is_empty() {
        return Ok(None);
    }
    let aside = data.join(format!(".replaced-{now}"));
    make_private_folders(&aside)?;
    for name in entries {
        fs::rename(data.join(&name), aside.join(&name))?;
    }
    sync_folder(data)?;
    Ok(Some(aside))
}

/// From here on, what is in the folder beside the staged files came out of them.
fn begin_moving(staged: &Path) -> Result<(), BackupError> {
    let mark = staged.join(MOVING);
    write_whole(&mark, b"").map_err(|source| file_error(&mark, source))
}

fn move_in(staged: &Path, data: &Path) -> io::Result<()> {
    for entry in fs::read_dir(staged)? {
        let name = entry?.file_name();
        if name != MOVING && name != manifest::FILE {
            fs::rename(staged.join(&name), data.join(&name))?;
        }
    }
    sync_folder(data)?;
    remove_folder(staged)?;
    sync_folder(data)
}

/// What is in a data folder, but for the lock and what restores leave in it.
fn entries(data: &Path) -> io::Result<Vec<PathBuf>> {
    let names = fs::read_dir(data)?.map(|entry| Ok(PathBuf::from(entry?.file_name())));
    let names = names.collect::<io::Result<Vec<_>>>()?.into_iter();
    let is_data =
        |name: &PathBuf| name.as_os_str() != "lock" && !name.as_os_str().as_encoded_bytes().starts_with(b".");
    Ok(names.filter(is_data).collect())
}

/// In the data folder, while a restore is not finished.
pub const UNFINISHED_RESTORE: &str = ".restoring";

/// In there, once all is copied.
const MOVING: &str = "moving";
