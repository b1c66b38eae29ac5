//! The contract as files: what a client of version 1 writes, what a server of version 1 answers.
//!
//! `records/` holds a record of each type as the client encodes it; `bodies/` the three shapes that
//! a server reads; `answers/` what it says. A change that alters one of them is a change of the
//! protocol: it needs a new version and a note on how to migrate. `BLESS=1` writes the files anew.
#![cfg(feature = "decode")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed; clippy knows that of test functions only"
)]

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use beaconry_protocol::decode::{IncomingRecord, Shape, read_body};
use beaconry_protocol::{
    Answer, Body, Context, ContextWriter, Discard, DiscardReason, ErrorCode, Level, Number, Received, Record,
    RecordResult, RecordType, Scope, SeqRange, Severity, Status, StreamId, User, VERSION, Verdict,
    encode_batch,
};

const TIME: u64 = 1_766_361_600_123;
const STREAM: StreamId = StreamId::from_random(0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c);

/// Holds text against a golden file.
fn check(name: &str, text: &str) {
    let path = golden(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, format!("{text}\n")).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, golden.trim_end(), "{name}");
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn context(key: &str, value: &str) -> Option<Context> {
    let mut writer = ContextWriter::new(&[]);
    assert!(writer.key(key));
    writer.string(value);
    writer.finish()
}

fn text(text: &'static str) -> Cow<'static, str> {
    Cow::Borrowed(text)
}

fn number(text: &'static str) -> Number<'static> {
    Number::from_text(text).unwrap()
}

/// A record of each type, with every field that it can have.
fn bodies() -> Vec<Body<'static>> {
    let discard = Discard {
        reason: DiscardReason::QueueOverflow,
        record_type: Some(RecordType::Log),
        count: 3,
        stream: None,
        seqs: vec![SeqRange(4, 5), SeqRange(9, 9)],
    };
    vec![
        Body::Log { level: Level::Warn, message: text("Quiz \"Math\"\nstarted") },
        Body::Error {
            error_type: text("TypeError"),
            message: text("Cannot read properties of undefined (reading 'id')"),
            stack: Some(text("TypeError: Cannot read…\n    at play (https://app.example/quiz.js:10:5)")),
            severity: Severity::Critical,
            handled: false,
            component_stack: Some(text("\n    at Quiz\n    at App")),
        },
        Body::Metric { name: text("score"), value: number("0.75"), unit: Some(text("ratio")) },
        Body::Trace {
            name: text("api.generateQuestions"),
            duration: number("2450.25"),
            trace_id: text("0af7651916cd43dd8448eb211c80319c"),
            span_id: text("b7ad6b7169203331"),
            parent_span_id: Some(text("00f067aa0ba902b7")),
            kind: Some(text("client")),
            status: Some(text("ok")),
        },
        Body::Vital {
            name: text("LCP"),
            value: number("1250.5"),
            delta: Some(number("12")),
            rating: Some(text("good")),
            navigation_type: Some(text("navigate")),
            attribution: context("target", "main > img"),
        },
        Body::Event {
            name: text("quiz_finished"),
            action: Some(text("submit")),
            duration: Some(number("90000")),
        },
        Body::Feedback {
            message: text("The button does nothing"),
            email: Some(text("ann@example.com")),
            screenshot: Some(text("sha256-abc")),
        },
        Body::Report { discards: vec![discard], closing: true },
    ]
}

fn records() -> Vec<Record<'static>> {
    let record = |(seq, body)| Record {
        seq: Some(seq),
        timestamp: TIME,
        page: Some(text("https://app.example/quiz")),
        body,
        context: context("topic", "Math"),
    };
    (1..).zip(bodies()).map(record).collect()
}

fn scope() -> Scope<'static> {
    Scope {
        session_id: Some(text("5f0c9b1e7a6d4c3b8a2f1e0d9c8b7a65")),
        release: Some(text("1.4.0")),
        environment: Some(text("production")),
        user_agent: Some(text("Mozilla/5.0")),
        platform: Some(text("Linux x86_64")),
        language: Some(text("en-GB")),
        device_type: Some(text("desktop")),
        viewport: Some(text("1280x720")),
        region: None,
        user: User { id: Some(text("u-1")), anonymous_id: Some(text("a-1")) },
    }
}

#[test]
fn every_record_type_is_written_as_it_always_was() {
    for record in records() {
        let name = format!("records/{}.json", record.body.record_type().as_str());
        check(&name, &record.encode());
    }
}

#[test]
fn what_the_client_writes_is_what_the_server_reads() {
    let encoded: Vec<_> = records().iter().map(Record::encode).collect();
    let texts: Vec<_> = encoded.iter().map(String::as_str).collect();
    let body = encode_batch("quiz", STREAM, TIME + 1_000, &scope().encode(), &texts);
    check("bodies/native.json", &body);
    let incoming = read_body(body.as_bytes(), 0).unwrap();
    assert_eq!((incoming.shape, incoming.app, incoming.stream), (Shape::Native, Some("quiz"), Some(STREAM)));
    assert_eq!((incoming.sent_at, incoming.scope), (Some(TIME + 1_000), scope()));
    for (read, written) in incoming.records.into_iter().zip(records()) {
        assert_eq!(read.unwrap().record, written);
    }
}

fn read_golden(
    name: &str,
    check: impl FnOnce(Shape, Vec<Result<IncomingRecord<'_>, (DiscardReason, String)>>),
) {
    let body = std::fs::read(golden(name)).unwrap();
    let incoming = read_body(&body, 7).unwrap();
    let records = incoming.records.into_iter();
    check(incoming.shape, records.map(|read| read.map_err(|no| (no.reason, no.message))).collect());
}

#[test]
fn the_quiz_seeds_lists_are_read() {
    read_golden("bodies/seed_lists.json", |shape, records| {
        assert_eq!(shape, Shape::SeedLists);
        let records: Vec<_> = records.into_iter().map(Result::unwrap).collect();
        let titles: Vec<_> = records.iter().map(|incoming| incoming.record.body.title()).collect();
        assert_eq!(titles, ["Quiz started", "api.generateQuestions", "web_vital_lcp"]);
        let session = records[0].overrides.as_ref().and_then(|scope| scope.session_id.clone());
        assert_eq!(session.as_deref(), Some("1766361600000-k3j5h2g1f"));
        assert_eq!(records[2].record.context, context("rating", "good"));
        assert!(
            records
                .iter()
                .all(|incoming| incoming.id.is_none() && incoming.record.timestamp == 1_766_394_000_000)
        );
    });
}

#[test]
fn the_events_of_the_other_seeds_are_read() {
    read_golden("bodies/seed_events.json", |shape, records| {
        assert_eq!(shape, Shape::SeedEvents);
        let read: Vec<_> = records.iter().flatten().map(|incoming| &incoming.record.body).collect();
        let types: Vec<_> = read.iter().map(|body| (body.record_type(), body.title())).collect();
        let expected = [
            (RecordType::Event, "page_view"),
            (RecordType::Event, "feature_usage"),
            (RecordType::Error, "Error"),
            (RecordType::Event, "api_call"),
        ];
        assert_eq!(types, expected);
        let refused: Vec<_> = records.iter().filter_map(|read| read.as_ref().err()).collect();
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].0, DiscardReason::UnknownType);
    });
}

#[test]
fn answers_are_written_as_they_always_were_and_read_back() {
    let mixed = Answer {
        beaconry: VERSION,
        status: Status::Partial,
        success: false,
        total: 4,
        recorded: 2,
        duplicate: 1,
        failed: 1,
        received: Received { logs: 1, errors: 1, ..Received::default() },
        stream: Some(STREAM.to_hex()),
        acknowledged: vec![SeqRange(1, 3)],
        results: vec![
            RecordResult {
                index: 1,
                id: Some(format!("{STREAM}-2")),
                verdict: Verdict::Duplicate,
                reason: None,
                message: None,
            },
            RecordResult {
                index: 3,
                id: Some(format!("{STREAM}-4")),
                verdict: Verdict::Rejected,
                reason: Some(DiscardReason::InvalidField),
                message: Some("level: takes debug, info, warn or error, got \"loud\"".to_owned()),
            },
        ],
        server_time: TIME,
        ..Answer::default()
    };
    let busy = Answer {
        retry_after_ms: Some(2_000),
        server_time: TIME,
        ..Answer::error(ErrorCode::TooManyRequests, "more than 100 requests a second: try again in 2 s")
    };
    for (name, answer) in [("answers/partial.json", mixed), ("answers/too_many_requests.json", busy)] {
        let text = serde_json::to_string(&answer).unwrap();
        check(name, &text);
        assert_eq!(serde_json::from_str::<Answer>(&text).unwrap(), answer);
    }
}

#[test]
fn an_answer_of_a_newer_server_is_understood_as_far_as_it_goes() {
    let newer = r#"{"beaconry":2,"status":"ok","stream":"x","acknowledged":[[1,2]],"shiny":true,
        "results":[{"index":0,"verdict":"postponed","reason":"full_moon"}],"error":"teapot"}"#;
    let answer: Answer = serde_json::from_str(newer).unwrap();
    assert_eq!(
        (answer.acknowledged.as_slice(), answer.results[0].verdict),
        (&[SeqRange(1, 2)][..], Verdict::Unknown)
    );
    assert_eq!(
        (answer.results[0].reason, answer.error),
        (Some(DiscardReason::Other), Some(ErrorCode::Unknown))
    );
}

/// What is refused, and what is said about it.
#[track_caller]
fn refused(record: &str, reason: DiscardReason, message: &str) {
    let body = format!(
        r#"{{"v":1,"app":"a","stream":"{STREAM}","events":[{record},{{"seq":9,"type":"log","level":"info","message":"good"}}]}}"#
    );
    let incoming = read_body(body.as_bytes(), 0).unwrap();
    let rejection = incoming.records[0].as_ref().unwrap_err();
    assert_eq!((rejection.reason, rejection.message.as_str()), (reason, message));
    assert!(incoming.records[1].is_ok(), "the others go on");
}

#[test]
fn a_bad_record_is_refused_by_field_and_the_others_are_read() {
    use DiscardReason::{InvalidField, MissingField, UnknownType};
    refused(
        r#"{"seq":1,"type":"span"}"#,
        UnknownType,
        r#"type: takes log, error, metric, trace, vital, event, feedback or report, got "span""#,
    );
    refused(r#"{"seq":1,"type":"log","message":"x"}"#, MissingField, "level: is missing");
    refused(
        r#"{"seq":1,"type":"log","level":"loud","message":"x"}"#,
        InvalidField,
        r#"level: takes debug, info, warn or error, got "loud""#,
    );
    refused(
        r#"{"seq":1,"type":"metric","name":"m","value":"5"}"#,
        InvalidField,
        r#"value: takes a number, got "5""#,
    );
    refused(
        r#"{"seq":1,"type":"metric","name":"m","value":1e999}"#,
        InvalidField,
        "value: takes a number, got 1e999",
    );
    refused(r#"{"seq":0,"type":"log"}"#, InvalidField, "seq: takes a whole number from 1, got 0");
    refused(r#"{"type":"log","level":"info","message":"x"}"#, MissingField, "seq: is missing");
    refused(
        r#"{"seq":1,"type":"log","level":"info","message":"x","timestamp":"yesterday"}"#,
        InvalidField,
        r#"timestamp: takes epoch milliseconds or RFC 3339 text, from 1970 to 9999, got "yesterday""#,
    );
    refused(
        r#"{"seq":1,"type":"log","level":"info","message":"x","context":[1]}"#,
        InvalidField,
        "context: takes a JSON object, got [1]",
    );
}

#[test]
fn a_body_that_is_none_of_the_shapes_is_refused_as_a_whole() {
    let refused = |body: &str| read_body(body.as_bytes(), 0).map(|_| ()).unwrap_err();
    assert_eq!(
        refused(r#"{"events":[}"#).message,
        "the body is not JSON: expected value at line 1 column 12"
    );
    assert_eq!(refused(r#"{"events":[}"#).code, ErrorCode::InvalidJson);
    assert_eq!(refused("[]").code, ErrorCode::InvalidBody);
    assert_eq!(
        refused("{}").message,
        "the body takes {v, app, stream, events}, {events} or {logs, traces, metrics}"
    );
    assert_eq!(refused(&"[".repeat(100_000)).message, "more than 32 levels deep at byte 32");
    let nested = |levels: usize| format!(r#"{{"v":{}"#, "[".repeat(levels - 1));
    assert_eq!(refused(&nested(33)).message, "more than 32 levels deep at byte 36");
    assert!(!refused(&nested(32)).message.contains("levels deep"));
    assert!(!refused(&format!(r#"{{"v":"{}""#, "[".repeat(100))).message.contains("levels deep"));
    assert_eq!(refused(r#"{"v":2,"events":[]}"#).code, ErrorCode::Upgrade);
    assert_eq!(refused(r#"{"v":1,"app":"../x","stream":"","events":[]}"#).code, ErrorCode::InvalidBody);
    assert_eq!(read_body(b"{\"events\":[\xff]}", 0).unwrap_err().message, "the body is not UTF-8 at byte 11");
}

#[test]
fn a_body_with_too_many_records_is_too_large_however_small_it_is() {
    let refused = |body: String| read_body(body.as_bytes(), 0).map(|_| ()).unwrap_err();
    let seeds = refused(format!(r#"{{"events":[{}1]}}"#, "1,".repeat(4_000_000)));
    assert_eq!(
        (seeds.code, seeds.message.as_str()),
        (ErrorCode::TooLarge, "a body of this shape takes at most 100 records: send fewer at once")
    );
    let records = r#"{"level":"info","message":"x"},"#.repeat(60);
    let records = records.trim_end_matches(',');
    assert_eq!(refused(format!(r#"{{"logs":[{records}],"metrics":[{records}]}}"#)).code, ErrorCode::TooLarge);
    let native =
        refused(format!(r#"{{"v":1,"app":"a","stream":"{STREAM}","events":[{}1]}}"#, "1,".repeat(1_000)));
    assert_eq!(native.code, ErrorCode::TooLarge);
}

#[test]
fn every_list_of_a_mixed_body_is_read() {
    let body = r#"{"events":[{"type":"page_view"}],"logs":[{"level":"info","message":"x"}],"traces":[],"metrics":[{"name":"m","value":1}]}"#;
    let incoming = read_body(body.as_bytes(), 0).unwrap();
    let types: Vec<_> =
        incoming.records.iter().flatten().map(|read| read.record.body.record_type()).collect();
    assert_eq!(types, [RecordType::Event, RecordType::Log, RecordType::Metric]);
}

#[test]
fn a_batch_without_its_version_is_not_taken_for_a_seeds() {
    let body = format!(
        r#"{{"app":"a","stream":"{STREAM}","events":[{{"seq":1,"type":"log","level":"info","message":"x"}}]}}"#
    );
    assert_eq!(
        read_body(body.as_bytes(), 0).unwrap_err().message,
        "v: is missing, and a body with a stream has one"
    );
}

#[test]
fn arrays_are_not_taken_for_objects() {
    refused("[1,2]", DiscardReason::InvalidField, "a record takes a JSON object");
    let body = format!(r#"{{"v":1,"app":"a","stream":"{STREAM}","scope":["s","r"],"events":[]}}"#);
    assert_eq!(read_body(body.as_bytes(), 0).unwrap_err().code, ErrorCode::InvalidBody);
}

#[test]
fn one_record_is_bounded_whatever_is_in_it() {
    let digits = "0".repeat(1_000);
    let message = format!("value: takes a number, got 1.{}…[cut]", &digits[..50]);
    refused(
        &format!(r#"{{"seq":1,"type":"metric","name":"m","value":1.{digits}}}"#),
        DiscardReason::InvalidField,
        &message,
    );
    let long = "x".repeat(300_000);
    refused(
        &format!(r#"{{"seq":1,"type":"log","level":"info","message":"{long}"}}"#),
        DiscardReason::TooLarge,
        "a record takes at most 262144 bytes as JSON",
    );
    let ranges = vec!["[1,1]"; 300].join(",");
    let report = format!(
        r#"{{"seq":1,"type":"report","discards":[{{"reason":"too_old","count":1,"seqs":[{ranges}]}}]}}"#
    );
    let body = format!(r#"{{"v":1,"app":"a","stream":"{STREAM}","events":[{report}]}}"#);
    let rejection = read_body(body.as_bytes(), 0);
    assert_eq!(rejection.unwrap().records[0].as_ref().unwrap_err().reason, DiscardReason::InvalidField);
}
