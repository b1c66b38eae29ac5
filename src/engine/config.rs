//! The options that an app gives, parsed once into a checked [`Config`].
//!
//! An option that is wrong, or that does not exist, is one error that names the option, what it got
//! and what it takes; the client is then off.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use beaconry_protocol::{FeatureFlag, Phase, RemoteConfig, Sampling, StreamId, pseudonym};

use super::{Consent, Millis};

/// Checked options.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where batches go.
    pub endpoint: String,
    /// The ingest key.
    pub token: Option<String>,
    /// The app; also a part of the spool's keys.
    pub app: String,
    /// The version of the app.
    pub release: Option<String>,
    /// Production, staging, …
    pub environment: Option<String>,
    /// Whether the app wants telemetry at all.
    pub enabled: bool,
    /// For whom it is on.
    pub feature_flag: FeatureFlag,
    /// The number from 0 to 9999 by which was decided, before the client was loaded, that it is on.
    pub bucket: Option<u16>,
    /// The stream of a client of this page that broke, whose lock is still held.
    pub inherits: Option<StreamId>,
    /// What the server asked for when it was asked last.
    pub remote: RemoteConfig,
    /// What the user allows, as far as the app knows at the start.
    pub consent: Consent,
    /// The share of sessions that are recorded.
    pub sample_rate: f64,
    /// The share of the recorded sessions that have traces.
    pub traces_sample_rate: f64,
    /// What of a user's id leaves the page.
    pub user_ids: UserIds,
    /// Records that wait before they are sent.
    pub batch_size: usize,
    /// How long a record waits at most before it is sent.
    pub flush_interval: Millis,
    /// How long a record waits at most before it is spooled.
    pub spool_delay: Millis,
    /// Records older than this are given up, counted.
    pub max_spool_age: Millis,
    /// Bytes that the queue holds at most.
    pub max_queue_bytes: usize,
    /// Keys whose values are taken out of contexts, beside the common table.
    pub redact_keys: Vec<String>,
    /// Keys that stay in the queries of pages, with their values.
    pub allow_query_keys: Vec<String>,
    /// Whether misuse is explained on the console.
    pub debug: bool,
}

/// What is wrong with the options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Checks what an app gave.
    ///
    /// # Errors
    /// The first option that is wrong.
    pub fn from_given(given: Given) -> Result<Self, ConfigError> {
        let Given::Map(entries) = given else {
            return Err(ConfigError {
                message: "config takes an object with at least `endpoint`".to_owned(),
            });
        };
        let mut options = Options { entries };
        let config = Self {
            endpoint: options.endpoint()?,
            token: options.text("token")?,
            app: options.app()?,
            release: options.text("release")?,
            environment: options.text("environment")?,
            enabled: options.boolean("enabled", true)?,
            feature_flag: options.feature_flag("featureFlag")?,
            bucket: options.bucket(),
            inherits: options.text("inherits")?.and_then(|stream| stream.parse().ok()),
            remote: options.remote(),
            consent: options.consent()?,
            sample_rate: options.rate("sampleRate")?.unwrap_or(1.0),
            traces_sample_rate: options.rate("tracesSampleRate")?.unwrap_or(1.0),
            user_ids: options.user_ids()?,
            batch_size: usize::try_from(options.number("batchSize", 10, 1..=1_000)?).unwrap_or(usize::MAX),
            flush_interval: options.number("flushIntervalMs", 30_000, 100..=86_400_000)?,
            spool_delay: options.number("spoolDelayMs", 1_000, 0..=60_000)?,
            max_spool_age: options.number("maxSpoolAge", 14 * DAY, 60_000..=90 * DAY)?,
            max_queue_bytes: usize::try_from(options.number(
                "maxQueueBytes",
                16 << 20,
                16 << 10..=64 << 20,
            )?)
            .unwrap_or(usize::MAX),
            redact_keys: options.list("redactKeys")?,
            allow_query_keys: options.list("allowQueryKeys")?,
            debug: options.boolean("debug", false)?,
        };
        options.refuse_unknown()?;
        Ok(config)
    }

    /// The rates as the server was last known to want them.
    pub fn rates(&self) -> Sampling {
        self.rates_with(self.remote.sampling)
    }

    /// What the server asks for goes first; what it leaves open is the app's.
    pub fn rates_with(&self, remote: Sampling) -> Sampling {
        Sampling {
            sample_rate: remote.sample_rate.or(Some(self.sample_rate)),
            traces_sample_rate: remote.traces_sample_rate.or(Some(self.traces_sample_rate)),
        }
    }
}

/// What of a user's id leaves the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UserIds {
    /// A pseudonym, the same for the same id and app.
    #[default]
    Pseudonym,
    /// The id itself.
    Plain,
}

impl UserIds {
    /// The id as it is recorded.
    pub fn apply(self, app: &str, id: String) -> String {
        match self {
            Self::Pseudonym => pseudonym(app, &id),
            Self::Plain => id,
        }
    }
}

/// The options that are not taken yet.
struct Options {
    entries: Vec<(String, Given)>,
}

impl Options {
    /// Takes an option out; `undefined` and `null` count as not given.
    fn take(&mut self, name: &str) -> Option<Given> {
        let at = self.entries.iter().position(|(key, _)| key == name)?;
        Some(self.entries.swap_remove(at).1).filter(|given| *given != Given::Nothing)
    }

    fn text(&mut self, name: &str) -> Result<Option<String>, ConfigError> {
        match self.take(name) {
            None => Ok(None),
            Some(Given::Text(text)) if !text.is_empty() => Ok(Some(text)),
            Some(other) => Err(wrong(name, "a string that is not empty", &other)),
        }
    }

    fn boolean(&mut self, name: &str, default: bool) -> Result<bool, ConfigError> {
        match self.take(name) {
            None => Ok(default),
            Some(Given::Bool(value)) => Ok(value),
            Some(other) => Err(wrong(name, "true or false", &other)),
        }
    }

    fn number(
        &mut self,
        name: &str,
        default: u64,
        takes: std::ops::RangeInclusive<u64>,
    ) -> Result<u64, ConfigError> {
        let Some(given) = self.take(name) else { return Ok(default) };
        match given {
            Given::Number(value) if is_whole(value) && takes.contains(&whole(value)) => Ok(whole(value)),
            other => {
                let range = ["a whole number from ", &digits(*takes.start()), " to ", &digits(*takes.end())];
                Err(wrong(name, &range.concat(), &other))
            }
        }
    }

    fn list(&mut self, name: &str) -> Result<Vec<String>, ConfigError> {
        let Some(given) = self.take(name) else { return Ok(Vec::new()) };
        let Given::List(items) = &given else { return Err(wrong(name, "a list of strings", &given)) };
        items
            .iter()
            .map(|item| match item {
                Given::Text(text) => Ok(text.clone()),
                other => Err(wrong(name, "a list of strings", other)),
            })
            .collect()
    }

    fn endpoint(&mut self) -> Result<String, ConfigError> {
        let takes = "the URL of the ingest route, as in https://telemetry.example/api/telemetry/batch";
        match self.take("endpoint") {
            Some(Given::Text(url)) if is_http_url(&url) || url.starts_with('/') => Ok(url),
            other => Err(wrong("endpoint", takes, &other.unwrap_or(Given::Nothing))),
        }
    }

    fn app(&mut self) -> Result<String, ConfigError> {
        let Some(given) = self.take("app") else { return Ok("default".to_owned()) };
        match given {
            Given::Text(app) if is_app_name(&app) => Ok(app),
            other => Err(wrong("app", "1 to 64 letters, digits, '.', '_' or '-'", &other)),
        }
    }

    fn consent(&mut self) -> Result<Consent, ConfigError> {
        let Some(given) = self.take("consent") else { return Ok(Consent::default()) };
        let known = if let Given::Text(word) = &given { Consent::parse(word) } else { None };
        known.ok_or_else(|| wrong("consent", "'granted', 'denied' or 'pending'", &given))
    }

    fn user_ids(&mut self) -> Result<UserIds, ConfigError> {
        match self.take("userIds") {
            None => Ok(UserIds::default()),
            Some(Given::Text(word)) if word == "pseudonym" => Ok(UserIds::Pseudonym),
            Some(Given::Text(word)) if word == "plain" => Ok(UserIds::Plain),
            Some(other) => Err(wrong("userIds", "'pseudonym' or 'plain'", &other)),
        }
    }

    fn rate(&mut self, name: &str) -> Result<Option<f64>, ConfigError> {
        match self.take(name) {
            None => Ok(None),
            Some(Given::Number(rate)) if (0.0..=1.0).contains(&rate) => Ok(Some(rate)),
            Some(other) => Err(wrong(name, "a share from 0 to 1", &other)),
        }
    }

    /// What `/api/features` said. It comes from a server or a storage, not from the app: what is
    /// wrong in it counts as not said.
    fn remote(&mut self) -> RemoteConfig {
        let mut remote = RemoteConfig::default();
        let mut inside = self.inside("remote");
        let mut flag = inside.inside("features");
        remote.features.telemetry = flag.feature_flag("TELEMETRY").unwrap_or_default();
        let mut sampling = inside.inside("sampling");
        remote.sampling.sample_rate = sampling.rate("sampleRate").unwrap_or_default();
        remote.sampling.traces_sample_rate = sampling.rate("tracesSampleRate").unwrap_or_default();
        remote
    }

    fn bucket(&mut self) -> Option<u16> {
        match self.take("bucket") {
            Some(Given::Number(bucket)) if is_whole(bucket) => u16::try_from(whole(bucket)).ok(),
            _ => None,
        }
    }

    fn inside(&mut self, name: &str) -> Self {
        match self.take(name) {
            Some(Given::Map(entries)) => Self { entries },
            _ => Self { entries: Vec::new() },
        }
    }

    fn feature_flag(&mut self, name: &str) -> Result<FeatureFlag, ConfigError> {
        let takes = "{ phase: 'ENABLED' or 'DISABLED', rollout: 0 to 100 }";
        let Some(given) = self.take(name) else { return Ok(FeatureFlag::default()) };
        let Given::Map(entries) = given else { return Err(wrong(name, takes, &given)) };
        let mut options = Options { entries };
        let phase = match options.take("phase") {
            None => Phase::Enabled,
            Some(Given::Text(word)) if word == "ENABLED" => Phase::Enabled,
            Some(Given::Text(word)) if word == "DISABLED" => Phase::Disabled,
            Some(other) => return Err(wrong("featureFlag.phase", "'ENABLED' or 'DISABLED'", &other)),
        };
        let rollout = match options.take("rollout") {
            None => 100.0,
            Some(Given::Number(percent)) if (0.0..=100.0).contains(&percent) => percent,
            Some(other) => return Err(wrong("featureFlag.rollout", "a percentage from 0 to 100", &other)),
        };
        Ok(FeatureFlag { phase, rollout })
    }

    fn refuse_unknown(&self) -> Result<(), ConfigError> {
        match self.entries.iter().find(|(_, given)| *given != Given::Nothing) {
            None => Ok(()),
            Some((name, _)) => Err(ConfigError {
                message: ["config has no option `", name, "`; it takes ", OPTIONS].concat(),
            }),
        }
    }
}

/// An option as it was given, before anyone knows what it should be.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// `undefined` or `null`.
    Nothing,
    /// `true` or `false`.
    Bool(bool),
    /// Any number.
    Number(f64),
    /// Any string.
    Text(String),
    /// Any array.
    List(Vec<Given>),
    /// Any object.
    Map(Vec<(String, Given)>),
}

impl Given {
    fn describe(&self) -> String {
        match self {
            Self::Nothing => "nothing".to_owned(),
            Self::Bool(value) => if *value { "true" } else { "false" }.to_owned(),
            Self::Number(value) if is_whole(*value) => digits(whole(*value)),
            Self::Number(value) if value.is_nan() => "NaN".to_owned(),
            Self::Number(value) if *value < 0.0 => "a number below 0".to_owned(),
            Self::Number(_) => "a fraction".to_owned(),
            Self::Text(text) => ["'", &beaconry_protocol::cut(text, 60), "'"].concat(),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) => "an object".to_owned(),
        }
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GivenVisitor)
    }
}

struct GivenVisitor;

impl<'de> Visitor<'de> for GivenVisitor {
    type Value = Given;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an option")
    }

    fn visit_unit<E>(self) -> Result<Given, E> {
        Ok(Given::Nothing)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Given, E> {
        Ok(Given::Bool(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "options are far below 2^53")]
    fn visit_i64<E>(self, value: i64) -> Result<Given, E> {
        Ok(Given::Number(value as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "options are far below 2^53")]
    fn visit_u64<E>(self, value: u64) -> Result<Given, E> {
        Ok(Given::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Given, E> {
        Ok(Given::Number(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Given, E> {
        Ok(Given::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Given, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Given::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Given, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Given::Map(entries))
    }
}

fn wrong(name: &str, takes: &str, got: &Given) -> ConfigError {
    ConfigError { message: ["config.", name, " takes ", takes, ", got ", &got.describe()].concat() }
}

fn is_http_url(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains(char::is_whitespace))
}

fn is_app_name(app: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=64).contains(&app.len()) && app.bytes().all(is_plain)
}

fn is_whole(value: f64) -> bool {
    (0.0..=9e15).contains(&value) && value == value.trunc()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "asked for only where `is_whole`"
)]
fn whole(value: f64) -> u64 {
    value as u64
}

/// A whole number as text, through the writer that the client has anyway.
fn digits(value: u64) -> String {
    beaconry_protocol::Number::from(value).as_str().to_owned()
}

const DAY: Millis = 86_400_000;

const OPTIONS: &str = "endpoint, token, app, release, environment, enabled, featureFlag, isFeatureEnabled, featuresUrl, consent, \
     sampleRate, tracesSampleRate, user, userIds, batchSize, flushIntervalMs, spoolDelayMs, maxSpoolAge, \
     maxQueueBytes, redactKeys, allowQueryKeys, beforeSend, allowUrls, denyUrls, ignoreErrors, debug";

#[cfg(test)]
mod tests {
    use super::*;

    fn given(entries: &[(&str, Given)]) -> Given {
        Given::Map(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
    }

    fn text(text: &str) -> Given {
        Given::Text(text.to_owned())
    }

    fn check(option: &str, value: Given, error: &str) {
        let options = given(&[("endpoint", text("https://t.example/ingest")), (option, value)]);
        let message = Config::from_given(options).map_err(|error| error.to_string());
        assert_eq!(message.unwrap_err(), error);
    }

    #[test]
    fn an_endpoint_is_all_that_it_needs() {
        let config =
            Config::from_given(given(&[("endpoint", text("/t")), ("token", Given::Nothing)])).unwrap();
        assert_eq!((config.batch_size, config.flush_interval, config.app.as_str()), (10, 30_000, "default"));
        assert!(config.enabled && config.token.is_none());
    }

    #[test]
    fn each_mistake_is_one_error_that_names_option_and_value() {
        check("batchSize", Given::Number(0.0), "config.batchSize takes a whole number from 1 to 1000, got 0");
        check("batchSize", text("ten"), "config.batchSize takes a whole number from 1 to 1000, got 'ten'");
        check("enabled", text("yes"), "config.enabled takes true or false, got 'yes'");
        check("app", text("a/b"), "config.app takes 1 to 64 letters, digits, '.', '_' or '-', got 'a/b'");
        check(
            "featureFlag",
            given(&[("phase", text("ON"))]),
            "config.featureFlag.phase takes 'ENABLED' or 'DISABLED', got 'ON'",
        );
        let unknown =
            Config::from_given(given(&[("endpoint", text("/t")), ("batchsize", Given::Number(1.0))]));
        assert!(
            unknown
                .unwrap_err()
                .to_string()
                .starts_with("config has no option `batchsize`; it takes endpoint")
        );
    }

    #[test]
    fn an_endpoint_that_cannot_be_posted_to_is_refused() {
        for url in ["", "ftp://x", "https://", "telemetry", "https:// x"] {
            let error = Config::from_given(given(&[("endpoint", text(url))])).unwrap_err().to_string();
            assert!(error.starts_with("config.endpoint takes the URL of the ingest route"), "{error}");
        }
        assert!(Config::from_given(Given::Nothing).is_err());
    }
}
