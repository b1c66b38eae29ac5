//! The real binary, spoken to over HTTP, killed and started again.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is how a wrong answer is told")]

mod backup;
mod bad_input;
mod batches;
mod command_line;
mod connections;
mod durability;
mod ending;
mod export;
mod feedback;
mod forget;
mod import;
mod live;
mod own_pages;
mod privacy;
mod pull;
mod recovery;
mod retention;
mod sealing;
mod support;
mod uploads;
