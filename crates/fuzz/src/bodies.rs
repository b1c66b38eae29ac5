//! Bodies of requests.

use axum::http::{HeaderMap, HeaderValue, header};
use beaconry_ingest::extract::body;
use beaconry_ingest::pipeline::{
    Prepared, Privacy, Pseudonyms, RecordTypes, Sender, Source, prepare, prepare_feedback,
};
use beaconry_protocol::{StreamId, clean_page, cut, limits, parse_rfc3339, parse_whole, redact_text};

/// A batch in any of its shapes, up to the bytes that would be stored.
pub(crate) fn batch(data: &[u8]) {
    if let Ok(prepared) = prepare(data, &sender(), &privacy()) {
        assert!(prepared.records.len() <= limits::RECORDS_PER_BATCH);
        assert_each_is_one_line(&prepared);
    }
}

/// A bug report by itself.
pub(crate) fn feedback(data: &[u8]) {
    if let Ok(prepared) = prepare_feedback(data, StreamId::from_random(1), &sender(), &privacy()) {
        assert!(prepared.records.len() <= 2);
        assert_each_is_one_line(&prepared);
    }
}

/// A body that is compressed: the first byte says how, the others are it.
pub(crate) fn encodings(data: &[u8]) {
    let Some((kind, sent)) = data.split_first() else { return };
    let encoding = ENCODINGS[usize::from(*kind) % ENCODINGS.len()];
    let headers: HeaderMap =
        [(header::CONTENT_ENCODING, HeaderValue::from_static(encoding))].into_iter().collect();
    let working_size = body::working_size(&headers, sent);
    if let Ok(inflated) = body::inflate(&headers, sent.to_vec()) {
        assert!(inflated.len() <= limits::INFLATED_BYTES);
        assert!(inflated.len() <= working_size, "more to work on than was said");
    }
}

/// The small readers that every record passes.
pub(crate) fn texts(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let redacted = redact_text(text);
    assert_eq!(redact_text(&redacted), redacted, "redacting again finds more");
    let _ = clean_page(text);
    assert!(cut(text, 10).len() <= text.len().max(16));
    let _ = (parse_whole(text), text.parse::<StreamId>());
    if let Some(millis) = parse_rfc3339(text) {
        assert!(millis <= limits::LATEST_MILLIS);
    }
}

/// Nothing that a record holds makes a second line of the journal, or ends its object early.
fn assert_each_is_one_line(prepared: &Prepared) {
    for record in prepared.records.iter().flatten() {
        for fields in [Some(&record.fields), record.beside.as_ref()].into_iter().flatten() {
            let ends_a_line = |c: char| c < ' ' || matches!(c, '\u{2028}' | '\u{2029}');
            assert!(!fields.chars().any(ends_a_line), "{fields:?}");
            let object = format!("{{{fields}}}");
            let read = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&object);
            assert!(read.is_ok_and(|read| read["source"] == "client" && read["key"] == "fuzz"), "{object}");
        }
    }
}

fn sender() -> Sender<'static> {
    Sender {
        key_name: "fuzz",
        source: Source::Client,
        types: RecordTypes::ALL,
        received_at: 1_766_361_600_000,
        user_agent: Some("fuzz"),
    }
}

fn privacy() -> Privacy {
    Privacy { pseudonyms: Pseudonyms::new([7; 32]), allow_query_keys: vec!["tab".to_owned()] }
}

const ENCODINGS: [&str; 8] =
    ["", "gzip", "deflate", "br", "zstd", "gzip, br", "zstd, deflate", "identity, gzip"];
