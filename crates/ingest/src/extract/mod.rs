//! What is taken off a request before anything of it is believed: its address, its origin, its key, and
//! its body within limits of size, time and memory.

mod address_limit;
pub mod body;
mod client_address;
mod encodings;
mod loopback;
mod origin;
mod rate;
mod room;
mod token;

pub use address_limit::AddressLimit;
pub use client_address::{FORWARDED, TrustedProxies};
pub use loopback::{host_of_authority, is_loopback_host};
pub use origin::{AllowedOrigins, ParseOriginError};
pub use rate::{Pace, Rate};
pub use room::{Held, NoRoom, Room};
pub use token::{bearer_token, ingest_token};
