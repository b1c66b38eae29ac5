//! How records get away, and what is kept when they do not.

use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::*;

#[wasm_bindgen_test]
async fn a_flush_posts_json_with_the_token_and_empties_the_buffer() {
    let client = client(&[]);
    log(&client, "Test");
    assert_eq!(waiting(&client, "logs"), 1);
    assert_eq!(settled(client.flush()).await, "delivered");
    assert_eq!(request(0, "url"), "https://t.example/ingest");
    assert_eq!(request(0, "method"), "POST");
    assert_eq!(request(0, "contentType"), "application/json");
    assert_eq!(request(0, "token"), "test-token");
    assert_eq!((request(0, "credentials"), request(0, "redirect")), ("omit".into(), "error".into()));
    assert_eq!((waiting(&client, "logs"), spooled()), (0, String::new()));
}

#[wasm_bindgen_test]
async fn a_failing_fetch_never_throws_and_keeps_the_records() {
    for break_it in [no_network, captive_portal, fetch_that_throws, ours_with_status_500] {
        let client = client(&[]);
        break_it();
        let receipt = log(&client, "kept");
        assert_eq!(settled(client.flush()).await, "spooled");
        assert!(spooled().contains("kept"));
        acknowledging();
        assert_eq!(settled(client.flush()).await, "delivered");
        assert_eq!(settled(client.delivered(receipt)).await, "delivered");
        assert_eq!(spooled(), "");
    }
}

#[wasm_bindgen_test]
async fn a_full_batch_is_sent_without_being_asked() {
    let client = client(&[("batchSize", 3.into())]);
    for _ in 0..3 {
        log(&client, "x");
    }
    assert_eq!(request_count(), 0, "a call makes no request itself");
    until("it is acknowledged", async || stat(&client, &["acknowledged"]) == 3.0).await;
    assert_eq!(request_count(), 1);
}

#[wasm_bindgen_test]
async fn records_are_on_the_storage_after_the_spool_delay() {
    let client = client(&[("spoolDelayMs", 50.into())]);
    log(&client, "soon");
    assert_eq!(spooled(), "");
    until("it is on the storage", async || spooled().contains("soon")).await;
    assert_eq!(request_count(), 0);
    drop(client);
}

#[wasm_bindgen_test]
fn an_error_is_on_the_storage_before_the_call_returns() {
    let client = client(&[]);
    client.error(&js_sys::Error::new("now"), true, &JsValue::UNDEFINED, None);
    assert!(spooled().contains("now"));
}

#[wasm_bindgen_test]
fn a_page_that_goes_spools_and_sends_with_keepalive_and_without_a_preflight() {
    for exit in ["pagehide", "beforeunload"] {
        let client = client(&[]);
        log(&client, "last words");
        dispatch(exit);
        assert!(spooled().contains("last words"), "{exit}");
        assert_eq!((request_count(), request(0, "keepalive")), (1, true.into()));
        assert_eq!(request(0, "contentType"), "text/plain");
        assert_eq!(request(0, "url"), "https://t.example/ingest?token=test-token");
        drop(client);
    }
}

#[wasm_bindgen_test]
async fn beforeunload_is_watched_only_while_there_is_something_to_lose() {
    fresh();
    count_listeners("beforeunload");
    let client = client(&[("spoolDelayMs", 30.into())]);
    assert_eq!(listeners_now("beforeunload"), 0);
    log(&client, "at risk");
    assert_eq!(listeners_now("beforeunload"), 1);
    until("nobody listens", async || listeners_now("beforeunload") == 0).await;
}

#[wasm_bindgen_test]
async fn the_next_page_sends_what_the_last_one_left_behind() {
    let last = client(&[]);
    no_network();
    log(&last, "left behind");
    assert_eq!(settled(last.flush()).await, "spooled");
    last.set_enabled(false);
    acknowledging();
    let next = start(&options(&[]));
    until("it is acknowledged", async || stat(&next, &["acknowledged"]) == 1.0).await;
    assert_eq!((stat(&next, &["adopted"]), spooled()), (1.0, String::new()));
}

#[wasm_bindgen_test]
async fn a_storage_that_is_blocked_or_full_costs_the_spool_and_nothing_else() {
    for break_it in [block_storage, fill_storage] {
        fresh();
        acknowledging();
        break_it();
        let client = start(&options(&[]));
        log(&client, "in memory");
        assert_eq!(settled(client.flush()).await, "delivered");
        assert_eq!(stat(&client, &["acknowledged"]), 1.0);
        fresh();
    }
}

#[wasm_bindgen_test]
async fn a_shutdown_leaves_no_listener() {
    fresh();
    count_listeners("pagehide");
    let client = client(&[]);
    assert_eq!(listeners_now("pagehide"), 1);
    log(&client, "x");
    assert_eq!(settled(client.shutdown()).await, "delivered");
    assert_eq!(listeners_now("pagehide"), 0);
    assert_eq!(log(&client, "after the end"), 0.0);
}

#[wasm_bindgen_test]
async fn a_page_that_is_hidden_or_frozen_spools_and_sends_what_is_recorded_even_then() {
    for leave in [hide_page, freeze_page] {
        let client = client(&[]);
        log(&client, "before");
        leave();
        assert!(spooled().contains("before") && request_count() == 1);
        log(&client, "a vital, reported in the same event");
        assert!(spooled().contains("a vital"));
        until("it is sent", async || request_count() == 2).await;
        assert_eq!(request(1, "keepalive"), JsValue::TRUE);
        show_page();
        drop(client);
    }
}

#[wasm_bindgen_test]
async fn a_storage_that_is_withdrawn_in_the_middle_of_a_visit_breaks_nothing() {
    let client = client(&[("spoolDelayMs", 20.into())]);
    let errors = count_errors();
    block_storage();
    log(&client, "x");
    sleep(80).await;
    assert_eq!(settled(client.flush()).await, "delivered");
    assert_eq!(errors.call0(&JsValue::NULL).unwrap(), 0);
    fresh();
}

#[wasm_bindgen_test]
async fn an_app_whose_fetch_logs_loses_no_timer() {
    let client = std::rc::Rc::new(client(&[("spoolDelayMs", 50.into())]));
    let inner = std::rc::Rc::clone(&client);
    let call = wasm_bindgen::closure::Closure::<dyn Fn() -> f64>::new(move || log(&inner, "from fetch"));
    fetch_that_calls(wasm_bindgen::JsCast::unchecked_ref(call.as_ref()));
    log(&client, "first");
    assert_eq!(settled(client.flush()).await, "delivered");
    until("it is on the storage", async || spooled().contains("from fetch")).await;
}

#[wasm_bindgen_test]
async fn a_wrong_key_is_told_once_even_to_a_console_that_throws() {
    let client = client(&[]);
    wrong_key();
    let errors = count_errors();
    let restore = throwing_console();
    log(&client, "kept");
    assert_eq!(settled(client.flush()).await, "spooled");
    assert!(spooled().contains("kept"));
    restore.call0(&JsValue::NULL).unwrap();
    assert_eq!(errors.call0(&JsValue::NULL).unwrap(), 0);
}

#[wasm_bindgen_test]
async fn what_was_shut_down_stays_so() {
    fresh();
    count_listeners("pagehide");
    let client = client(&[]);
    settled(client.shutdown()).await;
    client.set_enabled(true);
    assert_eq!((log(&client, "x"), listeners_now("pagehide")), (0.0, 0));
}
