//! What is done with a data folder as a whole, by hand or by schedule.

mod progress;

pub use progress::{Bar, Progress, Silent};
