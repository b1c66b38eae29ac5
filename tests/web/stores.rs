//! Where records wait: two tiers, and who may take over what.

use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::*;

fn another_page() -> WasmClient {
    start(&options(&[]))
}

/// Waits until the first tier has this text, and where there is one the second.
async fn until_spooled(text: &str) {
    until("it is in both tiers", async || spooled().contains(text) && journalled().await.contains(text))
        .await;
}

async fn until_acknowledged(client: &WasmClient, count: f64) {
    until("it is acknowledged", async || stat(client, &["acknowledged"]) == count).await;
}

/// Waits until this many streams have a page that answers for them; none has where pages get no locks.
async fn until_locked(streams: f64) {
    let wanted = if holds_locks() { streams } else { 0.0 };
    until("the locks are taken or released", async || locks_held().await == wanted).await;
}

#[wasm_bindgen_test]
async fn a_chunk_is_in_both_tiers_until_it_is_acknowledged() {
    let client = client(&[("spoolDelayMs", 10.into())]);
    assert_eq!(at(&client.stats(), &["storage"]), "localStorage+indexedDB");
    log(&client, "in both");
    until_spooled("in both").await;
    assert_eq!(settled(client.flush()).await, "delivered");
    assert_eq!(spooled(), "");
    until("the second tier is empty", async || journalled().await.is_empty()).await;
}

#[wasm_bindgen_test]
async fn what_only_the_second_tier_has_is_sent_by_the_next_page() {
    let last = client(&[("spoolDelayMs", 10.into())]);
    no_network();
    log(&last, "survivor");
    until_spooled("survivor").await;
    drop(last);
    forget_local("beaconry:1:");
    acknowledging();
    let next = another_page();
    until_acknowledged(&next, 1.0).await;
    assert_eq!(stat(&next, &["adopted"]), 1.0);
    until("the second tier is empty", async || journalled().await.is_empty()).await;
}

#[wasm_bindgen_test]
async fn a_record_found_in_both_tiers_is_one_record() {
    let last = client(&[("spoolDelayMs", 10.into())]);
    no_network();
    log(&last, "twice there, once sent");
    until_spooled("twice there, once sent").await;
    drop(last);
    acknowledging();
    let next = another_page();
    until_acknowledged(&next, 1.0).await;
    sleep(A_MOMENT).await;
    assert_eq!((stat(&next, &["adopted"]), stat(&next, &["sent"]), request_count()), (1.0, 1.0, 1));
}

#[wasm_bindgen_test]
async fn what_a_living_page_has_spooled_is_left_to_it() {
    let first = client(&[("spoolDelayMs", 10.into())]);
    log(&first, "mine");
    until_spooled("mine").await;
    let second = another_page();
    if !holds_locks() {
        // Both send it; the server drops the second copy.
        until_acknowledged(&second, 1.0).await;
        return assert_eq!((stat(&second, &["adopted"]), locks_held().await), (1.0, 0.0));
    }
    until_locked(2.0).await;
    sleep(A_MOMENT).await;
    assert_eq!((stat(&second, &["adopted"]), request_count(), locks_held().await), (0.0, 0, 2.0));
    drop(first);
    until_locked(1.0).await;
    let third = another_page();
    until_acknowledged(&third, 1.0).await;
    assert_eq!(stat(&third, &["adopted"]), 1.0);
}

#[wasm_bindgen_test]
async fn what_is_meant_for_another_endpoint_is_left_to_those_who_may_send_it() {
    let last = client(&[("spoolDelayMs", 10.into())]);
    no_network();
    log(&last, "for the first endpoint");
    until_spooled("for the first endpoint").await;
    drop(last);
    until_locked(0.0).await;
    acknowledging();
    let other = start(&options(&[("endpoint", "/another".into())]));
    sleep(A_MOMENT).await;
    assert_eq!(stat(&other, &["adopted"]), 0.0);
    let next = another_page();
    until_acknowledged(&next, 1.0).await;
    assert_eq!((stat(&next, &["adopted"]), stat(&other, &["sent"])), (1.0, 0.0));
}

#[wasm_bindgen_test]
async fn a_page_in_the_cache_holds_no_lock_and_goes_on_with_its_stream() {
    let client = client(&[]);
    let stream = at(&client.stats(), &["stream"]);
    until_locked(1.0).await;
    no_network();
    log(&client, "waits");
    into_cache();
    until_locked(0.0).await;
    assert!(own_keys().contains("beaconry:fence:"), "{}", own_keys());
    acknowledging();
    out_of_cache();
    until_locked(1.0).await;
    assert_eq!(at(&client.stats(), &["stream"]), stream);
    assert!(!own_keys().contains("beaconry:fence:"), "{}", own_keys());
    assert_eq!(settled(client.flush()).await, "delivered");
}

#[wasm_bindgen_test]
async fn a_page_whose_stream_was_taken_over_in_the_meantime_begins_a_new_one() {
    let first = client(&[]);
    until_locked(1.0).await;
    no_network();
    log(&first, "taken over");
    into_cache();
    until_locked(0.0).await;
    acknowledging();
    let second = another_page();
    until_acknowledged(&second, 1.0).await;
    assert_eq!(stat(&second, &["adopted"]), 1.0);
    let stream = at(&first.stats(), &["stream"]);
    out_of_cache();
    if !holds_locks() {
        sleep(A_MOMENT).await;
        // What was sent and removed looks like a storage that the app has cleared: it is sent once more.
        return assert_eq!((at(&first.stats(), &["stream"]), stat(&first, &["handedOver"])), (stream, 0.0));
    }
    until("it begins a new stream", async || at(&first.stats(), &["stream"]) != stream).await;
    assert_eq!(stat(&first, &["handedOver"]), 1.0);
    let requests = request_count();
    log(&first, "new");
    assert_eq!(settled(first.flush()).await, "delivered");
    assert_eq!((request_count(), stat(&first, &["acknowledged"])), (requests + 1, 1.0));
}

#[wasm_bindgen_test]
async fn localstorage_is_left_to_the_app_beyond_our_share() {
    let client = client(&[("batchSize", 1_000.into()), ("spoolDelayMs", 10.into())]);
    no_network();
    let line = "x".repeat(8_000);
    for _ in 0..400 {
        log(&client, &line);
    }
    freeze_page();
    until("the second tier has all", async || journalled().await.len() > 3_000_000).await;
    assert!(spooled().len() <= 2 << 20, "{}", spooled().len());
    assert!(stat(&client, &["spoolRefusals"]) > 0.0);
    assert_eq!(stat(&client, &["waiting"]) + stat(&client, &["inFlight"]), 400.0);
}

#[wasm_bindgen_test]
async fn what_was_given_up_is_not_found_on_a_storage_that_is_full() {
    let small = [("maxQueueBytes", 65_536.into()), ("batchSize", 1_000.into()), ("spoolDelayMs", 10.into())];
    let client = client(&small);
    no_network();
    let say = |number| {
        log(&client, &format!("number {number} {}", "x".repeat(2_000)));
    };
    (0..28).for_each(say);
    until_spooled("number 27 ").await;
    (28..38).for_each(say);
    sleep(A_MOMENT).await;
    assert!(stat(&client, &["discarded", "queue_overflow"]) > 0.0);
    assert!(!spooled().contains("number 0 ") && !journalled().await.contains("number 0 "));
    assert!(spooled().contains("number 27 "));
}

#[wasm_bindgen_test]
async fn where_there_is_no_indexeddb_the_first_tier_is_enough() {
    let hidden = hide_global("indexedDB");
    let client = client(&[("spoolDelayMs", 10.into())]);
    log(&client, "x");
    until("it is spooled", async || spooled().contains('x')).await;
    until("the other tier is given up", async || at(&client.stats(), &["storage"]) == "localStorage").await;
    assert_eq!(settled(client.flush()).await, "delivered");
    hidden.call0(&JsValue::NULL).unwrap();
}
