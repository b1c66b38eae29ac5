//! A file that is to take the place of a segment, in one step, once it is whole and durable.

use std::io;

use super::files::remove_if_there;
use super::sealed::SealedWriter;
use super::segment::FOLDER;
use super::{Files, LogFile, SegmentName};

/// A draft that is being written; removed again if it is not finished.
pub(super) struct Draft<'f> {
    files: &'f dyn Files,
    path: String,
    writer: Option<Writer<'f>>,
}

enum Writer<'f> {
    Plain { file: Box<dyn LogFile>, gathered: Vec<u8> },
    Sealed(SealedWriter<'f>),
}

impl<'f> Draft<'f> {
    /// Begins to write, sealed or plain.
    pub(super) fn create(files: &'f dyn Files, name: SegmentName, is_sealed: bool) -> io::Result<Self> {
        let path = name.draft_path();
        remove_if_there(files, &path)?;
        let file = files.create(&path)?;
        let mut draft = Self { files, path, writer: None };
        draft.writer = Some(if is_sealed {
            Writer::Sealed(SealedWriter::new(files, file)?)
        } else {
            Writer::Plain { file, gathered: Vec::new() }
        });
        Ok(draft)
    }

    /// Adds a line and what ends it.
    pub(super) fn push(&mut self, line: &[u8], ending: &[u8]) -> io::Result<()> {
        match &mut self.writer {
            Some(Writer::Sealed(writer)) => writer.push(line, ending),
            Some(Writer::Plain { file, gathered }) => {
                gathered.extend_from_slice(line);
                gathered.extend_from_slice(ending);
                if gathered.len() >= WRITE_BYTES { write(self.files, &mut **file, gathered) } else { Ok(()) }
            }
            None => Ok(()),
        }
    }

    /// Makes the content durable.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        match self.writer.take() {
            Some(Writer::Sealed(writer)) => writer.finish(),
            Some(Writer::Plain { mut file, mut gathered }) => {
                write(self.files, &mut *file, &mut gathered)?;
                file.sync_data()
            }
            None => Ok(()),
        }
    }

    /// Lets it take the place of whatever has that name, durably. It was [finished](Self::finish).
    pub(super) fn replace(mut self, name: &str) -> io::Result<()> {
        self.files.rename(&self.path, name)?;
        self.path.clear();
        self.files.sync_folder(FOLDER)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if !self.path.is_empty() {
            // What cannot be removed now is removed before the next draft, or at the next start.
            let _ = remove_if_there(self.files, &self.path);
        }
    }
}

fn write(files: &dyn Files, file: &mut dyn LogFile, gathered: &mut Vec<u8>) -> io::Result<()> {
    super::check_room(files, gathered.len(), super::RESERVE_BYTES / 2)?;
    file.append(gathered)?;
    gathered.clear();
    Ok(())
}

const WRITE_BYTES: usize = 256 * 1024;
