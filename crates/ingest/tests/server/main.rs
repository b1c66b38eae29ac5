//! The real binary, spoken to over HTTP, killed and started again.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is how a wrong answer is told")]

mod attacks;
mod backup;
mod bad_input;
mod batches;
mod command_line;
mod config_file;
mod connections;
mod durability;
mod ending;
mod export;
mod feedback;
mod forget;
mod health;
mod import;
mod keys;
mod kills;
mod limits;
mod live;
mod login;
mod own_pages;
mod privacy;
mod pull;
#[path = "../journal/random.rs"]
mod random;
mod recovery;
mod retention;
mod sealing;
mod support;
mod tls;
mod uploads;
mod verifying;
