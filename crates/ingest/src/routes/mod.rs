//! Every address of the server. A route translates between HTTP and the cores, and decides nothing.
//!
//! | address | what |
//! |---|---|
//! | `POST /api/telemetry/batch`, `/telemetry/ingest`, `/telemetry/ingest.php` | takes records in |
//! | `POST /api/feedback` | takes a bug report in |
//! | `POST /api/uploads` | takes its screenshot in |
//! | `GET /api/features` | what clients may do |
//! | `GET /api/health` | whether the server works |
//! | `GET /api/events` | the newest records |
//! | `GET /api/export` | all records, as JSON Lines |
//! | `GET /api/telemetry` | counts |
//! | `GET /api/live` | records as they come in |
//! | `GET /api/uploads/{id}` | a screenshot |
//! | `GET /admin/…` | the dashboard |
//!
//! Pages of allowed origins may use the first four. The others are for this machine only, and
//! guarded against other sites (see `guard`).

mod admin;
mod cors;
mod events;
mod export;
mod features;
mod feedback;
mod guard;
mod health;
mod ingest;
mod live;
mod posted;
mod reply;
mod telemetry;
mod uploads;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{Query, Request, State};
use axum::middleware::{self, Next};
use axum::response::{Redirect, Response};
use axum::routing::{MethodRouter, any, get};
use beaconry_protocol::{Answer, ErrorCode, RemoteConfig};
use tokio::sync::{Semaphore, watch};

use crate::extract::{AllowedOrigins, IngestKey};
use crate::index::Progress;
use crate::intake::Committer;
use crate::journal::Tail;
use crate::live::Live;
use crate::pipeline::Privacy;
use crate::query::{Params, Queries};
use crate::uploads::Uploads;

/// What the routes have to do with.
#[derive(Debug)]
pub struct App {
    /// The key that lets records in.
    pub key: IngestKey,
    /// The pages that may send them.
    pub origins: AllowedOrigins,
    /// What clients are told to do.
    pub remote: RemoteConfig,
    /// What is stored of users and of pages.
    pub privacy: Privacy,
    /// Where batches are stored.
    pub committer: Committer,
    /// The screenshots that are stored.
    pub uploads: Uploads,
    /// Whose turn it is to store one.
    pub upload_turn: Semaphore,
    /// How many bodies may be inflated and read at once.
    pub bodies: Semaphore,
    /// How far the journal is.
    pub tail: Arc<Tail>,
    /// How far the index is.
    pub progress: Arc<Progress>,
    /// What is stored.
    pub queries: Queries,
    /// What is being stored.
    pub live: Live,
    /// Damaged lines that were found in the journal.
    pub damaged_lines: u64,
    /// When the server started.
    pub started: Instant,
    /// Becomes true when the server is about to end.
    pub stopping: watch::Receiver<bool>,
}

/// All routes.
pub fn router(app: Arc<App>) -> Router {
    let own = Router::new()
        .route("/", get(|| async { Redirect::temporary("/admin") }))
        .route("/admin", get(admin::page))
        .route("/admin/", get(admin::page))
        .route("/admin/{*path}", get(admin::file))
        .route("/api/events", query(get(events::events)))
        .route("/api/export", query(get(export::export)))
        .route("/api/telemetry", query(get(telemetry::telemetry)))
        .route("/api/live", query(get(live::live).layer(middleware::from_fn(no_parameters))))
        .route("/api/health", query(get(health::health).layer(middleware::from_fn(no_parameters))))
        .route("/api/uploads/{id}", query(get(uploads::image).layer(middleware::from_fn(no_parameters))))
        .layer(middleware::from_fn(guard::own_pages_only));
    Router::new()
        .route("/api/telemetry/batch", any(ingest::ingest))
        .route("/telemetry/ingest", any(ingest::ingest))
        .route("/telemetry/ingest.php", any(ingest::ingest))
        .route("/api/feedback", any(feedback::feedback))
        .route("/api/uploads", any(uploads::upload))
        .route("/api/features", any(features::features))
        .merge(own)
        .fallback(not_found)
        .with_state(app)
}

/// Answers other methods in our own words too; the `Allow` header is axum's.
fn query(route: MethodRouter<Arc<App>>) -> MethodRouter<Arc<App>> {
    route.fallback(|| async { reply::method_not_allowed("GET, HEAD") })
}

/// Refuses parameters where there are none.
async fn no_parameters(
    Query(params): Query<HashMap<String, String>>,
    request: Request,
    next: Next,
) -> Response {
    match Params::new(params).only(&[]) {
        Err(bad) => reply::bad_parameter(&bad),
        Ok(_) => next.run(request).await,
    }
}

async fn not_found(State(app): State<Arc<App>>, request: Request) -> Response {
    let message = format!("there is nothing at {}", request.uri().path());
    let origin = cors::Origin::of(&request, &app.origins);
    origin.answer(reply::answer(Answer::error(ErrorCode::NotFound, message)))
}
