//! Settings that are right, and still not what whoever gave them may think.

use super::{Config, ConfigFile, variables};

/// A setting that does not do what it seems to, or opens a door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Doubt {
    /// Its name.
    pub(crate) setting: String,
    /// What there is to know about it.
    pub(crate) why: &'static str,
}

impl Doubt {
    pub(super) fn new(setting: &str, why: &'static str) -> Self {
        Self { setting: setting.to_owned(), why }
    }
}

/// What a start has to say about its settings.
pub(crate) fn doubts(config: &Config, file: Option<&ConfigFile>) -> Vec<Doubt> {
    let secret = file.and_then(ConfigFile::open_secret).map(|name| Doubt::new(name, OPEN_SECRET));
    let is_clear =
        !config.listen.ip().is_loopback() && config.edge.tls.is_none() && config.edge.proxies.is_empty();
    let clear = is_clear.then(|| Doubt::new("--listen (BEACONRY_LISTEN)", IN_THE_CLEAR));
    variables::without_effect().chain(secret).chain(clear).collect()
}

const OPEN_SECRET: &str =
    "everybody on this machine can read it in the file of settings: chmod o-r takes that away";
const IN_THE_CLEAR: &str = "others can reach this server, and without TLS keys, cookies and records can be read on \
    the way: give --tls-cert and --tls-key, or put it behind a proxy that has TLS and name that by --trusted-proxy";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::options;

    #[test]
    fn a_server_that_others_reach_without_tls_is_doubted() {
        let told = |change: fn(&mut crate::commands::serve::ServeOptions)| {
            let doubts = doubts(&Config::read(&options(change)).unwrap(), None);
            doubts.iter().any(|doubt| doubt.why == IN_THE_CLEAR)
        };
        assert!(told(|o| o.listen = "0.0.0.0:1".into()) && told(|o| o.listen = "[::]:1".into()));
        assert!(!told(|_| {}) && !told(|o| o.listen = "[::1]:1".into()));
        assert!(!told(|o| {
            o.listen = "0.0.0.0:1".into();
            o.edge.trusted_proxy = vec!["10.0.0.1".into()];
        }));
        assert!(!told(|o| {
            o.listen = "0.0.0.0:1".into();
            (o.edge.tls_cert, o.edge.tls_key) = ("cert.pem".into(), "key.pem".into());
        }));
    }
}
