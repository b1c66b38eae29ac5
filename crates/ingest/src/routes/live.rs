//! Records as they come in, as server-sent events: `record` with the stored object, and `lagged`
//! with the number of records that a slow watcher missed.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, stream};
use tokio::sync::watch;

use super::App;
use crate::live::{News, Watcher};

pub(super) async fn live(State(app): State<Arc<App>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let feed = (app.live.watch(), app.stopping.clone());
    let events = stream::unfold(feed, |(mut watcher, mut stopping)| async {
        let news = next(&mut watcher, &mut stopping).await?;
        Some((Ok(event(&news)), (watcher, stopping)))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT))
}

/// `None` when the server is about to end, which must not wait for those who watch.
async fn next(watcher: &mut Watcher, stopping: &mut watch::Receiver<bool>) -> Option<News> {
    tokio::select! {
        news = watcher.next() => news,
        _ = stopping.wait_for(|stopping| *stopping) => None,
    }
}

fn event(news: &News) -> Event {
    match news {
        News::Record(record) => Event::default().event("record").id(record.n.to_string()).data(&record.json),
        News::Missed(missed) => Event::default().event("lagged").data(format!(r#"{{"missed":{missed}}}"#)),
    }
}

const HEARTBEAT: Duration = Duration::from_secs(15);
