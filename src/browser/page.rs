//! What the platform and the page say of themselves.

use std::borrow::Cow;

use beaconry_protocol::Scope;

/// User agent, language, platform, kind of device, viewport.
pub(crate) fn platform_scope() -> Scope<'static> {
    let Some(window) = web_sys::window() else { return Scope::default() };
    let navigator = window.navigator();
    let user_agent = navigator.user_agent().ok();
    Scope {
        device_type: user_agent.as_deref().map(device_type).map(Cow::Borrowed),
        user_agent: user_agent.map(Cow::Owned),
        platform: navigator.platform().ok().filter(|text| !text.is_empty()).map(Cow::Owned),
        language: navigator.language().map(Cow::Owned),
        viewport: viewport(&window).map(Cow::Owned),
        ..Scope::default()
    }
}

/// The URL of the page.
pub(crate) fn current_page() -> Option<String> {
    web_sys::window()?.location().href().ok()
}

/// A word for the dashboard; the server looks closer.
fn device_type(user_agent: &str) -> &'static str {
    if user_agent.contains("iPad") || user_agent.contains("Tablet") {
        "tablet"
    } else if user_agent.contains("Mobi") {
        "mobile"
    } else {
        "desktop"
    }
}

fn viewport(window: &web_sys::Window) -> Option<String> {
    let side = |value: Result<wasm_bindgen::JsValue, wasm_bindgen::JsValue>| {
        let pixels = value.ok()?.as_f64()?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a screen")]
        Some(beaconry_protocol::Number::from(pixels as u64).as_str().to_owned())
    };
    Some([side(window.inner_width())?, side(window.inner_height())?].join("x"))
}
