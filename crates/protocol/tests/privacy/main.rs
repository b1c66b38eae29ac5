//! Planted secrets are gone from everything that is written, and clean text is left alone.
//!
//! The corpora are files, so that tests in other languages read the same: `corpus/secrets.txt` has a
//! secret in each line (kind, a text with it, the secret itself; tabs between), `corpus/clean.txt` a
//! text without one in each line. Both are made by the generators here; `BLESS=1` writes them anew.
#![cfg(feature = "decode")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed; clippy knows that of test functions only"
)]

mod clean;
mod dice;
mod secrets;
mod writer;

use std::path::Path;

/// Holds a corpus against its file.
fn check_file(name: &str, lines: &[String]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(name);
    let text = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<String>();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap_or_default() == text, "{name}: BLESS=1 writes it anew");
}
