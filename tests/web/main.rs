//! The client in a real browser: `cargo xtask test` runs these in headless Chromium.
#![cfg(target_family = "wasm")]

mod page;

mod calls;
mod delivery;
mod hostile;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
