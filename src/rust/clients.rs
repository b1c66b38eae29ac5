//! The running clients of this thread, by number.
//!
//! A client holds closures and values of JavaScript, which belong to one thread. The handle that an
//! app passes around is its number only, so it can be kept where frameworks, `tracing` and the panic
//! hook ask for `Send` and `Sync`. On a thread that did not start the client, the number leads
//! nowhere and a call does nothing.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use beaconry_protocol::RecordType;

use super::fields::Fields;
use super::host::{self, Host};
use crate::engine::{Call, Config, Engine, Input, Random};

/// A running client.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) host: Host,
    /// What the app wants to see in every context.
    pub(super) shared: RefCell<Fields>,
    random: RefCell<Random>,
}

/// The number of a client; unique in the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ClientId(u32);

/// Starts a client on this thread; `None` where there is no browser.
pub(super) fn start(config: Config) -> Option<ClientId> {
    let host = Host::start(config)?;
    let random = RefCell::new(Random::from_seed(host::seed()));
    let client = Rc::new(Client { host, shared: RefCell::default(), random });
    let id = ClientId(LAST.fetch_add(1, Ordering::Relaxed));
    CLIENTS.try_with(|clients| clients.borrow_mut().push((id, client))).ok()?;
    Some(id)
}

/// The client with this number, if it runs on this thread.
pub(super) fn find(id: ClientId) -> Option<Rc<Client>> {
    let find = |clients: &RefCell<Vec<(ClientId, Rc<Client>)>>| {
        let clients = clients.borrow();
        clients.iter().find(|(known, _)| *known == id).map(|(_, client)| Rc::clone(client))
    };
    CLIENTS.try_with(find).ok().flatten()
}

impl Client {
    /// Makes a record; its place in the stream, or 0 if it was refused.
    pub(super) fn record(&self, mut call: Call<'_>, fields: &Fields) -> u64 {
        self.host.follow_page();
        let shared = self.shared.borrow();
        call.context = self.host.read(|engine| fields.context(&shared, &engine.config().redact_keys));
        drop(shared);
        let before = self.host.read(Engine::last_receipt);
        self.host.tell(Input::Record(&call));
        let after = self.host.read(Engine::last_receipt);
        if after > before { after } else { 0 }
    }

    /// Counts a call of which no record can be made.
    pub(super) fn misuse(&self, record_type: RecordType, advice: &str) {
        self.host.tell(Input::Misuse { record_type: Some(record_type), advice });
    }

    /// Random hex digits for a trace or span.
    pub(super) fn hex(&self, digits: usize) -> String {
        self.random.borrow_mut().hex(digits)
    }
}

static LAST: AtomicU32 = AtomicU32::new(0);

thread_local! {
    static CLIENTS: RefCell<Vec<(ClientId, Rc<Client>)>> = const { RefCell::new(Vec::new()) };
}
