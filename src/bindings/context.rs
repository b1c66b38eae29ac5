//! Walking an object of the app: bounded in keys, depth and bytes, whatever it is.
//!
//! What is no data is named, not followed: a function, a symbol, an element, an object that contains
//! itself. A getter that throws is named, too. The walk asks for keys and values through `Reflect`,
//! so no JavaScript error gets past it.

use beaconry_protocol::{Context, ContextWriter, join};
use js_sys::{Array, Reflect};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::*;

use super::text::{get, number, text};

/// The context of a call; `None` if the app gave none.
pub(super) fn context(value: &JsValue, redact_keys: &[String]) -> Option<Context> {
    if !value.is_object() || value.is_function() {
        return None;
    }
    let mut walk = Walk { writer: ContextWriter::new(redact_keys), ancestors: Vec::new() };
    if is_array(value) {
        if walk.writer.key("items") {
            walk.value(value);
        }
    } else {
        walk.entries(value);
    }
    walk.writer.finish()
}

struct Walk<'k> {
    writer: ContextWriter<'k>,
    ancestors: Vec<JsValue>,
}

impl Walk<'_> {
    fn value(&mut self, value: &JsValue) {
        if let Some(text) = text(value) {
            self.writer.string(&text);
        } else if let Some(value) = value.as_f64() {
            match number(value) {
                Some(number) => self.writer.number(&number),
                None => self.writer.null(),
            }
        } else if let Some(value) = value.as_bool() {
            self.writer.boolean(value);
        } else if value.is_null() || value.is_undefined() {
            self.writer.null();
        } else if let Some(name) = no_data(value) {
            self.writer.string(name);
        } else if let Some(error) = error_text(value) {
            self.writer.string(&error);
        } else if self.ancestors.contains(value) {
            self.writer.string("[circular]");
        } else if is_array(value) {
            self.array(value);
        } else if let Some(plain) = to_json(value) {
            self.value(&plain);
        } else if self.writer.open_object() {
            self.entries(value);
            self.writer.close();
        }
    }

    fn entries(&mut self, object: &JsValue) {
        self.ancestors.push(object.clone());
        match own_keys(object) {
            Ok(keys) => {
                for (at, key) in keys.iter().enumerate() {
                    if self.writer.is_full() {
                        self.writer.leave_out(u64::from(keys.length()) - at as u64);
                        break;
                    }
                    let Some(name) = text(&key) else { continue };
                    let value = Reflect::get(object, &key);
                    if value.as_ref().is_ok_and(JsValue::is_undefined) || !self.writer.key(&name) {
                        continue;
                    }
                    match value {
                        Ok(value) => self.value(&value),
                        Err(_) => self.writer.string("[threw]"),
                    }
                }
            }
            Err(_) => {
                if self.writer.key("[unreadable]") {
                    self.writer.boolean(true);
                }
            }
        }
        self.ancestors.pop();
    }

    fn array(&mut self, value: &JsValue) {
        if !self.writer.open_array() {
            return;
        }
        self.ancestors.push(value.clone());
        let items: &Array = value.unchecked_ref();
        for at in 0..items.length() {
            if !self.writer.item() {
                self.writer.leave_out(u64::from(items.length() - at - 1));
                break;
            }
            match Reflect::get_u32(value, at) {
                Ok(item) => self.value(&item),
                Err(_) => self.writer.string("[threw]"),
            }
        }
        self.ancestors.pop();
        self.writer.close();
    }
}

/// What an object is called that holds no data of its own.
fn no_data(value: &JsValue) -> Option<&'static str> {
    if value.is_function() {
        return Some("[function]");
    }
    if value.is_symbol() {
        return Some("[symbol]");
    }
    if value.is_bigint() {
        return Some("[bigint]");
    }
    if value.is_instance_of::<js_sys::ArrayBuffer>() || js_sys::ArrayBuffer::is_view(value) {
        return Some("[binary]");
    }
    if value.is_instance_of::<js_sys::Map>() {
        return Some("[map]");
    }
    if value.is_instance_of::<js_sys::Set>() {
        return Some("[set]");
    }
    get(value, "nodeType").as_f64().map(|_| "[node]")
}

/// An error in a context is what it says; its stack belongs into an error record.
fn error_text(value: &JsValue) -> Option<String> {
    if !value.is_instance_of::<js_sys::Error>() {
        return None;
    }
    let own = |name: &str| text(&get(value, name));
    Some(join(&[own("name").as_deref().unwrap_or("Error"), ": ", &own("message").unwrap_or_default()]))
}

/// Dates and the like say themselves what they are as JSON.
fn to_json(value: &JsValue) -> Option<JsValue> {
    if !value.is_instance_of::<js_sys::Date>() {
        return None;
    }
    get(value, "toJSON").dyn_ref::<js_sys::Function>()?.call0(value).ok()
}

pub(super) fn is_array(value: &JsValue) -> bool {
    is_array_or_throws(value).unwrap_or(false)
}

#[wasm_bindgen]
extern "C" {
    /// `Object.keys`, with what a proxy throws as an `Err`. (js-sys does not catch it.)
    #[wasm_bindgen(catch, js_namespace = Object, js_name = keys)]
    pub(super) fn own_keys(object: &JsValue) -> Result<Array, JsValue>;

    /// `Array.isArray`, which throws for a proxy that was revoked.
    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    fn is_array_or_throws(value: &JsValue) -> Result<bool, JsValue>;
}
