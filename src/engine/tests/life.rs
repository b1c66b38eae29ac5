//! Switching off, flushing, leaving, shutting down, users and sessions.

use super::*;

#[test]
fn off_means_that_nothing_is_recorded_sent_or_woken() {
    let mut lab = Lab::new();
    lab.log("x");
    lab.tell(Input::Enabled(false));
    (0..50).for_each(|_| lab.log("y"));
    lab.tell(Input::Hidden);
    lab.tell(Input::Flush(Ticket(1)));
    assert_eq!((lab.sent.len(), lab.wake_at, lab.is_watching_unload), (0, None, false));
    assert_eq!(lab.stored_messages(), 1, "the spool is kept");
    assert_eq!(lab.discarded(), [(DiscardReason::Disabled, 50)]);
    assert_eq!(lab.settled, [(1, Settled::Spooled)]);
    lab.tell(Input::Enabled(true));
    lab.pass(30_000);
    assert_eq!(lab.sent.len(), 1);
}

#[test]
fn a_flush_ends_when_everything_is_delivered_or_the_try_has_failed() {
    let mut lab = Lab::new();
    lab.tell(Input::Flush(Ticket(1)));
    assert_eq!(lab.settled, [(1, Settled::Delivered)], "there was nothing");
    lab.log("x");
    lab.tell(Input::Flush(Ticket(2)));
    lab.tell(Input::Delivered(Ticket(3), 1));
    assert_eq!((lab.settled.len(), lab.engine.waiting().len()), (1, 0));
    lab.lose(0);
    assert_eq!(lab.settled[1], (2, Settled::Spooled));
    lab.tell(Input::Flush(Ticket(4)));
    lab.answer(1, acknowledging(1, &[(1, 1)]));
    assert!(lab.settled.contains(&(4, Settled::Delivered)) && lab.settled.contains(&(3, Settled::Delivered)));
}

#[test]
fn shutting_down_sends_a_closing_record_and_leaves_no_timer() {
    let mut lab = Lab::new();
    lab.log("x");
    lab.tell(Input::Shutdown(Ticket(1)));
    assert!(lab.sent[0].body.contains(r#""closing":true"#));
    lab.log("after the end");
    assert_eq!(lab.discarded(), [(DiscardReason::Disabled, 1)]);
    assert!(lab.is_attached, "nobody else sends what is on its way");
    lab.answer(0, acknowledging(1, &[(1, 2)]));
    assert_eq!(lab.settled, [(1, Settled::Delivered)]);
    assert_eq!((lab.wake_at, lab.is_watching_unload), (None, false));
    assert_eq!((lab.is_attached, lab.storage.len()), (false, 0));
}

#[test]
fn a_tab_that_was_idle_goes_on_with_the_session_that_another_tab_kept_alive() {
    let mut lab = Lab::new();
    let session = lab.engine.session_id().to_owned();
    lab.pass(40 * 60_000);
    assert!(lab.engine.is_session_over(lab.now));
    let kept_alive = format!("{session} {START} {}", lab.now - 60_000);
    lab.tell(Input::Session(Some(&kept_alive)));
    lab.log("x");
    assert_eq!(lab.engine.session_id(), session);
    lab.pass(40 * 60_000);
    lab.tell(Input::Session(None));
    assert_ne!(lab.engine.session_id(), session);
}

#[test]
fn records_of_two_users_never_share_a_body() {
    let mut lab = Lab::with(|config| config.user_ids = UserIds::Plain);
    lab.log("before");
    lab.tell(Input::User { id: Some("ann"), anonymous_id: None });
    lab.log("after");
    lab.tell(Input::Flush(Ticket(1)));
    assert!(lab.sent[0].body.contains(r#""message":"before""#) && !lab.sent[0].body.contains("ann"));
    lab.answer(0, acknowledging(1, &[(1, 1)]));
    lab.pass(0);
    assert!(lab.sent[1].body.contains(r#""user":{"id":"ann"}"#));
}

#[test]
fn a_user_leaves_the_page_as_a_pseudonym_unless_the_app_asks_for_the_id_itself() {
    let mut lab = Lab::new();
    let (id, anonymous_id) = (Some("ann@shop.example"), Some("visitor"));
    lab.tell(Input::User { id, anonymous_id });
    lab.log("x");
    lab.tell(Input::Flush(Ticket(1)));
    let [id, visitor] = ["ann@shop.example", "visitor"].map(|id| beaconry_protocol::pseudonym("default", id));
    let user = format!(r#""user":{{"id":"{id}","anonymousId":"{visitor}"}}"#);
    assert!(lab.sent[0].body.contains(&user), "{}", lab.sent[0].body);
}

#[test]
fn calls_that_make_no_record_are_counted_and_explained_in_debug_mode() {
    let mut lab = Lab::with(|config| config.debug = true);
    lab.tell(Input::Misuse { record_type: None, advice: "log() takes a string" });
    let nameless = Body::Event { name: Cow::Borrowed("Not A Name"), action: None, duration: None };
    lab.tell(Input::Record(&Call::new(&nameless, None)));
    assert_eq!(lab.discarded(), [(DiscardReason::InvalidArgument, 2)]);
    assert_eq!(lab.warnings[0], "[beaconry] log() takes a string");
    assert_eq!(lab.engine.last_seq(), 0);
}

#[test]
fn what_is_recorded_while_the_page_goes_is_written_at_once_and_sent() {
    for exit in [|| Input::Hidden, || Input::PageHide, || Input::Freeze] {
        let mut lab = Lab::new();
        lab.tell(exit());
        lab.log("a web vital, reported in the same event");
        assert_eq!((lab.stored_messages(), lab.wake_at), (1, Some(lab.now)));
        lab.pass(0);
        assert_eq!((lab.sent.len(), lab.sent[0].keepalive), (1, true));
        lab.answer(0, acknowledging(1, &[(1, 1)]));
        lab.pass(5_000);
        lab.log("hidden, but alive");
        assert_eq!((lab.stored_messages(), lab.sent.len()), (1, 1), "written at once, sent in batches");
        lab.tell(Input::Shown);
        lab.log("visible");
        assert_eq!(lab.stored_messages(), 1, "in its own time");
    }
}

#[test]
fn a_promise_for_a_record_that_was_never_made_does_not_say_delivered() {
    let mut lab = Lab::new();
    lab.log("x");
    lab.tell(Input::Delivered(Ticket(1), 0));
    lab.tell(Input::Delivered(Ticket(2), 2));
    assert_eq!(lab.settled, [(1, Settled::Discarded), (2, Settled::Discarded)]);
}

#[test]
fn a_shutdown_that_fails_settles_what_is_open_and_leaves_the_rest_to_the_next_page() {
    let mut lab = Lab::new();
    lab.log("x");
    lab.tell(Input::Delivered(Ticket(1), 1));
    lab.tell(Input::Shutdown(Ticket(2)));
    lab.lose(0);
    lab.settled.sort_by_key(|(ticket, _)| *ticket);
    assert_eq!(lab.settled, [(1, Settled::Spooled), (2, Settled::Spooled)]);
    lab.pass(600_000);
    assert_eq!((lab.sent.len(), lab.stored_messages(), lab.wake_at), (1, 1, None));
    assert!(!lab.is_attached);
    lab.tell(Input::Flush(Ticket(3)));
    assert_eq!((lab.sent.len(), lab.settled.last()), (1, Some(&(3, Settled::Spooled))));
}
