//! JavaScript values as text and numbers, for the engine.

use beaconry_protocol::{Number, limits};
use js_sys::Reflect;
use wasm_bindgen::{JsCast as _, JsValue};

use crate::browser::number_text;

/// A property of an object; `undefined` if there is none or reading it throws.
pub(super) fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}

/// A string, cut before it is copied when it is far beyond every limit: a 10 MB message costs no
/// more than a long one.
pub(super) fn text(value: &JsValue) -> Option<String> {
    let string = value.dyn_ref::<js_sys::JsString>()?;
    if string.length() as usize <= LONGEST {
        return Some(String::from(string));
    }
    #[expect(clippy::cast_possible_truncation, reason = "a small constant")]
    Some(String::from(string.slice(0, LONGEST as u32)))
}

/// A finite number as JSON text. Whole ones are written here, others by the browser, whose shortest
/// form is JSON's form; so no float formatter has to be downloaded.
pub(super) fn number(value: f64) -> Option<Number<'static>> {
    const WHOLE_UP_TO: f64 = 9_007_199_254_740_992.0;
    if (0.0..WHOLE_UP_TO).contains(&value) && value == value.trunc() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just above")]
        return Some(Number::from(value as u64));
    }
    Number::from_text(number_text(value))
}

/// Longer than what any field takes, in UTF-16 units, so that the cut that the limits make, and the
/// mark that it leaves, stay theirs.
const LONGEST: usize = limits::STACK_BYTES + 1;
