//! What becomes of files, however often they are imported.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::Write;

use serde_json::Value;

use super::*;
use crate::operations::Silent;
use crate::pipeline::Pseudonyms;

const LOGS: &str = r#"{"timestamp":"2025-12-22T10:00:00.123Z","level":"info","message":"one","context":{"topic":"Math"},"sessionId":"s1","url":"https://x.example/app?u=1","userAgent":"ua","received_at":"2025-12-22T10:00:05+00:00"}
{"timestamp":"2025-12-22T10:00:01.000Z","level":"warn","message":"mail ann@shop.example","sessionId":"s1","received_at":"2025-12-22T10:00:05+00:00"}
"#;

/// A data folder, and files to import.
struct World {
    folder: std::path::PathBuf,
    stored: Stored,
}

/// A journal that stores no id twice.
#[derive(Default)]
struct Stored {
    ids: HashSet<String>,
    records: Vec<Value>,
}

impl Target for Stored {
    fn store(&mut self, records: Vec<Record>) -> Result<Taken, ImportError> {
        let before = self.records.len();
        for record in Record::prepare(records).unwrap().records {
            let record = record.unwrap();
            if self.ids.insert(record.id.unwrap().to_string()) {
                self.records.push(serde_json::from_str(&format!("{{{}}}", record.fields)).unwrap());
            }
        }
        Ok(Taken { new: (self.records.len() - before) as u64, refused: Vec::new() })
    }
}

impl World {
    fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("beaconry-import-{}-{test}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self { folder, stored: Stored::default() }
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.folder.join("in").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.folder.join("in").join(name)).unwrap();
    }

    fn import(&mut self) -> Imported {
        self.try_import(false).unwrap().0
    }

    fn try_import(&mut self, as_new: bool) -> Result<(Imported, Vec<String>), ImportError> {
        let sources = find_sources(&[self.folder.join("in")])?;
        let privacy = Privacy { pseudonyms: Pseudonyms::new([7; 32]), allow_query_keys: Vec::new() };
        let options = ImportOptions { as_new, now: 1_800_000_000_000, ..ImportOptions::default() };
        let mut told = Vec::new();
        let mut tell = |what: &str| told.push(what.to_owned());
        let import =
            Import::new(&self.folder, &mut self.stored, &privacy, &options, &Silent, &mut tell).unwrap();
        let imported = import.run(&sources)?;
        Ok((imported, told))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

fn imported(new: u64, known: u64, refused: u64) -> Imported {
    Imported { new, known, refused, left: Vec::new() }
}

#[test]
fn a_saberloop_folder_is_stored_as_if_it_had_been_received_then() {
    let mut world = World::new("saberloop");
    world.write("logs/2025-12-22.jsonl", LOGS);
    world.write("metrics/2025-12-22.jsonl", "{\"timestamp\":\"2025-12-22T10:00:02Z\",\"name\":\"web_vital_lcp\",\"value\":1250,\"labels\":{\"rating\":\"good\"},\"sessionId\":\"s1\",\"received_at\":\"2025-12-22T11:00:05+01:00\"}\n");
    world.write("traces/2025-12-22.jsonl", "{\"timestamp\":\"2025-12-22T10:00:03Z\",\"traceId\":\"k3j2\",\"spanId\":\"a1\",\"name\":\"api.generateQuestions\",\"duration\":2450,\"attributes\":{\"model\":\"claude\"},\"sessionId\":\"s1\"}");
    assert_eq!(world.import(), imported(4, 0, 0));
    let by_type: HashMap<_, _> =
        world.stored.records.iter().map(|record| (record["type"].as_str().unwrap(), record)).collect();
    let log = &world.stored.records[0];
    assert_eq!(log["received_at"], "2025-12-22T10:00:05.000Z");
    assert_eq!((&log["page"], &log["key"]), (&"https://x.example/app".into(), &"import".into()));
    assert_eq!(log["context"]["topic"], "Math");
    assert!(!world.stored.records[1].to_string().contains("ann@"), "what comes in is scrubbed");
    assert_eq!(by_type["metric"]["received_at"], "2025-12-22T10:00:05.000Z");
    assert_eq!(by_type["trace"]["received_at"], "2025-12-22T10:00:03.000Z");
    assert_eq!(by_type["trace"]["context"]["model"], "claude");

    assert_eq!(world.import(), imported(0, 4, 0));
}

#[test]
fn a_file_may_be_renamed_packed_and_longer_than_it_was() {
    let mut world = World::new("renamed");
    world.write("logs/a.jsonl", LOGS);
    assert_eq!(world.import(), imported(2, 0, 0));
    world.remove("logs/a.jsonl");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let third = LOGS.lines().next().unwrap().replace("one", "three");
    write!(gzip, "{LOGS}{third}").unwrap();
    world.write("logs/b.jsonl.gz", gzip.finish().unwrap());
    assert_eq!(world.import(), imported(1, 2, 0));
    world.remove("logs/b.jsonl.gz");
    let whole = format!("{LOGS}{third}\n{third}\n");
    world.write("logs/c.jsonl.zst", zstd::encode_all(whole.as_bytes(), 1).unwrap());
    assert_eq!(world.import(), imported(1, 3, 0));
}

#[test]
fn a_damaged_line_is_named_and_set_aside_and_the_missing_one_when_it_is_mended() {
    let mut world = World::new("damaged");
    let damaged = format!("{LOGS}{{\"level\":\"info\",\"mess\n\n\u{feff}x\n{LOGS}");
    world.write("logs/a.jsonl", &damaged);
    let (count, told) = world.try_import(false).unwrap();
    assert_eq!(count, imported(4, 0, 2));
    assert!(told[0].contains("logs/a.jsonl:3: ") && told[1].contains("logs/a.jsonl:5: "), "{told:?}");
    let refused = fs::read_to_string(world.folder.join(REFUSED)).unwrap();
    assert!(refused.lines().count() == 2 && refused.contains("mess"), "{refused}");

    let mended = damaged.replace("\"mess\n", "\"message\":\"mended\"}\n").replace("\u{feff}x\n", "\n");
    world.write("logs/a.jsonl", mended);
    assert_eq!(world.import(), imported(1, 4, 0));
    assert!(!world.folder.join(REFUSED).exists());
}

#[test]
fn a_file_that_begins_like_another_and_goes_on_differently_hides_nothing() {
    let mut world = World::new("another");
    world.write("logs/a.jsonl", LOGS);
    assert_eq!(world.import(), imported(2, 0, 0));
    world.remove("logs/a.jsonl");
    let other = LOGS.replace("ann@", "bob@");
    world.write("logs/b.jsonl", &other);
    // Neither does one that is packed badly keep back those after it.
    let third = LOGS.replace("one", "three");
    world.write("logs/c.jsonl.gz", "no gzip");
    world.write("logs/d.jsonl", &third);
    let left = world.import();
    assert_eq!((left.new, left.left.len()), (2, 2), "{left:?}");
    assert!(left.left[0].contains("b.jsonl") && left.left[0].contains("a.jsonl"), "{left:?}");
    assert!(left.left[1].contains("c.jsonl.gz could not be read: "), "{left:?}");
    ["logs/c.jsonl.gz", "logs/d.jsonl"].iter().for_each(|name| world.remove(name));
    assert_eq!(world.try_import(true).unwrap().0, imported(2, 0, 0));
    assert_eq!(world.try_import(true).unwrap().0, imported(0, 2, 0));
}

#[test]
fn what_the_import_knows_may_be_lost() {
    let mut world = World::new("lost");
    world.write("logs/a.jsonl", LOGS);
    world.import();
    fs::remove_file(world.folder.join("imports.jsonl")).unwrap();
    assert_eq!(world.import(), imported(0, 2, 0));
}

#[test]
fn records_of_ours_come_back_as_they_were_in_either_layout() {
    let mut world = World::new("ours");
    let stored = r#"{"n":7,"received_at":"2025-12-22T00:00:01.000Z","key":"shop","id":"0000000000000000000000000000beac-7","stream":"0000000000000000000000000000beac","seq":7,"app":"quiz","type":"log","timestamp":"2025-12-21T23:59:59.000Z","userId":"0123456789abcdef0123456789abcdef","source":"client","page":"/q","level":"info","message":"hi","context":{"a":[1.50]}}"#;
    world.write("days/2025-12-22.jsonl", format!("{stored}\n"));
    assert_eq!(world.import(), imported(1, 0, 0));
    let mut expected: Value = serde_json::from_str(stored).unwrap();
    expected.as_object_mut().unwrap().remove("n");
    assert_eq!(world.stored.records[0], expected);

    let saberloop = stored.replace(r#""n":7,"#, "").replace(r#""type":"log","#, "").replace("page", "url");
    let mut other = World::new("ours-saberloop");
    other.write("logs/2025-12-22.jsonl", format!("{saberloop}\n"));
    assert_eq!(other.import(), imported(1, 0, 0));
    assert_eq!(other.stored.records[0], expected);
}

#[test]
fn a_line_cannot_be_two_records_or_another_body() {
    let mut world = World::new("smuggle");
    let line = r#"{"level":"info","message":"a"},{"level":"info","message":"b"}"#;
    let body = r#"{"level":"info","message":"a"}],"metrics":[{"name":"x","value":1}"#;
    world.write("logs/a.jsonl", format!("{line}\n{body}\n[1]\n"));
    assert_eq!(world.import(), imported(0, 0, 3));
}
