//! Where records wait: two tiers, and who may take over what.

use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::*;

fn another_page() -> WasmClient {
    start(&options(&[]))
}

/// Long enough for what is gathered to be written, and for locks to be asked for.
const A_MOMENT: u32 = 150;

#[wasm_bindgen_test]
async fn a_chunk_is_in_both_tiers_until_it_is_acknowledged() {
    let client = client(&[("spoolDelayMs", 10.into())]);
    assert_eq!(at(&client.stats(), &["storage"]), "localStorage+indexedDB");
    log(&client, "in both");
    sleep(A_MOMENT).await;
    assert!(spooled().contains("in both") && journalled().await.contains("in both"));
    assert_eq!(settled(client.flush()).await, "delivered");
    sleep(A_MOMENT).await;
    assert_eq!((spooled(), journalled().await), (String::new(), String::new()));
}

#[wasm_bindgen_test]
async fn what_only_the_second_tier_has_is_sent_by_the_next_page() {
    let last = client(&[("spoolDelayMs", 10.into())]);
    no_network();
    log(&last, "survivor");
    sleep(A_MOMENT).await;
    drop(last);
    forget_local("beaconry:1:");
    acknowledging();
    let next = another_page();
    sleep(2 * A_MOMENT).await;
    assert_eq!((stat(&next, &["adopted"]), stat(&next, &["acknowledged"])), (1.0, 1.0));
    sleep(A_MOMENT).await;
    assert_eq!(journalled().await, "");
}

#[wasm_bindgen_test]
async fn a_record_found_in_both_tiers_is_one_record() {
    let last = client(&[("spoolDelayMs", 10.into())]);
    no_network();
    log(&last, "twice there, once sent");
    sleep(A_MOMENT).await;
    drop(last);
    acknowledging();
    let next = another_page();
    sleep(2 * A_MOMENT).await;
    assert_eq!((stat(&next, &["adopted"]), stat(&next, &["sent"]), request_count()), (1.0, 1.0, 1));
}

#[wasm_bindgen_test]
async fn what_a_living_page_has_spooled_is_left_to_it() {
    let first = client(&[("spoolDelayMs", 10.into())]);
    log(&first, "mine");
    sleep(A_MOMENT).await;
    let second = another_page();
    sleep(A_MOMENT).await;
    if !holds_locks() {
        // Both send it; the server drops the second copy.
        return assert_eq!((stat(&second, &["adopted"]), locks_held().await), (1.0, 0.0));
    }
    assert_eq!((stat(&second, &["adopted"]), request_count(), locks_held().await), (0.0, 0, 2.0));
    drop(first);
    let third = another_page();
    sleep(2 * A_MOMENT).await;
    assert_eq!((stat(&third, &["adopted"]), stat(&third, &["acknowledged"])), (1.0, 1.0));
}

#[wasm_bindgen_test]
async fn the_heir_of_a_client_that_broke_takes_its_lock() {
    let broken = client(&[("spoolDelayMs", 10.into())]);
    log(&broken, "inherited");
    sleep(A_MOMENT).await;
    let stream = at(&broken.stats(), &["stream"]);
    let heir = start(&options(&[("inherits", stream)]));
    sleep(2 * A_MOMENT).await;
    assert_eq!((stat(&heir, &["adopted"]), stat(&heir, &["acknowledged"])), (1.0, 1.0));
    drop(broken);
}

#[wasm_bindgen_test]
async fn a_page_in_the_cache_holds_no_lock_and_goes_on_with_its_stream() {
    let client = client(&[]);
    let stream = at(&client.stats(), &["stream"]);
    sleep(A_MOMENT).await;
    let own_lock = if holds_locks() { 1.0 } else { 0.0 };
    assert_eq!(locks_held().await, own_lock);
    no_network();
    log(&client, "waits");
    into_cache();
    sleep(A_MOMENT).await;
    assert_eq!(locks_held().await, 0.0);
    assert!(own_keys().contains("beaconry:fence:"), "{}", own_keys());
    acknowledging();
    out_of_cache();
    sleep(A_MOMENT).await;
    assert_eq!((locks_held().await, at(&client.stats(), &["stream"])), (own_lock, stream));
    assert!(!own_keys().contains("beaconry:fence:"), "{}", own_keys());
    assert_eq!(settled(client.flush()).await, "delivered");
}

#[wasm_bindgen_test]
async fn a_page_whose_stream_was_taken_over_in_the_meantime_begins_a_new_one() {
    let first = client(&[]);
    sleep(A_MOMENT).await;
    no_network();
    log(&first, "taken over");
    into_cache();
    sleep(A_MOMENT).await;
    acknowledging();
    let second = another_page();
    sleep(2 * A_MOMENT).await;
    assert_eq!((stat(&second, &["adopted"]), stat(&second, &["acknowledged"])), (1.0, 1.0));
    let stream = at(&first.stats(), &["stream"]);
    out_of_cache();
    sleep(A_MOMENT).await;
    if !holds_locks() {
        // What was sent and removed looks like a storage that the app has cleared: it is sent once more.
        return assert_eq!((at(&first.stats(), &["stream"]), stat(&first, &["handedOver"])), (stream, 0.0));
    }
    assert_ne!(at(&first.stats(), &["stream"]), stream);
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
    sleep(2 * A_MOMENT).await;
    assert!(spooled().len() <= 2 << 20, "{}", spooled().len());
    assert!(journalled().await.len() > 3_000_000, "{}", journalled().await.len());
    assert!(stat(&client, &["spoolRefusals"]) > 0.0);
    assert_eq!(stat(&client, &["waiting"]) + stat(&client, &["inFlight"]), 400.0);
}

#[wasm_bindgen_test]
async fn where_there_is_no_indexeddb_the_first_tier_is_enough() {
    let hidden = hide_global("indexedDB");
    let client = client(&[("spoolDelayMs", 10.into())]);
    log(&client, "x");
    sleep(A_MOMENT).await;
    assert_eq!(at(&client.stats(), &["storage"]), "localStorage");
    assert!(spooled().contains('x'));
    assert_eq!(settled(client.flush()).await, "delivered");
    hidden.call0(&JsValue::NULL).unwrap();
}
