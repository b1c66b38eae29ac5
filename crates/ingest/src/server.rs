//! Starting and stopping.
//!
//! Start: lock the data folder, open the table of streams and the index, open the journal from where
//! that table is, start the threads, listen. Stop, in the opposite order: take no new connections, answer what was asked,
//! store what waits, index what was stored as far as a few seconds reach. A server that is killed
//! instead loses nothing it acknowledged; it only leaves more to do for the next start.

mod connections;
mod folder;

use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use crate::clock::now_millis;
use crate::config::Config;
use crate::duplicates::{Days, DiskTable, Duplicates, Limits, TableError};
use crate::extract::IngestKey;
use crate::index::{Follower, Index, IndexError};
use crate::intake::{Committer, Intake};
use crate::journal::{Files, OpenError, RealFiles, Tail};
use crate::live::Live;
use crate::pipeline::{Privacy, Pseudonyms};
use crate::query::Queries;
use crate::routes::{App, WriteProbe, router};
use crate::signals::{
    IndexMadeAnew, JournalDamaged, JournalMended, Signal, StoppedBadly, StoppedLate, started_at,
};
use crate::uploads::Uploads;

use folder::FolderLock;
pub use folder::{FolderError, Token};

/// A server that is ready.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    listener: TcpListener,
    address: SocketAddr,
    data: PathBuf,
    token: Token,
    stop: watch::Sender<bool>,
    committer: JoinHandle<()>,
    index: JoinHandle<()>,
    lock: FolderLock,
}

/// The server cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The journal cannot be opened.
    #[error(transparent)]
    Journal(#[from] OpenError),
    /// The table of streams cannot be opened.
    #[error(transparent)]
    Streams(#[from] TableError),
    /// The index cannot be opened.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// Nobody can listen at that address.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The system has no threads or the like.
    #[error("the system refuses what a server needs")]
    System(#[source] std::io::Error),
}

impl Server {
    /// Opens everything and listens.
    ///
    /// # Errors
    /// What is in the way.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        started_at();
        let folder_error = |source| FolderError::Unusable { path: config.data.clone(), source };
        folder::claim(&config.data)?;
        let files = Arc::new(RealFiles::open(&config.data).map_err(folder_error)?);
        let lock = FolderLock::take(&config.data)?;
        let token = Token::of(&config)?;
        let pseudonyms = Pseudonyms::new(folder::install_secret(&config.data)?);
        let uploads = Uploads::open(config.data.join("uploads")).map_err(folder_error)?;
        let duplicates = known(&config)?;
        let index_path = config.data.join("index.db");
        let (intake, index) = open(Arc::clone(&files) as Arc<dyn Files>, duplicates, &index_path)?;
        let listener = listen(config.listen).await?;
        let address = listener.local_addr().map_err(StartError::System)?;

        let recovery = intake.recovery();
        let old_n = intake.journal().last_n();
        let tail = Arc::new(Tail::default());
        let live = Live::new();
        let (committer, committer_thread) =
            Committer::start(intake, Arc::clone(&tail)).map_err(StartError::System)?;
        let follower = Follower {
            index,
            files: files.clone(),
            tail: Arc::clone(&tail),
            live: live.clone(),
            old_n,
            last_work: LAST_INDEXING,
        };
        let (progress, index_thread) = follower.start()?;
        let (stop, stopping) = watch::channel(false);
        let app = Arc::new(App {
            key: IngestKey::new(token.as_str()),
            origins: config.origins,
            remote: config.remote,
            privacy: Privacy { pseudonyms, allow_query_keys: config.allow_query_keys },
            committer,
            bodies: Semaphore::new(BODIES_AT_ONCE),
            uploads,
            upload_turn: Semaphore::new(1),
            tail: Arc::clone(&tail),
            progress,
            queries: Queries::new(index_path, files, tail),
            live,
            probe: WriteProbe::new(config.data.join("probe")),
            damaged_lines: recovery.damaged_lines,
            started: Instant::now(),
            stopping,
        });
        Ok(Self {
            app,
            listener,
            address,
            data: config.data,
            token,
            stop,
            committer: committer_thread,
            index: index_thread,
            lock,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it stores.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The secret part of the ingest key.
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// Serves until `end` comes true, then stops in order.
    pub async fn run_until(self, end: impl Future<Output = ()>) {
        let Self { app, listener, stop, committer, index, lock, .. } = self;
        let router = router(Arc::clone(&app));
        let serving =
            tokio::spawn(connections::serve(listener, router, connections::places(), stop.subscribe()));
        end.await;
        let _ = stop.send(true);
        if tokio::time::timeout(LAST_ANSWERS, serving).await.is_err() {
            StoppedLate.emit();
        }
        app.committer.stop();
        let stopped = tokio::task::spawn_blocking(move || committer.join().and(index.join())).await;
        if !matches!(stopped, Ok(Ok(()))) {
            StoppedBadly.emit();
        }
        drop(lock);
    }
}

/// Which records are stored, as far as their table says it.
fn known(config: &Config) -> Result<Duplicates, StartError> {
    let days = Days { today, kept: config.known_days + FORGOTTEN_AFTER_DAYS };
    let table = Arc::new(DiskTable::open(&config.data.join("streams"), days)?);
    let horizon = Some(u64::from(config.known_days) * DAY_MILLIS);
    let duplicates = Duplicates::open(table, Limits { horizon, ..Limits::default() })?;
    duplicates.with_thread().map_err(StartError::System)
}

fn today() -> u32 {
    u32::try_from(now_millis() / DAY_MILLIS).unwrap_or(u32::MAX)
}

/// Opens index and journal. An index that does not fit the journal is made anew.
fn open(
    files: Arc<dyn Files>,
    duplicates: Duplicates,
    index_path: &Path,
) -> Result<(Intake, Index), StartError> {
    let index = Index::open(index_path)?;
    let intake = Intake::open(files, duplicates)?;
    let fits = match index.position() {
        Ok(position) => intake.journal().has(position).map_err(OpenError::Io)?,
        Err(error) if error.is_of_the_file() => false,
        Err(error) => return Err(error.into()),
    };
    let index = if fits {
        index
    } else {
        IndexMadeAnew { error: None }.emit();
        index.reset()?
    };
    let recovery = intake.recovery();
    if recovery.cut_bytes > 0 {
        JournalMended { bytes: recovery.cut_bytes }.emit();
    }
    if recovery.damaged_lines > 0 {
        JournalDamaged { lines: recovery.damaged_lines }.emit();
    }
    Ok((intake, index))
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, source })
}

/// How long requests that are under way may take when the server ends.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// How long the index may still catch up when the server ends; the next start does the rest.
const LAST_INDEXING: Duration = Duration::from_secs(5);

const DAY_MILLIS: u64 = 86_400_000;

/// How much longer than it takes records of that age the server knows what it has stored: for clocks that
/// go wrong, and for days that are counted in whole.
const FORGOTTEN_AFTER_DAYS: u32 = 7;

/// Times the largest body inflated and encoded, this is what bodies take of the memory while they
/// are read; the others wait as they were sent.
const BODIES_AT_ONCE: usize = 8;
