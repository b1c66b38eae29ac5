//! Starting and stopping.
//!
//! Start: lock the data folder, open the table of streams and the index, open the journal from where
//! that table is, start the threads, listen. Stop, in the opposite order: take no new connections, answer what was asked,
//! store what waits, index what was stored as far as a few seconds reach. A server that is killed
//! instead loses nothing it acknowledged; it only leaves more to do for the next start.

mod connections;
mod folder;
mod housekeeping;
mod keys;
mod roster;
mod tls;
mod turns;

use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use beaconry_protocol::Phase;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

use crate::clock::now_millis;
use crate::config::Config;
use crate::duplicates::{self, Days, DiskTable, Duplicates, TableError};
use crate::edge::{Edge, Limits};
use crate::extract::Room;
use crate::index::{Follower, Index, IndexError};
use crate::intake::{Committer, Intake};
use crate::journal::{Archive, Files, OpenError, RealFiles, Tail};
use crate::live::Live;
use crate::login::Login;
use crate::pipeline::{Privacy, Pseudonyms};
use crate::query::Queries;
use crate::routes::{App, WriteProbe, router};
use crate::sealer::Sealer;
use crate::signals::{
    IndexMadeAnew, JournalDamaged, JournalMended, ReadAgain, Signal, StoppedBadly, StoppedLate, UpkeepFailed,
    started_at,
};
use crate::state::StateError;
use crate::uploads::Uploads;

use connections::Door;
use housekeeping::{Housekeeper, Housekeeping};
use tls::Tls;

pub use folder::{FolderError, Token};
pub(crate) use folder::{FolderLock, claim, install_secret, is_data_folder};
pub use keys::AdminKey;
pub use tls::{TlsError, TlsFiles};

/// A server that is ready.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    listener: TcpListener,
    address: SocketAddr,
    data: PathBuf,
    token: Token,
    admin_key: AdminKey,
    tls: Option<Arc<Tls>>,
    address_connections: Option<u32>,
    stop: watch::Sender<bool>,
    committer: JoinHandle<()>,
    index: JoinHandle<()>,
    housekeeper: Housekeeper,
    sealer: JoinHandle<()>,
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
    /// The keys cannot be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// Nobody could log in.
    #[error(
        "the server needs an admin key, since others can reach it, and those there were are revoked or have ended: \
         make one with beaconry keys create NAME --kind admin"
    )]
    NoAdmin,
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
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
        claim(&config.data)?;
        let files = Arc::new(RealFiles::open(&config.data).map_err(folder_error)?);
        let lock = FolderLock::take(&config.data)?;
        let token = Token::of(&config)?;
        let secret = install_secret(&config.data)?;
        let tls = config.edge.tls.clone().map(Tls::load).transpose()?.map(Arc::new);
        let uploads = Uploads::open(config.data.join("uploads")).map_err(folder_error)?;
        let duplicates = known(&config.data, Some(&config))?;
        let index_path = config.data.join("index.db");
        let (intake, index) = open(Arc::clone(&files) as Arc<dyn Files>, duplicates, &index_path)?;
        let intake = intake.with_segment_bytes(config.segment_bytes);
        let listener = listen(config.listen).await?;
        let address = listener.local_addr().map_err(StartError::System)?;
        // Last of what may fail: an admin key is shown once, when it is made.
        let (keys, admin_key) = keys::open(&config, token.as_str())?;

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
        let archive = Arc::new(Archive::new(files.clone(), Arc::clone(&tail)));
        let sealer = Sealer { archive: Arc::clone(&archive), tail: Arc::clone(&tail) }
            .start()
            .map_err(StartError::System)?;
        let (stop, stopping) = watch::channel(false);
        let app = Arc::new(App {
            edge: Edge {
                keys,
                proxies: config.edge.proxies,
                limits: Limits::new(config.edge.address_rate),
                login: Login::new(config.edge.is_login_required, &secret),
                room: Room::new(LARGE_BODIES_BYTES),
                is_tls: tls.is_some(),
            },
            remote: config.remote,
            privacy: Privacy {
                pseudonyms: Pseudonyms::new(secret),
                allow_query_keys: config.allow_query_keys,
            },
            committer,
            bodies: Semaphore::new(BODIES_AT_ONCE),
            uploads,
            upload_turn: Semaphore::new(1),
            tail: Arc::clone(&tail),
            progress,
            queries: Queries::new(index_path, files.clone(), tail),
            live,
            probe: WriteProbe::new(config.data.join("probe")),
            damaged_lines: recovery.damaged_lines,
            started: Instant::now(),
            stopping,
        });
        let housekeeping = Housekeeping::new(&app, config.data.clone(), files, archive, config.limits);
        let housekeeper = housekeeping.start().map_err(StartError::System)?;
        Ok(Self {
            app,
            listener,
            address,
            data: config.data,
            token,
            admin_key,
            tls,
            address_connections: config.edge.address_connections,
            stop,
            committer: committer_thread,
            index: index_thread,
            housekeeper,
            sealer,
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

    /// The admin key, if it has to be told.
    pub fn admin_key(&self) -> &AdminKey {
        &self.admin_key
    }

    /// Whether it speaks https.
    pub fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Whether clients are told not to record.
    pub fn tells_clients_not_to_record(&self) -> bool {
        self.app.remote.features.telemetry.phase == Phase::Disabled
    }

    /// What reads the certificate again, if there is one.
    pub fn tls_reload(&self) -> Option<impl Fn() + Send + use<>> {
        let tls = Arc::clone(self.tls.as_ref()?);
        Some(move || match tls.reload() {
            Ok(()) => ReadAgain { task: "certificate" }.emit(),
            Err(error) => UpkeepFailed { task: "certificate", error: &error }.emit(),
        })
    }

    /// Serves until `end` comes true, then stops in order.
    pub async fn run_until(self, end: impl Future<Output = ()>) {
        let Self {
            app,
            listener,
            tls,
            address_connections,
            stop,
            committer,
            index,
            sealer,
            housekeeper,
            lock,
            ..
        } = self;
        let door = Door {
            listener,
            router: router(Arc::clone(&app)),
            places: connections::places(),
            per_address: address_connections,
            proxies: app.edge.proxies.clone(),
            tls,
            stopping: stop.subscribe(),
        };
        let serving = tokio::spawn(door.serve());
        end.await;
        let _ = stop.send(true);
        drop(housekeeper);
        if tokio::time::timeout(LAST_ANSWERS, serving).await.is_err() {
            StoppedLate.emit();
        }
        app.committer.stop();
        let threads = [committer, index, sealer];
        let join_all = move || threads.map(JoinHandle::join).into_iter().collect::<Result<(), _>>();
        let stopped = tokio::task::spawn_blocking(join_all).await;
        if !matches!(stopped, Ok(Ok(()))) {
            StoppedBadly.emit();
        }
        drop(lock);
    }
}

/// Which records are stored; without a server's settings none is forgotten now, and none is too old.
/// Nothing is forgotten that the journal may still have: it could be imported once more.
///
/// # Errors
/// When their table cannot be opened.
pub fn known(data: &Path, config: Option<&Config>) -> Result<Duplicates, StartError> {
    let kept = config.map_or(u32::MAX, |config| match u32::try_from(config.limits.retention_days) {
        Ok(days @ 1..) => config.known_days.max(days).saturating_add(FORGOTTEN_AFTER_DAYS),
        _ => u32::MAX,
    });
    let table = Arc::new(DiskTable::open(&data.join("streams"), Days { today, kept })?);
    let horizon = config.map(|config| u64::from(config.known_days) * DAY_MILLIS);
    let duplicates =
        Duplicates::open(table, duplicates::Limits { horizon, ..duplicates::Limits::default() })?;
    duplicates.with_thread().map_err(StartError::System)
}

fn today() -> u32 {
    u32::try_from(now_millis() / DAY_MILLIS).unwrap_or(u32::MAX)
}

/// Opens index and journal. An index that does not fit the journal is made anew.
pub(crate) fn open(
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

/// What large bodies take of the memory while they come in.
const LARGE_BODIES_BYTES: usize = 64 * 1024 * 1024;

const DAY_MILLIS: u64 = 86_400_000;

/// How much longer than it takes records of that age the server knows what it has stored: for clocks that
/// go wrong, and for days that are counted in whole.
const FORGOTTEN_AFTER_DAYS: u32 = 7;

/// Times the largest body inflated and encoded, this is what bodies take of the memory while they
/// are read; the others wait as they were sent.
const BODIES_AT_ONCE: usize = 8;
