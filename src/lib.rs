//! The client of Beaconry: browser telemetry that does not lose anything.
//!
//! A Rust app that runs in a page (Leptos, Yew, Dioxus, …) uses this crate as it is; JavaScript uses
//! the npm package that is made of it.
//!
//! ```
//! use beaconry::{Level, Options, Telemetry};
//!
//! # fn main() -> Result<(), beaconry::ConfigError> {
//! let options = Options::new("https://app.example/api/telemetry/batch").app("shop").release("1.2.0");
//! let telemetry = Telemetry::start(options)?;
//! beaconry::install_panic_hook(telemetry);
//!
//! telemetry.log(Level::Info, "Quiz started").with("topic", "Math").with("questions", 10);
//! telemetry.metric("score", 7.5).with("topic", "Math");
//! telemetry.event("quiz_finished");
//! if let Err(error) = "seven".parse::<u8>() {
//!     telemetry.error(&error).with("field", "score");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A [`Telemetry`] is a copy of a number: keep it in a context, move it into closures. Each call
//! makes its record at the end of its statement and never panics, blocks or fails. What a panic
//! says is on the browser's storage before the wasm ends. With the feature `tracing`,
//! `tracing_layer` records what the app says through `tracing`. On a server that renders the app
//! the same calls compile, and record nothing.
//!
//! # How it is made
//!
//! One record's way, always forward: a call comes in through `rust` or `bindings`, `engine` makes a
//! record of it, keeps it in the queue, writes it to the spool, sends it in a batch and forgets it
//! when the server says that it is on disk. `browser` does for the engine what only a browser can
//! do: store, send, wake, listen.
//!
//! Three rings, each of which knows only those before it:
//! - [`engine`] is plain Rust. It has no clock, no randomness, no globals and no web: inputs and the
//!   time go in, commands come out. It runs natively, in unit tests and in the simulator.
//! - `browser` performs the commands. What it asks of a page stands in the scripts beside it.
//! - `bindings` is the face towards JavaScript, with the feature `npm`, and `rust` the face towards
//!   Rust apps. They do not know each other, and only `bindings` exports by `#[wasm_bindgen]`.

pub mod engine;

#[cfg(all(target_family = "wasm", feature = "npm"))]
mod bindings;
#[cfg(target_family = "wasm")]
mod browser;
mod rust;

pub use rust::{Entry, Options, Receipt, Span, Stats, Telemetry, Value, install_panic_hook};
#[cfg(feature = "tracing")]
pub use rust::{TelemetryLayer, tracing_layer};

pub use beaconry_protocol::{DiscardReason, Level, Severity};
pub use engine::{ConfigError, Consent, Settled};

/// For the tests in `tests/web`; the package calls the exports, and nobody else has an answer to read.
#[doc(hidden)]
#[cfg(all(target_family = "wasm", feature = "npm"))]
pub use bindings::{end, happened, read, start, tell};
#[doc(hidden)]
#[cfg(all(target_family = "wasm", feature = "npm"))]
pub use browser::{for_tests::listen, for_tests::promise, read_answer};

/// Half the size of the standard library's allocator; TLSF takes and frees in constant time.
#[cfg(all(target_family = "wasm", feature = "npm"))]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
