//! Names that can only mean this machine.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Whether `host` (as in a URL, so IPv6 in brackets) is this machine whatever a name server says.
pub fn is_loopback_host(host: &str) -> bool {
    if host.eq_ignore_ascii_case("localhost") {
        return true;
    }
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(v6) => v6.parse().is_ok_and(|address: Ipv6Addr| address.is_loopback()),
        None => host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback()),
    }
}

/// The host of `host` or `host:port`; `None` if it is neither.
pub fn host_of_authority(authority: &str) -> Option<&str> {
    let host_end = if authority.starts_with('[') {
        authority.find(']')? + 1
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (host, rest) = authority.split_at(host_end);
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_whole = rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port);
    (is_whole && !host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_this_machine() {
        for own in ["localhost", "LOCALHOST:80", "127.0.0.1:7460", "127.9.9.9", "[::1]", "[::1]:7460"] {
            assert!(host_of_authority(own).is_some_and(is_loopback_host), "{own}");
        }
        for other in [
            "",
            ":80",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evil.example",
            "10.0.0.1",
            "localhost:80@evil.example",
            "[::2]",
            "[::1",
            "::1",
            "127.0.0.1:",
            "0x7f.1",
        ] {
            assert!(!host_of_authority(other).is_some_and(is_loopback_host), "{other}");
        }
    }
}
