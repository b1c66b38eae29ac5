//! When records are written down, sent and given up.

use super::*;

#[test]
fn errors_of_a_burst_are_written_together_a_moment_later() {
    let mut lab = Lab::with(|config| config.batch_size = 1_000);
    lab.log_at(Level::Error, "the first at once");
    assert_eq!(lab.stored_messages(), 1);
    (0..100).for_each(|_| lab.log_at(Level::Error, "the others"));
    assert_eq!((lab.stored_messages(), lab.wake_at), (1, Some(lab.now + 50)));
    lab.tell(Input::BeforeUnload);
    assert_eq!(lab.stored_messages(), 101, "unless the page goes");
    let mut lab = Lab::with(|config| config.batch_size = 1_000);
    (0..101).for_each(|_| lab.log_at(Level::Error, "x"));
    lab.pass(50);
    assert_eq!((lab.stored_messages(), lab.engine.ledger().spool_writes), (101, 2));
}

#[test]
fn records_wait_for_the_batch_size_and_leave_in_one_body() {
    let mut lab = Lab::new();
    (0..9).for_each(|_| lab.log("x"));
    lab.pass(0);
    assert!(lab.sent.is_empty());
    lab.log("x");
    lab.pass(0);
    assert_eq!(lab.sent.len(), 1);
    assert_eq!(lab.sent[0].body.matches(r#""type":"log""#).count(), 10);
    assert!(lab.sent[0].body.contains(r#""page":"https://app.example/quiz""#), "{}", lab.sent[0].body);
}

#[test]
fn the_timer_sends_what_the_batch_size_does_not() {
    let mut lab = Lab::new();
    lab.log("x");
    lab.pass(29_999);
    assert!(lab.sent.is_empty());
    lab.pass(1);
    assert_eq!(lab.sent.len(), 1);
}

#[test]
fn records_are_on_the_storage_before_they_are_sent_and_leave_it_when_acknowledged() {
    let mut lab = Lab::new();
    (0..10).for_each(|_| lab.log("x"));
    lab.pass(0);
    assert_eq!((lab.sent.len(), lab.stored_messages()), (1, 10));
    lab.answer(0, acknowledging(1, &[(1, 10)]));
    assert_eq!((lab.storage.len(), lab.engine.ledger().acknowledged), (0, 10));
}

#[test]
fn unsent_records_are_on_the_storage_within_the_spool_delay() {
    let mut lab = Lab::new();
    lab.log("x");
    assert!(lab.is_watching_unload);
    lab.pass(999);
    assert_eq!(lab.stored_messages(), 0);
    lab.pass(1);
    assert_eq!(lab.stored_messages(), 1);
    assert!(!lab.is_watching_unload, "nothing is at risk any more");
}

#[test]
fn an_error_is_on_the_storage_at_once() {
    let mut lab = Lab::new();
    lab.log("before");
    lab.log_at(Level::Error, "now");
    assert_eq!(lab.stored_messages(), 2);
}

#[test]
fn everything_is_spooled_and_sent_when_the_page_goes() {
    for exit in [|| Input::Hidden, || Input::PageHide, || Input::Freeze, || Input::BeforeUnload] {
        let mut lab = Lab::new();
        (0..3).for_each(|_| lab.log("x"));
        lab.tell(exit());
        assert_eq!((lab.stored_messages(), lab.sent.len()), (3, 1));
        assert!(lab.sent[0].keepalive);
    }
}

#[test]
fn an_exit_with_more_than_a_browser_carries_leaves_the_rest_in_the_spool() {
    let mut lab = Lab::new();
    (0..5_000).for_each(|_| lab.log(&"x".repeat(60)));
    lab.tell(Input::Hidden);
    let bytes: usize = lab.sent.iter().map(|sent| sent.body.len()).sum();
    assert!(bytes > limits::KEEPALIVE_BYTES / 2 && bytes <= limits::KEEPALIVE_BYTES, "{bytes}");
    assert_eq!(lab.stored_messages(), 5_000);
}

#[test]
fn the_next_page_sends_what_the_last_one_left() {
    let mut lab = Lab::new();
    (0..3).for_each(|_| lab.log("x"));
    lab.pass(1_000);
    let mut next = lab.next_page(2);
    next.pass(0);
    assert_eq!(next.sent[0].body.matches(r#""type":"log""#).count(), 3);
    assert!(next.sent[0].body.contains(&StreamId::from_random(1).to_hex()), "under its own stream");
    next.answer(0, acknowledging(1, &[(1, 3)]));
    assert!(next.storage.is_empty());
}

#[test]
fn a_full_queue_gives_up_the_oldest_of_the_least_severe() {
    let mut lab = Lab::with(|config| config.max_queue_bytes = 16 << 10);
    lab.log_at(Level::Error, "kept");
    lab.log_at(Level::Debug, "first to go");
    (0..200).for_each(|_| lab.log(&"x".repeat(100)));
    assert!(lab.engine.queued_bytes() <= 16 << 10);
    let texts: String = lab.engine.waiting().concat();
    assert!(texts.contains("kept") && !texts.contains("first to go"));
    assert!(texts.contains(r#""seq":202"#), "the newest stays");
}

#[test]
fn what_was_given_up_is_on_no_storage_when_it_is_named() {
    let mut lab = Lab::with(|config| config.max_queue_bytes = 16 << 10);
    lab.log("first to go");
    lab.log_at(Level::Error, "kept");
    // localStorage has refused it, and the second tier has it.
    let key = lab.storage.keys().next().unwrap().clone();
    lab.tell(Input::SpoolFailed { key: &key });
    while lab.discarded().is_empty() {
        lab.log(&"x".repeat(100));
    }
    let stored: String = lab.storage.into_values().collect();
    assert!(stored.contains("kept") && !stored.contains("first to go"), "{stored}");
}

#[test]
fn records_that_are_too_old_are_given_up_and_counted() {
    let mut lab = Lab::new();
    (0..3).for_each(|_| lab.log("x"));
    lab.pass(1_000);
    lab.now += 15 * 86_400_000;
    let next = lab.next_page(2);
    assert_eq!(next.discarded(), [(DiscardReason::TooOld, 3)]);
    assert!(next.storage.is_empty());
}

#[test]
fn a_storage_that_refuses_costs_the_spool_and_nothing_else() {
    let mut lab = Lab::new();
    lab.log("x");
    let commands = lab.engine.handle(Input::Hidden, lab.now);
    let key = commands.iter().find_map(|command| match command {
        Command::Spool { key, .. } => Some(key.clone()),
        _ => None,
    });
    lab.tell(Input::SpoolFailed { key: &key.unwrap() });
    assert_eq!(lab.engine.ledger().spool_refusals, 1);
    assert_eq!(lab.engine.in_flight(), 1);
}

#[test]
fn a_backlog_larger_than_the_queue_is_sent_piece_by_piece() {
    let mut lab = Lab::with(|config| config.max_queue_bytes = 48 << 10);
    for stream in 2..12 {
        (0..100).for_each(|_| lab.log("x"));
        lab.tell(Input::Hidden);
        lab = lab.next_page(stream);
    }
    lab.log("the new page has something to say, too");
    assert!(lab.engine.queued_bytes() <= 48 << 10);
    let mut answered = 0;
    for _ in 0..50 {
        lab.pass(10_000);
        while let Some(sent) = lab.sent.get(answered) {
            let stream = sent.body.split('"').skip_while(|word| *word != "stream").nth(2).unwrap();
            let stream = stream.parse::<StreamId>().unwrap().as_bits();
            lab.answer(answered, acknowledging(stream, &[(1, u64::MAX)]));
            answered += 1;
        }
    }
    assert_eq!((lab.stored_messages(), lab.engine.ledger().acknowledged), (0, 1_001));
}

#[test]
fn what_the_storage_refused_is_offered_again_when_the_page_goes() {
    let mut lab = Lab::new();
    lab.log("x");
    lab.pass(1_000);
    let key = lab.storage.pop_first().unwrap().0;
    lab.tell(Input::SpoolFailed { key: &key });
    lab.tell(Input::BeforeUnload);
    assert_eq!(lab.stored_messages(), 1);
}

#[test]
fn chunks_of_a_former_endpoint_are_left_alone_until_they_are_too_old() {
    let mut last = Lab::with(|config| config.endpoint = "https://former.example/ingest".to_owned());
    last.log("of the former endpoint");
    last.pass(1_000);
    let mut lab = Lab::start(Lab::new().engine.config().clone(), 2, last.storage);
    lab.recover();
    assert_eq!((lab.storage.len(), lab.engine.ledger().adopted), (1, 0));
    lab.now += 15 * 86_400_000;
    lab.recover();
    assert_eq!((lab.storage.len(), lab.discarded()), (0, vec![(DiscardReason::TooOld, 1)]));
}

#[test]
fn a_chunk_that_is_too_large_for_a_body_stays_on_the_storage_until_its_parts_are_acknowledged() {
    let mut lab = Lab::new();
    (0..4).for_each(|_| lab.log("x"));
    lab.tell(Input::Flush(Ticket(1)));
    let stored = lab.storage.clone();
    lab.answer(0, Answer::error(ErrorCode::TooLarge, "too large"));
    lab.pass(0);
    assert_eq!((lab.stored_messages(), &lab.storage), (4, &stored));
    lab.answer(1, acknowledging(1, &[(1, 4)]));
    assert_eq!(
        (lab.stored_messages(), lab.engine.ledger().acknowledged),
        (2, 2),
        "only what was sent counts"
    );
}

#[test]
fn a_chunk_of_a_time_to_come_is_sent_and_gets_too_old_like_any_other() {
    let mut last = Lab::new();
    last.log("by a clock that was wrong");
    last.pass(1_000);
    for value in last.storage.values_mut() {
        *value = value.replacen(&START.to_string(), &u64::MAX.to_string(), 1);
    }
    let mut lab = last.next_page(2);
    lab.lose(0);
    assert!(lab.wake_at.is_some_and(|at| at > lab.now), "it is not woken over and over");
    lab.pass(1_000);
    let mut lab = lab.next_page(3);
    lab.now += 15 * 86_400_000;
    lab.tell(Input::Wake);
    lab.lose(0);
    lab.tell(Input::Wake);
    assert_eq!((lab.stored_messages(), lab.discarded()), (0, vec![(DiscardReason::TooOld, 1)]));
}
