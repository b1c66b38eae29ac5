//! What leaves when the page may go, and how.

use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::*;

#[wasm_bindgen_test]
async fn a_body_is_compressed_where_there_is_time() {
    let client = client(&[]);
    for _ in 0..20 {
        log(&client, &"the same again ".repeat(10));
    }
    assert_eq!(settled(client.flush()).await, "delivered");
    assert_eq!(request(0, "encoding"), "gzip");
    let bytes = at(&request(0, "body"), &["byteLength"]).as_f64().unwrap();
    assert!(bytes < 1_000.0, "{bytes}");
}

#[wasm_bindgen_test]
async fn a_page_that_goes_does_not_wait_for_a_body_to_be_compressed() {
    let client = client(&[("batchSize", 20.into())]);
    let flushed = {
        for _ in 0..20 {
            log(&client, &"the same again ".repeat(10));
        }
        client.flush()
    };
    assert_eq!(request_count(), 0, "it is being compressed");
    dispatch("pagehide");
    assert_eq!((request_count(), request(0, "encoding")), (1, JsValue::UNDEFINED));
    assert_eq!(request(0, "keepalive"), JsValue::TRUE);
    assert_eq!(settled(flushed).await, "delivered");
    sleep(50).await;
    assert_eq!(request_count(), 1, "it does not leave twice");
}

#[wasm_bindgen_test]
async fn without_compressionstream_bodies_leave_as_they_are() {
    let restore = hide_global("CompressionStream");
    let client = client(&[]);
    for _ in 0..20 {
        log(&client, &"the same again ".repeat(10));
    }
    assert_eq!(settled(client.flush()).await, "delivered");
    assert_eq!(request(0, "encoding"), JsValue::UNDEFINED);
    restore.call0(&JsValue::NULL).unwrap();
}

#[wasm_bindgen_test]
async fn what_keepalive_has_no_room_for_is_left_to_the_browser_until_the_page_is_back() {
    give_fetch_later();
    let client = client(&[("batchSize", 1_000.into())]);
    for _ in 0..30 {
        log(&client, &"x".repeat(8_000));
    }
    dispatch("beforeunload");
    assert_eq!(left_for_later(), "", "it may be cancelled");
    dispatch("pagehide");
    let bytes: Vec<usize> = left_for_later().split(' ').map(|bytes| bytes.parse().unwrap()).collect();
    assert!((30_000..=61_440).contains(&bytes.iter().sum::<usize>()), "{bytes:?}");
    assert!(stat(&client, &["leftToBrowser"]) > 0.0);
    show_page();
    assert_eq!(left_for_later(), "");
    assert_eq!(settled(client.flush()).await, "delivered");
    assert_eq!(stat(&client, &["acknowledged"]), 30.0);
    take_fetch_later();
}

#[wasm_bindgen_test]
fn a_clock_that_stood_still_while_the_laptop_slept_catches_up() {
    let client = client(&[]);
    log(&client, "before");
    let restore = sleep_for(3_600_000.0);
    show_page();
    log(&client, "after");
    restore.call0(&JsValue::NULL).unwrap();
    log(&client, "the wall clock was set back");
    let buffer = at(&client.buffer(), &["logs"]);
    let [before, after, last] =
        ["0", "1", "2"].map(|index| at(&buffer, &[index, "timestamp"]).as_f64().unwrap());
    assert!((3_600_000.0..3_610_000.0).contains(&(after - before)), "{before} {after}");
    assert!((after..after + 10_000.0).contains(&last), "it never goes back: {after} {last}");
}
