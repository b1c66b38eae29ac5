//! Completing what a record says of its circumstances: the record's own words first, then those of
//! its batch, then what the server saw.

use std::borrow::Cow;

use beaconry_protocol::{Scope, User};

use super::Sender;

/// The scope of a batch, with what the server knows put where the batch says nothing.
pub(super) fn batch_scope<'a>(scope: &'a Scope<'_>, from: &Sender<'a>) -> Scope<'a> {
    let mut scope = borrowed(scope);
    scope.user_agent = scope.user_agent.or(from.user_agent.map(Cow::Borrowed));
    scope
}

/// The scope of one record: `own` field by field, `batch` where it says nothing.
pub(super) fn record_scope<'a>(own: &'a Scope<'_>, batch: &'a Scope<'_>) -> Scope<'a> {
    let own = borrowed(own);
    let batch = borrowed(batch);
    Scope {
        session_id: own.session_id.or(batch.session_id),
        release: own.release.or(batch.release),
        environment: own.environment.or(batch.environment),
        user_agent: own.user_agent.or(batch.user_agent),
        platform: own.platform.or(batch.platform),
        language: own.language.or(batch.language),
        device_type: own.device_type.or(batch.device_type),
        viewport: own.viewport.or(batch.viewport),
        region: own.region.or(batch.region),
        user: User {
            id: own.user.id.or(batch.user.id),
            anonymous_id: own.user.anonymous_id.or(batch.user.anonymous_id),
        },
    }
}

fn borrowed<'a>(scope: &'a Scope<'_>) -> Scope<'a> {
    Scope {
        session_id: text(&scope.session_id),
        release: text(&scope.release),
        environment: text(&scope.environment),
        user_agent: text(&scope.user_agent),
        platform: text(&scope.platform),
        language: text(&scope.language),
        device_type: text(&scope.device_type),
        viewport: text(&scope.viewport),
        region: text(&scope.region),
        user: User { id: text(&scope.user.id), anonymous_id: text(&scope.user.anonymous_id) },
    }
}

fn text<'a>(field: &'a Option<Cow<'_, str>>) -> Option<Cow<'a, str>> {
    field.as_deref().map(Cow::Borrowed)
}
