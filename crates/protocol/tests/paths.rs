//! Which parts of a path are ids, as a file: the hooks of the npm package hold their own copy of the rule,
//! for what no redaction knows to be a URL, such as the name of a trace.

#![cfg(feature = "decode")]

use std::path::Path;

use beaconry_protocol::clean_page;

#[test]
fn paths_are_cleaned_as_in_the_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/paths.json");
    let cases: Vec<(String, String)> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(!cases.is_empty());
    for (given, clean) in cases {
        assert_eq!(clean_page(&given), clean, "{given}");
    }
}
