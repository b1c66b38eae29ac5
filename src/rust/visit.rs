//! The fields of a `tracing` event or span, with their types.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Debug;

use tracing_core::Field;
use tracing_core::field::Visit;

use super::Value;
use super::fields::Fields;
use super::telemetry::chain;
use super::text::text;

/// Collects what `tracing` shows it.
#[derive(Debug, Default)]
pub(super) struct Visited {
    pub(super) fields: Fields,
    /// What `info!("…")` says.
    pub(super) message: Option<String>,
    /// What `#[instrument(err)]` says, which has no message.
    pub(super) error: Option<String>,
}

impl Visited {
    fn keep(&mut self, field: &Field, value: impl Into<Value>) {
        self.fields.set(Cow::Borrowed(field.name()), value.into());
    }

    fn keep_text(&mut self, field: &Field, text: String) {
        match field.name() {
            "message" => self.message = Some(text),
            "error" => {
                self.error = Some(text.clone());
                self.keep(field, text);
            }
            _ => self.keep(field, text),
        }
    }
}

impl Visit for Visited {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.keep(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep_text(field, text(format_args!("{value}")));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.keep_text(field, chain(Some(value)).join(": "));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.keep_text(field, text(format_args!("{value:?}")));
    }
}
