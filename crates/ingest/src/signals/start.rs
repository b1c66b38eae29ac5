//! What there is to say about how the server was started.

use super::Signal;
use super::metrics::metrics;

/// A setting does not do what it seems to, or opens a door.
#[derive(Debug)]
pub(crate) struct SettingDoubted<'a> {
    pub(crate) setting: &'a str,
    pub(crate) why: &'a str,
}

impl Signal for SettingDoubted<'_> {
    fn emit(self) {
        let Self { setting, why } = self;
        tracing::warn!(setting, "{why}");
        metrics().settings_doubted.inc();
    }
}
