//! The connections: how many there are at once, and how long one may be silent.
//!
//! Anyone who can connect can also do nothing. So a connection takes a place before it is accepted,
//! and loses it when no whole request header arrives in time: at its beginning, while one drips in,
//! and between two requests. Connections beyond the places wait in the system's queue.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::signals::{ConnectionEndedBadly, ConnectionOpen, ConnectionsNotAccepted, Signal};

/// Serves until `stopping` comes true, then takes no new connections and returns when the last
/// answer is out.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    places: u32,
    stopping: watch::Receiver<bool>,
) {
    let free = Arc::new(Semaphore::new(places as usize));
    tokio::select! {
        never = accept_all(&listener, &router, &free, &stopping) => match never {},
        () = told_to_stop(stopping.clone()) => {}
    }
    drop(listener);
    // Every connection gives its place back when it ends.
    let _ = free.acquire_many(places).await;
}

/// As many connections as leave descriptors for files: the limit of this process, less what journal,
/// index and queries open.
pub(super) fn places() -> u32 {
    open_files_limit().map_or(FEWEST, |limit| (limit / 4 * 3).min(MOST))
}

async fn accept_all(
    listener: &TcpListener,
    router: &Router,
    free: &Arc<Semaphore>,
    stopping: &watch::Receiver<bool>,
) -> Infallible {
    loop {
        // Nobody closes the semaphore; without a place there would only be one connection too many.
        let place = Arc::clone(free).acquire_owned().await;
        let stream = accept(listener).await;
        let connection = serve_one(stream, router.clone(), stopping.clone());
        tokio::spawn(async move {
            connection.await;
            drop(place);
        });
    }
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                ConnectionsNotAccepted { error: &error }.emit();
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve_one(stream: TcpStream, router: Router, stopping: watch::Receiver<bool>) {
    let _open = ConnectionOpen::count();
    // An answer is one small write; waiting to fill a packet would only delay it.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = told_to_stop(stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        ConnectionEndedBadly { error: &error }.emit();
    }
}

/// Comes true as well when whoever could say so is gone.
async fn told_to_stop(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// The soft limit on open files, where the system says it in `/proc`.
fn open_files_limit() -> Option<u32> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(u32::MAX),
        // A number too large for us is no limit for us.
        number => Some(number.parse().unwrap_or(u32::MAX)),
    }
}

/// From one header to the next, too: long enough for a request every few seconds on one connection.
const HEADER_TIME: Duration = Duration::from_secs(10);

/// What one connection holds of requests unread and answers unsent, beside the body under way.
const BUFFER_BYTES: usize = 64 * 1024;

/// Connections at once; each may hold one body as sent, so together they hold at most 1 GiB.
const MOST: u32 = 1_024;

/// Where the limit is not known: fits into the 256 descriptors that macOS gives.
const FEWEST: u32 = 192;

const ACCEPT_PAUSE: Duration = Duration::from_secs(1);
