//! The face towards Rust apps: Leptos, Yew, Dioxus and what else runs as wasm in a page.
//!
//! What an app calls is turned into the engine's inputs here, as `bindings` does for JavaScript. The
//! place where it runs is behind one adapter: in a browser `page`, which starts the shell; on a
//! server `nowhere`, which starts nothing, so that the same code renders there; in the tests of this
//! folder `alone`, an engine without a browser. Nothing here panics or blocks.

#[cfg(all(test, not(target_family = "wasm")))]
mod alone;
#[cfg(all(test, not(target_family = "wasm")))]
use alone as host;

// Not in the wasm for JavaScript, which nobody calls from Rust: with this, js-sys and its exports would come along.
#[cfg(all(target_family = "wasm", not(feature = "npm")))]
mod page;
#[cfg(all(target_family = "wasm", not(feature = "npm")))]
use page as host;

#[cfg(any(all(target_family = "wasm", feature = "npm"), not(any(test, target_family = "wasm"))))]
mod nowhere;
#[cfg(any(all(target_family = "wasm", feature = "npm"), not(any(test, target_family = "wasm"))))]
use nowhere as host;

mod clients;
mod entry;
mod fields;
#[cfg(feature = "tracing")]
mod layer;
mod options;
mod panic;
mod span;
mod stats;
mod telemetry;
#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
mod text;
mod value;
#[cfg(feature = "tracing")]
mod visit;

pub use entry::{Entry, Receipt};
#[cfg(feature = "tracing")]
pub use layer::{TelemetryLayer, tracing_layer};
pub use options::Options;
pub use panic::install_panic_hook;
pub use span::Span;
pub use stats::Stats;
pub use telemetry::Telemetry;
pub use value::Value;
