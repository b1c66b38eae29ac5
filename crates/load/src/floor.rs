//! Two servers that do less than ours must, on the same HTTP stack and beside it: what a body costs
//! before anything is done with it, and what it costs when nothing but durability is.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use clap::Args;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::server::READY;

/// Which floor.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Append every body to this file, with one fdatasync for all that wait; without it they are dropped
    #[arg(long)]
    append_to: Option<PathBuf>,
}

/// Serves until it is killed.
pub(crate) fn run(options: &Options) -> Result<()> {
    let appender = options.append_to.as_deref().map(start_appending).transpose()?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let take = move |body: Bytes| async move {
            match appender {
                None => drop(body),
                Some(appender) => {
                    let (written, told) = oneshot::channel();
                    if appender.send((body, written)).is_err() || told.await.is_err() {
                        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
                    }
                }
            }
            ([(header::CONTENT_TYPE, "application/json")], ANSWER).into_response()
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{READY}{}", listener.local_addr()?);
        Ok(axum::serve(listener, Router::new().route("/api/telemetry/batch", post(take))).await?)
    })
}

type Waiting = (Bytes, oneshot::Sender<()>);

fn start_appending(path: &Path) -> Result<SyncSender<Waiting>> {
    let file = OpenOptions::new().append(true).create_new(true).open(path)?;
    let (sender, bodies) = mpsc::sync_channel(4 * 1024);
    thread::Builder::new().name("appender".into()).spawn(move || append(file, &bodies))?;
    Ok(sender)
}

/// Ends with an error of the disk; everybody who waits is told by that.
fn append(mut file: File, bodies: &Receiver<Waiting>) {
    while let Ok(first) = bodies.recv() {
        let mut text = Vec::new();
        let mut waiting = Vec::new();
        for (body, written) in std::iter::once(first).chain(bodies.try_iter()) {
            text.extend_from_slice(&body);
            waiting.push(written);
        }
        if file.write_all(&text).and_then(|()| file.sync_data()).is_err() {
            return;
        }
        // Nobody waits any more when a connection has gone.
        waiting.into_iter().for_each(|written| written.send(()).unwrap_or_default());
    }
}

/// As long as the answer of the real server.
const ANSWER: &str = r#"{"beaconry":1,"status":"ok","success":true,"total":10,"recorded":10,"duplicate":0,"failed":0,"received":{"logs":3,"errors":1,"metrics":2,"traces":2,"vitals":1,"events":1},"stream":"0af7651916cd43dd8448eb211c80319c","acknowledged":[[1,10]],"serverTime":1766361600123}"#;
