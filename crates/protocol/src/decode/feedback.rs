//! A bug report that comes by itself: one feedback record under the names that a form has for its
//! fields. What a batch would take and mend is refused here, since somebody is there to be told.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::envelope::{BodyError, Incoming, Shape, body_error, checked_text, invalid_body, native_app};
use super::record::{IncomingRecord, RecordReader};
use crate::{Body, RecordId, RecordType, Scope, StreamId, is_upload_id};

/// Reads a bug report. It becomes the first record of `stream`; `received_at` (epoch milliseconds) is
/// its time if it says none.
///
/// # Errors
/// When the body is not a JSON object, or the first field that is wrong, by its name.
pub fn read_feedback(body: &[u8], stream: StreamId, received_at: u64) -> Result<Incoming<'_>, BodyError> {
    let text = checked_text(body)?;
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| body_error(&error))?;
    if !raw.get().starts_with('{') {
        return Err(invalid_body("the body takes {message, email, screenshot, page, context}"));
    }
    let envelope: Envelope<'_> = serde_json::from_str(raw.get()).map_err(|error| body_error(&error))?;
    let app = envelope.app.map(|raw| native_app(Some(raw))).transpose()?;
    let reader = RecordReader { stream: None, event_names_as_types: false, received_at };
    let read = reader.read(raw, Some(RecordType::Feedback));
    let mut record = read.map_err(|rejection| invalid_body(rejection.message))?;
    record.id = Some(RecordId { stream, seq: 1 });
    check(&mut record)?;
    let (sent_at, scope) = (None, Scope::default());
    Ok(Incoming {
        shape: Shape::Feedback,
        app,
        stream: Some(stream),
        sent_at,
        scope,
        records: vec![Ok(record)],
    })
}

/// What stands beside the fields of the record.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    app: Option<&'a RawValue>,
}

/// A form sends empty texts for what was left out.
fn check(record: &mut IncomingRecord<'_>) -> Result<(), BodyError> {
    let Body::Feedback { message, email, screenshot } = &mut record.record.body else { return Ok(()) };
    for field in [&mut *email, &mut *screenshot] {
        *field = field.take().filter(|text| !text.is_empty());
    }
    if message.trim().is_empty() {
        return Err(invalid_body("message: takes a text that is not empty"));
    }
    if email.as_deref().is_some_and(|email| !is_email(email)) {
        return Err(invalid_body("email: takes an address such as ann@example.com, or nothing"));
    }
    if screenshot.as_deref().is_some_and(|id| !is_upload_id(id)) {
        return Err(invalid_body("screenshot: takes the id that POST /api/uploads answered: 64 hex digits"));
    }
    Ok(())
}

/// Whether somebody could be answered there. Only a mail shows more.
fn is_email(text: &str) -> bool {
    let is_plain =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control());
    let parts = text.rsplit_once('@');
    text.len() <= LONGEST_EMAIL && parts.is_some_and(|(name, host)| is_plain(name) && is_plain(host))
}

/// As in RFC 5321.
const LONGEST_EMAIL: usize = 254;

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: StreamId = StreamId::from_random(0xbeac);

    fn refusal(body: &str) -> String {
        read_feedback(body.as_bytes(), STREAM, 1).unwrap_err().message
    }

    #[test]
    fn a_report_is_the_first_record_of_its_stream() {
        let id = "0a".repeat(32);
        let body = format!(
            r#"{{"app":"quiz","type":"bug","message":"It broke","email":"Ann+1@example.com","screenshot":"{id}","url":"/quiz"}}"#
        );
        let incoming = read_feedback(body.as_bytes(), STREAM, 7).unwrap();
        let record = incoming.records[0].as_ref().unwrap();
        assert_eq!((incoming.app, record.id), (Some("quiz"), Some(RecordId { stream: STREAM, seq: 1 })));
        assert_eq!((record.record.timestamp, record.record.page.as_deref()), (7, Some("/quiz")));
        let expected = Body::Feedback {
            message: "It broke".into(),
            email: Some("Ann+1@example.com".into()),
            screenshot: Some(id.as_str().into()),
        };
        assert_eq!(record.record.body, expected);
    }

    #[test]
    fn what_a_form_leaves_empty_is_left_out() {
        let incoming = read_feedback(br#"{"message":"m","email":"","screenshot":""}"#, STREAM, 1).unwrap();
        let record = incoming.records[0].as_ref().unwrap();
        assert_eq!(record.record.body, Body::Feedback { message: "m".into(), email: None, screenshot: None });
    }

    #[test]
    fn a_wrong_field_is_told_by_its_name() {
        for (body, field) in [
            ("{}", "message: "),
            (r#"{"message":" \n"}"#, "message: "),
            (r#"{"message":5}"#, "message: "),
            (r#"{"message":"m","email":"ann"}"#, "email: "),
            (r#"{"message":"m","email":"ann@"}"#, "email: "),
            (r#"{"message":"m","email":"a b@c"}"#, "email: "),
            (r#"{"message":"m","email":"a\n@c"}"#, "email: "),
            (r#"{"message":"m","screenshot":"../../index.db"}"#, "screenshot: "),
            (r#"{"message":"m","screenshot":"data:image/png;base64,AAAA"}"#, "screenshot: "),
            (r#"{"message":"m","context":7}"#, "context: "),
            (r#"{"message":"m","app":"a b"}"#, "app: "),
            (r#"{"message":"m","timestamp":"soon"}"#, "timestamp: "),
            ("[]", "the body takes {message"),
            ("7", "the body takes {message"),
            ("{", "the body is not JSON"),
        ] {
            assert!(refusal(body).starts_with(field), "{body}: {}", refusal(body));
        }
        let long = format!(r#"{{"message":"m","email":"{}@example.com"}}"#, "a".repeat(300));
        assert!(refusal(&long).starts_with("email: "));
        assert!(refusal(&"[".repeat(100)).contains("levels deep"));
    }
}
