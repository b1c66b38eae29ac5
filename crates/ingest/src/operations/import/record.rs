//! A record that is encoded already, on its way to whoever stores it.

use beaconry_protocol::{RecordId, RecordType};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::KEY;
use crate::pipeline::{Prepared, PreparedRecord};

/// A record that is encoded already.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    id: String,
    #[serde(rename = "type")]
    record_type: String,
    fields: String,
    beside: Option<String>,
}

impl Record {
    /// Takes a prepared record; `None` if it has no id, since it could not be known again.
    pub(super) fn new(prepared: PreparedRecord) -> Option<Self> {
        Some(Self {
            id: prepared.id?.to_string(),
            record_type: prepared.record_type.as_str().to_owned(),
            fields: prepared.fields,
            beside: prepared.beside,
        })
    }

    /// A batch of records that may be stored.
    ///
    /// # Errors
    /// The text that is no record, which only a stranger can send.
    pub fn prepare(records: Vec<Self>) -> Result<Prepared, String> {
        let records = records.into_iter().map(|record| record.prepared().map(Ok));
        Ok(Prepared { key: KEY.to_owned(), stream: None, records: records.collect::<Result<_, _>>()? })
    }

    fn prepared(self) -> Result<PreparedRecord, String> {
        let id: RecordId = self.id.parse().map_err(|error| format!("{}: {error}", self.id))?;
        let record_type = RecordType::parse(&self.record_type).map_err(|error| error.takes.to_owned())?;
        for fields in std::iter::once(&self.fields).chain(&self.beside) {
            let is_object = serde_json::from_str::<&RawValue>(&format!("{{{fields}}}")).is_ok();
            if !is_object || fields.contains('\n') {
                return Err(format!("{id}: takes the fields of one JSON object in one line"));
            }
        }
        Ok(PreparedRecord { id: Some(id), record_type, age: 0, fields: self.fields, beside: self.beside })
    }
}
