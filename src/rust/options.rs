//! The options of a client, set one by one and checked together.

use std::time::Duration;

use crate::engine::{Config, ConfigError, Consent, Given};

/// What a client is started with. All but the endpoint have defaults.
///
/// ```
/// use beaconry::{Options, Telemetry};
///
/// let options = Options::new("https://app.example/api/telemetry/batch").app("shop").release("1.2.0");
/// assert!(Telemetry::start(options).is_ok());
///
/// let mistake = Telemetry::start(Options::new("/t").batch_size(0)).unwrap_err();
/// assert_eq!(mistake.to_string(), "config.batchSize takes a whole number from 1 to 1000, got 0");
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    given: Vec<(String, Given)>,
}

impl Options {
    /// Options with the URL of the ingest route: `https://…` or `/…`.
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self { given: Vec::new() }.text("endpoint", endpoint.into())
    }

    /// The ingest key of the server.
    #[must_use]
    pub fn token(self, token: impl Into<String>) -> Self {
        self.text("token", token.into())
    }

    /// The name of the app; also a part of the keys under which records are kept \[`default`\].
    #[must_use]
    pub fn app(self, app: impl Into<String>) -> Self {
        self.text("app", app.into())
    }

    /// The version of the app.
    #[must_use]
    pub fn release(self, release: impl Into<String>) -> Self {
        self.text("release", release.into())
    }

    /// Production, staging, …
    #[must_use]
    pub fn environment(self, environment: impl Into<String>) -> Self {
        self.text("environment", environment.into())
    }

    /// Whether the client is on at all \[true\].
    #[must_use]
    pub fn enabled(self, is_enabled: bool) -> Self {
        self.set("enabled", Given::Bool(is_enabled))
    }

    /// For which share of the users the client is on, in percent \[100\]. Raising it keeps those who were in.
    #[must_use]
    pub fn rollout(self, percent: f64) -> Self {
        let flag = vec![("rollout".to_owned(), Given::Number(percent))];
        self.set("featureFlag", Given::Map(flag))
    }

    /// What the user allows, as far as the app knows at the start \[granted\].
    #[must_use]
    pub fn consent(self, consent: Consent) -> Self {
        self.text("consent", consent.as_str().to_owned())
    }

    /// The share of sessions that are recorded, from 0 to 1; errors are recorded in all of them \[1\].
    #[must_use]
    pub fn sample_rate(self, share: f64) -> Self {
        self.set("sampleRate", Given::Number(share))
    }

    /// The share of the recorded sessions that have traces, from 0 to 1 \[1\].
    #[must_use]
    pub fn traces_sample_rate(self, share: f64) -> Self {
        self.set("tracesSampleRate", Given::Number(share))
    }

    /// Records ids of users as they are, not as pseudonyms.
    #[must_use]
    pub fn plain_user_ids(self) -> Self {
        self.text("userIds", "plain".to_owned())
    }

    /// As many records are sent together \[10\].
    #[must_use]
    pub fn batch_size(self, records: u32) -> Self {
        self.set("batchSize", Given::Number(records.into()))
    }

    /// So long a record waits at most before it is sent \[30 s\].
    #[must_use]
    pub fn flush_interval(self, interval: Duration) -> Self {
        self.set("flushIntervalMs", millis(interval))
    }

    /// So long a record waits at most before it is written to the browser's storage \[1 s\].
    #[must_use]
    pub fn spool_delay(self, delay: Duration) -> Self {
        self.set("spoolDelayMs", millis(delay))
    }

    /// Records that are older are given up, and counted \[14 days\].
    #[must_use]
    pub fn max_spool_age(self, age: Duration) -> Self {
        self.set("maxSpoolAge", millis(age))
    }

    /// So many bytes of records are kept at most \[16 MiB, of which 2 MiB on localStorage\].
    #[must_use]
    pub fn max_queue_bytes(self, bytes: u32) -> Self {
        self.set("maxQueueBytes", Given::Number(bytes.into()))
    }

    /// Takes the values under these keys out of every context, beside passwords, tokens and the like.
    #[must_use]
    pub fn redact_keys<K: Into<String>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        let keys = keys.into_iter().map(|key| Given::Text(key.into())).collect();
        self.set("redactKeys", Given::List(keys))
    }

    /// Keeps the values under these keys in the queries of pages; the server has to allow them, too.
    #[must_use]
    pub fn allow_query_keys<K: Into<String>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        let keys = keys.into_iter().map(|key| Given::Text(key.into())).collect();
        self.set("allowQueryKeys", Given::List(keys))
    }

    /// Whether wrong arguments are explained on the console \[false\].
    #[must_use]
    pub fn debug(self, is_debugging: bool) -> Self {
        self.set("debug", Given::Bool(is_debugging))
    }

    pub(super) fn check(self) -> Result<Config, ConfigError> {
        Config::from_given(Given::Map(self.given))
    }

    fn text(self, name: &str, text: String) -> Self {
        self.set(name, Given::Text(text))
    }

    /// The last value of an option counts.
    fn set(mut self, name: &str, value: Given) -> Self {
        self.given.retain(|(known, _)| known != name);
        self.given.push((name.to_owned(), value));
        self
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact far beyond the longest time that is taken")]
fn millis(duration: Duration) -> Given {
    Given::Number(duration.as_millis() as f64)
}
