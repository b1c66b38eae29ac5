//! What stands between the network and everything else: the keys, how often one address may come, who is
//! let in to look, and how much memory bodies may take.

use std::net::IpAddr;
use std::time::Duration;

use crate::extract::{AddressLimit, Rate, Room, TrustedProxies};
use crate::keys::LiveKeys;
use crate::login::Login;

/// The edge of the server.
#[derive(Debug)]
pub struct Edge {
    /// The keys that are in use.
    pub keys: LiveKeys,
    /// Whose word on a client's address is believed.
    pub proxies: TrustedProxies,
    /// How often one address may come.
    pub limits: Limits,
    /// How the owner is known.
    pub login: Login,
    /// The memory for large bodies.
    pub room: Room,
    /// Whether browsers come by https to this very server.
    pub is_tls: bool,
}

/// How often one address may come.
#[derive(Debug)]
pub struct Limits {
    requests: AddressLimit,
    guesses: AddressLimit,
    spares_loopback: bool,
}

impl Limits {
    /// Lets every address come at `rate`. Without one, it is a rate that no visitor reaches, and this
    /// machine has none: what comes from here are the owner's own tools, or a proxy that was not named.
    pub fn new(rate: Option<Rate>) -> Self {
        Self {
            requests: AddressLimit::new(rate.unwrap_or(USUAL)),
            guesses: AddressLimit::new(GUESSES),
            spares_loopback: rate.is_none(),
        }
    }

    /// Lets a request in, or says how long to wait.
    ///
    /// # Errors
    /// What an address may, and how long to wait.
    pub fn take(&self, address: IpAddr, now: Duration) -> Result<(), (Rate, Duration)> {
        if self.spares_loopback && address.is_loopback() {
            return Ok(());
        }
        self.requests.take(address, now).map_err(|wait| (self.requests.rate(), wait))
    }

    /// Lets a wrong key be told so, or says how long to wait with the next. Right keys are not counted, so
    /// nobody is kept out by a neighbour who guesses.
    ///
    /// # Errors
    /// How often an address may be wrong, and how long to wait.
    pub fn take_guess(&self, address: IpAddr, now: Duration) -> Result<(), (Rate, Duration)> {
        self.guesses.take(address, now).map_err(|wait| (self.guesses.rate(), wait))
    }
}

/// An office of ten thousand pages behind one address sends less.
const USUAL: Rate = Rate::of(200.0);

/// A key that was changed is told so to many pages at once; nobody guesses 128 bits at this rate.
const GUESSES: Rate = Rate::of(10.0);
