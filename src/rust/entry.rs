//! A record that is being made.

use std::borrow::Cow;

use beaconry_protocol::{Body, Severity};

use super::Value;
use super::fields::Fields;
use super::telemetry::Telemetry;
use crate::engine::Call;

/// A record that is made when this is dropped, which is at the end of the statement unless it is
/// bound to a name. So it cannot be forgotten: nothing has to be called for it.
///
/// ```
/// # use beaconry::{Level, Telemetry};
/// # let telemetry = Telemetry::off();
/// telemetry.log(Level::Info, "Quiz started").with("topic", "Math").with("questions", 10);
/// let receipt = telemetry.event("quiz_finished").with("score", 7).send();
/// ```
#[derive(Debug)]
pub struct Entry<'a> {
    telemetry: Telemetry,
    /// Gone once the record is made; none from the start if there is nothing to record.
    body: Option<Body<'a>>,
    fields: Fields,
}

/// The place of a record in its stream, to ask with [`Telemetry::delivered`] what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt(pub(super) u64);

impl Receipt {
    /// Whether a record was made: the client is on, and the arguments made sense.
    pub const fn is_recorded(self) -> bool {
        self.0 > 0
    }
}

impl<'a> Entry<'a> {
    pub(super) fn new(telemetry: Telemetry, body: Option<Body<'a>>) -> Self {
        // Where nothing is recorded, nothing is kept for it.
        let body = body.filter(|_| telemetry.is_enabled());
        Self { telemetry, body, fields: Fields::default() }
    }

    /// Adds a value to the context.
    pub fn with(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        if self.body.is_some() {
            self.fields.set(key.into(), value.into());
        }
        self
    }

    /// How bad an error is \[`Severity::Error`\]. Other records have no severity.
    pub fn severity(mut self, how_bad: Severity) -> Self {
        if let Some(Body::Error { severity, .. }) = &mut self.body {
            *severity = how_bad;
        }
        self
    }

    /// Makes the record now and says where it went.
    pub fn send(mut self) -> Receipt {
        self.record()
    }

    fn record(&mut self) -> Receipt {
        let Some(body) = self.body.take() else { return Receipt(0) };
        let place = self.telemetry.client().map(|client| client.record(Call::new(&body, None), &self.fields));
        Receipt(place.unwrap_or(0))
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.record();
    }
}
