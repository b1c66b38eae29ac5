//! How often one client address may come. What is remembered has one size, whoever comes: each address
//! has a place in a table by a hash that nobody outside can know, and two that share a place share what
//! it allows.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::time::Duration;

use super::client_address::subscriber;
use super::rate::{Pace, Rate};

/// The paces of all addresses.
#[derive(Debug)]
pub struct AddressLimit {
    rate: Rate,
    paces: Box<[Pace]>,
    hasher: RandomState,
}

impl AddressLimit {
    /// Lets every address come at `rate`.
    pub fn new(rate: Rate) -> Self {
        Self { rate, paces: (0..PLACES).map(|_| Pace::default()).collect(), hasher: RandomState::new() }
    }

    /// What every address may.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Lets one request of `address` in, or says how long to wait.
    ///
    /// # Errors
    /// How long it takes until the next one may come.
    pub fn take(&self, address: IpAddr, now: Duration) -> Result<(), Duration> {
        let hash = self.hasher.hash_one(subscriber(address));
        let place = usize::try_from(hash % PLACES as u64).unwrap_or_default();
        self.paces.get(place).map_or(Ok(()), |pace| pace.take(self.rate, now))
    }
}

/// 256 KiB in all. Of a thousand addresses at once, one in thirty-two shares its place.
const PLACES: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn take(limit: &AddressLimit, address: &str) -> bool {
        limit.take(address.parse().unwrap(), Duration::ZERO).is_ok()
    }

    #[test]
    fn one_address_that_is_too_fast_holds_up_no_other() {
        let limit = AddressLimit::new(Rate::new(2.0).unwrap());
        assert_eq!((0..99).filter(|_| take(&limit, "203.0.113.1")).count(), 10);
        // One of these may share its place by chance, not all.
        let others = (2..20).filter(|n| take(&limit, &format!("203.0.113.{n}"))).count();
        assert!(others >= 16, "{others}");
    }

    #[test]
    fn all_addresses_of_one_subscriber_count_together() {
        let limit = AddressLimit::new(Rate::new(2.0).unwrap());
        assert_eq!((0..99).filter(|n| take(&limit, &format!("2001:db8::{n:x}"))).count(), 10);
    }
}
