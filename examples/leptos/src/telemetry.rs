//! Starts the client before anything else can go wrong.

use beaconry::{Options, Telemetry};
use leptos::prelude::document;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;

/// A client with the panic hook and the layer of `tracing` in place.
pub fn start() -> Telemetry {
    let options = Options::new(meta("telemetry-endpoint"))
        .token(meta("telemetry-token"))
        .app("leptos")
        .release(env!("CARGO_PKG_VERSION"));
    let telemetry = Telemetry::start(options).unwrap_or_else(|mistake| {
        leptos::logging::warn!("telemetry is off: {mistake}");
        Telemetry::off()
    });
    beaconry::install_panic_hook(telemetry);
    let layer = beaconry::tracing_layer(telemetry).with_filter(LevelFilter::INFO);
    tracing_subscriber::registry().with(layer).init();
    telemetry
}

/// What the page says in its head.
fn meta(name: &str) -> String {
    let element = document().query_selector(&format!("meta[name='{name}']")).ok().flatten();
    element.and_then(|element| element.get_attribute("content")).unwrap_or_default()
}
