//! What an app says through `tracing`, as records.

use std::cell::RefCell;
use std::fmt::{Debug, Formatter};

use tracing::{Span, debug, error, info, info_span, trace, warn};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;

use super::{field, only, recorded, telemetry};
use crate::rust::alone::pass;
use crate::{Telemetry, tracing_layer};

/// Runs `app` with the layer in place.
fn traced(app: impl FnOnce()) -> Telemetry {
    let telemetry = telemetry();
    let subscriber = tracing_subscriber::registry().with(tracing_layer(telemetry));
    tracing::subscriber::with_default(subscriber, app);
    telemetry
}

#[test]
fn an_event_is_a_log_whose_fields_keep_their_types() {
    let telemetry = traced(|| {
        let error = std::io::Error::other("no network");
        let cause: &(dyn std::error::Error + 'static) = &error;
        info!(count = 3, ratio = 0.5, below = -2, done = true, name = "Ada", list = ?[1, 2], cause, "quiz {}", "on");
    });
    let record = only(telemetry);
    let expected = r#"log {"level":"info","message":"quiz on","context":{"count":3,"ratio":0.5,"below":-2,"done":true,"name":"Ada","list":"[1, 2]","cause":"no network","target":"beaconry::rust::tests::layer"}}"#;
    assert_eq!(record, expected);
}

#[test]
fn levels_are_those_that_a_log_has() {
    let telemetry = traced(|| {
        error!("5");
        warn!("4");
        info!("3");
        debug!("2");
        trace!("1");
    });
    let levels: Vec<_> = recorded(telemetry).iter().map(|record| field(record, "level").to_owned()).collect();
    assert_eq!(levels, ["error", "warn", "info", "debug", "debug"]);
}

#[test]
fn the_filters_of_the_subscriber_decide_what_is_worth_it() {
    let telemetry = telemetry();
    let layer = tracing_layer(telemetry).with_filter(LevelFilter::INFO);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        debug!("not worth it");
        info!("worth it");
    });
    assert_eq!(field(&only(telemetry), "message"), "worth it");
}

#[test]
fn secrets_in_fields_are_taken_out() {
    let record = only(traced(|| info!(password = "x", nickname = "y", "in")));
    assert!(record.contains(r#""password":"[redacted]","nickname":"[redacted]""#), "{record}");
}

#[test]
fn an_event_without_a_message_says_its_error_or_where_it_is() {
    let telemetry = traced(|| {
        error!(error = %"no network");
        info!(count = 1);
    });
    let [error, count] = &recorded(telemetry)[..] else { panic!("two records") };
    assert_eq!(field(error, "message"), "no network");
    assert!(error.contains(r#""error":"no network""#), "{error}");
    assert!(field(count, "message").starts_with("event src/rust/tests/layer.rs:"), "{count}");
}

#[test]
fn a_closed_span_is_a_trace_below_its_parent_and_events_know_where_they_were() {
    let telemetry = traced(|| {
        let outer = info_span!("quiz", topic = "Math", score = tracing::field::Empty);
        let _outer = outer.enter();
        pass(5.0);
        info_span!("request").in_scope(|| {
            info!("asked");
            pass(1.25);
        });
        outer.record("score", 7);
    });
    let [asked, request, quiz] = &recorded(telemetry)[..] else { panic!("three records") };
    assert!(request.starts_with(r#"trace {"name":"request","duration":1.25,"#), "{request}");
    assert!(quiz.starts_with(r#"trace {"name":"quiz","duration":6.25,"#), "{quiz}");
    assert!(quiz.contains(r#""context":{"topic":"Math","score":7,"target":"beaconry::"#), "{quiz}");
    assert_eq!((field(quiz, "traceId").len(), field(quiz, "spanId").len()), (32, 16));
    assert_eq!(field(request, "traceId"), field(quiz, "traceId"));
    assert_eq!(field(request, "parentSpanId"), field(quiz, "spanId"));
    assert_eq!(field(asked, "traceId"), field(quiz, "traceId"));
    assert_eq!(field(asked, "spanId"), field(request, "spanId"));
}

/// Ends a span while it is looked at. (An event in its place would prove nothing: `tracing` itself
/// stops those as long as the subscriber is one for a scope.)
struct Talkative(RefCell<Option<Span>>);

impl Debug for Talkative {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        drop(self.0.take());
        f.write_str("talkative")
    }
}

#[test]
fn what_is_said_while_we_listen_is_not_recorded_again() {
    let telemetry = traced(|| {
        let talkative = || Talkative(RefCell::new(Some(info_span!("inside"))));
        let (first, second, third) = (talkative(), talkative(), talkative());
        let span = info_span!("outer", who = ?first, later = tracing::field::Empty);
        info!(parent: &span, who = ?second, "outside");
        span.record("later", tracing::field::debug(third));
    });
    let [event, span] = &recorded(telemetry)[..] else { panic!("two records: {:?}", recorded(telemetry)) };
    assert_eq!(field(event, "message"), "outside");
    assert!(span.contains(r#""who":"talkative","later":"talkative""#), "{span}");
}

#[test]
fn a_layer_of_a_client_that_is_off_records_nothing() {
    let telemetry = traced(|| ());
    telemetry.set_enabled(false);
    let subscriber = tracing_subscriber::registry().with(tracing_layer(telemetry));
    tracing::subscriber::with_default(subscriber, || info_span!("quiz").in_scope(|| info!("asked")));
    assert_eq!(recorded(telemetry), [""; 0]);
}
