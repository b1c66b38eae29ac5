//! Every address of the server. A route translates between HTTP and the cores, and decides nothing.
//!
//! | address | what |
//! |---|---|
//! | `POST /api/telemetry/batch`, `/telemetry/ingest`, `/telemetry/ingest.php` | takes records in |
//! | `POST /api/feedback` | takes a bug report in |
//! | `POST /api/uploads` | takes its screenshot in |
//! | `GET /api/features` | what clients may do |
//! | `GET /api/health` | whether the server works |
//! | `GET /api/health/extended` | how it works, in detail |
//! | `GET /metrics` | all numbers, for Prometheus |
//! | `GET /api/events` | the newest records |
//! | `GET /api/export` | all records, as JSON Lines |
//! | `GET /api/telemetry` | counts |
//! | `GET /api/live` | records as they come in |
//! | `GET /api/uploads/{id}` | a screenshot |
//! | `GET /admin/…` | the dashboard |
//! | `GET, POST /admin/login`, `POST /admin/logout` | getting in, and out |
//!
//! Pages of allowed origins may use the first four. The others are for the owner only, and guarded
//! against other sites (see `guard`); of the server's health, strangers learn whether it is well.

mod admin;
mod cors;
pub(crate) mod edge;
mod events;
mod export;
mod extended;
mod features;
mod feedback;
mod guard;
mod health;
mod ingest;
mod live;
mod login;
mod metrics;
mod posted;
mod probe;
mod reply;
mod storing;
mod telemetry;
mod uploads;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Query, Request, State};
use axum::middleware::{self, Next};
use axum::response::{Redirect, Response};
use axum::routing::{MethodRouter, any, get, post};
use beaconry_protocol::{Answer, ErrorCode, RemoteConfig};
use tokio::sync::{Semaphore, watch};

use crate::edge::Edge;
use crate::index::Progress;
use crate::intake::Committer;
use crate::journal::Tail;
use crate::live::Live;
use crate::pipeline::Privacy;
use crate::query::{Params, Queries};
use crate::signals::{RequestAnswered, Signal};
use crate::uploads::Uploads;

pub use probe::WriteProbe;

/// What the routes have to do with.
#[derive(Debug)]
pub struct App {
    /// Who and what is let in.
    pub edge: Edge,
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
    /// Whether the disk takes anything.
    pub probe: WriteProbe,
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
        .route(
            "/api/health/extended",
            query(get(extended::extended).layer(middleware::from_fn(no_parameters))),
        )
        .route("/metrics", query(get(metrics::metrics).layer(middleware::from_fn(no_parameters))))
        .route("/api/uploads/{id}", query(get(uploads::image).layer(middleware::from_fn(no_parameters))))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::owner_only));
    let liveness = Router::new()
        .route("/api/health", query(get(health::health).layer(middleware::from_fn(no_parameters))))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::public_behind_a_login));
    let doors = Router::new()
        .route("/admin/login", get(login::page).post(login::enter))
        .route("/admin/login.css", get(login::style))
        .route("/admin/logout", post(login::leave))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::no_other_sites));
    Router::new()
        .route("/api/telemetry/batch", any(ingest::ingest))
        .route("/telemetry/ingest", any(ingest::ingest))
        .route("/telemetry/ingest.php", any(ingest::ingest))
        .route("/api/feedback", any(feedback::feedback))
        .route("/api/uploads", any(uploads::upload))
        .route("/api/features", any(features::features))
        .merge(own)
        .merge(liveness)
        .merge(doors)
        .fallback(not_found)
        .layer(middleware::from_fn(count))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), edge::by_address))
        .with_state(app)
}

/// Tells of every answer.
async fn count(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    RequestAnswered { route, status: response.status().as_u16(), took: begun.elapsed() }.emit();
    response
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
    let origin = cors::Origin::of(&request, &app.edge.keys.current());
    origin.answer(reply::answer(Answer::error(ErrorCode::NotFound, message)))
}
