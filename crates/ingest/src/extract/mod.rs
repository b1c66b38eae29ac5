//! What is taken off a request before anything of it is believed: its origin, its key, and its body
//! within limits of size and time.

pub mod body;
mod key;
mod loopback;
mod origin;
mod rate;

pub use key::IngestKey;
pub use loopback::{host_of_authority, is_loopback_host};
pub use origin::{AllowedOrigins, ParseOriginError};
pub use rate::{Pace, Rate};
