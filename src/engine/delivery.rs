//! Requests: when one is made, what its end means.
//!
//! One is under way at a time, so that a slow server is not given more work; when the page may go,
//! as many as fit into the bytes that browsers carry on after it. Whatever comes back, a record
//! leaves the queue only by the verdict of a server that is recognisably ours.

use beaconry_protocol::{Advice, DiscardReason, ErrorCode, SeqRange, encode_batch, join, limits};

use super::life::Life;
use super::queue::Cargo;
use super::{Command, Engine, FlushCause, Millis, Reply, SendId, Settled};

/// A request that is under way.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) id: SendId,
    pub(super) cargo: Cargo,
    pub(super) keepalive_bytes: usize,
    pub(super) deadline: Millis,
}

impl Engine {
    pub(super) fn send_ready(&mut self, now: Millis) {
        let is_exit = self.exit.is_some();
        if !self.is_open() || self.backoff.paused_until(now).is_some() || !self.queue.has_ready() {
            return;
        }
        self.spool();
        while self.flights.is_empty() || is_exit {
            let room = limits::KEEPALIVE_BYTES.saturating_sub(self.keepalive_bytes());
            let max_bytes = if is_exit {
                self.body_limit.min(room.saturating_sub(ENVELOPE_BYTES))
            } else {
                self.body_limit
            };
            if !self.send_one(max_bytes, room, now, is_exit) {
                break;
            }
        }
        // What may be cancelled is no reason to hand anything over.
        let is_going = self.exit.is_some_and(|cause| cause != FlushCause::BeforeUnload);
        while self.has_fetch_later && is_going && self.leave_one_to_browser(now) {}
    }

    /// Hands over one body that the browser posts when the page is gone. It has bytes of its own for
    /// that, beside those of `keepalive`.
    fn leave_one_to_browser(&mut self, now: Millis) -> bool {
        let id = SendId(self.sends);
        let room = limits::KEEPALIVE_BYTES.saturating_sub(self.later_bytes);
        let max_bytes = self.body_limit.min(room.saturating_sub(ENVELOPE_BYTES));
        let Some(cargo) = self.queue.load(id, self.body_limit, max_bytes, true) else { return false };
        let body = self.body(id, &cargo, now);
        let fits = body.len() <= room;
        if fits {
            self.queue.leave_to_browser(id);
            self.later_bytes += body.len();
            self.ledger.left_to_browser += cargo.records as u64;
            self.commands.push(Command::SendLater(body));
        } else {
            self.queue.unload(id);
        }
        fits
    }

    fn body(&self, id: SendId, cargo: &Cargo, now: Millis) -> String {
        let texts = self.queue.flying_texts(id, cargo.records);
        encode_batch(&self.config.app, cargo.stream, now, &cargo.scope, &texts)
    }

    /// Sends one body. `false` if there is none, or none that may leave now.
    fn send_one(&mut self, max_bytes: usize, keepalive_room: usize, now: Millis, is_exit: bool) -> bool {
        let id = SendId(self.sends);
        let Some(cargo) = self.queue.load(id, self.body_limit, max_bytes, is_exit) else { return false };
        let body = self.body(id, &cargo, now);
        let keepalive = body.len() <= keepalive_room && (is_exit || !self.backoff.has_failed());
        if is_exit && !keepalive {
            // A request without keepalive dies with the page. The spool has it.
            self.queue.unload(id);
            return false;
        }
        self.sends += 1;
        self.ledger.requests += 1;
        self.ledger.sent += cargo.records as u64;
        let keepalive_bytes = if keepalive { body.len() } else { 0 };
        self.flights.push(Flight { id, cargo, keepalive_bytes, deadline: now + REQUEST_TIMEOUT });
        self.commands.push(Command::Send { id, body, keepalive, is_exit });
        true
    }

    pub(super) fn answered(&mut self, send: SendId, reply: &Reply, now: Millis) {
        let Some(at) = self.flights.iter().position(|flight| flight.id == send) else { return };
        let flight = self.flights.swap_remove(at);
        if !reply.is_ours {
            self.failed(send, reply.retry_after, now);
        } else if let Some(error) = reply.error {
            self.refused(&flight, error, reply, now);
        } else {
            self.settle_flight(&flight, reply, now);
            self.obey(reply.remote, now);
        }
    }

    fn settle_flight(&mut self, flight: &Flight, reply: &Reply, now: Millis) {
        let names_our_stream = reply.stream.as_deref() == Some(flight.cargo.stream.to_hex().as_str());
        if names_our_stream && self.settle_queue(flight, &reply.acknowledged, &reply.rejected, now) {
            self.backoff.succeeded();
            self.body_limit = (self.body_limit * 2).clamp(1, BODY_LIMIT);
        } else {
            self.failed(flight.id, reply.retry_after, now);
        }
    }

    fn refused(&mut self, flight: &Flight, error: ErrorCode, reply: &Reply, now: Millis) {
        let message = reply.message.as_deref().unwrap_or("the server refuses the batch");
        let is_unreadable = matches!(error, ErrorCode::InvalidJson | ErrorCode::InvalidBody);
        // The first time it may have been the way: what was compressed is sent as it is from then on.
        if is_unreadable && self.backoff.has_failed() && self.set_aside(flight) {
            return;
        }
        match error.advice() {
            Advice::Retry => self.failed(flight.id, reply.retry_after, now),
            Advice::Wait => {
                self.failed(flight.id, None, now);
                self.backoff.wait_for_a_person(now);
                if !self.has_warned {
                    self.has_warned = true;
                    self.warn(&join(&["records are kept and wait: ", message]));
                }
            }
            Advice::Split => self.halve(flight, now),
        }
    }

    /// Sends less at once from now on. A record that is too large all alone is discarded, with a pause
    /// after it: a server to which everything is too large is not asked about one after the other.
    fn halve(&mut self, flight: &Flight, now: Millis) {
        self.body_limit = flight.cargo.bytes / 2;
        let is_alone = flight.cargo.records == 1;
        if is_alone {
            self.backoff.failed(now, None, &mut self.random);
        }
        let too_large = [(0, DiscardReason::TooLarge)];
        self.settle_queue(flight, &[], if is_alone { &too_large } else { &[] }, now);
    }

    fn settle_queue(
        &mut self,
        flight: &Flight,
        acknowledged: &[SeqRange],
        rejected: &[(u64, DiscardReason)],
        now: Millis,
    ) -> bool {
        self.queue.settle(flight, acknowledged, rejected, now, &mut self.ledger, self.stream)
    }

    /// What an earlier page left behind, and the server cannot read, goes back to the spool until it is
    /// too old: it must not hold up what can be sent. `false` if there is nothing of that kind.
    fn set_aside(&mut self, flight: &Flight) -> bool {
        self.queue.unload(flight.id);
        let records = self.queue.let_go_of(flight.cargo.stream);
        if records > 0 {
            self.ledger.failed_requests += 1;
            self.ledger.adopted -= records as u64;
            self.backoff.succeeded();
        }
        records > 0
    }

    fn failed(&mut self, send: SendId, retry_after: Option<Millis>, now: Millis) {
        self.ledger.failed_requests += 1;
        self.queue.unload(send);
        self.backoff.failed(now, retry_after, &mut self.random);
        self.settle();
        self.settle_tried();
        if self.life == Life::Closing {
            self.settle_all(Settled::Spooled);
        }
    }

    /// A browser may never tell a page that it kept how a request ended that was under way (Firefox 153).
    pub(super) fn hurry_flights(&mut self, now: Millis) {
        for flight in &mut self.flights {
            flight.deadline = flight.deadline.min(now + LATE_ANSWER);
        }
    }

    pub(super) fn give_up_hanging(&mut self, now: Millis) {
        while let Some(at) = self.flights.iter().position(|flight| flight.deadline <= now) {
            let flight = self.flights.swap_remove(at);
            self.commands.push(Command::Abort(flight.id));
            self.failed(flight.id, None, now);
        }
    }
}

/// Bytes of records in a body, as long as no server wants less.
pub(super) const BODY_LIMIT: usize = limits::KEEPALIVE_BYTES - ENVELOPE_BYTES;

/// Room for what stands around the records of a body.
const ENVELOPE_BYTES: usize = 3 * 1024;

/// How long a request may take before it counts as lost. Longer than a slow mobile network needs,
/// shorter than a visit.
const REQUEST_TIMEOUT: Millis = 30_000;

/// How long a page that is back waits for the answers that it left behind.
const LATE_ANSWER: Millis = 2_000;
