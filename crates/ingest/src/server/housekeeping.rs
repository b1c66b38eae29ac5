//! What a running server does with its data folder when a command asks for it.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::control::{Handler, Request};
use crate::operations::Progress;
use crate::operations::import::Record;
use crate::routes::App;

/// Keeps the data folder of a running server.
#[derive(Debug)]
pub(super) struct Housekeeping {
    pub(super) app: Arc<App>,
    pub(super) runtime: Handle,
}

impl Handler for Housekeeping {
    fn handle(&self, request: Request, _progress: &dyn Progress) -> Result<Value, String> {
        match request {
            Request::Store { records } => self.store(records).map(|new| json!(new)),
        }
    }
}

impl Housekeeping {
    /// Stores what a command brings, in one order with what is received.
    fn store(&self, records: Vec<Record>) -> Result<u64, String> {
        let batch = Record::prepare(records)?;
        let outcome = self.runtime.block_on(self.app.committer.commit(batch));
        outcome.map(|outcome| outcome.recorded()).map_err(|refusal| refusal.to_string())
    }
}
