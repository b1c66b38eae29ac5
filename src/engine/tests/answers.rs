//! What an answer, or the lack of one, does to the records.

use super::*;

#[test]
fn only_an_answer_that_is_ours_acknowledges() {
    let foreign = [
        Answer { beaconry: 0, ..acknowledging(1, &[(1, 10)]) },
        Answer { stream: None, ..acknowledging(1, &[(1, 10)]) },
        Answer { stream: Some("someone else's".to_owned()), ..acknowledging(1, &[(1, 10)]) },
        ours(1),
    ];
    for answer in foreign {
        let mut lab = Lab::new();
        (0..10).for_each(|_| lab.log("x"));
        lab.pass(0);
        lab.answer(0, answer);
        assert_eq!((lab.stored_messages(), lab.engine.ledger().acknowledged), (10, 0));
        lab.pass(2_000);
        assert_eq!(lab.sent.len(), 2, "it is tried again");
    }
}

#[test]
fn what_the_answer_does_not_name_is_sent_again() {
    let mut lab = Lab::new();
    (0..10).for_each(|_| lab.log("x"));
    lab.pass(0);
    lab.answer(0, acknowledging(1, &[(1, 4), (6, 10)]));
    lab.pass(1_000);
    assert_eq!(lab.sent.len(), 2);
    assert_eq!(lab.sent[1].body.matches(r#""type":"log""#).count(), 1);
    assert!(lab.sent[1].body.contains(r#""seq":5"#));
    assert_eq!(lab.stored_messages(), 1);
}

#[test]
fn a_rejected_record_is_discarded_counted_and_reported() {
    let mut lab = Lab::new();
    (0..10).for_each(|_| lab.log("x"));
    lab.pass(0);
    lab.answer(0, Answer { results: vec![rejection(2)], ..acknowledging(1, &[(1, 2), (4, 10)]) });
    assert_eq!(lab.discarded(), [(DiscardReason::InvalidField, 1)]);
    lab.tell(Input::Flush(Ticket(1)));
    let report = r#""discards":[{"reason":"invalid_field","type":"log","count":1,"seqs":[[3,3]]}]"#;
    assert!(lab.sent[1].body.contains(report), "{}", lab.sent[1].body);
}

#[test]
fn a_rejected_record_is_on_no_storage_either() {
    let mut lab = Lab::new();
    (0..10).for_each(|number| lab.log(&format!("m{number}")));
    lab.pass(0);
    // localStorage has refused it, and the second tier has it.
    let key = lab.storage.keys().next().unwrap().clone();
    lab.tell(Input::SpoolFailed { key: &key });
    lab.answer(0, Answer { results: vec![rejection(2)], ..acknowledging(1, &[(1, 2)]) });
    lab.pass(1_000);
    let stored: String = lab.storage.into_values().collect();
    assert!(stored.contains("m9") && !stored.contains("m2"), "{stored}");
}

#[test]
fn a_server_that_is_away_costs_nothing_but_time() {
    let mut lab = Lab::new();
    (0..10).for_each(|_| lab.log("x"));
    lab.pass(0);
    for _ in 0..20 {
        lab.lose(lab.sent.len() - 1);
        assert_eq!(lab.stored_messages(), 10);
        let tries = lab.sent.len();
        while lab.sent.len() == tries {
            lab.pass(1_000);
        }
    }
    assert!(lab.now - START > 20 * 60_000, "the pauses grow");
    lab.answer(20, acknowledging(1, &[(1, 10)]));
    assert_eq!((lab.storage.len(), lab.engine.ledger().acknowledged), (0, 10));
}

#[test]
fn a_server_that_hangs_is_given_up_on() {
    let mut lab = Lab::new();
    (0..10).for_each(|_| lab.log("x"));
    lab.pass(29_999);
    assert_eq!(lab.sent.len(), 1);
    lab.pass(5_000);
    assert_eq!(lab.sent.len(), 2);
    lab.answer(0, acknowledging(1, &[(1, 10)]));
    assert_eq!(lab.engine.ledger().acknowledged, 0, "an answer to a request that was given up says nothing");
}

#[test]
fn a_server_that_asks_for_time_gets_it() {
    let mut lab = Lab::new();
    (0..10).for_each(|_| lab.log("x"));
    lab.pass(0);
    let busy =
        Answer { retry_after_ms: Some(60_000), ..Answer::error(ErrorCode::TooManyRequests, "slow down") };
    lab.answer(0, busy);
    lab.tell(Input::Online);
    lab.tell(Input::Hidden);
    lab.tell(Input::Flush(Ticket(1)));
    lab.pass(59_999);
    assert_eq!(lab.sent.len(), 1);
    assert_eq!(lab.settled, [(1, Settled::Spooled)]);
    lab.pass(2_000);
    assert_eq!(lab.sent.len(), 2);
}

#[test]
fn a_wrong_key_keeps_the_records_and_says_so_once() {
    let mut lab = Lab::new();
    (0..10).for_each(|_| lab.log("x"));
    lab.pass(0);
    for _ in 0..3 {
        lab.answer(lab.sent.len() - 1, Answer::error(ErrorCode::Unauthorized, "unknown key"));
        lab.pass(6 * 60_000);
    }
    assert_eq!((lab.warnings.len(), lab.stored_messages()), (1, 10));
}

#[test]
fn a_body_that_is_too_large_is_split_down_to_the_record_that_is() {
    let mut lab = Lab::new();
    (0..10).for_each(|_| lab.log("x"));
    lab.pass(0);
    let mut answered = 0;
    while answered < lab.sent.len() {
        let body = lab.sent[answered].body.clone();
        let seqs: Vec<u64> = (1..=10).filter(|seq| body.contains(&format!(r#""seq":{seq},"#))).collect();
        if seqs.contains(&7) {
            lab.answer(answered, Answer::error(ErrorCode::TooLarge, "too large"));
        } else {
            let ranges: Vec<_> = seqs.iter().map(|seq| (*seq, *seq)).collect();
            lab.answer(answered, acknowledging(1, &ranges));
        }
        answered += 1;
        lab.pass(2_000);
        assert!(answered < 40, "it does not end");
    }
    assert_eq!(lab.discarded(), [(DiscardReason::TooLarge, 1)]);
    assert_eq!(lab.engine.ledger().acknowledged, 9);
    assert_eq!(lab.stored_messages(), 0);
}

#[test]
fn losses_that_one_report_cannot_hold_are_told_in_more_than_one() {
    let mut lab = Lab::new();
    (0..2_000).for_each(|_| lab.log("x"));
    lab.pass(0);
    let mut rejected = 0;
    for send in 0.. {
        let (waiting, flying) = (lab.engine.waiting().len(), lab.engine.in_flight() as u64);
        let first = lab.engine.last_seq() - waiting as u64 - flying + 1;
        let results: Vec<_> = (0..flying).step_by(2).map(rejection).collect();
        let rest: Vec<_> = (first..first + flying).skip(1).step_by(2).map(|seq| (seq, seq)).collect();
        rejected += results.len();
        lab.answer(send, Answer { results, ..acknowledging(1, &rest) });
        if waiting == 0 {
            break;
        }
        lab.pass(0);
    }
    let before = lab.engine.last_seq();
    lab.tell(Input::Flush(Ticket(1)));
    assert_eq!(lab.engine.last_seq() - before, rejected.div_ceil(limits::REPORT_RANGES) as u64);
    assert!(rejected > 2 * limits::REPORT_RANGES);
}

#[test]
fn a_rejection_in_the_name_of_another_stream_discards_nothing() {
    let mut lab = Lab::new();
    (0..10).for_each(|_| lab.log("x"));
    lab.pass(0);
    lab.answer(0, Answer { results: (0..10).map(rejection).collect(), ..ours(99) });
    assert_eq!((lab.discarded().len(), lab.stored_messages()), (0, 10));
}

#[test]
fn what_an_earlier_page_left_and_the_server_cannot_read_holds_up_nobody() {
    let mut last = Lab::new();
    last.log("with a damaged head");
    last.pass(1_000);
    let mut lab = last.next_page(2);
    let unreadable = || Answer::error(ErrorCode::InvalidJson, "not JSON");
    lab.answer(0, unreadable());
    assert_eq!(lab.engine.ledger().adopted, 1, "it may have been the way that it was sent");
    lab.pass(2_000);
    lab.answer(1, unreadable());
    assert_eq!((lab.engine.ledger().adopted, lab.stored_messages()), (0, 1), "it stays in the spool");
    lab.log("own");
    lab.tell(Input::Flush(Ticket(1)));
    assert!(lab.sent[2].body.contains("own"));
    lab.answer(2, unreadable());
    lab.pass(2_000);
    lab.answer(3, unreadable());
    assert_eq!(lab.engine.waiting().len(), 1, "what is our own is kept and tried again");
}
