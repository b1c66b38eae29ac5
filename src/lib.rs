//! The client of Beaconry: browser telemetry that does not lose anything.
//!
//! One record's way, always forward: a call comes in through `bindings`, `engine` makes a record of
//! it, keeps it in the queue, writes it to the spool, sends it in a batch and forgets it when the
//! server says that it is on disk. `browser` does for the engine what only a browser can do: store,
//! send, wake, listen.
//!
//! Three rings, each of which knows only those before it:
//! - [`engine`] is plain Rust. It has no clock, no randomness, no globals and no web: inputs and the
//!   time go in, commands come out. It runs natively, in unit tests and in the simulator.
//! - `browser` performs the commands. It alone knows `web_sys`, `js_sys` and gloo.
//! - `bindings` is the face towards JavaScript. It alone knows `#[wasm_bindgen]`.

pub mod engine;

#[cfg(target_family = "wasm")]
mod bindings;
#[cfg(target_family = "wasm")]
mod browser;

#[cfg(target_family = "wasm")]
pub use bindings::WasmClient;
/// For the tests in `tests/web`; nobody else has an answer to read.
#[doc(hidden)]
#[cfg(target_family = "wasm")]
pub use browser::read_answer;

/// Half the size of the standard library's allocator; TLSF takes and frees in constant time.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
