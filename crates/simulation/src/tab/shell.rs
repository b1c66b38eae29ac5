//! What the browser's shell does with the commands of the engine, in the same order: two storages,
//! locks, the back/forward cache, and bodies that are left to the browser.

use beaconry::engine::{Allowance, Command, Consent, Input, LOCAL_BYTES, Millis, Reply, SendId};
use beaconry_protocol::{RecordId, StreamId};

use super::{Refused, Request, Tab};
use crate::journal::{Change, GATHERED_FOR};
use crate::origin::{OURS, Origin};
use crate::storage::seqs_in;

/// The storages as one tab has them.
#[derive(Debug)]
pub(super) struct Attached {
    /// Whether localStorage worked when it was tried.
    has_local: bool,
    allowance: Allowance,
    journal: Journal,
    gathered: Vec<Change>,
    commit_at: Option<Millis>,
    /// When it is known what the journal has of dead streams, if that was asked.
    adopt_at: Option<Millis>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Journal {
    OpensAt(Millis),
    /// Since when, in the time that the tab was awake.
    Open(Millis),
    Gone,
}

impl Attached {
    fn to(origin: &mut Origin, cap: usize) -> Self {
        let has_local = origin.local.set(PROBE, "1");
        origin.local.remove(PROBE);
        let opens_at = origin.now + origin.journal_takes;
        let used = if has_local { origin.local.measure() } else { 0 };
        Self {
            has_local,
            allowance: Allowance::new(cap.min(LOCAL_BYTES), used),
            journal: if origin.journal.is_some() { Journal::OpensAt(opens_at) } else { Journal::Gone },
            gathered: Vec::new(),
            commit_at: None,
            adopt_at: None,
        }
    }

    pub(super) const fn has_local(&self) -> bool {
        self.has_local
    }

    pub(super) const fn journals_since(&self) -> Option<Millis> {
        if let Journal::Open(since) = self.journal { Some(since) } else { None }
    }

    fn gather(&mut self, key: String, value: Option<String>, now: Millis) {
        if self.journal != Journal::Gone {
            self.gathered.push((key, value));
            self.commit_at.get_or_insert(now + GATHERED_FOR);
        }
    }

    fn commit(&mut self, origin: &mut Origin) {
        self.commit_at = None;
        if let (Journal::Open(_), Some(journal)) = (self.journal, &mut origin.journal) {
            journal.commit(std::mem::take(&mut self.gathered), origin.now);
        }
    }

    /// A chunk in both is one chunk, as localStorage has it.
    fn entries(&self, prefix: &str, origin: &Origin) -> Vec<(String, String)> {
        let mut entries = if self.has_local { origin.local.read(prefix) } else { Vec::new() };
        if let (Journal::Open(_), Some(journal)) = (self.journal, &origin.journal) {
            let local = entries.len();
            for (key, value) in journal.entries().filter(|(key, _)| key.starts_with(prefix)) {
                if entries[..local].binary_search_by(|(known, _)| known.as_str().cmp(key)).is_err() {
                    entries.push((key.to_owned(), value.to_owned()));
                }
            }
        }
        entries
    }
}

impl Tab {
    pub(super) fn feed(&mut self, input: Input<'_>, origin: &Origin) {
        let commands = self.engine.handle(input, self.clock.at(origin.now));
        self.pending.extend(commands);
    }

    pub(super) fn perform_all(&mut self, origin: &mut Origin) -> Result<(), String> {
        while let Some(command) = self.pending.pop_front() {
            self.perform(command, origin)?;
        }
        Ok(())
    }

    fn perform(&mut self, command: Command, origin: &mut Origin) -> Result<(), String> {
        match command {
            Command::Attach(true) => self.attach(origin),
            Command::Attach(false) => self.detach(origin),
            Command::Spool { key, value } => self.spool(key, &value, origin)?,
            Command::Unspool { key } => self.unspool(key, origin),
            Command::Recover => self.adopt(origin),
            Command::Wipe => self.wipe(origin),
            Command::StoreSession(text) => self.store("beaconry:session:default", &text, origin)?,
            Command::StoreOff(text) => self.store("beaconry:features:default", &text, origin)?,
            Command::StoreBucket(bucket) => self.store("beaconry:bucket", &bucket.to_string(), origin)?,
            Command::Send { id, body, keepalive, .. } => self.send(id, body, keepalive, origin)?,
            Command::SendLater(body) => {
                self.check_sends(&body, origin)?;
                self.later.push(body);
            }
            Command::CancelLater => self.later.clear(),
            Command::Abort(id) => {
                self.keepalive.remove(&id);
                self.flights.remove(&id);
            }
            Command::WakeAt(at) => self.wake_at = at,
            Command::Settle(ticket, _) => {
                if !self.open_tickets.remove(&ticket.0) {
                    return Err(format!("{ticket:?} was settled twice"));
                }
            }
            Command::WatchBeforeUnload(is_wanted) => self.watches_unload = is_wanted,
            Command::Warn(_) => {}
        }
        Ok(())
    }

    // ---- The page and its storage ----

    fn attach(&mut self, origin: &mut Origin) {
        self.attached = Some(Attached::to(origin, self.engine.config().max_queue_bytes));
        self.resume_session(origin);
        self.adopt(origin);
    }

    /// What is gathered is still written, as far as there is something to write to.
    fn detach(&mut self, origin: &mut Origin) {
        self.commit(origin);
        self.attached = None;
        // Known gap: when it is on again it goes on with its stream and with what it had taken over,
        // whoever has them by now. The server drops the second copies.
        self.lost.extend(origin.locks.release_all(self.number));
    }

    pub(super) fn resume_session(&mut self, origin: &Origin) {
        let Some(attached) = &self.attached else { return };
        let stored = origin.local.read_one("beaconry:session:default").filter(|_| attached.has_local);
        self.feed(Input::Session(stored), origin);
    }

    fn store(&mut self, key: &str, text: &str, origin: &mut Origin) -> Result<(), String> {
        let attached = self.allowed(key)?;
        if attached.has_local {
            origin.local.set(key, text);
        }
        Ok(())
    }

    fn spool(&mut self, key: String, value: &str, origin: &mut Origin) -> Result<(), String> {
        let now = origin.now;
        let attached = self.allowed(&key)?;
        attached.gather(key.clone(), Some(value.to_owned()), now);
        let local = &mut origin.local;
        let may = attached.has_local
            && (attached.allowance.takes(value.len(), || local.measure()) || local.read_one(&key).is_some());
        if !may {
            local.note_refusal();
        }
        if may && local.set(&key, value) {
            let taken_at = self.told_at;
            self.refused.get_mut(&key).into_iter().for_each(|refused| refused.taken_at = Some(taken_at));
            return self.check_bytes(&key, origin);
        }
        let stream = self.engine.stream_of(&key);
        let ids = stream.map(|stream| seqs_in(value).map(move |seq| RecordId { stream, seq }).collect());
        let refused = Refused { ids: ids.unwrap_or_default(), taken_at: None };
        self.refused.insert(key.clone(), refused);
        self.feed(Input::SpoolFailed { key: &key }, origin);
        Ok(())
    }

    /// What is on its way is never given up, and neither is what the storage did not let go of.
    fn check_bytes(&self, key: &str, origin: &Origin) -> Result<(), String> {
        let most = self.engine.config().max_queue_bytes + beaconry_protocol::limits::KEEPALIVE_BYTES;
        let bytes = origin.local.stream_bytes(key);
        if !origin.local.has_refused() && bytes > most {
            return Err(format!("{bytes} bytes of one stream on the storage"));
        }
        Ok(())
    }

    fn unspool(&mut self, key: String, origin: &mut Origin) {
        self.refused.remove(&key);
        let Some(attached) = &mut self.attached else { return };
        if attached.has_local {
            origin.local.remove(&key);
        }
        attached.gather(key, None, origin.now);
    }

    /// The storages, if the tab may use them for this.
    fn allowed(&mut self, key: &str) -> Result<&mut Attached, String> {
        if !self.may_store() {
            return Err(format!("`{key}` is written while consent is {:?}", self.consent));
        }
        self.attached.as_mut().ok_or_else(|| format!("`{key}` is written by a client that is off"))
    }

    /// Whether the user allows that anything is stored and sent.
    pub(super) fn may_store(&self) -> bool {
        self.consent == Consent::Granted
    }

    fn wipe(&mut self, origin: &mut Origin) {
        self.owes_wipe = false;
        let Some(mut attached) = self.attached.take() else { return };
        attached.commit(origin);
        let left = attached.entries(&self.engine.spool_prefix(), origin);
        attached.gathered.clear();
        if let (Journal::Open(_), Some(journal)) = (attached.journal, &mut origin.journal) {
            journal.wipe(origin.now);
        }
        if attached.has_local {
            let keys: Vec<_> = origin.local.read(OURS).into_iter().map(|(key, _)| key).collect();
            keys.iter().for_each(|key| origin.local.remove(key));
        }
        let has_all = matches!(attached.journal, Journal::Open(_)) || origin.journal.is_none();
        origin.is_wiped |= has_all && attached.has_local && origin.local.is_readable();
        origin.wiped.extend(left.iter().cloned());
        self.attached = Some(attached);
        self.feed(Input::Wiped(&borrowed(&left)), origin);
    }

    // ---- Dead streams ----

    /// What localStorage has at once, what only the journal has when that has answered.
    fn adopt(&mut self, origin: &mut Origin) {
        let Some(attached) = self.attached.as_mut().filter(|attached| attached.adopt_at.is_none()) else {
            return;
        };
        attached.adopt_at = Some(origin.now + origin.journal_takes);
        origin.locks.take(self.engine.stream(), self.number);
        self.take_over(origin);
    }

    /// Asks for the locks first and reads then.
    fn take_over(&mut self, origin: &mut Origin) {
        let Some(attached) = &self.attached else { return };
        let own = self.engine.stream();
        let mut entries = attached.entries(&self.engine.spool_prefix(), origin);
        let mut last = None;
        entries.retain(|(key, _)| {
            let Some(stream) = self.engine.stream_of(key).filter(|stream| *stream != own) else {
                return false;
            };
            let (_, is_taken) = *last.take_if(|(known, _)| *known == stream).get_or_insert_with(|| {
                let is_taken = origin.locks.take(stream, self.number);
                if is_taken && attached.has_local {
                    origin.local.remove(&fence(stream));
                }
                (stream, is_taken)
            });
            last = Some((stream, is_taken));
            is_taken
        });
        if !entries.is_empty() {
            self.feed(Input::Recovered(&borrowed(&entries)), origin);
        }
    }

    // ---- Time ----

    pub(super) fn next_task(&self) -> Option<Millis> {
        let attached = self.attached.as_ref()?;
        let opens_at = if let Journal::OpensAt(at) = attached.journal { Some(at) } else { None };
        opens_at.into_iter().chain(attached.commit_at).chain(attached.adopt_at).min()
    }

    /// Does what the browser is done with by now.
    pub(crate) fn do_tasks(&mut self, origin: &mut Origin) -> Result<Vec<Request>, String> {
        let (now, awake) = (origin.now, self.clock.awake(origin.now));
        let Some(attached) = &mut self.attached else { return Ok(Vec::new()) };
        if matches!(attached.journal, Journal::OpensAt(at) if at <= now) {
            attached.journal = Journal::Open(awake);
            attached.commit(origin);
        }
        if attached.commit_at.is_some_and(|at| at <= now) {
            attached.commit(origin);
        }
        if attached.adopt_at.take_if(|at| *at <= now).is_some() {
            attached.commit(origin);
            self.told_at = awake;
            self.take_over(origin);
            self.end_turn(origin)?;
        }
        Ok(std::mem::take(&mut self.requests))
    }

    /// Writes to the journal what is gathered for it.
    pub(super) fn commit(&mut self, origin: &mut Origin) {
        if let Some(attached) = &mut self.attached {
            attached.commit(origin);
        }
    }

    /// The browser takes the journal away.
    pub(crate) fn lose_journal(&mut self) {
        if let Some(attached) = &mut self.attached {
            attached.journal = Journal::Gone;
            attached.gathered.clear();
            attached.commit_at = None;
        }
    }

    // ---- The back/forward cache ----

    /// The page has gone there: it lets go of its locks.
    pub(crate) fn suspend(&mut self, origin: &mut Origin) {
        self.suspended = Some(Vec::new());
        let Some(attached) = &self.attached else { return };
        if self.engine.has_spooled() && attached.has_local {
            origin.local.set(&fence(self.engine.stream()), "suspended");
        }
        origin.locks.release_all(self.number);
    }

    /// An answer came that it will never see.
    pub(crate) fn miss(&mut self, send: SendId) {
        self.suspended.as_mut().map(|missed| missed.push(send)).unwrap_or_default();
    }

    /// It is back: either its stream is still its own, or it begins this one.
    pub(crate) fn come_back(&mut self, next: StreamId, origin: &mut Origin) -> Result<Vec<Request>, String> {
        let missed = self.suspended.take().unwrap_or_default();
        self.told_at = self.clock.awake(origin.now);
        if let Some(attached) = &self.attached {
            let (own, has_spooled, has_local) =
                (self.engine.stream(), self.engine.has_spooled(), attached.has_local);
            let fence_stands = has_local && origin.local.read_one(&fence(own)).is_some();
            if has_local {
                origin.local.remove(&fence(own));
            }
            self.lost.extend(self.flights.values().copied());
            self.feed(Input::LetGo, origin);
            self.perform_all(origin)?;
            let is_lost = has_spooled && !fence_stands && has_local;
            if is_lost || !origin.locks.take(own, self.number) {
                self.lose_stream(next, origin);
            }
            self.adopt(origin);
            self.feed(Input::Restored, origin);
            self.end_turn(origin)?;
        }
        let mut requests = std::mem::take(&mut self.requests);
        for send in missed {
            requests.extend(self.tell(Input::Answered(send, &Reply::unknown(None)), origin)?);
        }
        Ok(requests)
    }

    fn lose_stream(&mut self, next: StreamId, origin: &mut Origin) {
        if let Some(attached) = &mut self.attached {
            attached.gathered.clear();
        }
        self.note_made();
        let own = self.engine.stream();
        self.lost.insert(own);
        let life = std::mem::replace(&mut self.life, super::Life::of(self.number));
        self.earlier.push((own, life));
        if self.attached.as_ref().is_some_and(|attached| attached.adopt_at.is_some()) {
            // Known gap: while it still reads what dead streams left, it takes no lock for the new one.
            self.lost.insert(next);
        }
        self.feed(Input::StreamLost(next), origin);
    }

    // ---- The network ----

    fn send(&mut self, send: SendId, body: String, keepalive: bool, origin: &Origin) -> Result<(), String> {
        let stream = self.check_sends(&body, origin)?;
        self.flights.insert(send, stream);
        if keepalive {
            self.keepalive.insert(send, body.len());
        }
        self.requests.push(Request { send, body, keepalive });
        Ok(())
    }

    /// Whether it may send this now. Returns the stream.
    fn check_sends(&self, body: &str, origin: &Origin) -> Result<StreamId, String> {
        if !self.may_store() || !self.is_attached() {
            return Err("a client that is off sends".to_owned());
        }
        let stream = body.split_once(r#""stream":""#).and_then(|(_, rest)| rest.get(..32)?.parse().ok());
        let stream = stream.ok_or("a body without a stream")?;
        if origin.locks.is_others(stream, self.number) && !self.lost.contains(&stream) {
            return Err(format!("{stream} is sent by a tab that has not its lock"));
        }
        Ok(stream)
    }
}

fn fence(stream: StreamId) -> String {
    format!("beaconry:fence:default:{stream}")
}

const PROBE: &str = "beaconry:probe";

/// Keys and values as an input takes them.
fn borrowed(entries: &[(String, String)]) -> Vec<(&str, &str)> {
    entries.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}
