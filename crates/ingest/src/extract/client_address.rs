//! The address that a request comes from: of the connection, unless that is one of the proxies that the
//! owner named. Only what those say of a client is believed, and of a header only what they added to it:
//! the addresses are read from the right, past the owner's own proxies, and the first stranger is it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The proxies whose word on a client's address is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Reads networks such as `10.0.0.0/8`, and single addresses.
    ///
    /// # Errors
    /// The first text that is neither.
    pub fn listed<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Self, &'t str> {
        let network = |text: &'t str| {
            let single = || text.parse().map(|address: IpAddr| IpNet::from(address.to_canonical()));
            text.parse::<IpNet>().or_else(|_| single()).map_err(|_| text)
        };
        texts.into_iter().map(network).collect::<Result<_, _>>().map(Self)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `address` is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The address of the client behind `peer`.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut known = peer.to_canonical();
        let mut hops =
            headers.get_all(FORWARDED).iter().rev().flat_map(|value| {
                value.to_str().unwrap_or_default().rsplit(',').map(|hop| read_hop(hop.trim()))
            });
        while self.contains(known) {
            // What cannot be read was not written by a proxy: the one that passed it on is what is known.
            let Some(Some(before)) = hops.next() else { break };
            known = before;
        }
        known
    }
}

/// One address of `X-Forwarded-For`; some proxies add the port.
fn read_hop(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip());
    bare.parse().or_else(|_| with_port()).ok().map(|address: IpAddr| address.to_canonical())
}

/// What counts as one client: an IPv4 address, or the network of one IPv6 subscriber, who has more
/// addresses than could be counted.
pub(super) fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// The header of proxies.
pub const FORWARDED: &str = "x-forwarded-for";

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, values: &[&'static str]) -> String {
        let proxies = TrustedProxies::listed(["10.0.0.0/8", "192.0.2.1", "fd00::/8"]).unwrap();
        let mut headers = HeaderMap::new();
        values.iter().for_each(|value| {
            headers.append(FORWARDED, axum::http::HeaderValue::from_static(value));
        });
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(client("203.0.113.9", &["198.51.100.7"]), "203.0.113.9");
        assert_eq!(client("::ffff:203.0.113.9", &["198.51.100.7"]), "203.0.113.9");
    }

    #[test]
    fn of_what_a_proxy_passes_on_only_its_own_word_is_believed() {
        for (values, address) in [
            (&["198.51.100.7"][..], "198.51.100.7"),
            (&["6.6.6.6, 198.51.100.7"], "198.51.100.7"),
            (&["6.6.6.6", "198.51.100.7"], "198.51.100.7"),
            (&["6.6.6.6, 198.51.100.7, 10.9.9.9", "192.0.2.1"], "198.51.100.7"),
            (&["198.51.100.7:4711"], "198.51.100.7"),
            (&["[2001:db8::1]:4711"], "2001:db8::1"),
            (&["6.6.6.6, 2001:db8::1"], "2001:db8::1"),
            (&["6.6.6.6, unknown"], "10.1.2.3"),
            (&[""], "10.1.2.3"),
            (&[], "10.1.2.3"),
            (&["10.7.7.7"], "10.7.7.7"),
        ] {
            assert_eq!(client("10.1.2.3", values), address, "{values:?}");
        }
    }

    #[test]
    fn what_is_no_network_is_told() {
        assert_eq!(TrustedProxies::listed(["10.0.0.0/8", "proxy"]), Err("proxy"));
    }

    #[test]
    fn one_subscriber_has_many_addresses() {
        let of = |text: &str| subscriber(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(
            (of("203.0.113.9"), of("::ffff:203.0.113.9")),
            ("203.0.113.9".into(), "203.0.113.9".into())
        );
    }
}
