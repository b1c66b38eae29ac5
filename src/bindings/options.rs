//! The options of an app, as the engine takes them.
//!
//! Read by hand: through serde-wasm-bindgen the same costs 10 KiB of compressed wasm, most of it for the texts of
//! errors that the engine words itself.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

use super::context::{is_array, own_keys};
use super::text::text;
use crate::engine::Given;

/// Whatever was given, four levels deep: what the server asked for is not nested further.
pub(super) fn given(options: &JsValue) -> Given {
    given_within(options, 4)
}

fn given_within(value: &JsValue, levels: u32) -> Given {
    if let Some(text) = text(value) {
        Given::Text(text)
    } else if let Some(number) = value.as_f64() {
        Given::Number(number)
    } else if let Some(value) = value.as_bool() {
        Given::Bool(value)
    } else if value.is_null() || value.is_undefined() {
        Given::Nothing
    } else {
        let fields = if levels > 0 { fields(value, levels - 1) } else { Vec::new() };
        if is_array(value) {
            let mut items = Vec::new();
            for (_, item) in fields {
                items.push(item);
            }
            Given::List(items)
        } else {
            Given::Map(fields)
        }
    }
}

/// The own fields of an object, or the items of an array. A getter that throws gives nothing.
fn fields(object: &JsValue, levels: u32) -> Vec<(String, Given)> {
    let mut fields = Vec::new();
    if let Ok(keys) = own_keys(object) {
        for key in keys.iter() {
            let value = Reflect::get(object, &key).unwrap_or_default();
            fields.push((text(&key).unwrap_or_default(), given_within(&value, levels)));
        }
    }
    fields
}
