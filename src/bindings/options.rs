//! Reads the options that the package has checked: `flatOptions` in its `flat.js` says what is there.

use beaconry_protocol::{FeatureFlag, Parts, Phase, RemoteConfig, Sampling, parts};

use crate::engine::{Config, Consent, UserIds};

/// The options; nothing where they are not those of this version.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked; and a float saturates")]
pub(super) fn config(texts: &str, numbers: &[f64]) -> Option<Config> {
    let [
        enabled,
        debug,
        plain_ids,
        rollout,
        bucket,
        sample_rate,
        traces_sample_rate,
        remote_rollout,
        remote_rate,
        remote_traces_rate,
        batch_size,
        flush_interval,
        spool_delay,
        max_spool_age,
        max_queue_bytes,
        redact_keys,
    ] = *numbers
    else {
        return None;
    };
    let mut texts = parts(texts, 0);
    let mut text = || texts.next().filter(|text| !text.is_empty()).map(str::to_owned);
    let mut remote = RemoteConfig::default();
    remote.features.telemetry = flag(remote_rollout);
    remote.sampling =
        Sampling { sample_rate: given(remote_rate), traces_sample_rate: given(remote_traces_rate) };
    Some(Config {
        endpoint: text().unwrap_or_default(),
        token: text(),
        app: text().unwrap_or_default(),
        release: text(),
        environment: text(),
        consent: text().and_then(|word| Consent::parse(&word)).unwrap_or_default(),
        enabled: enabled > 0.0,
        debug: debug > 0.0,
        user_ids: if plain_ids > 0.0 { UserIds::Plain } else { UserIds::Pseudonym },
        feature_flag: flag(rollout),
        bucket: given(bucket).map(|bucket| bucket as u16),
        remote,
        sample_rate,
        traces_sample_rate,
        batch_size: batch_size as usize,
        flush_interval: flush_interval as u64,
        spool_delay: spool_delay as u64,
        max_spool_age: max_spool_age as u64,
        max_queue_bytes: max_queue_bytes as usize,
        redact_keys: list(&mut texts, redact_keys as usize),
        allow_query_keys: list(&mut texts, usize::MAX),
    })
}

/// So many of the texts that are left.
fn list(texts: &mut Parts<'_>, most: usize) -> Vec<String> {
    let mut list = Vec::new();
    while list.len() < most
        && let Some(text) = texts.next()
    {
        list.push(text.to_owned());
    }
    list
}

fn flag(rollout: f64) -> FeatureFlag {
    FeatureFlag { phase: if rollout > 0.0 { Phase::Enabled } else { Phase::Disabled }, rollout }
}

fn given(number: f64) -> Option<f64> {
    if number.is_nan() { None } else { Some(number) }
}
