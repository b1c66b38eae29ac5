//! The place where nothing is recorded: a server that renders the app, or its native tests.

use std::convert::Infallible;
use std::future::Ready;

use beaconry_protocol::Number;

use crate::engine::{Config, Engine, Input, Settled, Ticket};

/// A client that cannot be: none is ever started here.
#[derive(Debug)]
pub(super) struct Host(Infallible);

impl Host {
    pub(super) fn start(_: Config) -> Option<Self> {
        None
    }

    pub(super) fn tell(&self, _: Input<'_>) {
        match self.0 {}
    }

    pub(super) fn read<T>(&self, _: impl FnOnce(&Engine) -> T) -> T {
        match self.0 {}
    }

    pub(super) fn promise(&self, _: impl FnOnce(Ticket) -> Input<'static>) -> Ready<Settled> {
        match self.0 {}
    }

    pub(super) fn follow_page(&self) {
        match self.0 {}
    }

    pub(super) fn storage_name(&self) -> &'static str {
        match self.0 {}
    }
}

/// There is nothing to measure.
pub(super) fn now() -> f64 {
    0.0
}

/// There is nothing to name.
pub(super) fn seed() -> u64 {
    0
}

/// A finite number as JSON text.
pub(super) fn number(value: f64) -> Option<Number<'static>> {
    Number::from_text(format!("{value:?}"))
}

/// There is no JavaScript around.
pub(super) fn stack() -> Option<String> {
    None
}
