//! The client in a real browser: `cargo xtask test` runs these in headless Chromium.
#![cfg(target_family = "wasm")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed; clippy knows that of test functions only"
)]

mod page;

mod answers;
mod calls;
mod delivery;
mod exits;
mod hostile;
mod permission;
mod stores;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
