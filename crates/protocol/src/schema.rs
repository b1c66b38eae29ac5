//! The contract as JSON Schema, out of the very types that write and read it.
//!
//! For documentation, and for the TypeScript types of the npm package. A client that runs has no part of it.
//! `cargo xtask types` writes both.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::{Answer, Context, Number, Record, Scope};

/// What goes over the wire: a batch there, an answer back.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "it is there for its schema")]
struct Wire<'a> {
    batch: Batch<'a>,
    answer: Answer,
}

/// The body of a request. A server ignores fields that it does not know.
#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "`encode_batch` writes it from its parts")]
struct Batch<'a> {
    /// The version of the format.
    v: u32,
    /// The name of the app.
    app: Cow<'a, str>,
    /// The stream of the records: 32 hex digits.
    stream: Cow<'a, str>,
    /// When it was sent, in epoch milliseconds by the sender's clock.
    sent_at: u64,
    /// What all its records have in common.
    scope: Scope<'a>,
    /// The records, at most 1,000.
    events: Vec<Record<'a>>,
}

/// The whole contract as one schema; its definitions are the types.
pub fn wire() -> Schema {
    // The draft that generators of types read best.
    let settings = SchemaSettings::draft07().with_transform(RecursiveTransform(name_and_narrow));
    settings.into_generator().into_root_schema_for::<Wire<'_>>()
}

/// Each kind of record has a name of its own; and what is not known is left out, it is never `null`.
fn name_and_narrow(schema: &mut Schema) {
    let kind = schema.pointer("/properties/type/const").and_then(Value::as_str).map(fields_of);
    if let Some(title) = kind {
        schema.insert("title".to_owned(), title.into());
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
    }
}

/// `log` becomes `LogFields`.
fn fields_of(record_type: &str) -> String {
    let (first, rest) = record_type.split_at(1);
    [&first.to_ascii_uppercase(), rest, "Fields"].concat()
}

impl JsonSchema for Number<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number" })
    }
}

impl JsonSchema for Context {
    fn schema_name() -> Cow<'static, str> {
        "Context".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "What the app added: at most 32 keys a level, 6 levels and 16 KiB.",
            "additionalProperties": true,
        })
    }
}
