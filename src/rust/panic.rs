//! What a panic says is kept before the panic goes on.
//!
//! After a panic the wasm instance is not to be counted on, so nothing is left for later: when the
//! hook returns, the record is on the storage, and unless the server asked us to wait it is under way in a request that
//! outlives the page. What could not be delivered is sent by the next page.

use std::borrow::Cow;
use std::panic::PanicHookInfo;

use beaconry_protocol::{Body, Severity, digits};

use super::fields::Fields;
use super::host;
use super::telemetry::Telemetry;
use crate::engine::{Call, Input};

/// Records every panic of this thread as an error that nobody handled, and goes on to the hook that
/// was set before. Call it after other hooks are set, and once for a client.
///
/// ```
/// # use beaconry::{Options, Telemetry};
/// # fn main() -> Result<(), beaconry::ConfigError> {
/// let telemetry = Telemetry::start(Options::new("/api/telemetry/batch"))?;
/// beaconry::install_panic_hook(telemetry);
/// # Ok(())
/// # }
/// ```
pub fn install_panic_hook(telemetry: Telemetry) {
    // A hook cannot be changed by a thread that panics already.
    if !telemetry.is_started() || std::thread::panicking() {
        return;
    }
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        record(telemetry, panic);
        previous(panic);
    }));
}

fn record(telemetry: Telemetry, panic: &PanicHookInfo<'_>) {
    // What the layer was doing will not be finished.
    #[cfg(feature = "tracing")]
    super::layer::forget_what_was_under_way();
    let Some(client) = telemetry.client() else { return };
    let message = panic.payload_as_str().unwrap_or("a panic without a message");
    let body = Body::Error {
        error_type: Cow::Borrowed("panic"),
        message: Cow::Borrowed(message),
        stack: host::stack().map(Cow::Owned),
        severity: Severity::Critical,
        handled: false,
        component_stack: None,
    };
    client.record(Call::new(&body, None), &location(panic));
    // The one way to have all that waits sent in this very moment: as if the page might go.
    client.host.tell(Input::BeforeUnload);
}

fn location(panic: &PanicHookInfo<'_>) -> Fields {
    let mut fields = Fields::default();
    if let Some(place) = panic.location() {
        let digits = |value: u32| digits(u64::from(value));
        let text = [place.file(), ":", &digits(place.line()), ":", &digits(place.column())].concat();
        fields.set(Cow::Borrowed("location"), text.into());
    }
    fields
}
