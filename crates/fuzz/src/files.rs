//! What lies in files: screenshots, and the journal after an unclean end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs, process};

use beaconry_ingest::journal::{Journal, Position, RealFiles};
use beaconry_ingest::uploads::Image;

/// The bytes of a screenshot.
pub(crate) fn image(data: &[u8]) {
    if let Some(image) = Image::of(data) {
        assert!(image.content_type().starts_with("image/") && !image.extension().is_empty());
    }
}

/// A segment of the journal. Whatever it holds, what could be read of it is read again, and a line that
/// is written after it is there.
pub(crate) fn journal(data: &[u8]) {
    let folder = scratch();
    let _ = fs::remove_dir_all(&folder);
    let written = fs::create_dir_all(folder.join("journal"))
        .and_then(|()| fs::write(folder.join("journal/00000000000000000001.jsonl"), data));
    assert!(written.is_ok(), "no room to work in {}", folder.display());
    let Some(first) = lines(&folder) else { return };
    assert!(first.iter().all(|line| !line.contains('\n')));
    assert_eq!(lines(&folder).as_ref(), Some(&first), "read again, it is another journal");
    append(&folder);
    let last = lines(&folder).unwrap_or_default();
    assert_eq!(last.len(), first.len() + 1, "a line was not written");
    let _ = fs::remove_dir_all(&folder);
}

fn lines(folder: &Path) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    let files = Arc::new(RealFiles::open(folder).ok()?);
    Journal::open(files, Position::default(), |line| lines.push(line.json.to_owned())).ok()?;
    Some(lines)
}

fn append(folder: &Path) {
    let Ok(files) = RealFiles::open(folder) else { return };
    let Ok((mut journal, _)) = Journal::open(Arc::new(files), Position::default(), |_| {}) else {
        return;
    };
    journal.stage("\"type\":\"log\"");
    assert!(journal.commit().is_ok(), "the journal takes no line");
}

/// In memory where there is a file system for that: each input is synced several times.
fn scratch() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    let root = if memory.is_dir() { memory } else { env::temp_dir() };
    root.join(format!("beaconry-fuzz-{}", process::id()))
}
