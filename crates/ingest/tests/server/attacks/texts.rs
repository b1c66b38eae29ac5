//! JSON that is meant to break readers, and texts that are meant to break lines.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Target;
use crate::support::{Request, STREAM};

const NASTY: [&str; 9] = [
    r"\ud800",
    r"\udfff\ud800x",
    r"\u0000",
    r"a\r\nb\n{\u0022n\u0022:99}",
    r"\u2028\u2029\u0085",
    r"\u001b[31m\u0007\u0008",
    r"\ufeff\ufffe\uffff",
    r"</script><script>alert(1)</script>",
    r"'; DROP TABLE records; --",
];

/// Each text in every place of every type where a record has one.
fn batch_of(text: &str, number: usize) -> String {
    let common =
        r#""page":"§","sessionId":"§","userId":"§","buildId":"§","context":{"§":"§","a":["§",{"b":"§"}]}"#;
    let types = [
        r#""type":"log","level":"info","message":"§""#,
        r#""type":"error","errorType":"§","message":"§","stack":"§","componentStack":"§""#,
        r#""type":"metric","name":"§","value":1,"unit":"§""#,
        r#""type":"trace","name":"§","duration":1,"traceId":"a","spanId":"b","kind":"§","status":"§""#,
        r#""type":"event","name":"e","action":"§""#,
        r#""type":"feedback","message":"§","email":"§""#,
    ];
    let records = (1..).zip(types).map(|(seq, fields)| format!(r#"{{"seq":{seq},{fields},{common}}}"#));
    let records = records.collect::<Vec<_>>().join(",");
    let scope = r#"{"sessionId":"§","release":"§","environment":"§","userAgent":"§","user":{"id":"§"}}"#;
    let stream = format!("{number:032x}");
    format!(r#"{{"v":1,"app":"a","stream":"{stream}","scope":{scope},"events":[{records}]}}"#)
        .replace('§', text)
}

#[test]
fn no_text_makes_a_second_line_or_stops_a_reader() {
    let target = Target::new("attack-texts");
    let mut stored = 0;
    for (number, text) in NASTY.into_iter().enumerate() {
        for body in [batch_of(text, number), batch_of(&text.repeat(400), number + 100)] {
            let reply = target.server.send(&Request::batch(body));
            assert_eq!(reply.status, 200, "{text}: {}", reply.body);
            let answer = reply.json();
            let recorded = usize::try_from(answer["recorded"].as_u64().unwrap()).unwrap();
            // A report brings an error of its own.
            let feedback = usize::try_from(answer["received"]["feedback"].as_u64().unwrap_or(0)).unwrap();
            assert!(recorded >= 4, "{text}: {answer}");
            stored += recorded + feedback;
        }
    }
    target.assert_unharmed(stored);
    let text = target.folder.journal_text();
    assert!(!text.contains(['\0', '\r', '\u{2028}', '\u{2029}', '\u{1b}']));
    assert_eq!(target.server.all_events().len(), stored + 1);
}

#[test]
fn deep_and_wide_json_is_refused_or_ignored() {
    let target = Target::new("attack-deep");
    let send = |body: String| target.server.send(&Request::batch(body));
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        for body in [
            deep.clone(),
            format!(r#"{{"events":{deep}}}"#),
            format!(r#"{{"events":[{{"type":"log","message":"m","context":{deep}}}]}}"#),
            format!(r#"{{"unknown":{deep},"events":[]}}"#),
        ] {
            assert_eq!(send(body).status, 400);
        }
    }
    // A million keys in eight megabytes, compressed; there are not quite as many of three characters.
    let digit = |n: usize| {
        char::from(
            b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'()*+,-./:;<=>?@[]^_`{|}~"
                [n % 91],
        )
    };
    let mut keys = String::new();
    (0..1_000_000)
        .for_each(|n| write!(keys, "\"{}{}{}\":0,", digit(n), digit(n / 91), digit(n / 8_281)).unwrap());
    let wide = |before: &str, after: &str| {
        let body = zstd::encode_all(format!("{before}{keys}\"z\":0{after}").as_bytes(), 3).unwrap();
        target.server.send(&Request::batch(body).header("Content-Encoding", "zstd"))
    };
    assert_eq!(wide("{", "}").status, 400);
    assert_eq!(wide("{\"events\":[],", "}").json()["total"], 0);
    let context = wide(r#"{"events":[{"type":"page_view","context":{"#, "}}]}").json();
    let recorded = usize::try_from(context["recorded"].as_u64().unwrap()).unwrap();
    assert_eq!(context["total"], 1);
    target.assert_unharmed(recorded);
}

#[test]
fn keys_that_come_twice_have_one_meaning() {
    let target = Target::new("attack-twice");
    let record = |fields: &str| format!(r#"{{"v":1,"app":"a","stream":"{STREAM}","events":[{{{fields}}}]}}"#);
    let mut stored = 0;
    for body in [
        format!(r#"{{"v":1,"v":1,"app":"a","stream":"{STREAM}","events":[]}}"#),
        format!(r#"{{"v":1,"app":"a","app":"../b","stream":"{STREAM}","events":[]}}"#),
        r#"{"events":[],"events":[{"type":"page_view"}]}"#.to_owned(),
        record(r#""seq":1,"seq":2,"type":"log","level":"info","message":"m""#),
        record(r#""seq":3,"type":"log","type":"error","level":"info","message":"m","message":"n""#),
        record(
            r#""seq":4,"type":"log","level":"info","message":"m","source":"server","n":7,"key":"admin","crc":"0""#,
        ),
        record(r#""seq":5,"type":"log","level":"info","message":"m","context":{"a":1,"a":2,"n":3}"#),
    ] {
        let reply = target.server.send(&Request::batch(body.clone()));
        assert!([200, 400].contains(&reply.status), "{body}: {}", reply.body);
        stored += usize::try_from(reply.json()["recorded"].as_u64().unwrap()).unwrap();
    }
    for line in target.folder.journal() {
        assert_eq!((&line["key"], &line["source"]), (&json!("default"), &json!("client")));
    }
    target.assert_unharmed(stored);
}

#[test]
fn numbers_and_times_out_of_all_bounds_are_refused_or_kept_as_they_are() {
    let target = Target::new("attack-numbers");
    let mut stored = 0;
    for number in
        ["1e400", "-1e400", "18446744073709551616", "-1", "1.5", "1e-400", &"9".repeat(5_000), "NaN", "0x10"]
    {
        for field in ["seq", "timestamp", "value", "sentAt"] {
            let record = json!({"seq": 1, "type": "metric", "name": "m", "value": 1, "timestamp": 1});
            let mut text = record.to_string();
            let known = format!("\"{field}\":1");
            text = text.replacen(&known, &format!("\"{field}\":{number}"), 1);
            let stream = format!("{:032x}", stored + 1_000);
            let body = format!(r#"{{"v":1,"app":"a","stream":"{stream}","sentAt":1,"events":[{text}]}}"#);
            let body = if field == "sentAt" {
                body.replacen(&known, &format!("\"sentAt\":{number}"), 1)
            } else {
                body
            };
            let reply = target.server.send(&Request::batch(body));
            assert!([200, 400].contains(&reply.status), "{field} {number}: {}", reply.body);
            stored += usize::try_from(reply.json()["recorded"].as_u64().unwrap_or(0)).unwrap();
        }
    }
    let lines: Vec<Value> = target.folder.journal();
    assert!(lines.iter().all(|line| line["timestamp"].as_str().unwrap().len() == 24));
    target.assert_unharmed(stored);
}
