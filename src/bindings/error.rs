//! Whatever an app throws, as an error record.

use std::borrow::Cow;

use beaconry_protocol::{Body, Severity};
use wasm_bindgen::JsValue;

use super::text::{get, text};

/// The body of an error record for anything that can be thrown.
pub(super) fn error_body(thrown: &JsValue, handled: bool) -> Body<'static> {
    let own = |name: &str| text(&get(thrown, name)).filter(|text| !text.is_empty());
    let message = text(thrown).or_else(|| own("message")).unwrap_or_else(|| describe(thrown).to_owned());
    Body::Error {
        error_type: own("name").map_or(Cow::Borrowed("Error"), Cow::Owned),
        message: Cow::Owned(message),
        stack: own("stack").map(Cow::Owned),
        severity: Severity::Error,
        handled,
        component_stack: own("componentStack").map(Cow::Owned),
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
