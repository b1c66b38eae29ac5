//! The house rules that a compiler does not hold, as tests.

use std::fs;
use std::path::{Path, PathBuf};

use crate::paths;
use crate::stamp::source_files;

/// Every file of these folders with one of these endings, and its text.
fn texts(folders: &[&str], endings: &[&str]) -> Vec<(PathBuf, String)> {
    let files = folders.iter().flat_map(|folder| source_files(&paths::in_root(folder)).unwrap());
    let files = files.filter(|path| endings.iter().any(|end| path.extension().is_some_and(|is| is == *end)));
    files.map(|path| (path.clone(), fs::read_to_string(&path).unwrap())).collect()
}

fn is_within(path: &Path, folder: &str) -> bool {
    path.starts_with(paths::in_root(folder))
}

/// The files that break a rule, for the message.
fn offenders(texts: &[(PathBuf, String)], breaks: impl Fn(&Path, &str) -> bool) -> Vec<String> {
    let offenders = texts.iter().filter(|(path, text)| breaks(path, text));
    offenders.map(|(path, _)| paths::shown(path).to_string()).collect()
}

const RUST: [&str; 5] = ["src", "crates", "xtask/src", "tests", "examples"];

#[test]
fn every_rust_file_opens_with_its_purpose() {
    assert_eq!(offenders(&texts(&RUST, &["rs"]), |_, text| !text.starts_with("//!")), [""; 0]);
}

#[test]
fn only_the_bindings_and_the_page_know_wasm_bindgen_and_the_engine_knows_no_web() {
    let client = texts(&["src"], &["rs"]);
    let exports = |path: &Path, text: &str| {
        let is_export = |line: &str| line.trim_start().starts_with("#[wasm_bindgen");
        let is_home = is_within(path, "src/bindings") || path.ends_with("src/browser/page.rs");
        !is_home && text.lines().any(is_export)
    };
    assert_eq!(offenders(&client, exports), [""; 0]);
    let web =
        |_: &Path, text: &str| ["web_sys::", "js_sys::", "gloo_"].iter().any(|name| text.contains(name));
    let strays = |path: &Path, text: &str| is_within(path, "src/engine") && web(path, text);
    assert_eq!(offenders(&client, strays), [""; 0]);
}

#[test]
fn the_contract_depends_on_none_of_our_crates_and_does_no_input_or_output() {
    let manifest = fs::read_to_string(paths::in_root("crates/protocol/Cargo.toml")).unwrap();
    let dependencies = manifest.split_once("[dependencies]").unwrap().1;
    assert!(!dependencies.contains("beaconry"), "{dependencies}");
    let protocol = texts(&["crates/protocol/src"], &["rs"]);
    let does_io = |_: &Path, text: &str| {
        ["std::fs", "std::net", "SystemTime::now"].iter().any(|name| text.contains(name))
    };
    assert_eq!(offenders(&protocol, does_io), [""; 0]);
}

#[test]
fn the_pipeline_knows_no_http_and_no_files() {
    let pipeline = texts(&["crates/ingest/src/pipeline"], &["rs"]);
    let knows =
        |_: &Path, text: &str| ["axum", "std::fs", "std::io", "tokio"].iter().any(|name| text.contains(name));
    assert_eq!(offenders(&pipeline, knows), [""; 0]);
}

#[test]
fn what_the_architecture_names_is_there() {
    let text = fs::read_to_string(paths::in_root("ARCHITECTURE.md")).unwrap();
    let links = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
    let missing: Vec<_> = links.filter(|link| !paths::in_root(link).exists()).collect();
    assert_eq!(missing, [""; 0]);
    let tests: String =
        texts(&["src", "crates", "tests"], &["rs"]).into_iter().map(|(_, text)| text).collect();
    let names =
        text.split('`').skip(1).step_by(2).filter(|name| name.len() > 30 && !name.contains(['/', ' ', '.']));
    let unknown: Vec<_> = names.filter(|name| !tests.contains(&format!("fn {name}()"))).collect();
    assert_eq!(unknown, [""; 0]);
}

#[test]
fn no_file_has_grown_beyond_one_purpose() {
    let all = texts(
        &["src", "crates", "xtask/src", "tests", "www/src", "pkg-template/src"],
        &["rs", "ts", "tsx", "js"],
    );
    let is_long = |_: &Path, text: &str| text.lines().count() > MOST_LINES;
    assert_eq!(offenders(&all, is_long), [""; 0]);
}

/// A file that needs more says too much at once.
const MOST_LINES: usize = 600;
