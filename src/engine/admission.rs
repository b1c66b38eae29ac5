//! How a call becomes a record with a place in the stream: flag, consent and sampling first, so that
//! what they refuse never leaves a gap.

use std::rc::Rc;

use beaconry_protocol::{Discard, DiscardReason, Fields, Record, RecordType, encode_record, join};

use super::call::Rank;
use super::chunk::Entry;
use super::life::Life;
use super::sampling::{Sample, is_error, leads_to_errors};
use super::{Call, Command, Consent, Engine, Millis};

impl Engine {
    pub(super) fn record(&mut self, call: &Call<'_>, now: Millis) {
        let record_type = call.fields.record_type;
        if let Some(reason) = self.refusal() {
            self.ledger.recorded += 1;
            return self.ledger.refuse(reason, Some(record_type), 1);
        }
        if let Err((field, takes)) = call.fields.check() {
            let advice = join(&[record_type.as_str(), "(): ", field, " takes ", takes]);
            return self.misuse(Some(record_type), &advice);
        }
        self.ledger.recorded += 1;
        self.touch_session(now);
        let draft = self.draft(call, now);
        if self.gate.consent == Consent::Pending {
            let most = self.config.max_queue_bytes;
            return self.pending.push(draft, most, DiscardReason::QueueOverflow, &mut self.ledger);
        }
        self.sample(draft, now);
    }

    /// A call of which no record can be made.
    pub(super) fn misuse(&mut self, record_type: Option<RecordType>, advice: &str) {
        self.ledger.recorded += 1;
        self.ledger.refuse(DiscardReason::InvalidArgument, record_type, 1);
        if self.config.debug && !advice.is_empty() {
            self.warn(advice);
        }
    }

    /// Takes what waited for the user's consent, in order.
    pub(super) fn admit_pending(&mut self, now: Millis) {
        for draft in self.pending.take() {
            self.sample(draft, now);
        }
    }

    /// Admits a record of what the server has not been told yet; more than one if one cannot hold it.
    pub(super) fn report(&mut self, closing: bool, now: Millis) {
        // A page of which nothing was recorded has nothing to close.
        let closing = closing && self.last_seq > 0;
        while self.life == Life::On && self.is_open() && (closing || self.ledger.has_unreported()) {
            let discards = self.ledger.take_unreported();
            let is_last = !self.ledger.has_unreported();
            self.ledger.recorded += 1;
            let (discards, closing) = (Discard::list_json(&discards), (closing && is_last).then_some("true"));
            let fields = Fields::new(RecordType::Report, &[Some(&discards), closing]);
            let draft = self.draft(&Call { fields, context: None, at: None }, now);
            self.admit(draft, now);
            if is_last {
                return;
            }
        }
    }

    /// Gives up what has no place yet: `reason` is that of records that waited for consent.
    pub(super) fn forget_drafts(&mut self, reason: DiscardReason) {
        for draft in &self.pending.take() {
            self.ledger.refuse(reason, Some(draft.record_type), 1);
        }
        for draft in &self.recorder.take() {
            self.ledger.refuse(DiscardReason::SampledOut, Some(draft.record_type), 1);
        }
    }

    fn refusal(&self) -> Option<DiscardReason> {
        if self.life != Life::On {
            Some(DiscardReason::Disabled)
        } else if self.gate.consent == Consent::Denied {
            Some(DiscardReason::ConsentDenied)
        } else {
            None
        }
    }

    /// Encodes a record but for its place.
    fn draft(&mut self, call: &Call<'_>, now: Millis) -> Entry {
        let ids;
        let mut fields = call.fields;
        if fields.record_type == RecordType::Trace {
            ids = [self.random.hex(32), self.random.hex(16)];
            for (value, id) in fields.values[2..].iter_mut().zip(&ids) {
                *value = value.filter(|given| !given.is_empty()).or(Some(id));
            }
        }
        Entry {
            seq: 0,
            record_type: fields.record_type,
            rank: Rank::of(&fields),
            text: encode_record(call.at.unwrap_or(now), self.page.as_deref(), &fields, call.context.as_ref()),
            scope: Rc::clone(&self.encoded_scope),
        }
    }

    /// Keeps what the session keeps. An error brings along what led to it.
    fn sample(&mut self, draft: Entry, now: Millis) {
        let sample = self.session.sample(self.rates);
        if sample == Sample::Errors && is_error(draft.record_type, draft.rank) {
            for earlier in self.recorder.take() {
                self.admit(earlier, now);
            }
        }
        if sample.takes(draft.record_type, draft.rank) {
            self.admit(draft, now);
        } else if leads_to_errors(draft.record_type) {
            self.recorder.push(draft, RECORDER_BYTES, DiscardReason::SampledOut, &mut self.ledger);
        } else {
            self.ledger.refuse(DiscardReason::SampledOut, Some(draft.record_type), 1);
        }
    }

    /// Gives the record its place and puts it into the queue.
    fn admit(&mut self, mut entry: Entry, now: Millis) {
        self.last_seq += 1;
        entry.seq = self.last_seq;
        entry.text = Record::place(&entry.text, entry.seq);
        let rank = entry.rank;
        self.queue.push(self.stream, entry, now);
        // A page that goes has no later: web vitals are reported in the same event that ends it.
        if self.left_at.is_some() {
            self.spool();
        } else if rank.is_spooled_at_once() {
            self.spool_soon(now);
        }
        if self.queue.bytes() > self.config.max_queue_bytes {
            self.make_room(now);
        }
    }

    /// Writes an error down at once, and what follows in a burst together: a chunk of its own for each
    /// of a thousand errors would fill the storage with their heads.
    fn spool_soon(&mut self, now: Millis) {
        let due = self.spooled_errors_at + BETWEEN_ERRORS;
        if now >= due {
            self.spooled_errors_at = now;
            self.spool();
        } else {
            self.spool_errors_at = Some(due);
        }
    }

    fn touch_session(&mut self, now: Millis) {
        if self.session.touch(now, &mut self.random) {
            self.renew_scope();
        }
        self.session.sample(self.rates);
        if self.may_store()
            && let Some(text) = self.session.text_if_stale()
        {
            self.commands.push(Command::StoreSession(text));
        }
    }
}

/// Milliseconds that errors of a burst wait for one another.
const BETWEEN_ERRORS: Millis = 50;
/// Bytes of what the flight recorder holds.
const RECORDER_BYTES: usize = 64 * 1024;
