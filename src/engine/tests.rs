//! Facts about the engine: inputs in, commands out, time by hand.

use std::borrow::Cow;
use std::collections::BTreeMap;

use beaconry_protocol::{
    Answer, Body, DiscardReason, ErrorCode, Level, RecordResult, Scope, SeqRange, StreamId, Verdict, limits,
};

use super::*;

/// An engine with a storage that works, and the requests that it made.
struct Lab {
    engine: Engine,
    now: Millis,
    storage: BTreeMap<String, String>,
    sent: Vec<Sent>,
    settled: Vec<(u64, Settled)>,
    wake_at: Option<Millis>,
    is_watching_unload: bool,
    warnings: Vec<String>,
}

#[derive(Debug, Clone)]
struct Sent {
    id: SendId,
    body: String,
    keepalive: bool,
}

const START: Millis = 1_766_361_600_000;

impl Lab {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Config)) -> Self {
        let endpoint = Given::Text("https://t.example/ingest".to_owned());
        let mut config = Config::from_given(Given::Map(vec![("endpoint".to_owned(), endpoint)])).unwrap();
        change(&mut config);
        Self::start(config, 1, BTreeMap::new())
    }

    fn start(config: Config, stream: u128, storage: BTreeMap<String, String>) -> Self {
        let start = Start {
            stream: StreamId::from_random(stream),
            seed: 7,
            session: None,
            platform: Scope::default(),
            page: Some("https://app.example/quiz?user=ann".to_owned()),
        };
        let engine = Engine::new(config, start, START);
        let (sent, settled, warnings) = (Vec::new(), Vec::new(), Vec::new());
        let (wake_at, is_watching_unload) = (None, false);
        Self { engine, now: START, storage, sent, settled, wake_at, is_watching_unload, warnings }
    }

    /// Another page of the same origin, at the same time, with the same storage.
    fn next_page(self, stream: u128) -> Self {
        let mut next = Self::start(self.engine.config().clone(), stream, self.storage);
        next.now = self.now;
        next.recover();
        next
    }

    fn tell(&mut self, input: Input<'_>) {
        let mut recover = false;
        for command in self.engine.handle(input, self.now) {
            match command {
                Command::Spool { key, value } => drop(self.storage.insert(key, value)),
                Command::Unspool { key } => {
                    assert!(self.storage.remove(&key).is_some(), "{key} was not there")
                }
                Command::Send { id, body, keepalive, .. } => self.sent.push(Sent { id, body, keepalive }),
                Command::WakeAt(at) => self.wake_at = at,
                Command::WatchBeforeUnload(is_wanted) => self.is_watching_unload = is_wanted,
                Command::Settle(ticket, outcome) => self.settled.push((ticket.0, outcome)),
                Command::Warn(message) => self.warnings.push(message),
                Command::Recover => recover = true,
                Command::StoreSession(_) | Command::Abort(_) => {}
            }
        }
        assert!(self.engine.keepalive_bytes() <= limits::KEEPALIVE_BYTES);
        self.assert_the_ledger_adds_up();
        if recover {
            self.recover();
        }
    }

    fn recover(&mut self) {
        let left: Vec<_> = self.storage.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        self.tell(Input::Recovered(left));
    }

    fn assert_the_ledger_adds_up(&self) {
        let ledger = self.engine.ledger();
        let discarded: u64 = ledger.discarded().map(|(_, count)| count).sum();
        let queued = self.engine.waiting().count() + self.engine.in_flight();
        let came = ledger.recorded + ledger.adopted;
        assert_eq!(came, ledger.acknowledged + discarded + queued as u64, "{}", self.engine.stats_json());
    }

    fn log(&mut self, message: &str) {
        self.log_at(Level::Info, message);
    }

    fn log_at(&mut self, level: Level, message: &str) {
        self.tell(Input::Record(Call::new(Body::Log { level, message: Cow::Borrowed(message) }, None)));
    }

    /// Lets time pass and wakes the engine whenever it wants to be woken.
    fn pass(&mut self, span: Millis) {
        let end = self.now + span;
        while let Some(at) = self.wake_at.filter(|at| *at <= end) {
            self.now = self.now.max(at);
            // A timer fires once.
            self.wake_at = None;
            self.tell(Input::Wake);
        }
        self.now = end;
    }

    fn answer(&mut self, at: usize, answer: Answer) {
        let id = self.sent[at].id;
        self.tell(Input::Answered(id, Reply::from_answer(Some(answer), None)));
    }

    fn lose(&mut self, at: usize) {
        let id = self.sent[at].id;
        self.tell(Input::Answered(id, Reply::Unknown { retry_after: None }));
    }

    fn stored_messages(&self) -> usize {
        self.storage.values().map(|value| value.matches(r#""type":"log""#).count()).sum()
    }

    fn discarded(&self) -> Vec<(DiscardReason, u64)> {
        self.engine.ledger().discarded().collect()
    }
}

fn ours(stream: u128) -> Answer {
    let stream = Some(StreamId::from_random(stream).to_hex());
    Answer { beaconry: 1, success: true, stream, ..Answer::default() }
}

fn acknowledging(stream: u128, ranges: &[(u64, u64)]) -> Answer {
    Answer { acknowledged: ranges.iter().map(|(a, b)| SeqRange(*a, *b)).collect(), ..ours(stream) }
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
    let result = RecordResult {
        index: 2,
        id: None,
        verdict: Verdict::Rejected,
        reason: Some(DiscardReason::InvalidField),
        message: None,
    };
    lab.answer(0, Answer { results: vec![result], ..acknowledging(1, &[(1, 2), (4, 10)]) });
    assert_eq!(lab.discarded(), [(DiscardReason::InvalidField, 1)]);
    lab.tell(Input::Flush(Ticket(1)));
    let report = r#""discards":[{"reason":"invalid_field","type":"log","count":1,"seqs":[[3,3]]}]"#;
    assert!(lab.sent[1].body.contains(report), "{}", lab.sent[1].body);
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
        lab.pass(0);
        assert!(answered < 40, "it does not end");
    }
    assert_eq!(lab.discarded(), [(DiscardReason::TooLarge, 1)]);
    assert_eq!(lab.engine.ledger().acknowledged, 9);
    assert_eq!(lab.stored_messages(), 0);
}

#[test]
fn a_full_queue_gives_up_the_oldest_of_the_least_severe() {
    let mut lab = Lab::with(|config| config.max_queue_bytes = 16 << 10);
    lab.log_at(Level::Error, "kept");
    lab.log_at(Level::Debug, "first to go");
    (0..200).for_each(|_| lab.log(&"x".repeat(100)));
    assert!(lab.engine.queued_bytes() <= 16 << 10);
    let texts: String = lab.engine.waiting().map(|(_, text)| text).collect();
    assert!(texts.contains("kept") && !texts.contains("first to go"));
    assert!(texts.contains(r#""seq":202"#), "the newest stays");
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
    lab.tell(Input::SpoolFailed { key: key.unwrap() });
    assert!(lab.engine.stats_json().contains(r#""spoolRefusals":1"#));
    assert_eq!(lab.engine.in_flight(), 1);
}

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
    assert_eq!((lab.settled.len(), lab.engine.waiting().count()), (1, 0));
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
    lab.answer(0, acknowledging(1, &[(1, 2)]));
    assert_eq!(lab.settled, [(1, Settled::Delivered)]);
    assert_eq!((lab.wake_at, lab.is_watching_unload), (None, false));
}

#[test]
fn records_of_two_users_never_share_a_body() {
    let mut lab = Lab::new();
    lab.log("anonymous");
    lab.tell(Input::User { id: Some("ann".to_owned()), anonymous_id: None });
    lab.log("ann");
    lab.tell(Input::Flush(Ticket(1)));
    assert!(lab.sent[0].body.contains(r#""message":"anonymous""#) && !lab.sent[0].body.contains("ann\""));
    lab.answer(0, acknowledging(1, &[(1, 1)]));
    lab.pass(0);
    assert!(lab.sent[1].body.contains(r#""user":{"id":"ann"}"#));
}

#[test]
fn calls_that_make_no_record_are_counted_and_explained_in_debug_mode() {
    let mut lab = Lab::with(|config| config.debug = true);
    lab.tell(Input::Misuse { record_type: None, advice: "log() takes a string" });
    let nameless = Body::Event { name: Cow::Borrowed("Not A Name"), action: None, duration: None };
    lab.tell(Input::Record(Call::new(nameless, None)));
    assert_eq!(lab.discarded(), [(DiscardReason::InvalidArgument, 2)]);
    assert_eq!(lab.warnings[0], "[beaconry] log() takes a string");
    assert_eq!(lab.engine.last_seq(), 0);
}

#[test]
fn losses_that_one_report_cannot_hold_are_told_in_more_than_one() {
    let mut lab = Lab::new();
    (0..2_000).for_each(|_| lab.log("x"));
    lab.pass(0);
    let mut rejected = 0;
    for send in 0.. {
        let (waiting, flying) = (lab.engine.waiting().count(), lab.engine.in_flight() as u64);
        let first = lab.engine.last_seq() - waiting as u64 - flying + 1;
        let result = |index| RecordResult {
            index,
            id: None,
            verdict: Verdict::Rejected,
            reason: Some(DiscardReason::InvalidField),
            message: None,
        };
        let results: Vec<_> = (0..flying).step_by(2).map(result).collect();
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
fn a_rejection_in_the_name_of_another_stream_discards_nothing() {
    let mut lab = Lab::new();
    (0..10).for_each(|_| lab.log("x"));
    lab.pass(0);
    let result = |index| RecordResult {
        index,
        id: None,
        verdict: Verdict::Rejected,
        reason: Some(DiscardReason::InvalidField),
        message: None,
    };
    lab.answer(0, Answer { results: (0..10).map(result).collect(), ..ours(99) });
    assert_eq!((lab.discarded().len(), lab.stored_messages()), (0, 10));
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
}

#[test]
fn what_the_storage_refused_is_offered_again_when_the_page_goes() {
    let mut lab = Lab::new();
    lab.log("x");
    lab.pass(1_000);
    let key = lab.storage.pop_first().unwrap().0;
    lab.tell(Input::SpoolFailed { key });
    lab.tell(Input::BeforeUnload);
    assert_eq!(lab.stored_messages(), 1);
}
