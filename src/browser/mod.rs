//! Does for the engine what only a browser can do. The only home of `web_sys`, `js_sys` and gloo-storage.
//!
//! Refusals of the browser (blocked storage, a full quota, no network) are ordinary values here and
//! go back to the engine as inputs. Nothing in this module panics on them.

mod answer;
mod clock;
mod global;
mod journal;
mod lease;
mod lifecycle;
mod page;
mod random;
mod sending;
mod shell;
mod storage;
mod stores;
mod task;
mod timer;
mod transport;

pub use answer::read_answer;
pub(crate) use clock::Clock;
pub(crate) use global::get;
pub(crate) use page::current_page;
use page::platform_scope;
pub(crate) use random::random_bits;
use random::stream_id;
pub(crate) use shell::Shell;
use storage::Storage;
