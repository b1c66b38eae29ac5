//! Sessions that are not recorded, the flight recorder, and what the server asks for.

use beaconry_protocol::{FeatureFlag, Features, Phase, RemoteConfig, Sampling, Severity};

use super::*;

fn unsampled() -> Lab {
    Lab::with(|config| config.sample_rate = 0.0)
}

fn error() -> Body<'static> {
    let (error_type, message) = (Cow::Borrowed("TypeError"), Cow::Borrowed("x is null"));
    let severity = Severity::Error;
    let (stack, component_stack) = (None, None);
    Body::Error { error_type, message, stack, severity, handled: true, component_stack }
}

#[test]
fn a_session_that_is_not_recorded_makes_no_request() {
    let mut lab = unsampled();
    (0..100).for_each(|_| lab.log("x"));
    lab.tell(Input::Hidden);
    lab.tell(Input::Shutdown(Ticket(1)));
    lab.pass(600_000);
    assert_eq!((lab.sent.len(), lab.storage.len(), lab.engine.last_seq()), (0, 0, 0));
    assert_eq!(lab.discarded(), [(DiscardReason::SampledOut, 100)]);
}

#[test]
fn an_error_brings_along_what_led_to_it() {
    let mut lab = unsampled();
    lab.log("first");
    lab.tell(Input::Record(&Call::new(
        &Body::Metric { name: Cow::Borrowed("m"), value: beaconry_protocol::Number::from(1), unit: None },
        None,
    )));
    lab.log("second");
    lab.tell(Input::Record(&Call::new(&error(), None)));
    lab.tell(Input::Flush(Ticket(1)));
    let body = &lab.sent[0].body;
    for (seq, part) in [(1, "first"), (2, "second"), (3, "TypeError")] {
        assert!(body.contains(&format!(r#"{{"seq":{seq},"#)) && body.contains(part), "{body}");
    }
    assert!(!body.contains(r#""type":"metric""#));
    assert_eq!(lab.discarded(), [(DiscardReason::SampledOut, 1)]);
    lab.log("afterwards");
    assert_eq!(lab.engine.last_seq(), 3, "the session is still not recorded");
}

#[test]
fn the_flight_recorder_is_bounded_and_what_it_gives_up_is_counted() {
    let mut lab = unsampled();
    (0..2_000).for_each(|_| lab.log(&"x".repeat(100)));
    assert!(lab.engine.queued_bytes() <= 64 * 1024);
    lab.tell(Input::Record(&Call::new(&error(), None)));
    let [(DiscardReason::SampledOut, lost)] = lab.discarded()[..] else { panic!("{:?}", lab.discarded()) };
    assert_eq!(lab.engine.last_seq() + lost, 2_001);
}

#[test]
fn traces_have_a_rate_of_their_own() {
    let mut lab = Lab::with(|config| config.traces_sample_rate = 0.0);
    lab.log("x");
    let name = Cow::Borrowed("GET /");
    let (duration, none) = (beaconry_protocol::Number::from(3), Cow::Borrowed(""));
    let body = Body::Trace {
        name,
        duration,
        trace_id: none.clone(),
        span_id: none,
        parent_span_id: None,
        kind: None,
        status: None,
    };
    lab.tell(Input::Record(&Call::new(&body, None)));
    assert_eq!((lab.engine.last_seq(), lab.discarded()), (1, vec![(DiscardReason::SampledOut, 1)]));
}

fn asked(remote: RemoteConfig) -> Answer {
    Answer { remote: Some(remote), ..acknowledging(1, &[(1, 1)]) }
}

fn flag(phase: Phase, rollout: f64) -> RemoteConfig {
    let features = Features { telemetry: FeatureFlag { phase, rollout } };
    RemoteConfig { features, sampling: Sampling::default() }
}

#[test]
fn the_server_switches_a_page_off_that_is_open() {
    for remote in [flag(Phase::Disabled, 100.0), flag(Phase::Enabled, 50.0)] {
        let mut lab = Lab::new();
        lab.log("x");
        lab.tell(Input::Flush(Ticket(1)));
        lab.log("on the storage when it comes");
        lab.answer(0, asked(remote));
        assert!(!lab.engine.is_enabled() && !lab.is_attached);
        assert!(lab.stored_off.is_some_and(|text| text.contains(&format!(r#"{{"at":{},"#, lab.now))));
        assert_eq!((lab.wake_at, lab.storage.len()), (None, 1), "the spool is kept");
    }
    let mut lab = Lab::new();
    lab.log("x");
    lab.tell(Input::Flush(Ticket(1)));
    lab.answer(0, asked(flag(Phase::Enabled, 50.01)));
    assert!(lab.engine.is_enabled(), "the bucket is 5,000");
}

#[test]
fn rates_of_the_server_go_before_those_of_the_app_from_the_next_session_on() {
    let mut lab = Lab::new();
    lab.log("x");
    lab.tell(Input::Flush(Ticket(1)));
    let sampling = Sampling { sample_rate: Some(0.0), traces_sample_rate: None };
    lab.answer(0, asked(RemoteConfig { sampling, ..RemoteConfig::default() }));
    lab.log("the session was decided");
    assert_eq!(lab.engine.last_seq(), 2);
    lab.pass(31 * 60_000);
    lab.log("a new session");
    assert_eq!(lab.engine.last_seq(), 2);
}
