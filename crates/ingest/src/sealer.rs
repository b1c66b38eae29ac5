//! The thread that compresses segments once they are full. It gives way to every other thread, and
//! holds up no commit: those go to the segment that it leaves alone.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::process::setpriority_process;

use crate::journal::{Archive, Sealing, Tail};
use crate::signals::{SegmentDone, Signal, UpkeepFailed};

/// Seals segments as they fill, and at the start those that are full.
#[derive(Debug)]
pub struct Sealer {
    /// What is sealed.
    pub archive: Arc<Archive>,
    /// Says when there is something to seal.
    pub tail: Arc<Tail>,
}

impl Sealer {
    /// Starts the thread. It ends when the journal's tail is closed, after the segment that it is at.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(self) -> io::Result<JoinHandle<()>> {
        thread::Builder::new().name("sealer".into()).spawn(move || self.run())
    }

    fn run(self) {
        // On Linux this is about the thread that asks. Where it is refused, sealing is only less polite.
        let _ = setpriority_process(None, LOW_PRIORITY);
        loop {
            let last = self.tail.last_segment();
            let pause = match self.seal_all() {
                Ok(()) => Duration::MAX,
                Err(error) => {
                    UpkeepFailed { task: "seal", error: &error }.emit();
                    RETRY_PAUSE
                }
            };
            if !self.tail.wait_for_segment(last, pause) {
                return;
            }
        }
    }

    fn seal_all(&self) -> io::Result<()> {
        while !self.tail.is_closed() {
            match self.archive.seal_next()? {
                None => break,
                Some(Sealing::Sealed(info)) => {
                    let path = info.name.sealed_path();
                    SegmentDone::Sealed { path, bytes: info.bytes, disk_bytes: info.disk_bytes }.emit();
                }
                Some(Sealing::Removed(name)) => SegmentDone::Empty { path: name.path() }.emit(),
                Some(Sealing::Damaged(name)) => SegmentDone::Damaged { path: name.path() }.emit(),
            }
        }
        Ok(())
    }
}

/// As programs have it that are started with `nice`.
const LOW_PRIORITY: i32 = 10;
/// When the disk is full, say.
const RETRY_PAUSE: Duration = Duration::from_secs(30);
