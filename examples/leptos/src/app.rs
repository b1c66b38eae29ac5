//! Four buttons, one for each thing that an app has to tell.

use beaconry::{Level, Telemetry};
use leptos::prelude::*;
use leptos::task::{spawn_local, tick};
use tracing::{Instrument, info, info_span};

/// The page.
#[component]
pub fn App() -> impl IntoView {
    let telemetry = expect_context::<Telemetry>();
    let presses = RwSignal::new(0);
    let log = move |_| {
        presses.update(|presses| *presses += 1);
        telemetry.log(Level::Info, "Button pressed").with("presses", presses.get());
    };
    let error = move |_| {
        if let Err(error) = read_score("seven") {
            telemetry.error(&error).with("field", "score");
        }
    };
    let load = |_| spawn_local(load_questions().instrument(info_span!("load_questions", topic = "Math")));
    let panic = |_| {
        let questions: Vec<&str> = Vec::new();
        let _ = questions[presses_of_nobody()];
    };
    view! {
        <h1>"Beaconry in a Leptos app"</h1>
        <button data-testid="log" on:click=log>"Log (" {presses} ")"</button>
        <button data-testid="error" on:click=error>"Handle an error"</button>
        <button data-testid="load" on:click=load>"Work in a span"</button>
        <button data-testid="panic" on:click=panic>"Panic"</button>
        <p>"Stream: " <code data-testid="stream">{telemetry.stats().stream}</code></p>
    }
}

fn read_score(text: &str) -> Result<u8, std::num::ParseIntError> {
    text.parse()
}

async fn load_questions() {
    tick().await;
    info!(questions = 3, "questions loaded");
}

/// An index that the compiler does not see through.
fn presses_of_nobody() -> usize {
    std::hint::black_box(7)
}
