//! Does for the engine what only a browser can do. Beside the faces the only home of `js_sys`.
//!
//! What asks the browser is JavaScript, in `page/`; here the engine is told what came of it, and what it says is
//! handed on. Refusals of the browser (blocked storage, a full quota, no network) are ordinary values there and
//! go back to the engine as inputs. Nothing in this module panics on them.

mod answer;
mod clock;
mod page;
mod shell;

#[cfg(feature = "npm")]
pub use answer::read_answer;
pub(crate) use clock::Clock;
#[cfg(not(feature = "npm"))]
pub(crate) use page::number_text;
pub(crate) use page::{current_page, random_bits};
pub(crate) use shell::Shell;
#[cfg(feature = "npm")]
#[expect(unreachable_pub, reason = "the crate exports what is in it")]
pub use shell::for_tests;
#[cfg(feature = "npm")]
pub(crate) use shell::happened;
