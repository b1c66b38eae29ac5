//! `beaconry serve`.

mod edge;

use std::error::Error;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use clap::{Args, ValueHint};
use futures_util::FutureExt;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use super::Failure;
use crate::config::{Config, ConfigFile, Doubt, LogFormat, doubts};
use crate::server::{AdminKey, Server, Token};
use crate::signals::{SettingDoubted, Signal as _};

pub use edge::EdgeOptions;

/// The settings of `beaconry serve`, as they were given.
#[derive(Debug, Args)]
pub struct ServeOptions {
    /// The address to listen on, such as 0.0.0.0:7460 for every network
    #[arg(long, value_name = "ADDRESS", env = "BEACONRY_LISTEN", default_value = DEFAULT_LISTEN)]
    pub listen: String,

    /// The folder that everything is stored in; made if it is not there
    #[arg(long, value_name = "FOLDER", env = "TELEMETRY_STORAGE_PATH", default_value = "./beaconry-data", value_hint = ValueHint::DirPath)]
    pub data: String,

    /// The key that clients send; without one, the first start makes one and keeps it in the data folder
    #[arg(long, value_name = "TOKEN", env = "TELEMETRY_TOKEN", hide_env_values = true)]
    pub token: Option<String>,

    /// A site whose pages may send records; may be given several times
    #[arg(long, value_name = "ORIGIN", env = "BEACONRY_ALLOW_ORIGINS", value_delimiter = ',', help = ALLOW_ORIGIN)]
    pub allow_origin: Vec<String>,

    /// A key that stays in the queries of pages, with its value; may be given several times [default: none]
    #[arg(long, value_name = "KEY", env = "BEACONRY_ALLOW_QUERY_KEYS", value_delimiter = ',')]
    pub allow_query_key: Vec<String>,

    /// How many days old a record may be when it is sent; have it a week above the clients' maxSpoolAge
    #[arg(long, value_name = "DAYS", env = "BEACONRY_KNOWN_DAYS", default_value = DEFAULT_KNOWN_DAYS)]
    pub known_days: String,

    /// How the log on standard error is written: text or json
    #[arg(long, value_name = "FORMAT", env = "BEACONRY_LOG_FORMAT", default_value = DEFAULT_LOG_FORMAT)]
    pub log_format: String,

    /// Whether clients record at all: enabled or disabled
    #[arg(long, value_name = "PHASE", env = "BEACONRY_FEATURE_PHASE", default_value = DEFAULT_PHASE)]
    pub feature_phase: String,

    /// For how many percent of the users clients record
    #[arg(long, value_name = "PERCENT", env = "BEACONRY_ROLLOUT", default_value = DEFAULT_ROLLOUT)]
    pub rollout: String,

    /// Which share of sessions clients record, from 0 to 1; errors are always recorded [default: the app's own]
    #[arg(
        long,
        value_name = "SHARE",
        env = "BEACONRY_SAMPLE_RATE",
        default_value = "",
        hide_default_value = true
    )]
    pub sample_rate: String,

    /// Which share of the recorded sessions has traces, from 0 to 1 [default: the app's own]
    #[arg(
        long,
        value_name = "SHARE",
        env = "BEACONRY_TRACES_SAMPLE_RATE",
        default_value = "",
        hide_default_value = true
    )]
    pub traces_sample_rate: String,

    /// For how many days records are kept; 0 for ever
    #[arg(long, value_name = "DAYS", env = "TELEMETRY_RETENTION_DAYS", default_value = DEFAULT_RETENTION_DAYS)]
    pub retention_days: String,

    /// How much the data folder may take of the disk, such as 10GB; over it the least severe records go
    /// first [default: no limit]
    #[arg(long, value_name = "SIZE", env = "BEACONRY_QUOTA", default_value = "", hide_default_value = true)]
    pub quota: String,

    /// How many bytes of records make one file of the journal; a full one is compressed
    #[arg(long, value_name = "BYTES", env = "BEACONRY_SEGMENT_BYTES", default_value = DEFAULT_SEGMENT_BYTES)]
    pub segment_bytes: String,

    /// Who and what is let in.
    #[command(flatten)]
    pub edge: EdgeOptions,
}

/// Serves until a signal comes.
///
/// # Errors
/// A wrong setting, or what is in the way of a start.
pub fn run(options: &ServeOptions, file: Option<&ConfigFile>) -> Result<(), Failure> {
    Ok(serve(Config::read(options)?, file)?)
}

fn serve(config: Config, file: Option<&ConfigFile>) -> Result<(), Box<dyn Error>> {
    let log = tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false);
    match config.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    for Doubt { setting, why } in doubts(&config, file) {
        SettingDoubted { setting: &setting, why }.emit();
    }
    Runtime::new()?.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let server = Server::start(config).await?;
        announce(&server, file)?;
        if let Some(reload) = server.tls_reload() {
            // Without TLS there is nothing to read again, and a terminal that closes ends the server.
            let mut hangup = signal(SignalKind::hangup())?;
            tokio::spawn(async move {
                while hangup.recv().await.is_some() {
                    reload();
                }
            });
        }
        let (tell, told) = oneshot::channel();
        tokio::spawn(async move {
            either(&mut terminate, &mut interrupt).await;
            let _ = tell.send(());
            either(&mut terminate, &mut interrupt).await;
            // Whoever insists is not kept waiting: what was acknowledged is on disk.
            std::process::exit(INSISTED);
        });
        server.run_until(told.map(drop)).await;
        Ok(())
    })
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// The first line is for scripts that wait for it, the others are for people.
fn announce(server: &Server, file: Option<&ConfigFile>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let scheme = if server.is_tls() { "https" } else { "http" };
    let address = reachable(server.address());
    writeln!(out, "beaconry is listening on {scheme}://{address}")?;
    writeln!(out, "dashboard    {scheme}://{address}/admin")?;
    if address != server.address() {
        writeln!(out, "networks     all of this machine; from elsewhere, use its name or address")?;
    }
    writeln!(out, "data folder  {}", server.data().display())?;
    if let Some(file) = file {
        writeln!(out, "settings     {}", std::path::absolute(file.path())?.display())?;
    }
    if server.tells_clients_not_to_record() {
        writeln!(out, "recording    off: clients are told so; what they hold already is taken")?;
    }
    if let Token::Kept { token, path } = server.token() {
        writeln!(out, "ingest key   {token}   (kept in {})", path.display())?;
    }
    if let AdminKey::Made(token) = server.admin_key() {
        writeln!(out, "admin key    {token}   (shown this once; for another: beaconry keys rotate admin)")?;
    }
    out.flush()
}

/// An address that leads here: one that stands for every network leads nowhere itself.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// What shells report of a program that was interrupted.
const INSISTED: i32 = 130;

pub(crate) const DEFAULT_LISTEN: &str = "127.0.0.1:7460";
/// Two weeks that the client keeps records if it is not told otherwise, and one to spare.
pub(crate) const DEFAULT_KNOWN_DAYS: &str = "21";
pub(crate) const DEFAULT_LOG_FORMAT: &str = "text";
pub(crate) const DEFAULT_PHASE: &str = "enabled";
pub(crate) const DEFAULT_ROLLOUT: &str = "100";
pub(crate) const DEFAULT_RETENTION_DAYS: &str = "30";
pub(crate) const DEFAULT_SEGMENT_BYTES: &str = "67108864";

const ALLOW_ORIGIN: &str = "A site whose pages may send records, such as https://app.example; may be given \
    several times [default: every page of this machine]";

pub(crate) const EXAMPLE: &str = "\
Example:
  beaconry serve --data ./telemetry --token my-site --allow-origin http://localhost:5173

  Then open http://127.0.0.1:7460/admin, and send a first record:
  curl http://127.0.0.1:7460/api/telemetry/batch -H 'X-Telemetry-Token: my-site' \\
       -d '{\"events\":[{\"type\":\"page_view\",\"page\":\"/\"}]}'

Open to others, with a certificate; the dashboard then asks for the admin key:
  beaconry serve --listen 0.0.0.0:7460 --tls-cert cert.pem --tls-key key.pem --allow-origin https://app.example

The same in ./beaconry.toml, or a file named by --config, under the names of the options above; options
and variables stand above the file:
  data = \"./telemetry\"
  retention-days = 90
  allow-origin = [\"https://app.example\", \"https://shop.example\"]

Every record is one line in FOLDER/journal/*.jsonl, readable with cat and jq; full files are compressed
to *.jsonl.zst, readable with zstdcat.";
