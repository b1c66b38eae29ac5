//! The side of the server: a thread that waits for commands, and one for each of them.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Address, Reply, Request};
use crate::operations::Progress;

/// Does what is asked for.
pub(crate) trait Handler: Send + Sync + 'static {
    /// Does it, and says what came of it, or why not.
    fn handle(&self, request: Request, progress: &dyn Progress) -> Result<Value, String>;
}

/// Listens until it is dropped.
#[must_use = "nobody listens any more when this is dropped"]
pub(crate) struct Listener {
    address: Address,
    is_stopping: Arc<AtomicBool>,
}

impl Listener {
    /// Begins to listen in a data folder that this process has alone.
    pub(crate) fn start(folder: &Path, handler: Arc<dyn Handler>) -> io::Result<Self> {
        let address = Address::of(folder)?;
        match fs::remove_file(&address.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&address.path)?;
        fs::set_permissions(&address.path, fs::Permissions::from_mode(0o600))?;
        let is_stopping = Arc::new(AtomicBool::new(false));
        let stops = Arc::clone(&is_stopping);
        thread::Builder::new().name("control".into()).spawn(move || listen(&listener, &handler, &stops))?;
        Ok(Self { address, is_stopping })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.is_stopping.store(true, Ordering::Relaxed);
        // Wakes the thread, which looks at the flag.
        let _ = UnixStream::connect(&self.address.path);
        let _ = fs::remove_file(&self.address.path);
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Listener")
    }
}

fn listen(listener: &UnixListener, handler: &Arc<dyn Handler>, is_stopping: &AtomicBool) {
    for stream in listener.incoming() {
        if is_stopping.load(Ordering::Relaxed) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let handler = Arc::clone(handler);
        let serve = move || {
            // Whoever asked has gone; there is nobody to tell.
            let _ = serve(stream, &*handler);
        };
        let _ = thread::Builder::new().name("control-request".into()).spawn(serve);
    }
}

fn serve(stream: UnixStream, handler: &dyn Handler) -> io::Result<()> {
    let out = Out(Mutex::new((stream.try_clone()?, Instant::now())));
    let mut lines = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        lines.by_ref().take(LONGEST_REQUEST).read_until(b'\n', &mut line)?;
        if line.last() != Some(&b'\n') {
            return Ok(());
        }
        let done = match serde_json::from_slice(&line) {
            Ok(request) => handler.handle(request, &out),
            Err(error) => Err(format!("this server does not know what is asked for: {error}")),
        };
        out.send(&done.map_or_else(Reply::Failed, Reply::Done))?;
    }
}

/// Where answers go, and when the last word about progress went there.
struct Out(Mutex<(UnixStream, Instant)>);

impl Out {
    fn send(&self, reply: &Reply) -> io::Result<()> {
        let mut line = serde_json::to_vec(reply)?;
        line.push(b'\n');
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.write_all(&line)
    }
}

impl Progress for Out {
    fn tell(&self, what: &str, done: u64, total: u64) {
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if out.1.elapsed() < PROGRESS_PAUSE {
            return;
        }
        out.1 = Instant::now();
        drop(out);
        // The work goes on if nobody watches it.
        let _ = self.send(&Reply::Progress { what: what.to_owned(), done, total });
    }
}

const LONGEST_REQUEST: u64 = 64 * 1024 * 1024;
const PROGRESS_PAUSE: Duration = Duration::from_millis(100);
