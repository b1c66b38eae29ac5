//! Whatever an app passes, nothing reaches the app and the client carries on.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::*;

/// Logs with a hostile context and returns the context of the record as JSON.
fn logged(kind: &str) -> String {
    let client = client(&[]);
    let context = hostile(kind, &JsValue::UNDEFINED);
    assert_eq!(client.log(&"info".into(), &"x".into(), &context, None), 1.0, "{kind}");
    assert_eq!(log(&client, "it carries on"), 2.0);
    let context = at(&client.buffer(), &["logs", "0", "context"]);
    if context.is_undefined() { String::new() } else { js_sys::JSON::stringify(&context).unwrap().into() }
}

#[wasm_bindgen_test]
fn what_is_no_data_is_named_and_not_followed() {
    assert_eq!(logged("getter"), r#"{"bad":"[threw]","good":1}"#);
    assert_eq!(logged("cycle"), r#"{"name":"cycle","self":"[circular]"}"#);
    assert_eq!(logged("bigint"), r#"{"big":"[bigint]"}"#);
    assert_eq!(logged("symbol"), r#"{"mark":"[symbol]"}"#);
    assert_eq!(logged("callback"), r#"{"call":"[function]"}"#);
    assert_eq!(logged("element"), r#"{"element":"[node]"}"#);
    assert_eq!(logged("binary"), r#"{"bytes":"[binary]","buffer":"[binary]"}"#);
    assert_eq!(logged("collections"), r#"{"map":"[map]","set":"[set]"}"#);
    assert_eq!(logged("error"), r#"{"error":"TypeError: why"}"#);
    assert_eq!(logged("proxy"), r#"{"[unreadable]":true}"#);
    assert_eq!(logged("length"), r#"{"list":[]}"#);
    assert!(logged("endless").contains("date"));
    assert_eq!(logged("revoked"), r#"{"proxy":{"[unreadable]":true}}"#);
}

#[wasm_bindgen_test]
fn what_json_can_say_is_kept() {
    let numbers = r#"{"nan":null,"infinity":null,"negative":-1.5,"tiny":5e-324,"zero":0}"#;
    assert_eq!(logged("nan"), numbers);
    assert_eq!(logged("date"), r#"{"date":"1970-01-01T00:00:00.000Z","invalid":null}"#);
    assert_eq!(logged("frozen"), r#"{"own":1}"#);
    assert_eq!(logged("array"), r#"{"items":[1,[2],{"three":3}]}"#);
    assert_eq!(logged("surrogate"), "{\"text\":\"lone \u{FFFD} surrogate\",\"\u{FFFD}\":1}");
    // It ends a piece on the way into the wasm.
    assert_eq!(logged("nul"), "{\"text\":\"a\u{FFFD}b\",\"k\u{FFFD}y\":1,\"s\":\"\"}");
    for nothing in ["string", "function", "nothing"] {
        assert_eq!(logged(nothing), "");
    }
}

#[wasm_bindgen_test]
fn what_is_too_much_is_cut_and_marked() {
    assert!(logged("deep").contains("[cut]"));
    assert!(logged("wide").ends_with(r#""k31":31,"[cut]":9968}"#));
    let long = logged("long");
    assert!(long.len() < 20_000 && long.contains("…[cut]"), "{} bytes", long.len());
}

#[wasm_bindgen_test]
fn a_getter_that_logs_is_heard_too() {
    let client = std::rc::Rc::new(client(&[]));
    let inner = std::rc::Rc::clone(&client);
    let log_again = Closure::<dyn Fn() -> f64>::new(move || log(&inner, "from a getter"));
    let telemetry = Object::new();
    Reflect::set(&telemetry, &"log".into(), log_again.as_ref()).unwrap();
    let context = hostile("reentrant", &telemetry);
    client.log(&"info".into(), &"outer".into(), &context, None);
    assert_eq!(waiting(&client, "logs"), 2);
}

#[wasm_bindgen_test]
async fn a_clock_that_an_app_has_broken_makes_no_storm_and_makes_nothing_too_old() {
    let client = client(&[("spoolDelayMs", 10.into())]);
    no_network();
    log(&client, "before");
    let restore = sleep_for(f64::INFINITY);
    dispatch("online");
    log(&client, "after");
    sleep(3 * A_MOMENT).await;
    restore.call0(&JsValue::NULL).unwrap();
    assert!(request_count() <= 3, "{}", request_count());
    assert_eq!(stat(&client, &["waiting"]) + stat(&client, &["inFlight"]), 2.0);
}

#[wasm_bindgen_test]
async fn a_clock_that_was_broken_before_the_start_stops_nothing() {
    for broken in [f64::INFINITY, f64::NAN] {
        let restore = sleep_for(broken);
        let client = client(&[("spoolDelayMs", 10.into())]);
        log(&client, "first");
        until("it is on the storage", async || spooled().contains("first")).await;
        restore.call0(&JsValue::NULL).unwrap();
    }
}
