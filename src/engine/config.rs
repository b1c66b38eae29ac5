//! The options that an app gives, parsed once into a checked [`Config`].
//!
//! An option that is wrong, or that does not exist, is one error that names the option, what it got
//! and what it takes; the client is then off.

use std::fmt;

use beaconry_protocol::{FeatureFlag, Phase, RemoteConfig, Sampling, digits, join, pseudonym};

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

impl ConfigError {
    /// Which option, what it takes, what it got. (`to_string` would bring the formatting machinery into the wasm.)
    pub fn message(&self) -> &str {
        &self.message
    }
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
        let Given::Map(entries) = &given else {
            return Err(ConfigError {
                message: "config takes an object with at least `endpoint`".to_owned(),
            });
        };
        let mut options = Options::of(entries);
        let config = Self {
            endpoint: options.endpoint(),
            token: options.text("token"),
            app: options.app(),
            release: options.text("release"),
            environment: options.text("environment"),
            enabled: options.boolean("enabled", true),
            feature_flag: options.feature_flag("featureFlag"),
            bucket: options.bucket(),
            remote: options.remote(),
            consent: options.consent(),
            sample_rate: options.rate("sampleRate").unwrap_or(1.0),
            traces_sample_rate: options.rate("tracesSampleRate").unwrap_or(1.0),
            user_ids: options.user_ids(),
            batch_size: options.size("batchSize", 10, 1, 1_000),
            flush_interval: options.number("flushIntervalMs", 30_000, 100, 86_400_000),
            spool_delay: options.number("spoolDelayMs", 1_000, 0, 60_000),
            max_spool_age: options.number("maxSpoolAge", 14 * DAY, 60_000, 90 * DAY),
            max_queue_bytes: options.size("maxQueueBytes", 16 << 20, 16 << 10, 64 << 20),
            redact_keys: options.list("redactKeys"),
            allow_query_keys: options.list("allowQueryKeys"),
            debug: options.boolean("debug", false),
        };
        options.refuse_unknown();
        options.error.map_or(Ok(config), |message| Err(ConfigError { message }))
    }

    /// The id of a user as it is recorded.
    pub fn name_of(&self, id: Option<&str>) -> Option<String> {
        let id = id?;
        Some(match self.user_ids {
            UserIds::Pseudonym => pseudonym(&self.app, id),
            UserIds::Plain => id.to_owned(),
        })
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

/// The options as they were given, and what is wrong with the first that is.
///
/// An option that is wrong reads as its default, since nobody will see it: a `Result` of each would cost the wasm a
/// branch that drops all the others. They are looked at and not taken apart, for the same reason.
struct Options<'g> {
    entries: &'g [(String, Given)],
    /// The names of those that there are.
    known: Vec<&'static str>,
    error: Option<String>,
}

impl<'g> Options<'g> {
    const fn of(entries: &'g [(String, Given)]) -> Self {
        Self { entries, known: Vec::new(), error: None }
    }

    /// Looks at an option; `undefined` and `null` count as not given.
    fn look(&mut self, name: &'static str) -> &'g Given {
        self.known.push(name);
        for (key, given) in self.entries {
            if key == name {
                return given;
            }
        }
        &Given::Nothing
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        self.text_that(name, "a string that is not empty", &|text| !text.is_empty())
    }

    fn text_that(
        &mut self,
        name: &'static str,
        takes: &str,
        is_right: &dyn Fn(&str) -> bool,
    ) -> Option<String> {
        let given = self.look(name);
        match given {
            Given::Text(text) if is_right(text) => return Some(text.clone()),
            _ => self.wrong(name, takes, given),
        }
        None
    }

    fn boolean(&mut self, name: &'static str, default: bool) -> bool {
        match self.look(name) {
            Given::Bool(value) => *value,
            other => {
                self.wrong(name, "true or false", other);
                default
            }
        }
    }

    fn number(&mut self, name: &'static str, default: u64, from: u64, to: u64) -> u64 {
        match self.look(name) {
            Given::Number(value) if is_whole(*value) && (from..=to).contains(&whole(*value)) => whole(*value),
            other => {
                let takes = join(&["a whole number from ", &digits(from), " to ", &digits(to)]);
                self.wrong(name, &takes, other);
                default
            }
        }
    }

    fn size(&mut self, name: &'static str, default: u64, from: u64, to: u64) -> usize {
        usize::try_from(self.number(name, default, from, to)).unwrap_or(usize::MAX)
    }

    fn list(&mut self, name: &'static str) -> Vec<String> {
        const TAKES: &str = "a list of strings";
        let mut texts = Vec::new();
        match self.look(name) {
            Given::List(items) => {
                for item in items {
                    match item {
                        Given::Text(text) => texts.push(text.clone()),
                        other => self.wrong_item(name, TAKES, other),
                    }
                }
            }
            other => self.wrong(name, TAKES, other),
        }
        texts
    }

    fn endpoint(&mut self) -> String {
        let given = self.text_that("endpoint", ENDPOINT, &|url| is_http_url(url) || url.starts_with('/'));
        if given.is_none() {
            // The one option without which there is nothing to do.
            self.wrong_item("endpoint", ENDPOINT, &Given::Nothing);
        }
        given.unwrap_or_default()
    }

    fn app(&mut self) -> String {
        let given = self.text_that("app", "1 to 64 letters, digits, '.', '_' or '-'", &is_app_name);
        given.unwrap_or_else(|| "default".to_owned())
    }

    fn consent(&mut self) -> Consent {
        let is_known = |word: &str| Consent::parse(word).is_some();
        let given = self.text_that("consent", "'granted', 'denied' or 'pending'", &is_known);
        given.and_then(|word| Consent::parse(&word)).unwrap_or_default()
    }

    fn user_ids(&mut self) -> UserIds {
        let is_known = |word: &str| word == "plain" || word == "pseudonym";
        let given = self.text_that("userIds", "'pseudonym' or 'plain'", &is_known);
        if given.is_some_and(|word| word == "plain") { UserIds::Plain } else { UserIds::Pseudonym }
    }

    fn rate(&mut self, name: &'static str) -> Option<f64> {
        self.number_up_to(name, name, 1.0, "a share from 0 to 1")
    }

    /// `shown` is the name that an error gives it.
    fn number_up_to(&mut self, name: &'static str, shown: &str, most: f64, takes: &str) -> Option<f64> {
        match self.look(name) {
            Given::Number(number) if (0.0..=most).contains(number) => return Some(*number),
            other => self.wrong(shown, takes, other),
        }
        None
    }

    fn bucket(&mut self) -> Option<u16> {
        match self.look("bucket") {
            Given::Number(bucket) if is_whole(*bucket) => u16::try_from(whole(*bucket)).ok(),
            _ => None,
        }
    }

    /// What `/api/features` said. It comes from a server or a storage, not from the app: what is
    /// wrong in it counts as not said.
    fn remote(&mut self) -> RemoteConfig {
        let mut inside = Options::of(entries(self.look("remote")));
        let mut sampling = Options::of(entries(inside.look("sampling")));
        let mut remote = RemoteConfig::default();
        remote.features.telemetry = Options::of(entries(inside.look("features"))).feature_flag("TELEMETRY");
        remote.sampling.sample_rate = sampling.rate("sampleRate");
        remote.sampling.traces_sample_rate = sampling.rate("tracesSampleRate");
        remote
    }

    fn feature_flag(&mut self, name: &'static str) -> FeatureFlag {
        let mut flag = FeatureFlag::default();
        let given = self.look(name);
        if !matches!(given, Given::Map(_)) {
            self.wrong("featureFlag", "{ phase: 'ENABLED' or 'DISABLED', rollout: 0 to 100 }", given);
        }
        let mut inside = Options::of(entries(given));
        match inside.look("phase") {
            Given::Text(word) if word == "ENABLED" => flag.phase = Phase::Enabled,
            Given::Text(word) if word == "DISABLED" => flag.phase = Phase::Disabled,
            other => inside.wrong("featureFlag.phase", "'ENABLED' or 'DISABLED'", other),
        }
        let rollout =
            inside.number_up_to("rollout", "featureFlag.rollout", 100.0, "a percentage from 0 to 100");
        flag.rollout = rollout.unwrap_or(flag.rollout);
        self.error = self.error.take().or(inside.error);
        flag
    }

    fn refuse_unknown(&mut self) {
        for (name, given) in self.entries {
            if self.error.is_none() && !given.is_nothing() && !self.known.contains(&name.as_str()) {
                self.error = Some(join(&["config has no option `", name, "`; it takes ", OPTIONS]));
            }
        }
    }

    /// What is not given is not wrong.
    fn wrong(&mut self, name: &str, takes: &str, got: &Given) {
        if !got.is_nothing() {
            self.wrong_item(name, takes, got);
        }
    }

    fn wrong_item(&mut self, name: &str, takes: &str, got: &Given) {
        if self.error.is_none() {
            self.error = Some(join(&["config.", name, " takes ", takes, ", got ", &got.describe()]));
        }
    }
}

/// The fields of an object; none of what is no object.
fn entries(given: &Given) -> &[(String, Given)] {
    if let Given::Map(entries) = given { entries } else { &[] }
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
    const fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    fn describe(&self) -> String {
        match self {
            Self::Nothing => "nothing".to_owned(),
            Self::Bool(value) => if *value { "true" } else { "false" }.to_owned(),
            Self::Number(value) if is_whole(*value) => digits(whole(*value)),
            Self::Number(value) if value.is_nan() => "NaN".to_owned(),
            Self::Number(value) if *value < 0.0 => "a number below 0".to_owned(),
            Self::Number(_) => "a fraction".to_owned(),
            Self::Text(text) => join(&["'", &beaconry_protocol::cut(text, 60), "'"]),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) => "an object".to_owned(),
        }
    }
}

fn is_http_url(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let is_blank = |byte: &u8| *byte <= b' ';
    rest.is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with('/') && !rest.as_bytes().iter().any(is_blank)
    })
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

const DAY: Millis = 86_400_000;

const ENDPOINT: &str = "the URL of the ingest route, as in https://telemetry.example/api/telemetry/batch";

const OPTIONS: &str = "endpoint, token, app, release, environment, enabled, featureFlag, isFeatureEnabled, \
     featuresUrl, consent, sampleRate, tracesSampleRate, user, userIds, batchSize, flushIntervalMs, spoolDelayMs, \
     maxSpoolAge, maxQueueBytes, redactKeys, allowQueryKeys, beforeSend, allowUrls, denyUrls, ignoreErrors, debug";

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

    /// The package checks the options of its apps itself, before it has the wasm.
    #[test]
    fn numbers_are_what_they_are_in_the_package() {
        let package = include_str!("../../pkg-template/src/flat.js");
        for (name, usual, from, to) in [
            ("batchSize", 10, 1, 1_000),
            ("flushIntervalMs", 30_000, 100, 86_400_000),
            ("spoolDelayMs", 1_000, 0, 60_000),
            ("maxSpoolAge", 14 * DAY, 60_000, 90 * DAY),
            ("maxQueueBytes", 16 << 20, 16 << 10, 64 << 20),
        ] {
            assert!(package.contains(&format!("  {name}: [{usual}, {from}, {to}],\n")), "{name}");
            let takes = format!("config.{name} takes a whole number from {from} to {to}, got {}", to + 1);
            #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
            check(name, Given::Number((to + 1) as f64), &takes);
        }
        let config = Config::from_given(given(&[("endpoint", text("/t"))])).unwrap();
        let usual = (config.batch_size, config.flush_interval, config.spool_delay);
        assert_eq!(usual, (10, 30_000, 1_000));
        assert_eq!((config.max_spool_age, config.max_queue_bytes), (14 * DAY, 16 << 20));
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
