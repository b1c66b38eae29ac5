//! The command as a person or a script meets it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::support::{Batch, Folder, Request, Server, run_to_end};

fn one_line(output: &std::process::Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(output.stdout.is_empty());
    text
}

#[test]
fn a_wrong_option_is_one_line_that_says_what_is_taken() {
    for (arguments, parts) in [
        (&["serve", "--tokn", "x"][..], &["--tokn", "--token"][..]),
        (&["serve", "--rollout"], &["--rollout", "value is required"]),
        (&["server"], &["server"]),
        (&["serve", "--rollout", "half"], &["--rollout", "takes", "0 to 100", "half"]),
        (&["serve", "--listen", "0.0.0.0"], &["--listen", "address and port", "0.0.0.0"]),
        (&["serve", "--admin-token", "secret"], &["--admin-token", "16 to 256", "not shown"]),
        (&["serve", "--tls-cert", "cert.pem"], &["--tls-key", "beside --tls-cert"]),
        (&["serve", "--trusted-proxy", "proxy"], &["--trusted-proxy", "10.0.0.0/8", "\"proxy\""]),
        (&["keys", "create", "a b"], &["NAME", "letters, digits", "\"a b\""]),
        (&["keys", "create", "x", "--kind", "root"], &["--kind", "write, server or admin", "root"]),
        (&["keys", "create", "x", "--type", "logg"], &["--type", "log, error", "logg"]),
        (&["keys", "list", "--data", "/nowhere/at/all"], &["--data", "data folder of a server", "/nowhere"]),
        (
            &["keys", "create", "x", "--data", "/nowhere/at/all"],
            &["--data", "mkdir -m 700", "/nowhere/at/all"],
        ),
        (&["keys", "create", "x", "--data", "/proc"], &["--data", "neither", "\"/proc\""]),
        (&["keys", "create", "x", "--expires", "0"], &["--expires", "above 0", "\"0\""]),
        (&["import", "/tmp", "--data", "/nowhere/at/all"], &["--data", "beaconry serve", "/nowhere/at/all"]),
        (&["forget", "--user", "x", "--data", "/nowhere/at/all"], &["--data", "beaconry serve", "/nowhere"]),
        (&["pull", "--from", "https://t.example", "--ca", "/no/ca.pem"], &["--ca", "may read", "/no/ca.pem"]),
        (&["pull", "--from", "https://t.example", "--ca", "/dev/null"], &["--ca", "in PEM", "/dev/null"]),
        (&["serve", "--token", "a b"], &["--token", "without spaces", "not shown"]),
        (&["serve", "--allow-origin", "app"], &["--allow-origin", "https://app.example", "\"app\""]),
    ] {
        let output = run_to_end(arguments, &[]);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let line = one_line(&output);
        assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    }
}

#[test]
fn a_wrong_variable_is_told_by_its_name() {
    let output = run_to_end(&["serve"], &[("BEACONRY_LISTEN", "everywhere")]);
    assert!(one_line(&output).contains("BEACONRY_LISTEN"));
}

#[test]
fn help_teaches_with_an_example() {
    let output = run_to_end(&["serve", "--help"], &[]);
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).unwrap();
    for part in
        ["Example:", "beaconry serve --data", "curl ", "TELEMETRY_TOKEN", "TELEMETRY_STORAGE_PATH", "jq"]
    {
        assert!(help.contains(part), "{part} in {help}");
    }
}

#[test]
fn without_a_key_the_first_start_makes_one_and_keeps_it() {
    let folder = Folder::new("made-key");
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let mut server = Server::start_with(&folder, &[]);
        assert!(server.next_line().contains("/admin"));
        assert!(server.next_line().contains("made-key"));
        let shown = server.next_line();
        let file = folder.path().join("ingest-token");
        let token = fs::read_to_string(&file).unwrap().trim().to_owned();
        assert!(token.len() == 32 && shown.contains(&token), "{shown}");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let request = Request::new("POST", "/api/telemetry/batch").header("X-Telemetry-Token", &token);
        assert_eq!(server.send(&request.body(Batch::new().logs([1]).to_json())).status, 200);
        assert!(server.stop().success());
        tokens.push(token);
    }
    assert_eq!(tokens[0], tokens[1]);
}

#[test]
fn the_variables_of_the_old_systems_work() {
    let folder = Folder::new("variables");
    let mut command = Command::new(env!("CARGO_BIN_EXE_beaconry"));
    command
        .args(["serve"])
        .env("BEACONRY_LISTEN", "localhost:0")
        .env("TELEMETRY_STORAGE_PATH", folder.path())
        .env("TELEMETRY_TOKEN", crate::support::KEY)
        .env("BEACONRY_ALLOW_ORIGINS", "https://a.example, https://b.example");
    let server = Server::start_command(command);
    for (origin, status) in
        [("https://a.example", 200), ("https://b.example", 200), ("http://localhost", 403)]
    {
        let batch = Request::batch(Batch::new().logs([1]).to_json()).header("Origin", origin);
        assert_eq!(server.send(&batch).status, status, "{origin}");
    }
    assert_eq!(folder.journal().len(), 1);
}

#[test]
fn keys_of_queries_are_allowed_by_option_and_by_variable() {
    let page =
        serde_json::json!({"seq": 1, "type": "event", "name": "seen", "page": "/a?tab=1&q=Ann&page=2"});
    for (arguments, variable, stored) in [
        (&["--allow-query-key", "tab", "--allow-query-key", "page"][..], "q", "/a?tab=1&page=2"),
        (&[], "tab, page", "/a?tab=1&page=2"),
        (&[], "", "/a"),
    ] {
        let folder = Folder::new("query-keys");
        let mut command = Command::new(env!("CARGO_BIN_EXE_beaconry"));
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .env("TELEMETRY_STORAGE_PATH", folder.path())
            .env("TELEMETRY_TOKEN", crate::support::KEY)
            .env("BEACONRY_ALLOW_QUERY_KEYS", variable);
        Server::start_command(command).store(&Batch::new().event(page.clone()));
        assert_eq!(folder.journal()[0]["page"], stored, "{arguments:?} {variable:?}");
    }
}

#[test]
fn a_second_server_on_the_same_folder_is_refused() {
    let folder = Folder::new("second");
    let server = Server::start(&folder);
    let path = folder.path().to_str().unwrap();
    let output = run_to_end(&["serve", "--listen", "127.0.0.1:0", "--data", path], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(one_line(&output).contains("in use by another beaconry"));
    server.kill();
    drop(Server::start(&folder));
}

#[test]
fn an_address_that_is_taken_is_told() {
    let folder = Folder::new("taken");
    let other = Folder::new("taken-2");
    let server = Server::start(&folder);
    let address = server.address.to_string();
    let path = other.path().to_str().unwrap();
    let output = run_to_end(&["serve", "--listen", &address, "--data", path], &[]);
    let line = one_line(&output);
    assert!(line.contains("cannot listen on") && line.contains(&address), "{line}");
}

#[test]
fn the_data_folder_is_for_its_owner_only() {
    let folder = Folder::new("private");
    let server = Server::start_with(&folder, &[]);
    let token = fs::read_to_string(folder.path().join("ingest-token")).unwrap();
    let request = Request::new("POST", "/api/telemetry/batch").header("X-Telemetry-Token", token.trim());
    assert_eq!(server.send(&request.body(Batch::new().logs([1]).to_json())).status, 200);
    server.indexed();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder.path()), 0o700);
    assert_eq!(mode(&folder.path().join("journal")), 0o700);
    let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    for file in entries.filter(|path| path.is_file()).chain(folder.segments()) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn a_variable_that_is_empty_is_not_set() {
    let folder = Folder::new("empty-variables");
    let mut command = Command::new(env!("CARGO_BIN_EXE_beaconry"));
    command.args(["serve", "--listen", "127.0.0.1:0"]).env("TELEMETRY_STORAGE_PATH", folder.path());
    for name in ["BEACONRY_ROLLOUT", "BEACONRY_FEATURE_PHASE", "BEACONRY_ALLOW_ORIGINS", "TELEMETRY_TOKEN"] {
        command.env(name, "");
    }
    let features = Server::start_command(command).get("/api/features");
    assert_eq!(features["features"]["TELEMETRY"]["rollout"], 100);
}

#[test]
fn a_folder_that_others_may_enter_is_refused_and_left_as_it_is() {
    let folder = Folder::new("shared");
    let mode = || fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777;
    let chmod = |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
    fs::create_dir(folder.path()).unwrap();
    fs::write(folder.path().join("theirs"), "").unwrap();
    chmod(0o755);
    let path = folder.path().to_str().unwrap();
    let output = run_to_end(&["serve", "--listen", "127.0.0.1:0", "--data", path], &[]);
    assert_eq!(output.status.code(), Some(1));
    let line = one_line(&output);
    assert!([path, "0755", "chmod 700"].iter().all(|part| line.contains(part)), "{line}");
    assert_eq!((mode(), fs::read_dir(folder.path()).unwrap().count()), (0o755, 1));

    chmod(0o700);
    drop(Server::start(&folder));
    // Once it is ours, who may enter is for its owner to say.
    chmod(0o750);
    drop(Server::start(&folder));
    assert_eq!(mode(), 0o750);
}

#[test]
fn an_empty_folder_that_was_made_for_us_becomes_private() {
    let folder = Folder::new("empty");
    fs::create_dir(folder.path()).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    drop(Server::start(&folder));
    assert_eq!(fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o700);
}
