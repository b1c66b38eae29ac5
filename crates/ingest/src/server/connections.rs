//! The connections: how many there are at once, how long one may be silent, and whose turn it is.
//!
//! Anyone who can connect can also do nothing. So every connection has a place in the [`Roster`], and
//! loses it when no whole request header arrives in time (at its beginning, while one drips in, and
//! between two requests), when it takes nothing of what is sent to it, and when others want a place while
//! it keeps the server waiting.

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_io_timeout::TimeoutStream;

use super::roster::{Roster, Seat};
use super::tls::Tls;
use super::turns;
use crate::extract::TrustedProxies;
use crate::routes::edge::Peer;
use crate::signals::{
    ConnectionEndedBadly, ConnectionMadeRoom, ConnectionOpen, ConnectionWithoutTls, ConnectionsNotAccepted,
    Signal,
};

/// What connections are let in, and how.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) listener: TcpListener,
    pub(super) router: Router,
    pub(super) places: u32,
    /// How many one address may have, if that was said.
    pub(super) per_address: Option<u32>,
    /// These stand for many clients, and have no limit of their own.
    pub(super) proxies: TrustedProxies,
    pub(super) tls: Option<Arc<Tls>>,
    pub(super) stopping: watch::Receiver<bool>,
}

impl Door {
    /// Serves until `stopping` comes true, then takes no new connections and returns when the last
    /// answer is out.
    pub(super) async fn serve(self) {
        let roster = Arc::new(Roster::new(self.places as usize));
        tokio::select! {
            never = self.accept_all(&roster) => match never {},
            () = told_to_stop(self.stopping.clone()) => {}
        }
        let places = self.places;
        drop(self);
        roster.all_gone(places).await;
    }

    async fn accept_all(&self, roster: &Arc<Roster>) -> Infallible {
        loop {
            let (stream, peer) = accept(&self.listener).await;
            let Some(seat) = roster.seat(peer, self.most_of(peer)).await else { continue };
            let connection = Connection {
                router: self.router.clone(),
                tls: self.tls.clone(),
                stopping: self.stopping.clone(),
                peer: Peer(peer),
                seat,
            };
            tokio::spawn(connection.serve(stream));
        }
    }

    /// An address that shares its place in the world with others has room for all of them; this machine
    /// has no limit, unless one was asked for.
    fn most_of(&self, peer: IpAddr) -> Option<u32> {
        let usual = (!peer.is_loopback()).then_some(self.places / 4);
        if self.proxies.contains(peer) { None } else { self.per_address.or(usual) }
    }
}

struct Connection {
    router: Router,
    tls: Option<Arc<Tls>>,
    stopping: watch::Receiver<bool>,
    peer: Peer,
    seat: Seat,
}

impl Connection {
    async fn serve(self, stream: TcpStream) {
        let _open = ConnectionOpen::count();
        // An answer is one small write; waiting to fill a packet would only delay it.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIME));
        let stream = Box::pin(stream);
        let wait = Arc::clone(&self.seat.wait);
        tokio::select! {
            () = self.speak(stream) => {}
            () = wait.closed() => ConnectionMadeRoom.emit(),
        }
    }

    async fn speak(self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let Some(tls) = self.tls.clone() else { return self.speak_http(stream).await };
        match tls.accept(stream).await {
            Ok(stream) => self.speak_http(stream).await,
            Err(error) => {
                ConnectionWithoutTls { error: &error }.emit();
            }
        }
    }

    async fn speak_http(self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let Self { router, stopping, peer, seat, .. } = self;
        let answer = |request| turns::answer(router.clone(), request, peer, Arc::clone(&seat.wait));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIME)
            .max_buf_size(BUFFER_BYTES)
            .serve_connection(TokioIo::new(stream), service_fn(answer));
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
}

/// As many connections as leave descriptors for files: the limit of this process, less what journal,
/// index and queries open.
pub(super) fn places() -> u32 {
    open_files_limit().map_or(FEWEST, |limit| (limit / 4 * 3).min(MOST))
}

async fn accept(listener: &TcpListener) -> (TcpStream, IpAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer.ip().to_canonical()),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                ConnectionsNotAccepted { error: &error }.emit();
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
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

/// How long a client may take nothing of what is sent to it.
const WRITE_TIME: Duration = Duration::from_secs(20);

/// What one connection holds of requests unread and answers unsent, beside the body under way.
const BUFFER_BYTES: usize = 64 * 1024;

/// Connections at once; each may hold a small body, and all large ones share one store (see `Room`).
const MOST: u32 = 1_024;

/// Where the limit is not known: fits into the 256 descriptors that macOS gives.
const FEWEST: u32 = 192;

const ACCEPT_PAUSE: Duration = Duration::from_secs(1);
