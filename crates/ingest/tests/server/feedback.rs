//! Bug reports: stored with an error beside them, by whichever way they come.

use serde_json::{Value, json};

use crate::support::{Batch, Folder, KEY, Request, Server, error_of};

const UPLOAD: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn report(body: &Value) -> Request {
    Request::new("POST", "/api/feedback").header("X-Telemetry-Token", KEY).body(body.to_string())
}

fn of_type<'a>(records: &'a [Value], record_type: &str) -> Vec<&'a Value> {
    records.iter().filter(|record| record["type"] == record_type).collect()
}

#[test]
fn a_report_is_stored_with_an_error_beside_it_and_the_answer_names_both() {
    let folder = Folder::new("feedback");
    let server = Server::start(&folder);
    let reply = server.send(
        &report(&json!({"message": "The button does nothing, Bearer abcdef1234567890", "email": "Ann@Example.com",
            "screenshot": UPLOAD, "page": "/quiz?name=ann#q1", "userAgent": "Netscape", "userId": "u1", "app": "quiz",
            "context": {"topic": "Math", "password": "x"}}))
        .header("Origin", "http://localhost:5173"),
    );
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("access-control-allow-origin"), Some("http://localhost:5173"));
    let answer = reply.json();
    assert_eq!(
        (&answer["beaconry"], &answer["success"], &answer["duplicate"]),
        (&json!(1), &json!(true), &json!(false))
    );
    let stored = folder.journal();
    let [feedback, error] = &stored[..] else { panic!("{stored:?}") };
    assert_eq!((&feedback["id"], &error["id"]), (&answer["feedbackId"], &answer["errorId"]));
    assert_eq!((&feedback["type"], &error["type"]), (&json!("feedback"), &json!("error")));
    assert_eq!((&error["errorType"], &error["severity"]), (&json!("BugReport"), &json!("info")));
    assert_eq!((&feedback["email"], &feedback["screenshot"]), (&json!("Ann@Example.com"), &json!(UPLOAD)));
    assert!(error.get("email").is_none());
    for record in &stored {
        let message = record["message"].as_str().unwrap();
        assert!(message.starts_with("The button does nothing") && !message.contains("abcdef"), "{message}");
        assert_eq!(
            (&record["page"], &record["userAgent"], &record["app"]),
            (&json!("/quiz"), &json!("Netscape"), &json!("quiz"))
        );
        assert_eq!(record["context"], json!({"topic": "Math", "password": "[redacted]"}));
        assert_eq!(record["userId"].as_str().unwrap().len(), 32);
        assert!(record["timestamp"].is_string() && record["source"] == "client");
    }
    assert_eq!(server.all_events().len(), 2);
}

#[test]
fn a_report_with_a_key_of_its_own_is_stored_once_however_often_it_is_sent() {
    let folder = Folder::new("feedback-again");
    let server = Server::start(&folder);
    let request = report(&json!({"message": "again"})).header("Idempotency-Key", "report-7");
    let first = server.send(&request).json();
    let second = server.send(&request).json();
    assert_eq!((&first["duplicate"], &second["duplicate"]), (&json!(false), &json!(true)));
    assert_eq!((&first["feedbackId"], &first["errorId"]), (&second["feedbackId"], &second["errorId"]));
    server.kill();
    let server = Server::start(&folder);
    assert_eq!(server.send(&request).json()["duplicate"], true);
    assert_eq!(server.all_events().len(), 2);
    // Somebody else's report is not lost for having the same key.
    let other = report(&json!({"message": "another"})).header("Idempotency-Key", "report-7");
    assert_eq!(server.send(&other).json()["duplicate"], false);
    assert_eq!(server.all_events().len(), 4);
    assert_eq!(server.send(&report(&json!({"message": "again"}))).json()["duplicate"], false);
    assert_eq!(server.all_events().len(), 6);
}

#[test]
fn a_report_in_a_batch_has_one_error_beside_it_too_and_a_second_copy_none() {
    let folder = Folder::new("feedback-batch");
    let server = Server::start(&folder);
    let feedback = json!({"seq": 1, "type": "feedback", "message": "It broke", "email": "ann@example.com", "page": "/quiz"});
    let batch = Batch::new().event(feedback).logs([2]);
    let answer = server.store(&batch);
    assert_eq!(
        (&answer["recorded"], &answer["total"], &answer["acknowledged"]),
        (&json!(2), &json!(2), &json!([[1, 2]]))
    );
    assert_eq!(server.store(&batch)["duplicate"], 2);
    let stored = server.all_events();
    let errors = of_type(&stored, "error");
    assert_eq!((stored.len(), errors.len(), of_type(&stored, "feedback").len()), (3, 1, 1));
    assert_eq!(
        (&errors[0]["message"], &errors[0]["severity"], &errors[0]["page"], &errors[0]["sessionId"]),
        (&json!("It broke"), &json!("info"), &json!("/quiz"), &json!("session-1"))
    );
    assert!(errors[0].get("id").is_none() && errors[0].get("email").is_none());
    // Made anew, the index says the same.
    server.kill();
    folder.delete_index();
    let server = Server::start(&folder);
    assert_eq!(server.all_events(), stored);
}

#[test]
fn what_is_no_report_is_told_what_is_wrong_and_stores_nothing() {
    let folder = Folder::new("feedback-bad");
    let server = Server::start(&folder);
    let post = |body: &str| Request::new("POST", "/api/feedback").header("X-Telemetry-Token", KEY).body(body);
    for (body, code, word) in [
        ("", "invalid_json", "not JSON"),
        ("{\"message\":", "invalid_json", "not JSON"),
        ("[]", "invalid_body", "{message"),
        ("{}", "invalid_body", "message: "),
        (r#"{"message":""}"#, "invalid_body", "message: "),
        (r#"{"message":7}"#, "invalid_body", "message: "),
        (r#"{"message":"m","email":"nobody"}"#, "invalid_body", "email: "),
        (r#"{"message":"m","screenshot":"../lock"}"#, "invalid_body", "screenshot: "),
        (r#"{"message":"m","context":[]}"#, "invalid_body", "context: "),
        (r#"{"message":"m","message":"n"}"#, "invalid_body", "message"),
    ] {
        let reply = server.send(&post(body));
        let answer = reply.json();
        assert_eq!((reply.status, error_of(&answer)), (400, code), "{body}");
        assert!(answer["message"].as_str().unwrap().contains(word), "{body}: {answer}");
    }
    for (request, status) in [
        (Request::new("POST", "/api/feedback").body(r#"{"message":"m"}"#), 401),
        (Request::new("GET", "/api/feedback"), 405),
        (post(r#"{"message":"m"}"#).header("Origin", "https://evil.example"), 403),
        (post(&format!(r#"{{"message":"{}"}}"#, "x".repeat(1024 * 1024))), 413),
        (post(r#"{"message":"m"}"#).header("Content-Encoding", "lzma"), 415),
    ] {
        let reply = server.send(&request);
        assert_eq!(reply.status, status, "{reply:?}");
        error_of(&reply.json());
    }
    assert!(folder.segments().is_empty());
    assert_eq!(
        server
            .send(&Request::new("POST", format!("/api/feedback?token={KEY}")).body(r#"{"message":"m"}"#))
            .status,
        200
    );
}
