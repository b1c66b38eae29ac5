//! What the user allows.

use super::*;

fn pending() -> Lab {
    Lab::with(|config| config.consent = Consent::Pending)
}

#[test]
fn records_wait_in_memory_for_consent_and_go_with_their_own_times() {
    let mut lab = pending();
    lab.log("before");
    lab.pass(60_000);
    lab.tell(Input::Hidden);
    lab.tell(Input::Flush(Ticket(1)));
    assert_eq!((lab.sent.len(), lab.storage.len(), lab.is_attached, lab.wake_at), (0, 0, false, None));
    assert_eq!((lab.engine.last_seq(), lab.engine.waiting().len()), (0, 1));
    lab.tell(Input::Shown);
    lab.tell(Input::Consent(Consent::Granted));
    assert!(lab.is_attached);
    lab.log("after");
    lab.tell(Input::Flush(Ticket(2)));
    let body = &lab.sent[0].body;
    assert!(body.contains(&format!(r#"{{"seq":1,"type":"log","timestamp":{START}"#)), "{body}");
    assert!(body.contains(r#"{"seq":2,"#), "{body}");
}

#[test]
fn an_error_that_waited_for_consent_is_on_the_storage_at_once() {
    let mut lab = pending();
    lab.tell(Input::Record(&Call::new(&Body::Log { level: Level::Error, message: "waits".into() }, None)));
    lab.tell(Input::Consent(Consent::Granted));
    assert_eq!((lab.is_attached, lab.stored_messages()), (true, 1));
}

#[test]
fn denied_leaves_nothing_anywhere_and_counts_it() {
    let mut lab = Lab::new();
    (0..3).for_each(|_| lab.log("of an earlier page"));
    lab.pass(1_000);
    let mut lab = lab.next_page(2);
    lab.log("spooled");
    lab.pass(1_000);
    lab.tell(Input::Flush(Ticket(1)));
    lab.log("in memory");
    lab.storage.insert("beaconry:1:default:ff:1".to_owned(), "1 x 1\n{}\na\nb".to_owned());
    lab.tell(Input::Consent(Consent::Denied));
    assert_eq!((lab.storage.len(), lab.engine.waiting().len(), lab.engine.in_flight()), (0, 0, 0));
    assert_eq!(lab.discarded(), [(DiscardReason::ConsentDenied, 7)]);
    assert_eq!((lab.wake_at, lab.is_attached, lab.is_watching_unload), (None, false, false));
    lab.log("refused");
    assert_eq!(lab.discarded(), [(DiscardReason::ConsentDenied, 8)]);
    lab.pass(60_000);
    assert_eq!((lab.storage.len(), lab.sent.len()), (0, 1));
}

#[test]
fn nothing_is_written_down_any_more_when_the_user_denies_it() {
    let mut lab = Lab::new();
    lab.log("in memory");
    lab.tell(Input::Consent(Consent::Denied));
    assert_eq!(
        (lab.engine.ledger().spool_writes, lab.discarded()),
        (0, vec![(DiscardReason::ConsentDenied, 1)])
    );
}

#[test]
fn what_was_left_to_the_browser_is_taken_back_when_the_user_denies_it() {
    let mut lab = Lab::new();
    lab.engine.has_fetch_later = true;
    (0..200).for_each(|_| lab.log(&"x".repeat(1_000)));
    lab.tell(Input::PageHide);
    assert!(!lab.left_to_browser.is_empty());
    lab.tell(Input::Consent(Consent::Denied));
    assert!(lab.left_to_browser.is_empty());
}

#[test]
fn who_changes_their_mind_is_recorded_again_and_the_gap_is_explained() {
    let mut lab = Lab::new();
    lab.log("denied");
    lab.tell(Input::Consent(Consent::Denied));
    lab.tell(Input::Consent(Consent::Granted));
    lab.log("granted");
    lab.tell(Input::Flush(Ticket(1)));
    let body = &lab.sent[0].body;
    assert!(body.contains(r#"{"reason":"consent_denied","type":"log","count":1,"seqs":[[1,1]]}"#), "{body}");
    assert!(body.contains(r#""seq":2"#), "{body}");
}

#[test]
fn what_is_taken_back_stays_in_the_spool_and_is_not_sent() {
    let mut lab = Lab::new();
    lab.log("granted");
    lab.tell(Input::Consent(Consent::Pending));
    lab.log("pending");
    lab.pass(120_000);
    assert_eq!((lab.stored_messages(), lab.sent.len(), lab.engine.waiting().len()), (1, 0, 2));
    lab.tell(Input::Consent(Consent::Granted));
    lab.pass(30_000);
    assert_eq!(lab.sent.len(), 1);
}

#[test]
fn a_visitor_is_told_from_others_only_with_consent() {
    let mut lab = Lab::with(|config| {
        config.consent = Consent::Pending;
        config.user_ids = UserIds::Plain;
    });
    lab.tell(Input::User { id: None, anonymous_id: Some("visitor") });
    lab.log("before");
    lab.tell(Input::Consent(Consent::Granted));
    lab.log("after");
    lab.tell(Input::Flush(Ticket(1)));
    assert!(!lab.sent[0].body.contains("visitor"));
    lab.answer(0, acknowledging(1, &[(1, 1)]));
    lab.pass(0);
    assert!(lab.sent[1].body.contains(r#""user":{"anonymousId":"visitor"}"#));
}

#[test]
fn what_waits_for_consent_is_bounded() {
    let mut lab = Lab::with(|config| {
        config.consent = Consent::Pending;
        config.max_queue_bytes = 10_000;
    });
    lab.log_at(Level::Error, "severe");
    (0..200).for_each(|_| lab.log("usual"));
    assert!(lab.engine.queued_bytes() <= 10_000);
    let [(DiscardReason::QueueOverflow, lost)] = lab.discarded()[..] else { panic!("{:?}", lab.discarded()) };
    lab.tell(Input::Consent(Consent::Granted));
    assert_eq!(lab.engine.last_seq() + lost, 201);
    assert!(lab.engine.waiting()[0].contains("severe"));
}

#[test]
fn what_was_read_before_a_denial_is_not_taken_over_after_it() {
    let mut last = Lab::new();
    last.log("of an earlier page");
    last.pass(1_000);
    let left: Vec<_> = last.storage.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    let mut lab = Lab::start(last.engine.config().clone(), 2, BTreeMap::new());
    lab.tell(Input::Consent(Consent::Denied));
    lab.tell(Input::Recovered(&borrowed(&left)));
    assert_eq!((lab.engine.waiting().len(), lab.engine.ledger().adopted), (0, 0));
}

#[test]
fn promises_made_while_consent_is_pending_say_what_is_so() {
    let mut lab = pending();
    lab.log("waits");
    lab.tell(Input::Flush(Ticket(1)));
    lab.tell(Input::Shutdown(Ticket(2)));
    assert_eq!(lab.settled, [(1, Settled::Pending), (2, Settled::Discarded)]);
    assert_eq!(lab.discarded(), [(DiscardReason::ConsentDenied, 1)]);
}

#[test]
fn what_was_taken_over_and_is_denied_is_counted_once_though_nothing_is_in_use() {
    let mut last = Lab::new();
    last.log("of an earlier page");
    last.pass(1_000);
    let mut lab = last.next_page(2);
    let left: Vec<_> = lab.storage.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    lab.tell(Input::Consent(Consent::Pending));
    lab.tell(Input::Consent(Consent::Denied));
    // A shell that uses nothing has not removed what it was told to, and finds it when it wipes.
    lab.tell(Input::Wiped(&borrowed(&left)));
    assert_eq!((lab.discarded(), lab.engine.ledger().adopted), (vec![(DiscardReason::ConsentDenied, 1)], 1));
}
