//! What the platform and the page say of themselves.

use std::borrow::Cow;

use beaconry_protocol::{Number, Scope, has_text, join};
use wasm_bindgen::JsValue;

use super::global::{get, global};

/// User agent, language, platform, kind of device, viewport.
pub(crate) fn platform_scope() -> Scope<'static> {
    let navigator = global("navigator");
    let text = |name: &str| get(&navigator, name).as_string().filter(|text| !text.is_empty());
    let user_agent = text("userAgent");
    Scope {
        device_type: user_agent.as_deref().map(device_type).map(Cow::Borrowed),
        user_agent: user_agent.map(Cow::Owned),
        platform: text("platform").map(Cow::Owned),
        language: text("language").map(Cow::Owned),
        viewport: viewport().map(Cow::Owned),
        ..Scope::default()
    }
}

/// The URL of the page; in a worker that of its script.
pub(crate) fn current_page() -> Option<String> {
    get(&global("location"), "href").as_string()
}

/// A word for the dashboard; the server looks closer.
fn device_type(user_agent: &str) -> &'static str {
    if has_text(user_agent, "iPad") || has_text(user_agent, "Tablet") {
        "tablet"
    } else if has_text(user_agent, "Mobi") {
        "mobile"
    } else {
        "desktop"
    }
}

fn viewport() -> Option<String> {
    let side = |value: JsValue| {
        let pixels = value.as_f64()?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a screen")]
        Some(Number::from(pixels as u64).as_str().to_owned())
    };
    Some(join(&[&side(global("innerWidth"))?, "x", &side(global("innerHeight"))?]))
}
