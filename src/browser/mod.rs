//! Does for the engine what only a browser can do. The only home of `web_sys`, `js_sys` and gloo.
//!
//! Refusals of the browser (blocked storage, a full quota, no network) are ordinary values here and
//! go back to the engine as inputs. Nothing in this module panics on them.

mod answer;
mod clock;
mod lifecycle;
mod page;
mod random;
mod shell;
mod storage;
mod timer;
mod transport;

pub(crate) use answer::field;
pub use answer::read_answer;
pub(crate) use clock::Clock;
pub(crate) use page::{current_page, platform_scope};
pub(crate) use random::{random_bits, stream_id};
pub(crate) use shell::Shell;
pub(crate) use storage::Storage;
