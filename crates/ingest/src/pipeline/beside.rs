//! The error that stands beside a bug report, so that whoever looks through the error log finds it
//! there too. It comes from the same page and person, and says nothing that the report does not say.

use std::borrow::Cow;

use beaconry_protocol::decode::IncomingRecord;
use beaconry_protocol::{Body, Record, RecordId, Severity};

/// The error beside a record, if it is a bug report. `id` is given to it where there is one to give.
pub(super) fn error_beside<'a>(
    report: &IncomingRecord<'a>,
    id: Option<RecordId>,
) -> Option<IncomingRecord<'a>> {
    let Body::Feedback { message, .. } = &report.record.body else { return None };
    let body = Body::Error {
        error_type: Cow::Borrowed(ERROR_TYPE),
        message: message.clone(),
        stack: None,
        severity: Severity::Info,
        handled: true,
        component_stack: None,
    };
    let record = Record {
        seq: None,
        timestamp: report.record.timestamp,
        page: report.record.page.clone(),
        body,
        context: report.record.context.clone(),
    };
    Some(IncomingRecord { id, record, overrides: report.overrides.clone() })
}

/// What bug reports are called among errors.
const ERROR_TYPE: &str = "BugReport";
