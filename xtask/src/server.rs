//! Starts the real server for the demo, and the file server that stands for the app's own host.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::child::Running;
use crate::command::{Tool, last_lines, open_log};
use crate::example::{Addresses, TOKEN};
use crate::paths;

/// Starts the server on its port and waits until it says that it listens.
pub(crate) fn start(binary: &Path, data: &Path, addresses: &Addresses) -> Result<Running> {
    let (log, log_path) = open_log("server")?;
    let serve = Tool::new(binary)
        .args(["serve", "--listen", &format!("127.0.0.1:{}", addresses.server_port), "--data"])
        .arg(data)
        .args(["--token", TOKEN, "--allow-origin", &addresses.app()]);
    let mut server = serve.spawn(Stdio::piped(), log)?;
    let stdout = server.child().stdout.take().context("the server has no standard output")?;
    match first_line(stdout).recv_timeout(START_LIMIT) {
        Ok(line) if line.starts_with(READY) => Ok(server),
        Ok(line) => bail!("the server said `{line}` instead of `{READY}…`"),
        Err(_) => {
            eprintln!("{}", last_lines(&fs::read_to_string(&log_path).unwrap_or_default(), 20));
            bail!("the server did not start; what it printed is in {}", paths::shown(&log_path))
        }
    }
}

/// Starts the app's own file server and waits until it answers.
pub(crate) fn start_app(example: &Path, addresses: &Addresses) -> Result<Running> {
    let (log, log_path) = open_log("app")?;
    let preview = Tool::new(example.join("node_modules/.bin/vite"))
        .args(["preview", "--strictPort", "--host", "127.0.0.1", "--port", &addresses.app_port.to_string()])
        .in_folder(example);
    let mut app = preview.spawn(log.try_clone()?, log)?;
    let started = Instant::now();
    while TcpStream::connect(("127.0.0.1", addresses.app_port)).is_err() {
        if app.has_ended() || started.elapsed() > START_LIMIT {
            bail!("the app's file server did not start; what it printed is in {}", paths::shown(&log_path));
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(app)
}

/// The first line; the rest is read and dropped, so that the server never waits for a reader.
fn first_line(stdout: impl std::io::Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::spawn(move || {
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        if let Some(line) = lines.next() {
            sender.send(line).ok();
        }
        lines.for_each(drop);
    });
    receiver
}

const READY: &str = "beaconry is listening on ";
const START_LIMIT: Duration = Duration::from_secs(30);
