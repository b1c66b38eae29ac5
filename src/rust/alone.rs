//! An engine without a browser, for the tests of this folder: time stands still until it is moved.

use std::cell::{Cell, RefCell};
use std::future::{Ready, ready};

use beaconry_protocol::{Number, StreamId};

use crate::engine::{Command, Config, Engine, Input, Settled, Start, Ticket};

/// An engine, and the commands that it gave.
#[derive(Debug)]
pub(super) struct Host {
    engine: RefCell<Engine>,
    commands: RefCell<Vec<Command>>,
}

impl Host {
    pub(super) fn start(config: Config) -> Option<Self> {
        let start = Start {
            stream: StreamId::from_random(1),
            seed: 1,
            bucket: 0,
            has_fetch_later: false,
            platform: String::new(),
            page: None,
        };
        let engine = Engine::new(config, start, STARTED_AT);
        Some(Self { engine: RefCell::new(engine), commands: RefCell::default() })
    }

    pub(super) fn tell(&self, input: Input<'_>) {
        let commands = self.engine.borrow_mut().handle(input, STARTED_AT);
        self.commands.borrow_mut().extend(commands);
    }

    pub(super) fn read<T>(&self, read: impl FnOnce(&Engine) -> T) -> T {
        read(&self.engine.borrow())
    }

    pub(super) fn promise(&self, input: impl FnOnce(Ticket) -> Input<'static>) -> Ready<Settled> {
        self.tell(input(Ticket(1)));
        let kept = self.commands.borrow().iter().rev().find_map(|command| match command {
            Command::Settle(_, outcome) => Some(*outcome),
            _ => None,
        });
        ready(kept.unwrap_or(Settled::Spooled))
    }

    pub(super) fn follow_page(&self) {}

    pub(super) fn storage_name(&self) -> &'static str {
        "memory"
    }

    /// What the engine wants done so far.
    pub(super) fn commands(&self) -> Vec<Command> {
        self.commands.borrow().clone()
    }
}

/// Milliseconds that [`pass`] moves.
pub(super) fn now() -> f64 {
    NOW.get()
}

/// Lets time pass for what is measured.
pub(super) fn pass(milliseconds: f64) {
    NOW.set(NOW.get() + milliseconds);
}

pub(super) fn seed() -> u64 {
    7
}

pub(super) fn number(value: f64) -> Option<Number<'static>> {
    let text = format!("{value}");
    Number::from_text(text)
}

pub(super) fn stack() -> Option<String> {
    Some("Error\n    at nowhere".to_owned())
}

thread_local! {
    static NOW: Cell<f64> = const { Cell::new(0.0) };
}

const STARTED_AT: u64 = 1_766_361_600_000;
