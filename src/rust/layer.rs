//! A layer of `tracing`: events become logs, spans become traces.
//!
//! Where formatting a field, or `fetch` as the app replaced it, uses `tracing` itself, that is not
//! recorded again. No lock of the registry is held while code of the app runs.

use std::borrow::Cow;
use std::cell::Cell;

use beaconry_protocol::{Body, Level};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::fields::Fields;
use super::host;
use super::span::{Ids, Trace};
use super::telemetry::Telemetry;
use super::visit::Visited;
use crate::engine::Call;

/// Records what an app says through `tracing`: an event as a log with its level (`TRACE` as
/// debug), a span, once it is closed, as a trace. Fields go into the context as what they are, the
/// target and the ids of the span around it too. What is worth recording is said by the filters
/// of `tracing-subscriber`.
///
/// ```
/// use beaconry::{Options, Telemetry};
/// use tracing_subscriber::filter::LevelFilter;
/// use tracing_subscriber::prelude::*;
///
/// # fn main() -> Result<(), beaconry::ConfigError> {
/// let telemetry = Telemetry::start(Options::new("/api/telemetry/batch"))?;
/// let layer = beaconry::tracing_layer(telemetry).with_filter(LevelFilter::INFO);
/// tracing_subscriber::registry().with(layer).init();
///
/// tracing::info!(questions = 10, "quiz started");
/// # Ok(())
/// # }
/// ```
pub const fn tracing_layer(telemetry: Telemetry) -> TelemetryLayer {
    TelemetryLayer { telemetry }
}

/// What [`tracing_layer`] makes.
#[derive(Debug, Clone, Copy)]
pub struct TelemetryLayer {
    telemetry: Telemetry,
}

/// What the registry keeps for us with a span.
struct Running {
    trace: Trace,
    started_at: f64,
    fields: Fields,
}

impl<S> Layer<S> for TelemetryLayer
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        unless_inside(|| {
            let Some(span) = context.span(id) else { return };
            let parent = span.parent().and_then(|parent| ids_of(&parent));
            let Some(ids) = Ids::new(self.telemetry, parent.as_ref()) else { return };
            let mut visited = Visited::default();
            attributes.record(&mut visited);
            let name = Cow::Borrowed(attributes.metadata().name());
            let trace = Trace { name, ids, status: None };
            let started_at = host::now();
            span.extensions_mut().insert(Running { trace, started_at, fields: visited.into_fields() });
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        unless_inside(|| {
            let Some(span) = context.span(id) else { return };
            let mut visited = Visited::default();
            values.record(&mut visited);
            if let Some(running) = span.extensions_mut().get_mut::<Running>() {
                running.fields.append(visited.into_fields());
            }
        });
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        unless_inside(|| {
            let Some(client) = self.telemetry.client().filter(|_| self.telemetry.is_enabled()) else {
                return;
            };
            let mut visited = Visited::default();
            event.record(&mut visited);
            let metadata = event.metadata();
            let message = visited.message.or(visited.error);
            let message = message.map_or(Cow::Borrowed(metadata.name()), Cow::Owned);
            let mut fields = visited.fields;
            fields.add("target", metadata.target());
            if let Some(ids) = context.event_span(event).and_then(|span| ids_of(&span)) {
                fields.add("traceId", ids.trace);
                fields.add("spanId", ids.span);
            }
            client.record(Call::new(&Body::Log { level: level(*metadata.level()), message }, None), &fields);
        });
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        unless_inside(|| {
            let Some(span) = context.span(&id) else { return };
            let running = span.extensions_mut().remove::<Running>();
            let Some(mut running) = running else { return };
            running.fields.add("target", span.metadata().target());
            let milliseconds = host::now() - running.started_at;
            running.trace.record(self.telemetry, milliseconds, &running.fields);
        });
    }
}

impl Visited {
    /// All of it: a span may have a field that is called `message`.
    fn into_fields(mut self) -> Fields {
        if let Some(message) = self.message {
            self.fields.set(Cow::Borrowed("message"), message.into());
        }
        self.fields
    }
}

fn ids_of<'lookup, R: LookupSpan<'lookup>>(span: &SpanRef<'lookup, R>) -> Option<Ids> {
    span.extensions().get::<Running>().map(|running| running.trace.ids.clone())
}

fn level(level: tracing_core::Level) -> Level {
    match level {
        tracing_core::Level::ERROR => Level::Error,
        tracing_core::Level::WARN => Level::Warn,
        tracing_core::Level::INFO => Level::Info,
        _ => Level::Debug,
    }
}

/// Says that whatever the layer was doing on this thread has ended: it was a panic that ended it.
pub(super) fn forget_what_was_under_way() {
    let _ = IS_INSIDE.try_with(|is_inside| is_inside.set(false));
}

fn unless_inside(action: impl FnOnce()) {
    let is_free = IS_INSIDE.try_with(|is_inside| !is_inside.replace(true));
    if is_free.unwrap_or(false) {
        action();
        forget_what_was_under_way();
    }
}

thread_local! {
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
}
