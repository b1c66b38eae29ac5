//! Variables of the environment beside those of the options: the names that the systems before this
//! one had. What a name means here is done; of one that means nothing here, the start says so.

use std::env;
use std::ffi::OsStr;

use clap::{Arg, Command};

use super::doubts::Doubt;
use super::{ConfigError, wrong};

/// What `TELEMETRY_ENABLED` says of `--feature-phase`.
///
/// # Errors
/// When it is neither yes nor no.
pub(crate) fn phase_said() -> Result<Option<&'static str>, ConfigError> {
    phase_of(&env::var_os(ENABLED).unwrap_or_default().to_string_lossy())
}

fn phase_of(text: &str) -> Result<Option<&'static str>, ConfigError> {
    match text.trim().to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "true" | "1" => Ok(Some("enabled")),
        "false" | "0" => Ok(Some("disabled")),
        _ => Err(wrong(ENABLED, text)("true or false")),
    }
}

/// Variables that are set, and mean nothing to a server.
pub(super) fn without_effect() -> impl Iterator<Item = Doubt> {
    without_effect_of(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn without_effect_of(is_set: impl Fn(&str) -> bool) -> impl Iterator<Item = Doubt> {
    let set = WITHOUT_EFFECT.into_iter().filter(move |(name, _)| is_set(name));
    set.map(|(name, why)| Doubt::new(name, why))
}

/// A variable without a text is not set: that is how many tools pass on one that they do not have. So
/// it does not hide what stands below it.
pub(crate) fn without_empty_variables(command: Command) -> Command {
    let is_empty =
        |option: &Arg| option.get_env().and_then(env::var_os).is_some_and(|value| value == OsStr::new(""));
    command.mut_subcommands(|command| {
        command.mut_args(|option| if is_empty(&option) { option.env(None::<&str>) } else { option })
    })
}

const ENABLED: &str = "TELEMETRY_ENABLED";

const WITHOUT_EFFECT: [(&str, &str); 7] = [
    ("TELEMETRY_BATCH_SIZE", OF_THE_CLIENT),
    ("TELEMETRY_FLUSH_INTERVAL", OF_THE_CLIENT),
    ("TELEMETRY_ANALYTICS_ENABLED", ANALYTICS),
    ("ENABLE_ANALYTICS", ANALYTICS),
    ("CRON_SECRET", "there is no /api/cron/health yet, so no cron job has to be let in"),
    ("SENTRY_DSN", NOT_FORWARDED),
    ("NEXT_PUBLIC_SENTRY_DSN", NOT_FORWARDED),
];

const OF_THE_CLIENT: &str = "this is a setting of the client: give batchSize and flushIntervalMs to init, or \
    VITE_TELEMETRY_BATCH_SIZE and VITE_TELEMETRY_FLUSH_INTERVAL to fromEnv";
const ANALYTICS: &str = "there is nothing to turn on or off: the dashboard counts what is stored, and nothing is \
    sent to an analytics service";
const NOT_FORWARDED: &str = "nothing is forwarded to Sentry yet: errors are stored here only";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telemetry_that_is_not_enabled_is_a_phase() {
        for (text, phase) in [
            ("", None),
            ("true", Some("enabled")),
            ("1", Some("enabled")),
            ("FALSE", Some("disabled")),
            ("0", Some("disabled")),
        ] {
            assert_eq!(phase_of(text).unwrap(), phase, "{text}");
        }
        let message = phase_of("maybe").unwrap_err().to_string();
        assert_eq!(message, "TELEMETRY_ENABLED: takes true or false, got \"maybe\"");
    }

    #[test]
    fn a_name_without_effect_is_told_where_it_is_set() {
        let told: Vec<_> = without_effect_of(|name| name == "CRON_SECRET").collect();
        assert_eq!((told.len(), told[0].setting.as_str()), (1, "CRON_SECRET"));
        assert_eq!(without_effect_of(|_| false).count(), 0);
    }
}
