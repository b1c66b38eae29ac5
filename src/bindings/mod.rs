//! The face towards JavaScript. The only home of `#[wasm_bindgen]`.
//!
//! Each export converts its arguments, tells the engine, and converts what comes back. What an app
//! passes is walked before it comes here, so a getter that calls the client again finds it free. A trap cannot be caught here, since a panic aborts: the package's TypeScript
//! guards each call.

mod client;
mod flat;
mod options;

pub use client::{end, happened, read, start, tell};
