//! Something that takes time.

use std::borrow::Cow;

use beaconry_protocol::Body;

use super::fields::Fields;
use super::host;
use super::telemetry::Telemetry;
use super::{Receipt, Value};
use crate::engine::Call;

/// Measures until it is ended or dropped, and is recorded then as a trace.
///
/// ```
/// # use beaconry::Telemetry;
/// # let telemetry = Telemetry::off();
/// # fn ask_server() {}
/// let span = telemetry.start_span("quiz.load").with("topic", "Math");
/// let request = span.child("api.questions");
/// ask_server();
/// request.end();
/// span.end();
/// ```
#[must_use = "a span is measured until it is dropped: bind it to a name"]
#[derive(Debug)]
pub struct Span {
    telemetry: Telemetry,
    started_at: f64,
    /// Gone once it is recorded; none from the start where nothing is.
    trace: Option<Trace>,
    fields: Fields,
}

/// What a trace record says beside its duration.
#[derive(Debug)]
pub(super) struct Trace {
    pub(super) name: Cow<'static, str>,
    pub(super) ids: Ids,
    /// `ok` or `error`, where that is known.
    pub(super) status: Option<&'static str>,
}

/// Where a span stands: hex, as W3C Trace Context has it.
#[derive(Debug, Clone)]
pub(super) struct Ids {
    pub(super) trace: String,
    pub(super) span: String,
    pub(super) parent: Option<String>,
}

impl Span {
    pub(super) fn start(telemetry: Telemetry, name: Cow<'static, str>, parent: Option<&Ids>) -> Self {
        let ids = Ids::new(telemetry, parent);
        let trace = ids.map(|ids| Trace { name, ids, status: None });
        let started_at = if trace.is_some() { host::now() } else { 0.0 };
        Self { telemetry, started_at, trace, fields: Fields::default() }
    }

    /// Begins a part of it, with the same trace id.
    pub fn child(&self, name: impl Into<Cow<'static, str>>) -> Self {
        Self::start(self.telemetry, name.into(), self.trace.as_ref().map(|trace| &trace.ids))
    }

    /// Adds a value to the context.
    pub fn with(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.set(key, value);
        self
    }

    /// Adds a value to the context later on.
    pub fn set(&mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        if self.trace.is_some() {
            self.fields.set(key.into(), value.into());
        }
    }

    /// The trace that it belongs to: 32 hex digits, to be sent along with a request.
    pub fn trace_id(&self) -> Option<&str> {
        self.trace.as_ref().map(|trace| trace.ids.trace.as_str())
    }

    /// Its own id: 16 hex digits.
    pub fn span_id(&self) -> Option<&str> {
        self.trace.as_ref().map(|trace| trace.ids.span.as_str())
    }

    /// Ends it as failed.
    pub fn fail(mut self) -> Receipt {
        if let Some(trace) = &mut self.trace {
            trace.status = Some("error");
        }
        self.record()
    }

    /// Ends it.
    pub fn end(mut self) -> Receipt {
        self.record()
    }

    fn record(&mut self) -> Receipt {
        let Some(trace) = self.trace.take() else { return Receipt(0) };
        Receipt(trace.record(self.telemetry, host::now() - self.started_at, &self.fields))
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        self.record();
    }
}

impl Trace {
    /// Records it; its place in the stream, or 0.
    pub(super) fn record(self, telemetry: Telemetry, milliseconds: f64, fields: &Fields) -> u64 {
        // Microseconds: browsers tell no more, and their floats have a tail.
        let milliseconds = ((milliseconds * 1_000.0).round() / 1_000.0).max(0.0);
        let (Some(client), Some(duration)) = (telemetry.client(), host::number(milliseconds)) else {
            return 0;
        };
        let body = Body::Trace {
            name: self.name,
            duration,
            trace_id: Cow::Owned(self.ids.trace),
            span_id: Cow::Owned(self.ids.span),
            parent_span_id: self.ids.parent.map(Cow::Owned),
            kind: None,
            status: self.status.map(Cow::Borrowed),
        };
        client.record(Call::new(&body, None), fields)
    }
}

impl Ids {
    /// New ids below a parent's; none where nothing is recorded.
    pub(super) fn new(telemetry: Telemetry, parent: Option<&Self>) -> Option<Self> {
        let client = telemetry.client().filter(|_| telemetry.is_enabled())?;
        Some(Self {
            trace: parent.map_or_else(|| client.hex(32), |parent| parent.trace.clone()),
            span: client.hex(16),
            parent: parent.map(|parent| parent.span.clone()),
        })
    }
}
