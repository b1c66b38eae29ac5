//! A panic is on the storage before it goes on.

use std::cell::Cell;
use std::fmt::{Debug, Formatter};
use std::panic::{catch_unwind, set_hook, take_hook};

use tracing_subscriber::prelude::*;

use super::{field, recorded, telemetry};
use crate::engine::Command;
use crate::{install_panic_hook, tracing_layer};

/// Panics while the layer looks at it.
struct Panics;

impl Debug for Panics {
    fn fmt(&self, _: &mut Formatter<'_>) -> std::fmt::Result {
        panic!("lost the {}", "thread")
    }
}

// One test: there is one hook for all threads.
#[test]
fn a_panic_is_spooled_and_sent_before_the_hook_returns_and_seen_by_the_hook_before_ours() {
    let usual = take_hook();
    set_hook(Box::new(move |panic| {
        SEEN_BY_OTHERS.set(SEEN_BY_OTHERS.get() + 1);
        usual(panic);
    }));
    let telemetry = telemetry();
    install_panic_hook(telemetry);
    telemetry.event("before");
    let subscriber = tracing_subscriber::registry().with(tracing_layer(telemetry));
    tracing::subscriber::with_default(subscriber, || {
        catch_unwind(|| tracing::info!(value = ?Panics, "never said")).unwrap_err();
        tracing::info!("after");
    });
    drop(take_hook());

    assert_eq!(SEEN_BY_OTHERS.get(), 1);
    let commands = telemetry.client().unwrap().host.commands();
    let sent_at = commands.iter().position(|command| matches!(command, Command::Send { .. })).unwrap();
    let Command::Send { body, keepalive, .. } = &commands[sent_at] else { unreachable!() };
    assert!(*keepalive);
    assert!(body.contains(r#""name":"before""#), "{body}");
    let says = r#""errorType":"panic","message":"lost the thread","stack":"Error\n    at nowhere","severity":"critical","handled":false,"context":{"location":"src/rust/tests/panics.rs:18:"#;
    assert!(body.contains(says), "{body}");
    let spools = |command: &Command| matches!(command, Command::Spool { value, .. } if value.contains(says));
    assert!(commands[..sent_at].iter().any(spools), "{commands:?}");
    assert_eq!(recorded(telemetry).last().map(|record| field(record, "message")), Some("after"));
}

thread_local! {
    static SEEN_BY_OTHERS: Cell<u32> = const { Cell::new(0) };
}
