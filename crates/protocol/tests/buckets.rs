//! Which bucket an id is in, as a file: the npm package holds its own copy of the rule, which has to
//! decide before the wasm is loaded, to the same numbers. `BLESS=1` writes the file anew.

use std::path::Path;

use beaconry_protocol::bucket_of;

#[test]
fn buckets_are_those_of_the_file() {
    let ids = [
        "",
        "a",
        "ann@shop.example",
        "user-1",
        "user-2",
        "00000000-0000-4000-8000-000000000000",
        "日本語",
        "🦀",
    ];
    let buckets: Vec<_> = ids.iter().map(|id| format!("  {id:?}: {}", bucket_of(id))).collect();
    let text = format!("{{\n{}\n}}\n", buckets.join(",\n"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/buckets.json");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text);
}
