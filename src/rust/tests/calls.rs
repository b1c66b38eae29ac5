//! Calls, and the records that they make.

use std::error::Error;
use std::fmt::{Display, Formatter};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::{field, only, recorded, telemetry};
use crate::engine::Settled;
use crate::rust::alone::pass;
use crate::{DiscardReason, Level, Options, Severity, Telemetry};

#[derive(Debug)]
struct Failure {
    says: &'static str,
    source: Option<Box<Failure>>,
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.says)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as &dyn Error)
    }
}

fn failure() -> Failure {
    let cause = Failure { says: "no network", source: None };
    Failure { says: "cannot load", source: Some(Box::new(cause)) }
}

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("it waits for something"),
    }
}

#[test]
fn a_record_is_made_at_the_end_of_the_statement() {
    let telemetry = telemetry();
    telemetry.log(Level::Warn, "slow").with("topic", "Math").with("questions", 10);
    assert_eq!(
        only(telemetry),
        r#"log {"level":"warn","message":"slow","context":{"topic":"Math","questions":10}}"#
    );
}

#[test]
fn what_is_sent_is_not_recorded_once_more_when_it_is_dropped() {
    let telemetry = telemetry();
    let receipt = telemetry.event("quiz_started").send();
    assert!(receipt.is_recorded());
    assert_eq!(only(telemetry), r#"event {"name":"quiz_started"}"#);
}

#[test]
fn each_kind_of_call_makes_its_kind_of_record() {
    let telemetry = telemetry();
    telemetry.metric("score", 7.5);
    telemetry.trace("api.load", Duration::from_micros(2_450_500));
    let [metric, trace] = &recorded(telemetry)[..] else { panic!("two records") };
    assert_eq!(metric, r#"metric {"name":"score","value":7.5}"#);
    assert!(trace.starts_with(r#"trace {"name":"api.load","duration":2450.5,"traceId":""#), "{trace}");
}

#[test]
fn an_error_tells_its_type_and_what_was_behind_it() {
    let telemetry = telemetry();
    telemetry.error(&failure()).with("step", 2);
    assert_eq!(
        only(telemetry),
        r#"error {"errorType":"Failure","message":"cannot load","stack":"Error\n    at nowhere","severity":"error","handled":true,"context":{"causes":["no network"],"step":2}}"#
    );
}

#[test]
fn an_error_that_has_lost_its_type_is_an_error() {
    let telemetry = telemetry();
    let error: Box<dyn Error> = failure().into();
    telemetry.error(&*error).severity(Severity::Warning);
    let record = only(telemetry);
    assert_eq!((field(&record, "errorType"), field(&record, "severity")), ("Error", "warning"));
}

#[test]
fn wrong_arguments_are_counted() {
    let telemetry = telemetry();
    telemetry.metric("score", f64::NAN).with("topic", "Math");
    telemetry.event("Not A Name");
    assert_eq!(telemetry.stats().discarded, [(DiscardReason::InvalidArgument, 2)]);
    assert_eq!(recorded(telemetry), [""; 0]);
}

#[test]
fn what_all_records_have_in_common_is_in_each_until_it_is_taken_back() {
    let telemetry = telemetry();
    telemetry.set_context("tenant", "acme");
    telemetry.event("one").with("nickname", "x");
    telemetry.remove_context("tenant");
    telemetry.event("two");
    assert_eq!(
        recorded(telemetry),
        [
            r#"event {"name":"one","context":{"nickname":"[redacted]","tenant":"acme"}}"#,
            r#"event {"name":"two"}"#
        ]
    );
}

#[test]
fn a_span_is_measured_until_it_is_dropped_and_a_part_of_it_knows_it() {
    let telemetry = telemetry();
    let span = telemetry.start_span("quiz.load").with("topic", "Math");
    pass(10.0);
    let part = span.child("api.questions");
    pass(2.5);
    part.fail();
    drop(span);
    let [part, whole] = &recorded(telemetry)[..] else { panic!("two records") };
    assert!(part.starts_with(r#"trace {"name":"api.questions","duration":2.5,"#), "{part}");
    assert!(part.ends_with(r#","status":"error"}"#), "{part}");
    assert!(whole.starts_with(r#"trace {"name":"quiz.load","duration":12.5,"#), "{whole}");
    assert!(whole.ends_with(r#","context":{"topic":"Math"}}"#), "{whole}");
    assert_eq!(field(part, "traceId"), field(whole, "traceId"));
    assert_eq!(field(part, "parentSpanId"), field(whole, "spanId"));
    assert_eq!((field(whole, "traceId").len(), field(whole, "spanId").len()), (32, 16));
    assert_ne!(field(part, "spanId"), field(whole, "spanId"));
    assert!(!whole.contains("parentSpanId"), "{whole}");
}

#[test]
fn off_records_nothing_and_says_so() {
    let off = Telemetry::start(Options::new("/t").enabled(false)).unwrap();
    for telemetry in [off, Telemetry::off()] {
        assert!(!telemetry.is_enabled());
        assert!(!telemetry.event("quiz_started").send().is_recorded());
        assert_eq!(telemetry.start_span("quiz.load").trace_id(), None);
        telemetry.error(&failure());
    }
    assert_eq!(recorded(off), [""; 0]);
}

#[test]
fn promises_say_what_the_engine_says() {
    let telemetry = telemetry();
    assert_eq!(now(telemetry.flush()), Settled::Delivered);
    let receipt = telemetry.event("quiz_started").send();
    assert!(receipt.is_recorded());
    let refused = telemetry.event("Not A Name").send();
    assert_eq!(now(telemetry.delivered(refused)), Settled::Discarded);
    assert_eq!(now(Telemetry::off().delivered(receipt)), Settled::Discarded);
    drop(telemetry.shutdown());
    assert!(!telemetry.event("too_late").send().is_recorded());
}

#[test]
fn on_another_thread_a_handle_leads_nowhere() {
    let telemetry = telemetry();
    let is_enabled = std::thread::spawn(move || {
        telemetry.event("from_a_worker");
        telemetry.is_enabled()
    });
    assert!(!is_enabled.join().unwrap());
    assert_eq!(recorded(telemetry), [""; 0]);
}
