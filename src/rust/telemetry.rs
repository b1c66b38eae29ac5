//! The handle that an app records with.

use std::borrow::Cow;
use std::error::Error;
use std::rc::Rc;
use std::time::Duration;

use beaconry_protocol::{Body, Level, RecordType, Severity};

use super::clients::{self, Client, ClientId};
use super::host;
use super::text::text;
use super::{Entry, Options, Receipt, Span, Stats, Value};
use crate::engine::{ConfigError, Consent, Engine, Input, Settled};

/// A client, started once for a page and passed around as a copy.
///
/// No call panics or blocks: what goes wrong is counted in [`stats`](Self::stats). The client lives
/// as long as its page. It works on the thread that started it, which in a page is the only one; a
/// handle that gets to a worker does nothing there. Outside of a browser (a server that renders the
/// app, a native test) the options are checked, nothing is recorded, and
/// [`is_enabled`](Self::is_enabled) is false:
///
/// ```
/// # use beaconry::{Level, Options, Stats, Telemetry};
/// let telemetry = Telemetry::start(Options::new("/api/telemetry/batch")).unwrap();
/// assert!(!telemetry.is_enabled());
/// let receipt = telemetry.log(Level::Info, "Rendered").with("route", "/").send();
/// assert!(!receipt.is_recorded());
/// assert_eq!(telemetry.stats(), Stats::default());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Telemetry {
    id: Option<ClientId>,
}

impl Telemetry {
    /// Starts a client: listens to the page, and takes over what earlier pages could not deliver.
    ///
    /// # Errors
    /// The first option that is wrong, by its name in the npm package, what it got and what it takes.
    pub fn start(options: Options) -> Result<Self, ConfigError> {
        let config = options.check()?;
        Ok(Self { id: clients::start(config) })
    }

    /// A client that records nothing, for whoever cannot start one.
    pub const fn off() -> Self {
        Self { id: None }
    }

    /// A line of a log.
    pub fn log<'a>(self, level: Level, message: impl Into<Cow<'a, str>>) -> Entry<'a> {
        Entry::new(self, Some(Body::Log { level, message: message.into() }))
    }

    /// A value that was measured.
    pub fn metric<'a>(self, name: impl Into<Cow<'a, str>>, value: f64) -> Entry<'a> {
        let number = value.is_finite().then(|| host::number(value)).flatten();
        if number.is_none() {
            self.misuse(RecordType::Metric, "metric() takes a value that is a finite number");
        }
        Entry::new(self, number.map(|value| Body::Metric { name: name.into(), value, unit: None }))
    }

    /// Something that took time and is over. What begins now is a [span](Self::start_span).
    pub fn trace<'a>(self, name: impl Into<Cow<'a, str>>, duration: Duration) -> Entry<'a> {
        let duration = host::number(duration.as_secs_f64() * 1_000.0);
        Entry::new(
            self,
            duration.map(|duration| Body::Trace {
                name: name.into(),
                duration,
                trace_id: Cow::Borrowed(""),
                span_id: Cow::Borrowed(""),
                parent_span_id: None,
                kind: None,
                status: None,
            }),
        )
    }

    /// Begins to measure something.
    pub fn start_span(self, name: impl Into<Cow<'static, str>>) -> Span {
        Span::start(self, name.into(), None)
    }

    /// An error that the app has handled: its type, its message, and the errors behind it.
    pub fn error<E: Error + ?Sized>(self, error: &E) -> Entry<'static> {
        if !self.is_enabled() {
            return Entry::new(self, None);
        }
        self.error_entry(
            short_type_name(std::any::type_name::<E>()),
            text(format_args!("{error}")),
            error.source(),
        )
    }

    /// Something that happened. The name takes lower-case letters, digits and `_`.
    pub fn event<'a>(self, name: impl Into<Cow<'a, str>>) -> Entry<'a> {
        Entry::new(self, Some(Body::Event { name: name.into(), action: None, duration: None }))
    }

    /// Says who the user is from now on.
    pub fn set_user(self, id: impl Into<String>) {
        self.tell(Input::User { id: Some(&id.into()), anonymous_id: None });
    }

    /// Says by an id that tells nothing who the user is from now on.
    pub fn set_anonymous_user(self, anonymous_id: impl Into<String>) {
        self.tell(Input::User { id: None, anonymous_id: Some(&anonymous_id.into()) });
    }

    /// Says that nobody is logged in any more.
    pub fn forget_user(self) {
        self.tell(Input::User { id: None, anonymous_id: None });
    }

    /// Adds a value to the context of every record from now on; what a record says itself goes first.
    pub fn set_context(self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        if let Some(client) = self.client() {
            client.shared.borrow_mut().set(key.into(), value.into());
        }
    }

    /// Takes back what [`set_context`](Self::set_context) has added.
    pub fn remove_context(self, key: &str) {
        if let Some(client) = self.client() {
            client.shared.borrow_mut().remove(key);
        }
    }

    /// Switches the client off, or on again. Off: nothing is recorded, sent or listened to.
    pub fn set_enabled(self, is_on: bool) {
        self.tell(Input::Enabled(is_on));
    }

    /// Says what the user allows. Denied: nothing is recorded, and nothing of ours stays on the device.
    pub fn set_consent(self, consent: Consent) {
        self.tell(Input::Consent(consent));
    }

    /// Whether calls are recorded.
    pub fn is_enabled(self) -> bool {
        self.client().is_some_and(|client| client.host.read(Engine::is_enabled))
    }

    /// The session; empty where nothing is recorded.
    pub fn session_id(self) -> String {
        let client = self.client();
        client.map(|client| client.host.read(|engine| engine.session_id().to_owned())).unwrap_or_default()
    }

    /// Sends everything now, also if nobody awaits it. [`Settled::Spooled`]: that was tried, and what
    /// is left waits on the storage. [`Settled::Pending`]: it is in memory only, until the user has
    /// been asked.
    pub fn flush(self) -> impl Future<Output = Settled> + use<> {
        let kept = self.client().map(|client| client.host.promise(Input::Flush));
        or(kept, Settled::Delivered)
    }

    /// Waits until a record is on the server's disk, or discarded.
    pub fn delivered(self, receipt: Receipt) -> impl Future<Output = Settled> + use<> {
        let wait =
            move |client: Rc<Client>| client.host.promise(move |ticket| Input::Delivered(ticket, receipt.0));
        or(self.client().map(wait), Settled::Discarded)
    }

    /// Sends everything and ends, also if nobody awaits it.
    pub fn shutdown(self) -> impl Future<Output = Settled> + use<> {
        or(self.client().map(|client| client.host.promise(Input::Shutdown)), Settled::Delivered)
    }

    /// The account of every record.
    pub fn stats(self) -> Stats {
        self.client().map(|client| Stats::of(&client)).unwrap_or_default()
    }

    pub(super) fn client(self) -> Option<Rc<Client>> {
        clients::find(self.id?)
    }

    /// Whether there is a client behind it, on or off.
    pub(super) const fn is_started(self) -> bool {
        self.id.is_some()
    }

    fn tell(self, input: Input<'_>) {
        if let Some(client) = self.client() {
            client.host.tell(input);
        }
    }

    fn misuse(self, record_type: RecordType, advice: &str) {
        if let Some(client) = self.client() {
            client.misuse(record_type, advice);
        }
    }

    fn error_entry(
        self,
        error_type: &'static str,
        message: String,
        source: Option<&(dyn Error + 'static)>,
    ) -> Entry<'static> {
        let body = Body::Error {
            error_type: Cow::Borrowed(error_type),
            message: Cow::Owned(message),
            stack: host::stack().map(Cow::Owned),
            severity: Severity::Error,
            handled: true,
            component_stack: None,
        };
        let entry = Entry::new(self, Some(body));
        let causes = chain(source);
        if causes.is_empty() { entry } else { entry.with("causes", causes) }
    }
}

/// `Error` for what has lost its type, else the name without its path: the server groups by it.
fn short_type_name(path: &'static str) -> &'static str {
    if path.starts_with("dyn ") {
        return "Error";
    }
    let plain = path.split('<').next().unwrap_or(path);
    plain.rsplit("::").next().unwrap_or(plain)
}

/// The errors behind an error, from the nearest on; a bounded number, since an error may name itself.
pub(super) fn chain(mut source: Option<&(dyn Error + 'static)>) -> Vec<String> {
    let mut causes = Vec::new();
    while let Some(error) = source.filter(|_| causes.len() < MOST_CAUSES) {
        causes.push(text(format_args!("{error}")));
        source = error.source();
    }
    causes
}

async fn or(kept: Option<impl Future<Output = Settled>>, otherwise: Settled) -> Settled {
    match kept {
        Some(kept) => kept.await,
        None => otherwise,
    }
}

const MOST_CAUSES: usize = 8;
