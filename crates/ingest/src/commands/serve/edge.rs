//! Those settings of `beaconry serve` that say who and what is let in.

use clap::{Args, ValueHint};

/// Who and what is let in.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Who is let in")]
pub struct EdgeOptions {
    /// Ask for the admin key on a loopback address too; elsewhere, and behind a proxy, it is always asked for
    #[arg(long, env = "BEACONRY_LOGIN", value_parser = clap::builder::FalseyValueParser::new())]
    pub login: bool,

    /// The admin key; without one, beaconry makes one when it is first needed, and shows it once
    #[arg(long, value_name = "TOKEN", env = "BEACONRY_ADMIN_TOKEN", hide_env_values = true)]
    pub admin_token: Option<String>,

    /// The certificate to serve https with, as PEM; read again at SIGHUP
    #[arg(
        long,
        value_name = "FILE",
        env = "BEACONRY_TLS_CERT",
        value_hint = ValueHint::FilePath,
        default_value = "",
        hide_default_value = true
    )]
    pub tls_cert: String,

    /// The key of the certificate, as PEM
    #[arg(
        long,
        value_name = "FILE",
        env = "BEACONRY_TLS_KEY",
        value_hint = ValueHint::FilePath,
        default_value = "",
        hide_default_value = true
    )]
    pub tls_key: String,

    /// A proxy whose X-Forwarded-For is believed: a network such as 10.0.0.0/8; may be given several times
    #[arg(long, value_name = "NETWORK", env = "BEACONRY_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxy: Vec<String>,

    /// Requests a second from one client address [default: 200, and no limit from this machine]
    #[arg(
        long,
        value_name = "RATE",
        env = "BEACONRY_ADDRESS_RATE",
        default_value = "",
        hide_default_value = true
    )]
    pub address_rate: String,

    /// Requests a second with one key, unless the key says otherwise [default: no limit]
    #[arg(
        long,
        value_name = "RATE",
        env = "BEACONRY_KEY_RATE",
        default_value = "",
        hide_default_value = true
    )]
    pub key_rate: String,

    /// Connections of one address at once [default: a quarter of all, and no limit from this machine]
    #[arg(
        long,
        value_name = "COUNT",
        env = "BEACONRY_ADDRESS_CONNECTIONS",
        default_value = "",
        hide_default_value = true
    )]
    pub address_connections: String,
}
