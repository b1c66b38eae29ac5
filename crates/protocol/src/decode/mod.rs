//! Reading bodies that strangers sent: the native batch and the seeds' two shapes.
//!
//! A body is read in two steps. First its envelope: if that is no JSON, or not one of the three
//! shapes, the request fails as a whole. Then each record by itself: what is wrong with one is said
//! of that one, with its index, and the others go on. Nothing here recurses deeper than
//! [`limits::BODY_DEPTH`](crate::limits::BODY_DEPTH) or copies a string without need.

mod context;
mod envelope;
mod feedback;
mod fields;
mod record;
mod rejection;
mod surrogates;

pub use envelope::{BodyError, Incoming, Shape, read_body};
pub use feedback::read_feedback;
pub use fields::Text;
pub use record::IncomingRecord;
pub use rejection::Rejection;
pub use surrogates::mend_surrogates;
