//! Whether the client records, stores and sends: what the app, the flag, the server and the user say.

use beaconry_protocol::{DiscardReason, FeatureFlag, RemoteConfig, StreamId, bucket_of, digits, join};

use super::{Command, Config, Consent, Engine, Millis, Settled, spool};

/// Whether the client takes records and sends them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    On,
    Off,
    /// Takes nothing more, and sends what is left while sending works.
    Closing,
}

/// Everything that has to say yes.
#[derive(Debug)]
pub(super) struct Gate {
    is_enabled: bool,
    is_wanted: bool,
    flag: FeatureFlag,
    pub(super) remote: RemoteConfig,
    own_bucket: u16,
    user_bucket: Option<u16>,
    has_stored_bucket: bool,
    /// Whether the app has shut the client down: nothing opens it again.
    pub(super) is_ended: bool,
    pub(super) consent: Consent,
}

impl Gate {
    pub(super) fn new(config: &Config, bucket: u16) -> Self {
        Self {
            is_enabled: config.enabled,
            is_wanted: true,
            flag: config.feature_flag,
            remote: config.remote,
            own_bucket: bucket,
            user_bucket: None,
            has_stored_bucket: false,
            is_ended: false,
            consent: config.consent,
        }
    }

    /// Whether app, config, flag and server want this client on.
    pub(super) fn is_open(&self) -> bool {
        let bucket = self.bucket();
        let is_in = self.flag.includes(bucket) && self.remote.features.telemetry.includes(bucket);
        self.is_enabled && self.is_wanted && is_in && !self.is_ended
    }

    /// Who is in is decided by who the user is, where that is known.
    pub(super) fn set_user(&mut self, id: Option<&str>) {
        self.user_bucket = id.map(bucket_of);
    }

    fn bucket(&self) -> u16 {
        self.user_bucket.unwrap_or(self.own_bucket)
    }

    /// The bucket, the first time that it decides anything and has to be the same next time.
    fn bucket_to_store(&mut self) -> Option<u16> {
        let is_same = |flag: &FeatureFlag| flag.is_same_for_everyone();
        let is_decisive = !is_same(&self.flag) || !is_same(&self.remote.features.telemetry);
        let is_used = self.user_bucket.is_none() && is_decisive;
        let is_due = is_used && !self.has_stored_bucket;
        self.has_stored_bucket |= is_used;
        is_due.then_some(self.own_bucket)
    }
}

impl Engine {
    /// Whether calls are recorded.
    pub fn is_enabled(&self) -> bool {
        self.life == Life::On && self.gate.consent != Consent::Denied
    }

    /// Whether anything may be on the storage.
    pub(super) fn may_store(&self) -> bool {
        self.gate.consent == Consent::Granted
    }

    /// Whether anything may be sent.
    pub(super) fn is_open(&self) -> bool {
        self.life != Life::Off && self.may_store()
    }

    /// Begins to use the page when the client is on and allowed to, and ends it when it is not.
    pub(super) fn attach(&mut self) {
        self.end_closing();
        let is_wanted = self.is_open();
        if is_wanted != self.is_attached {
            self.is_attached = is_wanted;
            self.commands.push(Command::Attach(is_wanted));
        }
        if is_wanted && let Some(bucket) = self.gate.bucket_to_store() {
            self.commands.push(Command::StoreBucket(bucket));
        }
    }

    /// Who is closing keeps its locks and its storage until the last answer is there: else another page
    /// would send the same once more.
    fn end_closing(&mut self) {
        let is_busy = !self.flights.is_empty() || self.queue.unspooled_since().is_some();
        if self.life == Life::Closing && !(is_busy && self.may_store()) {
            self.life = Life::Off;
            self.settle();
            self.settle_all(Settled::Spooled);
        }
    }

    /// The app switches the client on or off.
    pub(super) fn switch(&mut self, is_on: bool) {
        self.gate.is_wanted = is_on;
        self.follow_gate();
    }

    /// Off: the spool is kept, nothing is sent, nothing is recorded.
    pub(super) fn follow_gate(&mut self) {
        match (self.life, self.gate.is_open()) {
            (Life::On, false) => {
                self.spool();
                self.forget_drafts(DiscardReason::Disabled);
                self.cancel_later();
                self.left_at = None;
                self.life = Life::Off;
                self.settle();
                self.settle_all(Settled::Spooled);
            }
            (Life::Off, true) => {
                self.life = Life::On;
                // Before anything is written or sent.
                self.attach();
            }
            _ => {}
        }
    }

    /// Does what the server asks of its clients.
    pub(super) fn obey(&mut self, remote: RemoteConfig, now: Millis) {
        if remote == self.gate.remote {
            return;
        }
        let was_on = self.life == Life::On;
        self.gate.remote = remote;
        self.rates = self.config.rates_with(remote.sampling);
        self.follow_gate();
        if was_on && self.life == Life::Off {
            self.commands.push(Command::StoreOff(off_since(now)));
        }
    }

    /// The user has said something.
    pub(super) fn consent(&mut self, consent: Consent, now: Millis) {
        if self.is_attached && consent == Consent::Pending {
            // What was made under the old consent is treated by it.
            self.spool();
        }
        let before = std::mem::replace(&mut self.gate.consent, consent);
        self.renew_scope();
        match consent {
            Consent::Granted => {
                // What has waited may be written at once.
                self.attach();
                self.admit_pending(now);
            }
            Consent::Denied if before != Consent::Denied => self.wipe(),
            Consent::Denied | Consent::Pending => {}
        }
    }

    /// Gives up everything, here and on the storage.
    fn wipe(&mut self) {
        self.cancel_later();
        for flight in &std::mem::take(&mut self.flights) {
            self.commands.push(Command::Abort(flight.id));
        }
        self.queue.discard_all(DiscardReason::ConsentDenied, &mut self.ledger, self.stream);
        self.forget_drafts(DiscardReason::ConsentDenied);
        self.settle_all(Settled::Discarded);
        // What was in the queue goes first: what is there after it was counted by nobody yet.
        self.has_left_some = false;
        self.tidy();
        self.commands.push(Command::Wipe);
    }

    /// Counts what other pages had left behind and nobody had taken over yet.
    pub(super) fn count_wiped(&mut self, chunks: &[(&str, &str)]) {
        let mut records = 0;
        for (key, value) in chunks {
            match spool::place(key, &self.config.app) {
                // It is counted.
                Some((stream, _)) if stream == self.stream => {}
                Some((stream, first_seq)) if self.queue.has_settled(stream, first_seq) => {}
                _ => records += spool::count_records(value),
            }
        }
        self.ledger.adopted += records;
        self.ledger.refuse(DiscardReason::ConsentDenied, None, records);
    }

    /// Begins a new stream. What the storage has of the old one is in other hands; what only this
    /// page has is still sent by it.
    pub(super) fn hand_over(&mut self, next: StreamId) {
        let records = self.queue.hand_over(self.stream);
        self.ledger.handed_over += records as u64;
        self.settle_all(Settled::Spooled);
        self.queue.release();
        self.earlier_receipts += self.last_seq;
        self.last_seq = 0;
        self.stream = next;
    }
}

/// What the next page reads before it loads anything: this client is off.
fn off_since(now: Millis) -> String {
    join(&[r#"{"at":"#, &digits(now), r#","remote":{"features":{"TELEMETRY":{"phase":"DISABLED"}}}}"#])
}
