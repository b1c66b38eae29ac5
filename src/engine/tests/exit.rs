//! What is left to the browser when the page goes, and pages that come back.

use super::*;

fn with_fetch_later() -> Lab {
    let mut lab = Lab::new();
    lab.engine.has_fetch_later = true;
    lab
}

#[test]
fn what_keepalive_has_no_room_for_is_left_to_the_browser_and_stays_in_the_spool() {
    let mut lab = with_fetch_later();
    (0..200).for_each(|_| lab.log(&"x".repeat(1_000)));
    lab.tell(Input::BeforeUnload);
    assert_eq!((lab.sent.len(), lab.left_to_browser.len()), (2, 0), "it may be cancelled");
    lab.tell(Input::PageHide);
    lab.tell(Input::Hidden);
    let bytes: usize = lab.left_to_browser.iter().map(String::len).sum();
    assert!((limits::KEEPALIVE_BYTES / 4 * 3..=limits::KEEPALIVE_BYTES).contains(&bytes), "{bytes}");
    assert_eq!((lab.sent.len(), lab.stored_messages()), (2, 200));
    assert!(!lab.left_to_browser.concat().contains(r#""seq":1,"#), "not what was sent");
}

#[test]
fn a_page_that_comes_back_takes_back_what_it_left_to_the_browser() {
    let mut lab = with_fetch_later();
    (0..200).for_each(|_| lab.log(&"x".repeat(1_000)));
    lab.tell(Input::PageHide);
    lab.tell(Input::Shown);
    assert_eq!(lab.left_to_browser.len(), 0);
    let mut at = 0;
    while let Some(sent) = lab.sent.get(at) {
        let last = sent.body.rmatch_indices(r#""seq":"#).next().unwrap().0 + 6;
        let last = sent.body[last..].split(',').next().unwrap().parse().unwrap();
        lab.answer(at, acknowledging(1, &[(1, last)]));
        lab.pass(0);
        at += 1;
    }
    assert_eq!((lab.engine.ledger().acknowledged, lab.storage.len()), (200, 0));
}

#[test]
fn a_page_whose_stream_was_taken_over_begins_a_new_one() {
    let mut lab = Lab::new();
    (0..3).for_each(|_| lab.log("old"));
    lab.tell(Input::PageHide);
    lab.lose(0);
    lab.tell(Input::StreamLost(StreamId::from_random(2)));
    assert_eq!((lab.engine.waiting().len(), lab.engine.ledger().handed_over), (0, 3));
    assert_eq!(lab.stored_messages(), 3, "what is on the storage is in other hands");
    lab.tell(Input::Shown);
    lab.log("new");
    assert_eq!((lab.engine.last_seq(), lab.engine.last_receipt()), (1, 4));
    lab.tell(Input::Delivered(Ticket(1), 3));
    lab.tell(Input::Delivered(Ticket(2), 4));
    assert_eq!(lab.settled, [(1, Settled::Spooled)]);
    lab.tell(Input::Flush(Ticket(3)));
    let sent = lab.sent.len() - 1;
    lab.pass(10_000);
    assert!(lab.sent[sent].body.contains(&StreamId::from_random(2).to_hex()), "{:?}", lab.sent);
}

#[test]
fn what_only_this_page_has_is_still_sent_by_it() {
    let mut lab = Lab::new();
    lab.log("refused by the storage");
    lab.pass(1_000);
    let key = lab.storage.keys().next().unwrap().clone();
    lab.storage.clear();
    lab.tell(Input::SpoolFailed { key: &key });
    lab.tell(Input::StreamLost(StreamId::from_random(2)));
    assert_eq!((lab.engine.in_flight(), lab.engine.ledger().handed_over), (1, 0));
    assert!(lab.sent[0].body.contains(&StreamId::from_random(1).to_hex()));
    lab.lose(0);
    lab.tell(Input::LetGo);
    assert_eq!((lab.engine.waiting().len(), lab.engine.ledger().adopted), (1, 0), "nobody else has it");
}

#[test]
fn a_page_that_comes_back_sends_nothing_before_it_knows_whose_its_stream_is() {
    let mut lab = Lab::new();
    lab.log("old");
    lab.tell(Input::PageHide);
    lab.lose(0);
    lab.now += 600_000;
    lab.tell(Input::LetGo);
    assert_eq!(lab.sent.len(), 1);
    lab.tell(Input::Shown);
    assert_eq!(lab.sent.len(), 2);
}

#[test]
fn a_page_that_comes_back_does_not_wait_long_for_answers_from_before() {
    let mut lab = Lab::new();
    lab.log("x");
    lab.tell(Input::PageHide);
    lab.tell(Input::Restored);
    lab.pass(1_000);
    assert_eq!((lab.sent.len(), lab.engine.in_flight()), (1, 1));
    lab.pass(3_000);
    assert_eq!((lab.sent.len(), lab.engine.in_flight()), (2, 1));
}

#[test]
fn who_is_switched_off_takes_back_what_it_left_to_the_browser() {
    let mut lab = with_fetch_later();
    (0..200).for_each(|_| lab.log(&"x".repeat(1_000)));
    lab.tell(Input::PageHide);
    assert!(!lab.left_to_browser.is_empty());
    lab.tell(Input::Enabled(false));
    assert!(lab.left_to_browser.is_empty());
    lab.tell(Input::Delivered(Ticket(1), 200));
    assert_eq!(lab.settled, [(1, Settled::Spooled)], "nobody waits for what is not sent");
}
