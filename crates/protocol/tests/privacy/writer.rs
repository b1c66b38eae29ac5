//! Every text of every record goes out without its secrets, as the client writes it.

use std::borrow::Cow;

use beaconry_protocol::{
    Body, Context, ContextWriter, Level, Number, Record, Scope, Severity, clean_page, redact_text,
};

use crate::secrets::{Planted, secrets};

/// What remains of the secret in what was written, whether escaped or not.
#[track_caller]
fn check(planted: &Planted, place: &str, written: &str) {
    let Planted { kind, text, secret } = planted;
    assert!(!written.contains(secret.as_str()), "{kind} in {place}: {text}\n{written}");
    let escaped = secret.replace('\\', "\\\\").replace('"', "\\\"");
    assert!(!written.contains(&escaped), "{kind} in {place}: {text}\n{written}");
}

#[test]
fn no_secret_is_left_in_a_text() {
    for planted in secrets() {
        let once = redact_text(&planted.text);
        check(&planted, "a text", &once);
        assert_eq!(redact_text(&once), once, "again: {}", planted.text);
    }
}

#[test]
fn no_secret_is_left_in_any_field_of_any_record() {
    for planted in secrets() {
        for body in bodies(&planted.text) {
            let page = page(&planted);
            let name = body.record_type().as_str();
            let record = Record { seq: Some(1), timestamp: 0, page, body, context: deep(&planted.text) };
            check(&planted, name, &record.encode());
        }
        check(&planted, "the scope", &scope(&planted.text).encode());
    }
}

#[test]
fn no_secret_is_left_in_a_page() {
    for planted in secrets() {
        let Planted { text, secret, .. } = &planted;
        for page in [
            format!("https://h.example/a/{text}/b"),
            format!("https://h.example/?q={text}"),
            format!("https://h.example/#{text}"),
            format!("https://{}@h.example/", secret.replace(['/', '?', '#'], "")),
            text.clone(),
        ] {
            let record = Record {
                seq: None,
                timestamp: 0,
                page: Some(clean_page(&page).into()),
                body: Body::Log { level: Level::Info, message: "m".into() },
                context: None,
            };
            check(&planted, &page, &record.encode());
        }
    }
}

fn page(planted: &Planted) -> Option<Cow<'_, str>> {
    Some(clean_page(&planted.text).into())
}

/// A body of each type with the text in every field that takes any. Ids are letters and digits, and
/// the address of feedback is there to be answered.
fn bodies(text: &str) -> Vec<Body<'_>> {
    let some = || Some(Cow::Borrowed(text));
    let text = || Cow::Borrowed(text);
    let number = || Number::from(1);
    vec![
        Body::Log { level: Level::Info, message: text() },
        Body::Error {
            error_type: text(),
            message: text(),
            stack: some(),
            severity: Severity::Error,
            handled: true,
            component_stack: some(),
        },
        Body::Metric { name: text(), value: number(), unit: some() },
        Body::Trace {
            name: text(),
            duration: number(),
            trace_id: "k3j4h5".into(),
            span_id: "a1b2".into(),
            parent_span_id: Some("c3d4".into()),
            kind: some(),
            status: some(),
        },
        Body::Vital {
            name: "LCP".into(),
            value: number(),
            delta: None,
            rating: some(),
            navigation_type: some(),
            attribution: deep(&text()),
        },
        Body::Event { name: "sent".into(), action: some(), duration: None },
        Body::Feedback { message: text(), email: None, screenshot: some() },
        Body::Report { discards: Vec::new(), closing: true },
    ]
}

fn scope(text: &str) -> Scope<'_> {
    let text = || Some(Cow::Borrowed(text));
    Scope {
        session_id: text(),
        release: text(),
        environment: text(),
        user_agent: text(),
        platform: text(),
        language: text(),
        device_type: text(),
        viewport: text(),
        region: text(),
        ..Scope::default()
    }
}

/// The text as key, value and item at every depth.
fn deep(text: &str) -> Option<Context> {
    let mut writer = ContextWriter::new(&[]);
    loop {
        if writer.key(text) {
            writer.string(text);
        }
        if writer.key("list") && writer.open_array() {
            writer.item();
            writer.string(text);
            writer.item();
            if writer.open_object() {
                if writer.key(text) {
                    writer.boolean(true);
                }
                writer.close();
            }
            writer.close();
        }
        if !writer.key("in") || !writer.open_object() {
            return writer.finish();
        }
    }
}

#[test]
fn ids_stay_as_they_are() {
    let body = Body::Trace {
        name: "t".into(),
        duration: Number::from(1),
        trace_id: "4111111111111111".into(),
        span_id: "0af7651916cd43dd".into(),
        parent_span_id: Some("5555555555554444".into()),
        kind: None,
        status: None,
    };
    let written = Record { seq: Some(1), timestamp: 0, page: None, body, context: None }.encode();
    assert!(written.contains(
        r#""traceId":"4111111111111111","spanId":"0af7651916cd43dd","parentSpanId":"5555555555554444""#
    ));
    let id = "5f0c9b1e7a6d4c3b8a2f1e0d9c8b7a65";
    assert!(Scope { session_id: Some(id.into()), ..Scope::default() }.encode().contains(id));
}

#[test]
fn marks_keep_names_valid() {
    let name = "GET /users?a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9&j=10&k=11&l=12";
    let body = Body::Metric { name: name.into(), value: Number::from(1), unit: None };
    let written = Record { seq: None, timestamp: 0, page: None, body, context: None }.encode();
    let written: serde_json::Value = serde_json::from_str(&written).unwrap();
    assert!(written["name"].as_str().unwrap().len() <= 100);
    let body =
        Body::Event { name: "key_sk_live_4ec39hqlyjwdarjtt1zdp7dc".into(), action: None, duration: None };
    let written = Record { seq: None, timestamp: 0, page: None, body, context: None }.encode();
    assert!(written.contains(r#""name":"key_token""#), "{written}");
}

#[test]
fn the_address_of_feedback_stays() {
    let email = Some("ann@example.com".into());
    let body = Body::Feedback { message: "I am ann@example.com".into(), email, screenshot: None };
    let written = Record { seq: None, timestamp: 0, page: None, body, context: None }.encode();
    assert!(written.contains(r#""message":"I am [email]","email":"ann@example.com""#), "{written}");
}
