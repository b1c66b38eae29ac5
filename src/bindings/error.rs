//! Whatever an app throws, as an error record.

use std::borrow::Cow;

use beaconry_protocol::{Body, Severity};
use js_sys::Reflect;
use wasm_bindgen::JsValue;

use super::text::text;

/// The body of an error record for anything that can be thrown.
pub(super) fn error_body(thrown: &JsValue, handled: bool) -> Body<'static> {
    let field = |name: &str| {
        let value =
            thrown.is_object().then(|| Reflect::get(thrown, &JsValue::from_str(name)).ok()).flatten()?;
        text(&value).filter(|text| !text.is_empty())
    };
    let message = text(thrown).or_else(|| field("message")).unwrap_or_else(|| describe(thrown).to_owned());
    Body::Error {
        error_type: field("name").map_or(Cow::Borrowed("Error"), Cow::Owned),
        message: Cow::Owned(message),
        stack: field("stack").map(Cow::Owned),
        severity: Severity::Error,
        handled,
        component_stack: field("componentStack").map(Cow::Owned),
    }
}

fn describe(thrown: &JsValue) -> &'static str {
    if thrown.is_undefined() {
        "undefined was thrown"
    } else if thrown.is_null() {
        "null was thrown"
    } else if thrown.is_object() {
        "an object without a message was thrown"
    } else {
        "a value without a message was thrown"
    }
}
