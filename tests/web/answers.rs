//! Answers as the browser reads them, held against the golden files and against the derived reader of [`Answer`].

use beaconry::engine::Reply;
use beaconry::read_answer;
use beaconry_protocol::{Answer, ErrorCode};
use js_sys::JSON;
use wasm_bindgen_test::wasm_bindgen_test;

const GOLDEN: [&str; 2] = [
    include_str!("../../crates/protocol/tests/golden/answers/partial.json"),
    include_str!("../../crates/protocol/tests/golden/answers/too_many_requests.json"),
];

/// What a client acts on: codes that mean the same to it are one.
fn as_read(answer: Answer) -> Reply {
    let mut reply = Reply::from_answer(Some(answer), None);
    let is_told_apart =
        |code: &ErrorCode| code.advice() != ErrorCode::Unknown.advice() || *code == ErrorCode::Unknown;
    reply.error = reply.error.map(|code| Some(code).filter(is_told_apart).unwrap_or(ErrorCode::Unknown));
    reply
}

fn check(text: &str) {
    let json = JSON::parse(text).unwrap();
    let derived: Answer = serde_wasm_bindgen::from_value(json.clone()).unwrap();
    assert_eq!(read_answer(&json), Some(as_read(derived)), "{text}");
}

#[wasm_bindgen_test]
fn golden_answers_are_read_right() {
    GOLDEN.into_iter().for_each(check);
}

#[wasm_bindgen_test]
fn what_a_server_asks_and_what_only_a_newer_one_says_is_read_right() {
    for code in
        ["too_large", "unauthorized", "origin_not_allowed", "upgrade", "internal", "of_a_newer_version"]
    {
        check(&format!(r#"{{"beaconry":1,"error":"{code}","message":"m"}}"#));
    }
    check(r#"{"beaconry":2,"more":{"of":["it"]},"results":[{"index":0,"verdict":"new"}],"serverTime":5}"#);
    check(r#"{"beaconry":1,"results":[{"index":7,"verdict":"rejected","reason":"too_old"}]}"#);
    check(r#"{"beaconry":1,"results":[{"index":7,"verdict":"rejected","reason":"of_a_newer_version"}]}"#);
    check(r#"{"beaconry":1,"remote":{"features":{"TELEMETRY":{"phase":"DISABLED","rollout":12.5}}}}"#);
    check(r#"{"beaconry":1,"remote":{"sampling":{"sampleRate":0.25,"tracesSampleRate":0}}}"#);
}

#[wasm_bindgen_test]
fn an_answer_of_other_types_is_nobodys() {
    for text in [
        "null",
        "[]",
        "\"beaconry\"",
        "{}",
        r#"{"beaconry":0}"#,
        r#"{"beaconry":"1"}"#,
        r#"{"beaconry":1,"error":5}"#,
        r#"{"beaconry":1,"acknowledged":[[1]]}"#,
        r#"{"beaconry":1,"acknowledged":[[1,"2"]]}"#,
        r#"{"beaconry":1,"acknowledged":[[-1,2]]}"#,
        r#"{"beaconry":1,"results":[{"verdict":"rejected"}]}"#,
        r#"{"beaconry":1,"stream":7}"#,
        r#"{"beaconry":1,"retryAfterMs":1.5}"#,
    ] {
        assert_eq!(read_answer(&JSON::parse(text).unwrap()), None, "{text}");
    }
}
