//! Everything that reads what strangers wrote, under random input.
//!
//! A target takes any bytes, reads them as one part of the server does, and holds what comes out against
//! what that part promises. `cargo xtask fuzz` runs libFuzzer on each, which looks for input that reaches
//! new code (our crates are compiled with counters for that, see `instrument.sh`; those of others are not).
//! What it found worth keeping is in `corpus/`, and every file of that is an ordinary test.

mod bodies;
mod edges;
mod files;

/// Takes any bytes, and panics when what comes of them is not as promised.
pub type Target = fn(&[u8]);

/// The targets, by name. `corpus/` has a folder for each.
pub const TARGETS: [(&str, Target); 10] = [
    ("batch", bodies::batch),
    ("feedback", bodies::feedback),
    ("encodings", bodies::encodings),
    ("texts", bodies::texts),
    ("answer", edges::answer),
    ("remote", edges::remote),
    ("params", edges::params),
    ("headers", edges::headers),
    ("image", files::image),
    ("journal", files::journal),
];

/// The target of this name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|(_, target)| *target)
}
