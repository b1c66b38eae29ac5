//! The settings of the server: read once from options, environment and file, checked, and right from
//! then on. What is wrong is said in one line: which setting, what it takes, what it got.

mod doubts;
mod edge;
mod file;
mod variables;

use std::net::SocketAddr;
use std::path::PathBuf;

use beaconry_protocol::{FeatureFlag, Features, Phase, RemoteConfig, Sampling, cut};

use crate::commands::serve::{
    DEFAULT_KNOWN_DAYS, DEFAULT_LISTEN, DEFAULT_LOG_FORMAT, DEFAULT_PHASE, DEFAULT_RETENTION_DAYS,
    DEFAULT_ROLLOUT, DEFAULT_SEGMENT_BYTES, ServeOptions,
};
use crate::extract::AllowedOrigins;
use crate::operations::retention::Limits;

pub(crate) use doubts::{Doubt, doubts};
pub use edge::EdgeConfig;
pub(crate) use edge::rate as requests_a_second;
pub use file::{ConfigFile, ConfigFileError};
pub(crate) use variables::{phase_said, without_empty_variables};

/// Checked settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The data folder.
    pub data: PathBuf,
    /// The secret part of the ingest key; without one the data folder has or gets one.
    pub token: Option<String>,
    /// Whose pages may send records.
    pub origins: AllowedOrigins,
    /// The keys that stay in the queries of pages.
    pub allow_query_keys: Vec<String>,
    /// How the log is written.
    pub log_format: LogFormat,
    /// For how many days a record may wait in a browser and still be taken.
    pub known_days: u32,
    /// What clients are told to do.
    pub remote: RemoteConfig,
    /// How long a segment of the journal gets.
    pub segment_bytes: u64,
    /// Who and what is let in.
    pub edge: EdgeConfig,
    /// What may stay stored.
    pub limits: Limits,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A JSON object a line.
    Json,
}

/// A setting that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {}", self.complaint())]
pub struct ConfigError {
    setting: &'static str,
    takes: &'static str,
    got: String,
}

impl ConfigError {
    /// The name of the option.
    pub(crate) fn option(&self) -> &str {
        self.setting.split(' ').next().unwrap_or_default().trim_start_matches("--")
    }

    /// What it takes, and what it got.
    pub(crate) fn complaint(&self) -> String {
        format!("takes {}, got {}", self.takes, self.got)
    }
}

impl Config {
    /// Checks the settings of a command line.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn read(options: &ServeOptions) -> Result<Self, ConfigError> {
        let listen = listen(given(&options.listen, DEFAULT_LISTEN))?;
        Ok(Self {
            listen,
            edge: EdgeConfig::read(&options.edge, listen)?,
            data: data(&options.data)?,
            token: token(options.token.as_deref())?,
            origins: origins(&options.allow_origin)?,
            allow_query_keys: query_keys(&options.allow_query_key)?,
            segment_bytes: segment_bytes(given(&options.segment_bytes, DEFAULT_SEGMENT_BYTES))?,
            log_format: log_format(given(&options.log_format, DEFAULT_LOG_FORMAT))?,
            known_days: known_days(given(&options.known_days, DEFAULT_KNOWN_DAYS))?,
            limits: Limits {
                retention_days: retention_days(given(&options.retention_days, DEFAULT_RETENTION_DAYS))?,
                quota: (!options.quota.is_empty()).then(|| quota(&options.quota)).transpose()?,
            },
            remote: RemoteConfig {
                features: Features { telemetry: feature_flag(options)? },
                sampling: Sampling {
                    sample_rate: rate("--sample-rate (BEACONRY_SAMPLE_RATE)", &options.sample_rate)?,
                    traces_sample_rate: rate(
                        "--traces-sample-rate (BEACONRY_TRACES_SAMPLE_RATE)",
                        &options.traces_sample_rate,
                    )?,
                },
            },
        })
    }
}

/// An empty text is none: that is how many tools pass on a variable that is not set.
fn given<'t>(text: &'t str, default: &'t str) -> &'t str {
    if text.is_empty() { default } else { text }
}

fn listen(text: &str) -> Result<SocketAddr, ConfigError> {
    let wrong = wrong("--listen (BEACONRY_LISTEN)", text);
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let address = numeric.as_deref().unwrap_or(text);
    address.parse().map_err(|_| wrong("an address and port such as 127.0.0.1:7460"))
}

/// The path of the data folder.
pub(crate) fn data(text: &str) -> Result<PathBuf, ConfigError> {
    if text.is_empty() {
        return Err(wrong(DATA, text)("the path of a folder"));
    }
    path(DATA, text)
}

/// A path. One of a home folder would be a folder named `~`.
pub(crate) fn path(setting: &'static str, text: &str) -> Result<PathBuf, ConfigError> {
    if is_of_home(text) { Err(wrong(setting, text)(WHOLE_PATH)) } else { Ok(PathBuf::from(text)) }
}

/// Whether a shell would have put a home folder in its place, had it seen it.
fn is_of_home(text: &str) -> bool {
    text == "~" || text.starts_with("~/")
}

/// An empty one is none here too.
fn token(text: Option<&str>) -> Result<Option<String>, ConfigError> {
    match text {
        None | Some("") => Ok(None),
        Some(text) if is_token(text) => Ok(Some(text.to_owned())),
        // The value is a secret, so it is not shown.
        Some(text) => {
            let got = format!("{} bytes that are not shown", text.len());
            Err(ConfigError { setting: "--token (TELEMETRY_TOKEN)", takes: TOKEN, got })
        }
    }
}

/// Whether `text` can be a header value and part of an address alike.
pub(crate) fn is_token(text: &str) -> bool {
    (1..=256).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn origins(texts: &[String]) -> Result<AllowedOrigins, ConfigError> {
    let mut given = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).peekable();
    if given.peek().is_none() {
        return Ok(AllowedOrigins::loopback());
    }
    AllowedOrigins::listed(given).map_err(|(text, _)| {
        wrong("--allow-origin (BEACONRY_ALLOW_ORIGINS)", text)(
            "an origin such as https://app.example or http://localhost:*",
        )
    })
}

fn segment_bytes(text: &str) -> Result<u64, ConfigError> {
    let bytes = text.parse().ok().filter(|bytes| (MIN_SEGMENT..=MAX_SEGMENT).contains(bytes));
    bytes.ok_or_else(|| {
        wrong("--segment-bytes (BEACONRY_SEGMENT_BYTES)", text)("a whole number from 4096 to 1073741824")
    })
}

/// For how many days records are kept.
pub(crate) fn retention_days(text: &str) -> Result<u64, ConfigError> {
    let days = text.parse().ok().filter(|days| *days <= MOST_DAYS);
    days.ok_or_else(|| wrong(RETENTION_DAYS, text)("a whole number of days up to 36500, 0 for ever"))
}

/// A size in bytes, with or without a unit.
pub(crate) fn quota(text: &str) -> Result<u64, ConfigError> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim().to_ascii_uppercase().as_str() {
        "MB" => Some(1_000_000),
        "GB" => Some(1_000_000_000),
        "TB" => Some(1_000_000_000_000),
        _ => None,
    };
    let bytes =
        number.parse::<u64>().ok().zip(factor).and_then(|(number, factor)| number.checked_mul(factor));
    let bytes = bytes.filter(|bytes| *bytes >= LEAST_QUOTA);
    bytes.ok_or_else(|| {
        wrong("--quota (BEACONRY_QUOTA)", text)("a size from 1MB on, such as 500MB, 10GB or 1TB")
    })
}

/// As they stand in a URL: what needs an escape is written with it.
pub(crate) fn query_keys(texts: &[String]) -> Result<Vec<String>, ConfigError> {
    let given = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
    let is_key = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !b"?&=#/".contains(&byte));
    let check = |text: &str| match is_key(text) {
        true => Ok(text.to_owned()),
        false => Err(wrong("--allow-query-key (BEACONRY_ALLOW_QUERY_KEYS)", text)(QUERY_KEY)),
    };
    given.map(check).collect()
}

fn feature_flag(options: &ServeOptions) -> Result<FeatureFlag, ConfigError> {
    let phase = phase(given(&options.feature_phase, DEFAULT_PHASE))?;
    Ok(FeatureFlag { phase, rollout: rollout(given(&options.rollout, DEFAULT_ROLLOUT))? })
}

fn log_format(text: &str) -> Result<LogFormat, ConfigError> {
    match text.to_ascii_lowercase().as_str() {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(wrong("--log-format (BEACONRY_LOG_FORMAT)", text)("text or json")),
    }
}

fn known_days(text: &str) -> Result<u32, ConfigError> {
    let days = text.parse().ok().filter(|days| (1..=400).contains(days));
    days.ok_or_else(|| wrong("--known-days (BEACONRY_KNOWN_DAYS)", text)("a number of days from 1 to 400"))
}

fn phase(text: &str) -> Result<Phase, ConfigError> {
    match text.to_ascii_lowercase().as_str() {
        "enabled" => Ok(Phase::Enabled),
        "disabled" => Ok(Phase::Disabled),
        _ => Err(wrong("--feature-phase (BEACONRY_FEATURE_PHASE)", text)("enabled or disabled")),
    }
}

fn rollout(text: &str) -> Result<f64, ConfigError> {
    let percent = text.parse().ok().filter(|percent| (0.0..=100.0).contains(percent));
    percent.ok_or_else(|| wrong("--rollout (BEACONRY_ROLLOUT)", text)("a percentage from 0 to 100"))
}

/// A share of sessions; an empty text leaves it to the clients.
fn rate(setting: &'static str, text: &str) -> Result<Option<f64>, ConfigError> {
    if text.is_empty() {
        return Ok(None);
    }
    let rate = text.parse().ok().filter(|rate| (0.0..=1.0).contains(rate));
    rate.map(Some).ok_or_else(|| wrong(setting, text)("a share from 0 to 1, such as 0.1"))
}

/// A setting that takes something else.
pub(crate) fn wrong(setting: &'static str, got: &str) -> impl Fn(&'static str) -> ConfigError {
    let got = format!("{:?}", cut(got, GOT_BYTES));
    move |takes| ConfigError { setting, takes, got: got.clone() }
}

pub(crate) const RETENTION_DAYS: &str = "--retention-days (TELEMETRY_RETENTION_DAYS)";
const MOST_DAYS: u64 = 36_500;
/// The name of the data folder's setting.
pub(crate) const DATA: &str = "--data (TELEMETRY_STORAGE_PATH)";
const LEAST_QUOTA: u64 = 1_000_000;
const MIN_SEGMENT: u64 = 4 * 1024;
const MAX_SEGMENT: u64 = 1024 * 1024 * 1024;
const TOKEN: &str = "1 to 256 visible ASCII characters without spaces";
const WHOLE_PATH: &str = "a path without ~, which only a shell replaces, and only at the start of a word";
const QUERY_KEY: &str = "the key of a query as it stands in the URL, such as utm_source";
const GOT_BYTES: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn options(change: impl FnOnce(&mut ServeOptions)) -> ServeOptions {
        let mut options = ServeOptions {
            listen: "127.0.0.1:7460".into(),
            data: "data".into(),
            token: None,
            allow_origin: Vec::new(),
            allow_query_key: Vec::new(),
            log_format: "text".into(),
            known_days: "21".into(),
            feature_phase: "enabled".into(),
            rollout: "100".into(),
            sample_rate: String::new(),
            traces_sample_rate: String::new(),
            segment_bytes: "67108864".into(),
            edge: crate::commands::serve::EdgeOptions::default(),
            retention_days: "30".into(),
            quota: String::new(),
        };
        change(&mut options);
        options
    }

    fn refused(change: impl FnOnce(&mut ServeOptions)) -> String {
        let message = Config::read(&options(change)).unwrap_err().to_string();
        assert!(!message.contains('\n'), "{message}");
        message
    }

    #[test]
    fn a_wrong_setting_is_told_by_name() {
        for (message, setting) in [
            (refused(|o| o.listen = "7460".into()), "--listen"),
            (refused(|o| o.listen = "0.0.0.0".into()), "--listen"),
            (refused(|o| o.listen = "everywhere:1".into()), "--listen"),
            (refused(|o| o.data = String::new()), "--data"),
            (refused(|o| o.data = "~/telemetry".into()), "--data"),
            (refused(|o| o.token = Some("two words".into())), "--token"),
            (refused(|o| o.allow_origin = vec!["app.example".into()]), "--allow-origin"),
            (refused(|o| o.allow_query_key = vec!["tab=1".into()]), "--allow-query-key"),
            (refused(|o| o.log_format = "xml".into()), "--log-format"),
            (refused(|o| o.known_days = "0".into()), "--known-days"),
            (refused(|o| o.feature_phase = "on".into()), "--feature-phase"),
            (refused(|o| o.rollout = "101".into()), "--rollout"),
            (refused(|o| o.sample_rate = "10".into()), "--sample-rate"),
            (refused(|o| o.traces_sample_rate = "-1".into()), "--traces-sample-rate"),
            (refused(|o| o.segment_bytes = "64MB".into()), "--segment-bytes"),
            (refused(|o| o.segment_bytes = "0".into()), "--segment-bytes"),
            (refused(|o| o.retention_days = "1.5".into()), "--retention-days"),
            (refused(|o| o.quota = "10 apples".into()), "--quota"),
            (refused(|o| o.quota = "1000".into()), "--quota"),
            (refused(|o| o.quota = "99999999999TB".into()), "--quota"),
        ] {
            assert!(message.starts_with(setting) && message.contains("takes"), "{message}");
        }
        assert!(!refused(|o| o.token = Some("a secret".into())).contains("a secret"));
    }

    #[test]
    fn addresses_of_this_machine_are_taken() {
        for (text, address) in
            [("localhost:1", "127.0.0.1:1"), ("[::1]:0", "[::1]:0"), ("127.1.2.3:9", "127.1.2.3:9")]
        {
            let config = Config::read(&options(|o| o.listen = text.into())).unwrap();
            assert_eq!(config.listen.to_string(), address);
        }
    }

    #[test]
    fn query_keys_are_taken_as_they_are_and_empty_ones_are_none() {
        let config =
            Config::read(&options(|o| o.allow_query_key = ["tab", "", " a[b] "].map(str::to_owned).into()));
        assert_eq!(config.unwrap().allow_query_keys, ["tab", "a[b]"]);
    }

    #[test]
    fn empty_settings_are_not_set() {
        let empty = |o: &mut ServeOptions| {
            let texts = [
                &mut o.listen,
                &mut o.log_format,
                &mut o.known_days,
                &mut o.feature_phase,
                &mut o.rollout,
                &mut o.segment_bytes,
            ];
            for text in texts {
                text.clear();
            }
        };
        let config = Config::read(&options(empty)).unwrap();
        assert_eq!(
            (config.listen.to_string(), config.remote, config.segment_bytes),
            ("127.0.0.1:7460".into(), RemoteConfig::default(), crate::journal::SEGMENT_BYTES)
        );
    }

    #[test]
    fn features_are_told_as_json() {
        let config = Config::read(&options(|o| {
            o.rollout = "25".into();
            o.sample_rate = "0.5".into();
        }));
        assert_eq!(
            serde_json::to_string(&config.unwrap().remote).unwrap(),
            r#"{"features":{"TELEMETRY":{"phase":"ENABLED","rollout":25}},"sampling":{"sampleRate":0.5}}"#
        );
    }
}
