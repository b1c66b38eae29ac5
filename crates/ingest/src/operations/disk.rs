//! Files and folders that are for their owner only, and are there whole or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Makes a folder and those above it, where they are not there.
pub(crate) fn make_private_folders(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// A new name is durable only when its folder was synced.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    let is_named = !folder.as_os_str().is_empty();
    File::open(if is_named { folder } else { Path::new(".") })?.sync_all()
}

/// Writes a file in place of the one that is there: whoever reads it, even after a crash, finds the
/// old or the new one whole.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Everything below a folder that is no folder.
pub(crate) fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files.append(&mut files_below(&entry.path())?);
        } else {
            files.push(entry.path());
        }
    }
    Ok(files)
}

/// The same, by name within the folder, with `/` in between. What has no name in UTF-8 is not ours.
pub(crate) fn names_below(folder: &Path) -> io::Result<Vec<String>> {
    let name = |path: PathBuf| path.strip_prefix(folder).ok()?.to_str().map(str::to_owned);
    Ok(files_below(folder)?.into_iter().filter_map(name).collect())
}
