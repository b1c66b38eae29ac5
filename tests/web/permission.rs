//! Whether anything of the browser is touched: consent, and what the server asks for.

use js_sys::JSON;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::*;

#[wasm_bindgen_test]
async fn while_consent_is_pending_nothing_of_the_browser_is_touched() {
    fresh();
    count_listeners("pagehide");
    let client = client(&[("consent", "pending".into()), ("batchSize", 1.into())]);
    log(&client, "waits in memory");
    client.error(&js_sys::Error::new("too"), true, &wasm_bindgen::JsValue::UNDEFINED, None);
    sleep(A_MOMENT).await;
    assert_eq!((own_keys(), journalled().await, request_count()), (String::new(), String::new(), 0));
    assert_eq!((listeners_now("pagehide"), locks_held().await, waiting(&client, "logs")), (0, 0.0, 1));
    assert_eq!(settled(client.flush()).await, "pending");
    client.set_consent(&"granted".into());
    assert_eq!(settled(client.flush()).await, "delivered");
    assert_eq!((listeners_now("pagehide"), stat(&client, &["acknowledged"])), (1, 2.0));
}

#[wasm_bindgen_test]
async fn denied_leaves_no_key_in_any_store_no_listener_and_no_lock() {
    fresh();
    count_listeners("pagehide");
    let client = client(&[("spoolDelayMs", 10.into())]);
    no_network();
    log(&client, "spooled");
    until("it is spooled", async || !own_keys().is_empty() && !journalled().await.is_empty()).await;
    client.set_consent(&"denied".into());
    until_nothing_is_stored().await;
    until("the lock is released", async || locks_held().await == 0.0).await;
    assert_eq!(listeners_now("pagehide"), 0);
    log(&client, "refused");
    assert_eq!(stat(&client, &["discarded", "consent_denied"]), 2.0);
    client.set_consent(&"perhaps".into());
    assert_eq!(stat(&client, &["discarded", "invalid_argument"]), 1.0);
}

#[wasm_bindgen_test]
async fn denied_wipes_what_earlier_pages_left_even_where_nothing_is_in_use() {
    let last = client(&[("spoolDelayMs", 10.into())]);
    no_network();
    log(&last, "left behind");
    until("it is spooled", async || !own_keys().is_empty() && !journalled().await.is_empty()).await;
    drop(last);
    let next = start(&options(&[("consent", "pending".into())]));
    next.set_consent(&"denied".into());
    until_nothing_is_stored().await;
    assert_eq!(stat(&next, &["discarded", "consent_denied"]), 1.0);
}

#[wasm_bindgen_test]
async fn the_server_switches_an_open_page_off_and_the_next_one_knows() {
    fresh();
    count_listeners("pagehide");
    let client = client(&[]);
    let remote =
        JSON::parse(r#"{"features":{"TELEMETRY":{"phase":"DISABLED","rollout":100}},"sampling":{}}"#);
    acknowledging_and_asking(&remote.unwrap());
    log(&client, "the last");
    assert_eq!(settled(client.flush()).await, "delivered");
    assert_eq!((client.is_enabled(), listeners_now("pagehide"), log(&client, "off")), (false, 0, 0.0));
    assert!(own_keys().contains("beaconry:features:"), "{}", own_keys());
}

#[wasm_bindgen_test]
async fn switched_off_and_on_many_times_at_once_it_goes_on_with_its_stream() {
    let client = client(&[]);
    no_network();
    let wants_lock = if holds_locks() { 1.0 } else { 0.0 };
    until("it holds its lock", async || locks_held().await == wants_lock).await;
    log(&client, "before");
    let stream = at(&client.stats(), &["stream"]);
    for _ in 0..20 {
        client.set_enabled(false);
        client.set_enabled(true);
    }
    // Whoever asks now is behind all that the client has asked for.
    until("it holds its lock again", async || locks_held().await == wants_lock).await;
    sleep(A_MOMENT).await;
    assert_eq!(at(&client.stats(), &["stream"]), stream);
    assert_eq!((stat(&client, &["handedOver"]), stat(&client, &["adopted"])), (0.0, 0.0));
    acknowledging();
    assert_eq!(settled(client.flush()).await, "delivered");
    assert_eq!((stat(&client, &["acknowledged"]), locks_held().await), (1.0, wants_lock));
}

/// Waits until the stores are empty, and looks whether they stay so.
async fn until_nothing_is_stored() {
    until("the stores are empty", async || own_keys().is_empty() && journalled().await.is_empty()).await;
    sleep(A_MOMENT).await;
    assert_eq!((own_keys(), journalled().await), (String::new(), String::new()));
}
