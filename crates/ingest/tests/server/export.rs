//! `beaconry export`, beside a server that runs.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Batch, Folder, Server, run_to_end};

#[test]
fn records_are_taken_out_while_the_server_runs_and_a_repeat_adds_what_is_new() {
    let (folder, to) = (Folder::new("export"), Folder::new("export-to"));
    let (data, target) = (folder.path().to_str().unwrap(), to.path().to_str().unwrap());
    let server = Server::start(&folder);
    server.store(
        &Batch::new().logs([1, 2]).event(json!({"seq": 3, "type": "metric", "name": "lcp", "value": 1.5})),
    );

    let piped = run_to_end(&["export", "--data", data, "--type", "log"], &[]);
    assert!(piped.status.success(), "{piped:?}");
    let lines: Vec<Value> = String::from_utf8(piped.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines, server.all_events()[..2]);

    let arguments = ["export", "--data", data, "--to", target, "--layout", "saberloop"];
    let told = |records: usize| {
        let output = run_to_end(&arguments, &[]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && told.contains(&format!(" {records} new records")), "{told}");
    };
    told(3);
    server.store(&Batch::new().logs([4]));
    told(1);
    told(0);
    let day = lines[0]["received_at"].as_str().unwrap().split('T').next().unwrap();
    let read = |name: &str| fs::read_to_string(to.path().join(format!("{name}/{day}.jsonl"))).unwrap();
    assert_eq!(read("logs").lines().count(), 3);
    let metric = read("metrics");
    assert!(metric.contains(r#""name":"lcp","value":1.5"#) && metric.lines().count() == 1, "{metric}");
}

#[test]
fn a_wrong_option_or_folder_is_one_line() {
    let nowhere = ["export", "--data", "/nowhere"];
    for (more, parts) in [
        (&[][..], &["--data", "/nowhere"][..]),
        (&["--layout", "flat"], &["--layout", "days or saberloop", "flat"]),
        (&["--since", "soon"], &["--since", "7d", "soon"]),
        (&["--gzip", "--zstd"], &["--gzip", "--zstd", "beaconry export --help"]),
    ] {
        let folder = Folder::new("export-options");
        fs::create_dir_all(folder.path().join("journal")).unwrap();
        let mut arguments = nowhere.to_vec();
        if !more.is_empty() {
            arguments[2] = folder.path().to_str().unwrap();
        }
        let output = run_to_end(&[&arguments[..], more].concat(), &[]);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), text.lines().count()), (Some(2), 1), "{text}");
        assert!(parts.iter().all(|part| text.contains(part)), "{text}");
    }
}
