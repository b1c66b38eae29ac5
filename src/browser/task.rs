//! What goes on after a call has returned.

use std::pin::Pin;

use wasm_bindgen_futures::spawn_local;

/// Begins a task. It is boxed by the caller, so that the machinery around tasks is compiled for one
/// type and not for each.
pub(crate) fn spawn(task: Pin<Box<dyn Future<Output = ()>>>) {
    spawn_local(task);
}
