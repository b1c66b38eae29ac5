//! From the bytes of a body to records that are ready to be written.
//!
//! Four steps, each of them pure: *validate* (what is wrong with a record is said of that record,
//! the others go on), *scrub* (see below), *enrich* (what the server knows and the sender did not say)
//! and *encode*. A record is encoded once, here; journal, index and queries pass its bytes on.
//!
//! Scrubbed is by the rules that the client keeps, with the client's own code: contexts while they
//! are read, pages and every other text while they are written. A client that kept them has nothing
//! changed; one that did not, has. Ids of users become [`Pseudonyms`], which only the server can do.
//!
//! Knows no HTTP and no files, reads no clock and never fails for a single record.

mod allowed;
mod beside;
mod encode;
mod enrich;
mod line;
mod pseudonym;
mod request_stream;

use beaconry_protocol::decode::{BodyError, Incoming, Rejection, mend_surrogates, read_body, read_feedback};
use beaconry_protocol::{RecordId, RecordType, StreamId};

pub use allowed::RecordTypes;
use beside::error_beside;
use encode::BatchEncoder;
pub use line::{LineOrigin, prepare_line};
pub use pseudonym::Pseudonyms;
pub use request_stream::RequestStream;
pub(crate) use request_stream::is_of_request;

/// Who sent a body and when, as far as the server knows it by itself.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// The name of the key that the body came with.
    pub key_name: &'a str,
    /// The kind of that key.
    pub source: Source,
    /// The types of records that it may send; others are refused one by one.
    pub types: RecordTypes,
    /// When the body was received, in epoch milliseconds by the server's clock.
    pub received_at: u64,
    /// The user agent of the request, for records that name none.
    pub user_agent: Option<&'a str>,
}

/// What this server has to say about the privacy of what it stores.
#[derive(Debug)]
pub struct Privacy {
    /// What makes the ids of users that are stored.
    pub pseudonyms: Pseudonyms,
    /// The keys that stay in the queries of pages, with their values.
    pub allow_query_keys: Vec<String>,
}

/// Where records come from. The kind of key decides; what a body says of it is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A browser, with a key that anyone can read out of the page.
    Client,
    /// A server of the app's owner.
    Server,
}

impl Source {
    /// The word in stored records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// A body whose records are ready to be written.
#[derive(Debug, Default)]
pub struct Prepared {
    /// The name of the key that it came with.
    pub key: String,
    /// The stream of all records that have an id.
    pub stream: Option<StreamId>,
    /// One entry for each record of the body, in its order.
    pub records: Vec<Result<PreparedRecord, Rejection>>,
}

/// A record that is good, encoded as it will be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedRecord {
    /// Its identity; a record without one is new by definition.
    pub id: Option<RecordId>,
    /// Its type.
    pub record_type: RecordType,
    /// How many milliseconds old it was when it was sent, by the clock of its sender.
    pub age: u64,
    /// The fields of the stored JSON object, without its braces: `"received_at":"…","key":…`.
    pub fields: String,
    /// The fields of a record of the server's own, which is stored with this one and never without it:
    /// the entry that a bug report makes in the error log.
    pub beside: Option<String>,
}

impl Prepared {
    /// Bytes of memory that it takes: encoded records, and what is said of refused ones.
    pub fn size(&self) -> usize {
        let texts = self.records.iter().map(|record| match record {
            Ok(record) => record.fields.len() + record.beside.as_ref().map_or(0, String::len),
            Err(rejection) => rejection.message.len(),
        });
        self.records.len() * size_of::<Result<PreparedRecord, Rejection>>() + texts.sum::<usize>()
    }
}

/// Reads a body and prepares its records.
///
/// # Errors
/// When the body as a whole is not JSON, none of the known shapes, or of a newer version.
pub fn prepare(body: &[u8], from: &Sender<'_>, privacy: &Privacy) -> Result<Prepared, BodyError> {
    prepare_once(body, None, from, privacy)
}

/// The same for a body that may come again: with the same idempotency key, records that bring no ids get
/// the same ones each time.
///
/// # Errors
/// As [`prepare`].
pub fn prepare_once(
    body: &[u8],
    idempotency_key: Option<&[u8]>,
    from: &Sender<'_>,
    privacy: &Privacy,
) -> Result<Prepared, BodyError> {
    let body = mend_surrogates(body);
    let mut incoming = read_body(&body, from.received_at)?;
    if let (Some(key), None) = (idempotency_key, incoming.stream) {
        let stream = RequestStream::of(&[b"batch", from.key_name.as_bytes(), key, &body]);
        number(&mut incoming, stream.id());
    }
    let records = std::mem::take(&mut incoming.records);
    let encoder = BatchEncoder::new(&incoming, from, privacy);
    let encode = |record| {
        let beside = error_beside(&record, None).map(|error| encoder.encode(error).fields);
        PreparedRecord { beside, ..encoder.encode(record) }
    };
    let records = records.into_iter().map(|record| from.types.check(record?).map(encode));
    let key = from.key_name.to_owned();
    Ok(Prepared { key, stream: incoming.stream, records: records.collect() })
}

/// Gives every record its place in the body as its place in the stream.
fn number(incoming: &mut Incoming<'_>, stream: StreamId) {
    incoming.stream = Some(stream);
    for (seq, record) in (1..).zip(&mut incoming.records) {
        if let Ok(record) = record {
            record.id = Some(RecordId { stream, seq });
        }
    }
}

/// Reads a bug report that comes by itself. It becomes the first record of `stream`, and the error
/// beside it the second.
///
/// # Errors
/// When the body is no report, or a field of it is wrong.
pub fn prepare_feedback(
    body: &[u8],
    stream: StreamId,
    from: &Sender<'_>,
    privacy: &Privacy,
) -> Result<Prepared, BodyError> {
    let body = mend_surrogates(body);
    let mut incoming = read_feedback(&body, stream, from.received_at)?;
    let records = std::mem::take(&mut incoming.records);
    let encoder = BatchEncoder::new(&incoming, from, privacy);
    let mut prepared = Vec::new();
    for record in records {
        let error =
            record.as_ref().ok().and_then(|record| error_beside(record, Some(RecordId { stream, seq: 2 })));
        prepared.push(record.map(|record| encoder.encode(record)));
        prepared.extend(error.map(|error| Ok(encoder.encode(error))));
    }
    Ok(Prepared { key: from.key_name.to_owned(), stream: Some(stream), records: prepared })
}

#[cfg(test)]
mod tests {
    use beaconry_protocol::DiscardReason;

    use super::*;

    fn sender() -> Sender<'static> {
        Sender {
            key_name: "default",
            types: RecordTypes::ALL,
            source: Source::Client,
            received_at: 1_766_361_600_000,
            user_agent: Some("curl/8"),
        }
    }

    fn pseudonyms() -> Pseudonyms {
        Pseudonyms::new([7; 32])
    }

    fn privacy() -> Privacy {
        Privacy { pseudonyms: pseudonyms(), allow_query_keys: Vec::new() }
    }

    fn stored(body: &str) -> Vec<String> {
        stored_under(&privacy(), body)
    }

    fn stored_under(privacy: &Privacy, body: &str) -> Vec<String> {
        let prepared = prepare(body.as_bytes(), &sender(), privacy).unwrap();
        prepared.records.into_iter().map(|record| record.unwrap().fields).collect()
    }

    #[test]
    fn a_native_record_is_stored_flat_with_its_scope() {
        let body = r#"{"v":1,"app":"quiz","stream":"0000000000000000000000000000beac","sentAt":1766361599000,
            "scope":{"sessionId":"s1","release":"1.2","user":{"id":"u1"}},
            "events":[{"seq":7,"type":"log","timestamp":1766361598000,"page":"/quiz?x=1","level":"info",
                "message":"hi","context":{"topic":"Math","password":"x"}}]}"#;
        let stored = stored(body).remove(0).replace(&pseudonyms().of("u1"), "U1");
        assert_eq!(
            stored,
            concat!(
                r#""received_at":"2025-12-22T00:00:00.000Z","key":"default","#,
                r#""id":"0000000000000000000000000000beac-7","stream":"0000000000000000000000000000beac","seq":7,"#,
                r#""app":"quiz","type":"log","timestamp":"2025-12-21T23:59:58.000Z","#,
                r#""sentAt":"2025-12-21T23:59:59.000Z","#,
                r#""sessionId":"s1","release":"1.2","userAgent":"curl/8","#,
                r#""userId":"U1","source":"client","#,
                r#""page":"/quiz","level":"info","message":"hi","#,
                r#""context":{"topic":"Math","password":"[redacted]"}"#
            )
        );
    }

    #[test]
    fn pages_keep_of_their_queries_what_is_allowed_and_no_secret() {
        let allowing = |keys: &[&str]| Privacy {
            allow_query_keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            ..privacy()
        };
        let page = "https://ann:pw@h.example/users/42?tab=people&q=Ann&next=ann%40example.com&token=abcdef#x";
        let body = format!(r#"{{"events":[{{"type":"page_view","page":"{page}"}}]}}"#);
        for (keys, stored) in [
            (&[][..], "https://h.example/users/[id]"),
            (&["tab"], "https://h.example/users/[id]?tab=people"),
            (&["tab", "q", "next"], "https://h.example/users/[id]?tab=people&q=Ann&next=[email]"),
            (&["token"], "https://h.example/users/[id]?token=[redacted]"),
        ] {
            let fields = stored_under(&allowing(keys), &body).remove(0);
            assert!(fields.contains(&format!(r#""page":"{stored}""#)), "{keys:?}: {fields}");
        }
    }

    #[test]
    fn a_page_that_would_be_run_where_it_is_opened_is_not_kept() {
        for (page, is_kept) in [
            ("javascript:alert(1)", false),
            (" JavaScript:alert(1)", false),
            ("java\\nscript:alert(1)", false),
            ("vbscript:x", false),
            ("data:text/html,x", false),
            ("https://h.example/javascript:x", true),
            ("/data", true),
            ("data", true),
            ("capacitor://localhost/cart", true),
        ] {
            let body = format!(r#"{{"events":[{{"type":"page_view","page":"{page}"}}]}}"#);
            let fields = stored(&body).remove(0);
            assert_eq!(fields.contains(r#""page":"#), is_kept, "{page}: {fields}");
            let report = format!(r#"{{"message":"it broke","page":"{page}"}}"#);
            let stream = StreamId::from_random(1);
            let prepared = prepare_feedback(report.as_bytes(), stream, &sender(), &privacy()).unwrap();
            let has_page = |record: &Result<PreparedRecord, _>| {
                record.as_ref().is_ok_and(|record| record.fields.contains(r#""page":"#))
            };
            assert!(prepared.records.iter().all(|record| has_page(record) == is_kept), "{page}");
        }
    }

    #[test]
    fn what_a_record_says_of_itself_overrides_the_scope() {
        let body = r#"{"v":1,"app":"quiz","stream":"0000000000000000000000000000beac",
            "scope":{"sessionId":"s1","platform":"Linux","language":"de","user":{"id":"u1","anonymousId":"a1"}},
            "events":[{"seq":1,"type":"event","name":"page_view","sessionId":"s2","userId":"u2"}]}"#;
        let fields = &stored(body)[0];
        for part in [
            r#""sessionId":"s2""#,
            r#""platform":"Linux""#,
            r#""language":"de""#,
            &format!(r#""userId":"{}""#, pseudonyms().of("u2")),
            &format!(r#""anonymousId":"{}""#, pseudonyms().of("a1")),
        ] {
            assert!(fields.contains(part), "{part} in {fields}");
        }
    }

    #[test]
    fn a_record_cannot_say_where_it_comes_from() {
        let body =
            r#"{"events":[{"type":"page_view","source":"server","key":"admin","received_at":"1970"}]}"#;
        let fields = &stored(body)[0];
        assert!(fields.contains(r#""key":"default""#) && fields.contains(r#""source":"client""#), "{fields}");
        assert!(!fields.contains("server") && !fields.contains("admin"), "{fields}");
    }

    #[test]
    fn a_record_of_a_type_that_the_key_does_not_take_is_refused_alone() {
        let body = r#"{"events":[{"type":"page_view"},{"type":"error","message":"x"}]}"#;
        let sender = Sender { types: [RecordType::Error].into_iter().collect(), ..sender() };
        let prepared = prepare(body.as_bytes(), &sender, &privacy()).unwrap();
        let refused = prepared.records[0].as_ref().unwrap_err();
        assert_eq!(refused.message, "type: this key takes error, report, got event");
        assert!(prepared.records[1].is_ok());
    }

    #[test]
    fn a_bad_record_is_refused_alone() {
        let body = r#"{"events":[{"type":"page_view"},{"type":"Not A Name"},{"type":"action"}]}"#;
        let prepared = prepare(body.as_bytes(), &sender(), &privacy()).unwrap();
        let reasons: Vec<_> = prepared.records.iter().map(|r| r.as_ref().err().map(|r| r.reason)).collect();
        assert_eq!(reasons, [None, Some(DiscardReason::UnknownType), None]);
    }

    #[test]
    fn refused_records_count_for_the_size_too() {
        let body = format!(r#"{{"events":[{}"x"]}}"#, r#"{"type":"Not A Name"},"#.repeat(50));
        let refused = prepare(body.as_bytes(), &sender(), &privacy()).unwrap();
        assert!(refused.records.iter().all(Result::is_err));
        assert!(refused.size() > 51 * 20, "{}", refused.size());
    }

    #[test]
    fn nothing_that_a_record_holds_makes_a_second_line() {
        let nasty = r#"a\nb\r\u0000\u2028\u2029\u0085\"}\n{\"n\":1"#;
        let body = format!(
            r#"{{"events":[{{"type":"error","message":"{nasty}","errorType":"{nasty}","page":"{nasty}","userId":"{nasty}","stack":"{nasty}","metadata":{{"{nasty}":"{nasty}"}}}}]}}"#
        );
        let fields = &stored(&body)[0];
        assert!(!fields.chars().any(|c| c < ' ' || matches!(c, '\u{2028}' | '\u{2029}')), "{fields:?}");
        assert!(serde_json::from_str::<serde_json::Value>(&format!("{{{fields}}}")).is_ok());
    }

    /// The corpus of the protocol, as a client would send it that keeps no rule: in every text of
    /// every type, in the batch's scope and in the record's own.
    #[test]
    fn no_planted_secret_is_stored_whatever_the_client_did() {
        let corpus = include_str!("../../../protocol/tests/corpus/secrets.txt");
        let types = [
            r#""type":"log","level":"info","message":§"#,
            r#""type":"error","errorType":§,"message":§,"stack":§,"componentStack":§"#,
            r#""type":"metric","name":"m","value":1,"unit":§"#,
            r#""type":"trace","name":"t","duration":1,"traceId":"a","spanId":"b","parentSpanId":¶,"kind":§,"status":§"#,
            r#""type":"vital","name":"LCP","value":1,"navigationType":§,"attribution":{§:§,"a":[§]}"#,
            r#""type":"event","name":"e","action":§"#,
            r#""type":"feedback","message":§,"screenshot":§"#,
            r#""type":"report","discards":[]"#,
        ];
        let common = r#","page":§,"context":{§:§,"a":[§,{"b":{"c":{"d":{§:§,"e":{§:[§]}}}}}]},"sessionId":§,"userId":§,"anonymousId":§,"userAgent":§,"platform":§,"deviceType":§,"region":§,"buildId":§,"environment":§"#;
        let scope = r#"{"sessionId":§,"release":§,"environment":§,"userAgent":§,"platform":§,"language":§,"deviceType":§,"viewport":§,"user":{"id":§,"anonymousId":§}}"#;
        let mut count = 0;
        for line in corpus.lines() {
            let columns: Vec<_> = line.split('\t').collect();
            let text = serde_json::to_string(columns[1]).unwrap();
            // What may be an id stays one: it joins records.
            let is_id = columns[1].bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
            let parent = if is_id { r#""c3d4""# } else { &text };
            let events: Vec<_> = (1..)
                .zip(types)
                .flat_map(|(seq, fields)| {
                    [format!(r#"{{"seq":{seq},{fields}}}"#), format!(r#"{{"seq":1{seq},{fields}{common}}}"#)]
                })
                .collect();
            let body = format!(
                r#"{{"v":1,"app":"quiz","stream":"0000000000000000000000000000beac","scope":{scope},"events":[{}]}}"#,
                events.join(",")
            );
            let body = body.replace('¶', parent).replace('§', &text);
            let lines = stored(&body);
            for stored in lines {
                assert!(!stored.contains(columns[2]), "{} of {line} in {stored}", columns[2]);
                count += 1;
            }
        }
        assert_eq!(count, corpus.lines().count() * 16);
    }
}
