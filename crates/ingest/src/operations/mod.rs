//! What is done with a data folder as a whole, by hand or by schedule: taking records out of it and
//! into it, keeping a copy, making room.
//!
//! # Where it runs
//! Only one process may change a data folder. While a server runs there, it does what is asked for
//! itself: the command asks it over [`control`](crate::control). Otherwise the command takes the
//! folder's lock and does the same. What only reads ([`export`]) needs neither.
//!
//! # Promise
//! Every operation may be killed at any moment and be asked for again: it then goes on, or begins
//! anew, and ends the same. Done twice it changes nothing the second time.

pub mod backup;
mod discarded;
mod disk;
pub mod export;
pub mod forget;
pub mod import;
pub mod missing;
mod moment;
mod premises;
mod progress;
pub mod pull;
pub mod retention;
mod rows;
mod snapshot;
mod stopped;
mod stored;

pub use discarded::{Discards, Reason, discards};
pub(crate) use disk::{files_below, make_private_folders, names_below, sync_folder, write_whole};
pub use moment::parse_moment;
pub(crate) use moment::{MOMENT, parse_span};
pub use premises::{ChangeError, Premises};
pub use progress::{Bar, Progress, Silent};
pub(crate) use snapshot::{last_n, read_between, snapshot};
pub use stopped::StoppedFolder;
pub(crate) use stored::Fields;
pub use stored::Stored;
