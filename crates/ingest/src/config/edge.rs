//! The settings that say who and what is let in, checked.

use std::net::SocketAddr;

use super::{ConfigError, is_token, path, wrong};
use crate::commands::serve::EdgeOptions;
use crate::extract::{Rate, TrustedProxies};
use crate::server::TlsFiles;

/// Who and what is let in.
#[derive(Debug, Clone)]
pub struct EdgeConfig {
    /// Whether the owner is asked for a key.
    pub is_login_required: bool,
    /// The admin key, if one was given.
    pub admin_token: Option<String>,
    /// What https is served with.
    pub tls: Option<TlsFiles>,
    /// Whose word on a client's address is believed.
    pub proxies: TrustedProxies,
    /// How often one address may come.
    pub address_rate: Option<Rate>,
    /// How often a key may be used that says nothing of it.
    pub key_rate: Option<Rate>,
    /// How many connections one address may have.
    pub address_connections: Option<u32>,
}

impl EdgeConfig {
    /// Checks the settings, for a server that listens there.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn read(options: &EdgeOptions, listen: SocketAddr) -> Result<Self, ConfigError> {
        let proxies = proxies(&options.trusted_proxy)?;
        let admin_token = admin_token(options.admin_token.as_deref())?;
        let is_exposed = !listen.ip().is_loopback() || !proxies.is_empty();
        Ok(Self {
            is_login_required: is_exposed || options.login || admin_token.is_some(),
            admin_token,
            tls: tls(&options.tls_cert, &options.tls_key)?,
            proxies,
            address_rate: rate("--address-rate (BEACONRY_ADDRESS_RATE)", &options.address_rate)?,
            key_rate: rate("--key-rate (BEACONRY_KEY_RATE)", &options.key_rate)?,
            address_connections: connections(&options.address_connections)?,
        })
    }
}

/// An empty one is none. The value is a secret, so it is not shown.
fn admin_token(text: Option<&str>) -> Result<Option<String>, ConfigError> {
    match text {
        None | Some("") => Ok(None),
        Some(text) if is_token(text) && text.len() >= ADMIN_BYTES => Ok(Some(text.to_owned())),
        Some(text) => {
            let got = format!("{} bytes that are not shown", text.len());
            Err(ConfigError { setting: "--admin-token (BEACONRY_ADMIN_TOKEN)", takes: ADMIN_TOKEN, got })
        }
    }
}

fn tls(cert: &str, key: &str) -> Result<Option<TlsFiles>, ConfigError> {
    match (cert, key) {
        ("", "") => Ok(None),
        ("", _) => Err(wrong(TLS_CERT, "")("the file of a certificate beside --tls-key")),
        (_, "") => Err(wrong(TLS_KEY, "")("the file of a key beside --tls-cert")),
        (cert, key) => Ok(Some(TlsFiles { cert: path(TLS_CERT, cert)?, key: path(TLS_KEY, key)? })),
    }
}

fn proxies(texts: &[String]) -> Result<TrustedProxies, ConfigError> {
    let given = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
    TrustedProxies::listed(given).map_err(|text| {
        wrong("--trusted-proxy (BEACONRY_TRUSTED_PROXIES)", text)(
            "a network such as 10.0.0.0/8, or an address",
        )
    })
}

/// Requests a second; an empty text is none.
pub(crate) fn rate(setting: &'static str, text: &str) -> Result<Option<Rate>, ConfigError> {
    if text.is_empty() {
        return Ok(None);
    }
    let rate = text.parse().ok().and_then(Rate::new);
    rate.map(Some).ok_or_else(|| wrong(setting, text)("requests a second, from 0.001 to 1000000"))
}

fn connections(text: &str) -> Result<Option<u32>, ConfigError> {
    if text.is_empty() {
        return Ok(None);
    }
    let count = text.parse().ok().filter(|count| *count > 0);
    let wrong =
        || wrong("--address-connections (BEACONRY_ADDRESS_CONNECTIONS)", text)("a whole number above 0");
    count.map(Some).ok_or_else(wrong)
}

const TLS_CERT: &str = "--tls-cert (BEACONRY_TLS_CERT)";
const TLS_KEY: &str = "--tls-key (BEACONRY_TLS_KEY)";
const ADMIN_BYTES: usize = 16;
const ADMIN_TOKEN: &str = "16 to 256 visible ASCII characters without spaces";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(listen: &str, change: impl FnOnce(&mut EdgeOptions)) -> Result<EdgeConfig, String> {
        let mut options = EdgeOptions::default();
        change(&mut options);
        EdgeConfig::read(&options, listen.parse().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_owner_is_asked_wherever_others_can_come_from() {
        let asks = |listen, change: fn(&mut EdgeOptions)| read(listen, change).unwrap().is_login_required;
        assert!(!asks("127.0.0.1:1", |_| {}) && !asks("[::1]:1", |_| {}));
        assert!(asks("0.0.0.0:1", |_| {}) && asks("[::]:1", |_| {}) && asks("192.0.2.1:1", |_| {}));
        assert!(asks("127.0.0.1:1", |o| o.login = true));
        assert!(asks("127.0.0.1:1", |o| o.trusted_proxy = vec!["127.0.0.1".into()]));
        assert!(asks("127.0.0.1:1", |o| o.admin_token = Some("0123456789abcdef".into())));
    }

    #[test]
    fn a_wrong_setting_is_told_by_name_and_no_secret_is_shown() {
        for (change, parts) in [
            (
                (|o| o.admin_token = Some("short-secret".into())) as fn(&mut EdgeOptions),
                ["--admin-token", "16 to 256"],
            ),
            (|o| o.tls_cert = "cert.pem".into(), ["--tls-key", "beside --tls-cert"]),
            (|o| o.tls_key = "key.pem".into(), ["--tls-cert", "beside --tls-key"]),
            (|o| o.trusted_proxy = vec!["proxy".into()], ["--trusted-proxy", "10.0.0.0/8"]),
            (|o| o.address_rate = "0".into(), ["--address-rate", "\"0\""]),
            (|o| o.key_rate = "fast".into(), ["--key-rate", "requests a second"]),
            (|o| o.address_connections = "-1".into(), ["--address-connections", "above 0"]),
        ] {
            let message = read("127.0.0.1:1", change).unwrap_err();
            assert!(parts.iter().all(|part| message.contains(part)), "{message}");
            assert!(!message.contains("short-secret"), "{message}");
        }
    }
}
