//! What each call records.

use js_sys::{JSON, Object};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Calls as _, WasmClient, at, client, log, options, spooled, start, stat, waiting};

fn json(text: &str) -> JsValue {
    JSON::parse(text).unwrap()
}

/// Makes one call and holds the record that waits against what it should be.
fn check(list: &str, call: impl FnOnce(&WasmClient) -> f64, expected: &[(&str, JsValue)]) {
    let client = client(&[]);
    assert_eq!(call(&client), 1.0);
    let record = at(&client.buffer(), &[list, "0"]);
    for (field, value) in expected {
        let (got, wanted) = (at(&record, &[field]), value);
        let same = JSON::stringify(&got).unwrap() == JSON::stringify(wanted).unwrap();
        assert!(same, "{field}: {got:?}, not {wanted:?}");
    }
}

#[wasm_bindgen_test]
fn a_log_holds_level_message_and_context() {
    let context = json(r#"{"key":"value","n":1.5}"#);
    let expected =
        [("level", "warn".into()), ("message", "Test message".into()), ("context", context.clone())];
    check("logs", |c| c.log(&"warn".into(), &"Test message".into(), &context, None), &expected);
}

#[wasm_bindgen_test]
fn a_metric_holds_name_value_and_labels() {
    let labels = json(r#"{"rating":"good"}"#);
    let expected = [("name", "web_vital_lcp".into()), ("value", 1250.into()), ("context", labels.clone())];
    check("metrics", |c| c.metric(&"web_vital_lcp".into(), &1250.into(), &labels, None), &expected);
}

#[wasm_bindgen_test]
fn a_trace_holds_name_duration_and_the_ids_that_it_was_given() {
    let ids = json(r#"{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331"}"#);
    let expected = [
        ("name", "api.generateQuestions".into()),
        ("duration", 2450.25.into()),
        ("traceId", "0af7651916cd43dd8448eb211c80319c".into()),
        ("spanId", "b7ad6b7169203331".into()),
    ];
    let name = JsValue::from("api.generateQuestions");
    check("traces", |c| c.trace(&name, &2450.25.into(), &ids, &JsValue::UNDEFINED, None), &expected);
}

#[wasm_bindgen_test]
fn an_error_holds_what_was_thrown() {
    let error = js_sys::TypeError::new("Cannot read properties of undefined");
    let expected = [
        ("errorType", "TypeError".into()),
        ("message", "Cannot read properties of undefined".into()),
        ("handled", false.into()),
        ("severity", "error".into()),
    ];
    check("errors", |c| c.error(&error, false, &JsValue::UNDEFINED, None), &expected);
    for thrown in [JsValue::NULL, JsValue::UNDEFINED, 5.into(), "text".into(), Object::new().into()] {
        check(
            "errors",
            |c| c.error(&thrown, true, &JsValue::UNDEFINED, None),
            &[("errorType", "Error".into())],
        );
    }
}

#[wasm_bindgen_test]
fn a_vital_holds_what_the_library_measured() {
    let vital = json(r#"{"name":"LCP","value":1250.5,"delta":10,"rating":"good","id":"v5-1"}"#);
    let expected =
        [("name", "LCP".into()), ("value", 1250.5.into()), ("delta", 10.into()), ("rating", "good".into())];
    check("vitals", |c| c.vital(&vital, None), &expected);
}

#[wasm_bindgen_test]
fn an_event_holds_its_name_and_properties() {
    let properties = json(r#"{"button_id":"signup_cta"}"#);
    let expected = [("name", "button_click".into()), ("context", properties.clone())];
    check("events", |c| c.event(&"button_click".into(), &properties, None), &expected);
}

#[wasm_bindgen_test]
fn a_call_made_before_the_wasm_was_there_has_its_own_time() {
    let early = |c: &WasmClient| {
        c.log(&"info".into(), &"early".into(), &JsValue::UNDEFINED, Some(1_766_361_600_123.0))
    };
    check("logs", early, &[("timestamp", 1_766_361_600_123.0.into())]);
}

#[wasm_bindgen_test]
fn wrong_arguments_make_no_record_and_are_counted() {
    let client = client(&[]);
    let nothing = JsValue::UNDEFINED;
    for refused in [
        client.log(&"loud".into(), &"x".into(), &nothing, None),
        client.log(&5.into(), &"x".into(), &nothing, None),
        client.log(&"info".into(), &5.into(), &nothing, None),
        client.metric(&"m".into(), &"5".into(), &nothing, None),
        client.metric(&"m".into(), &f64::NAN.into(), &nothing, None),
        client.metric(&"".into(), &5.into(), &nothing, None),
        client.trace(&"t".into(), &(-1).into(), &nothing, &nothing, None),
        client.vital(&json(r#"{"name":"FID","value":1}"#), None),
        client.vital(&nothing, None),
        client.event(&"Button Click".into(), &nothing, None),
        client.event(&nothing, &nothing, None),
    ] {
        assert_eq!(refused, 0.0);
    }
    assert_eq!(stat(&client, &["discarded", "invalid_argument"]), 11.0);
    assert_eq!(stat(&client, &["lastSeq"]), 0.0);
}

#[wasm_bindgen_test]
fn in_debug_mode_it_says_which_field_cannot_be_taken() {
    let client = client(&[("debug", true.into())]);
    let nothing = JsValue::UNDEFINED;
    assert_eq!(client.log(&"loud".into(), &"x".into(), &nothing, None), -1.0);
    assert_eq!(client.metric(&"m".into(), &f64::NAN.into(), &nothing, None), -2.0);
    assert_eq!(client.event(&"Button Click".into(), &nothing, None), -1.0);
    assert_eq!(log(&client, "it carries on"), 1.0);
}

#[wasm_bindgen_test]
fn nothing_is_recorded_or_stored_when_the_flag_is_off() {
    let off = json(r#"{"phase":"DISABLED"}"#);
    for option in [("featureFlag", off), ("enabled", false.into())] {
        let client = client(&[option]);
        assert_eq!(log(&client, "x"), 0.0);
        assert_eq!((client.is_enabled(), waiting(&client, "logs"), spooled()), (false, 0, String::new()));
        client.set_enabled(true);
        assert!(!client.is_enabled(), "what the config rules out stays out");
    }
}

#[wasm_bindgen_test]
fn a_switch_at_run_time_stops_and_resumes_recording() {
    let client = client(&[]);
    client.set_enabled(false);
    assert_eq!(log(&client, "off"), 0.0);
    client.set_enabled(true);
    assert_eq!(log(&client, "on"), 1.0);
}

#[wasm_bindgen_test]
fn one_client_has_one_session_id_and_the_next_page_goes_on_with_it() {
    let first = client(&[]);
    log(&first, "x");
    assert_eq!(first.session_id(), first.session_id());
    let second = start(&options(&[]));
    assert_eq!((first.session_id().len(), first.session_id()), (32, second.session_id()));
}

#[wasm_bindgen_test]
fn a_user_id_is_text_or_a_number_and_anything_else_is_counted() {
    let client = client(&[]);
    for wrong in [JsValue::TRUE, Object::new().into(), js_sys::Symbol::for_("x").into()] {
        client.set_user(&wrong, &JsValue::UNDEFINED);
    }
    assert_eq!(stat(&client, &["discarded", "invalid_argument"]), 3.0);
    client.set_user(&42.into(), &"anonymous".into());
    assert_eq!(log(&client, "it carries on"), 1.0);
}

#[wasm_bindgen_test]
fn a_switch_by_the_app_and_one_by_the_rollout_do_not_undo_each_other() {
    let flag = json(r#"{"phase":"ENABLED","rollout":99}"#);
    let client = client(&[("featureFlag", flag)]);
    client.set_enabled(false);
    (0..20).for_each(|user| client.set_user(&user.into(), &JsValue::UNDEFINED));
    assert!(!client.is_enabled());
}

#[wasm_bindgen_test]
fn what_came_to_nothing_before_the_wasm_is_in_the_account() {
    let client = client(&[]);
    client.discarded("queue_overflow", 11.0);
    assert_eq!((stat(&client, &["discarded", "queue_overflow"]), stat(&client, &["recorded"])), (11.0, 11.0));
}
