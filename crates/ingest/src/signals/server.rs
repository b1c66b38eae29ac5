//! Connections, requests, and the end.

use std::time::Duration;

use super::metrics::{OfReason, OfRoute, metrics};
use super::{Cause, Signal};

/// A connection that is open: counted until it is dropped.
#[derive(Debug)]
pub(crate) struct ConnectionOpen(());

impl ConnectionOpen {
    pub(crate) fn count() -> Self {
        tracing::trace!("a connection was accepted");
        metrics().connections.inc();
        metrics().open_connections.inc();
        Self(())
    }
}

impl Drop for ConnectionOpen {
    fn drop(&mut self) {
        metrics().open_connections.dec();
    }
}

/// The system has no connection to give.
#[derive(Debug)]
pub(crate) struct ConnectionsNotAccepted<'a> {
    pub(crate) error: Cause<'a>,
}

impl Signal for ConnectionsNotAccepted<'_> {
    fn emit(self) {
        tracing::error!(error = self.error, "no connection can be accepted");
        metrics().connection_failures.get_or_create(&OfReason { reason: "not_accepted" }).inc();
    }
}

/// A connection broke, was too slow, or spoke no HTTP.
#[derive(Debug)]
pub(crate) struct ConnectionEndedBadly<'a> {
    pub(crate) error: Cause<'a>,
}

impl Signal for ConnectionEndedBadly<'_> {
    fn emit(self) {
        tracing::debug!(error = self.error, "a connection ended badly");
        metrics().connection_failures.get_or_create(&OfReason { reason: "ended_badly" }).inc();
    }
}

/// A connection that kept the server waiting made room for another.
#[derive(Debug)]
pub(crate) struct ConnectionMadeRoom;

impl Signal for ConnectionMadeRoom {
    fn emit(self) {
        tracing::debug!("a connection that waited made room for another");
        metrics().connection_failures.get_or_create(&OfReason { reason: "made_room" }).inc();
    }
}

/// A connection speaks no TLS where it should.
#[derive(Debug)]
pub(crate) struct ConnectionWithoutTls<'a> {
    pub(crate) error: Cause<'a>,
}

impl Signal for ConnectionWithoutTls<'_> {
    fn emit(self) {
        tracing::debug!(error = self.error, "a connection speaks no TLS");
        metrics().connection_failures.get_or_create(&OfReason { reason: "no_tls" }).inc();
    }
}

/// A request has its answer.
#[derive(Debug)]
pub(crate) struct RequestAnswered<'a> {
    /// The address as the router knows it, so that no one can make up new ones.
    pub(crate) route: &'a str,
    pub(crate) status: u16,
    pub(crate) took: Duration,
}

impl Signal for RequestAnswered<'_> {
    fn emit(self) {
        let Self { route, status, took } = self;
        tracing::debug!(route, status, ?took, "a request is answered");
        metrics().requests.get_or_create(&OfRoute { route: route.to_owned(), status }).inc();
    }
}

/// A request was refused as a whole.
#[derive(Debug)]
pub(crate) struct RequestRefused<'a> {
    pub(crate) reason: &'static str,
    pub(crate) message: &'a str,
}

impl Signal for RequestRefused<'_> {
    fn emit(self) {
        let Self { reason, message } = self;
        tracing::debug!(reason, message, "a request is refused");
        metrics().refusals.get_or_create(&OfReason { reason }).inc();
    }
}

/// A question about what is stored was not answered.
#[derive(Debug)]
pub(crate) struct QuestionFailed<'a> {
    pub(crate) error: Cause<'a>,
}

impl Signal for QuestionFailed<'_> {
    fn emit(self) {
        tracing::error!(error = self.error, "a question could not be answered");
        metrics().question_failures.inc();
    }
}

/// The server ends although requests are under way.
#[derive(Debug)]
pub(crate) struct StoppedLate;

impl Signal for StoppedLate {
    fn emit(self) {
        tracing::warn!("some requests were not finished in time");
        metrics().unclean_stops.inc();
    }
}

/// A thread panicked.
#[derive(Debug)]
pub(crate) struct StoppedBadly;

impl Signal for StoppedBadly {
    fn emit(self) {
        tracing::error!("a thread ended badly; the next start makes up for it");
        metrics().unclean_stops.inc();
    }
}
