//! The schema says what the golden files show: every one of them fits it, and what lacks a field does not.
#![cfg(all(feature = "schema", feature = "decode"))]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed; clippy knows that of test functions only"
)]

use std::fs;
use std::path::Path;

use beaconry_protocol::schema;
use serde_json::{Value, json};

/// Whether it is what the definition of this name describes.
fn fits(definition: &str, value: &Value) -> Result<(), String> {
    let mut schema = schema::wire().to_value();
    schema["$ref"] = json!(format!("#/definitions/{definition}"));
    for rest in ["type", "properties", "required"] {
        schema.as_object_mut().unwrap().remove(rest);
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    validator.validate(value).map_err(|error| error.to_string())
}

fn golden(folder: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(folder);
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            let value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), value)
        })
        .collect()
}

#[test]
fn every_golden_record_batch_and_answer_fits() {
    let records = golden("records");
    assert_eq!(records.len(), 8);
    for (name, record) in records {
        assert_eq!(fits("TelemetryRecord", &record), Ok(()), "{name}");
    }
    for (name, answer) in golden("answers") {
        assert_eq!(fits("Answer", &answer), Ok(()), "{name}");
    }
    let native = golden("bodies").into_iter().find(|(name, _)| name == "native").unwrap().1;
    assert_eq!(fits("Batch", &native), Ok(()));
}

#[test]
fn a_record_that_lacks_a_field_of_its_type_does_not_fit() {
    for (name, record) in golden("records") {
        let needed = match name.as_str() {
            "log" | "error" | "feedback" => "message",
            "metric" | "trace" | "vital" | "event" => "name",
            _ => "closing",
        };
        let mut record = record;
        record.as_object_mut().unwrap().remove(needed);
        assert!(fits("TelemetryRecord", &record).is_err(), "{name} without {needed}");
    }
}
