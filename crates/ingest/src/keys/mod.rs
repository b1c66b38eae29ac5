//! The keys that let somebody in, and what each of them allows.
//!
//! A *write* key is public by nature: every page carries it. It says whose records these are, and its
//! origins and its rate keep others from using it in their pages. A *server* key is secret: what comes
//! with it is believed to be of the owner's own servers (`source: server`). An *admin* key is secret too
//! and opens everything that is not for pages. Of secret ones only a hash is kept, so that nobody who
//! reads `state.db` gets in.
//!
//! A request is let in by the SHA-256 of its token, so ten thousand keys cost no more than one, and the
//! time that it takes says nothing about how much of a guess was right.

mod admission;
mod key;
mod live;
mod ring;
mod token;

pub use admission::Denied;
pub use key::{Key, KeyKind};
pub use live::LiveKeys;
pub use ring::{Given, KeyRing, Place};
pub use token::{NewToken, TokenHash};

/// The name of the key that comes from `--token`, or is made at the first start.
pub const DEFAULT_KEY: &str = "default";

/// The name of the admin key that comes from `--admin-token`, or is made when one is needed first.
pub const ADMIN_KEY: &str = "admin";
