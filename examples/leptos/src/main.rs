//! A Leptos app whose logs, traces, errors and panics arrive.

mod app;
mod telemetry;

use leptos::mount::mount_to_body;
use leptos::prelude::*;

fn main() {
    let telemetry = telemetry::start();
    mount_to_body(move || {
        provide_context(telemetry);
        app::App()
    });
}
