//! Where settings come from: options, the environment, the file of settings.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Batch, Folder, KEY, Request, Server, run_to_end, to_end};

/// A folder with a `beaconry.toml` in it, to run commands in.
struct Place(Folder);

impl Place {
    fn new(test: &str, toml: &str) -> Self {
        let folder = Folder::new(test);
        fs::create_dir(folder.path()).unwrap();
        fs::write(folder.path().join("beaconry.toml"), toml).unwrap();
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self) -> PathBuf {
        self.path().join("beaconry.toml")
    }

    fn serve(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_beaconry"));
        command.current_dir(self.path()).args(["serve", "--token", KEY]);
        command
    }

    /// Runs a command that fails, and gives what it says.
    fn fails(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_beaconry"));
        command.current_dir(self.path()).args(arguments);
        let output = to_end(command);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), text.lines().count()), (Some(2), 1), "{text}");
        text
    }
}

#[test]
fn options_stand_above_variables_and_those_above_the_file() {
    let place = Place::new(
        "settings",
        "listen = \"127.0.0.1:0\"\ndata = \"stored/here\"\nrollout = 10\nsample-rate = 0.25\n\
         traces-sample-rate = 0.5\nallow-origin = [\"https://a.example\"]\nfeature-phase = \"enabled\"\n",
    );
    let mut command = place.serve();
    command.args(["--rollout", "30"]).env("BEACONRY_ROLLOUT", "20").env("BEACONRY_SAMPLE_RATE", "0.75");
    // One without a text is not set.
    command.env("BEACONRY_TRACES_SAMPLE_RATE", "").env("BEACONRY_ALLOW_ORIGINS", "");
    let mut server = Server::start_command(command);
    let features = server.get("/api/features");
    assert_eq!(
        (&features["features"]["TELEMETRY"]["rollout"], &features["sampling"]),
        (&30.into(), &serde_json::json!({"sampleRate": 0.75, "tracesSampleRate": 0.5}))
    );
    let told: String = (0..3).map(|_| server.next_line()).collect();
    let file = format!("settings     {}\n", place.file().display());
    assert!(told.contains("stored/here") && told.contains(&file), "{told}");
    let batch = Request::batch(Batch::new().logs([1]).to_json()).header("Origin", "https://a.example");
    assert_eq!(server.send(&batch).status, 200);
    drop(server);

    // The other commands find the folder by it, from wherever they are run.
    let config = place.file();
    let export = run_to_end(&["export", "--config", config.to_str().unwrap()], &[]);
    assert_eq!(String::from_utf8(export.stdout).unwrap().lines().count(), 1);
    // What deletes records is said for each run.
    fs::write(&config, "data = \"stored/here\"\nretention-days = 1\n").unwrap();
    assert!(place.fails(&["rotate"]).contains("--retention-days (TELEMETRY_RETENTION_DAYS): takes a number"));
}

#[test]
fn what_is_wrong_in_the_file_is_told_with_its_line() {
    let place = Place::new("settings-wrong", "");
    for (toml, parts) in [
        ("\nrollout = 101\n", &["line 2: rollout: takes a percentage", "\"101\""][..]),
        ("retention_days = 7", &["line 1", "\"retention_days\"", "did you mean retention-days?"]),
        ("# text\nallow-origin = [\"https://a.example\", \"b\"]", &["line 2: allow-origin: takes", "\"b\""]),
        ("retention-days = 99999999999999999999", &["takes a whole number of days up to 36500", "\"9999999"]),
        ("login = 1", &["line 1: login: takes true or false"]),
        ("token = \"two words\"", &["line 1: token: takes 1 to 256", "not shown"]),
        ("listen = ", &["line 1: "]),
        ("\ndata = \"~/telemetry\"", &["line 2: data: takes a path without ~", "\"~/telemetry\""]),
        ("tls-cert = \"~/c.pem\"\ntls-key = \"k\"", &["line 1: tls-cert: takes a path without ~"]),
    ] {
        fs::write(place.file(), toml).unwrap();
        let arguments = if toml.starts_with("token") { &["serve"][..] } else { &["serve", "--token", KEY] };
        let text = place.fails(arguments);
        assert!(
            text.contains("beaconry.toml, line ") && parts.iter().all(|part| text.contains(part)),
            "{text}"
        );
        assert!(!text.contains("two words"), "{text}");
    }
    fs::write(place.file(), [0xff]).unwrap();
    let text = place.fails(&["serve"]);
    assert!(
        text.contains("beaconry.toml in the folder that this is run in") && !text.contains("--"),
        "{text}"
    );
    fs::write(place.file(), "").unwrap();
    let data = place.path().to_str().unwrap();
    fs::create_dir(place.path().join("journal")).unwrap();
    for arguments in
        [&["serve", "--data=~/d"][..], &["verify", "--data=~"], &["export", "--data", data, "--to=~/e"]]
    {
        let text = place.fails(arguments);
        assert!(text.contains("takes a path without ~"), "{text}");
    }
    assert!(!place.path().join("~").exists());
    // What stands above the file is not blamed on it.
    fs::write(place.file(), "rollout = 101").unwrap();
    let text = place.fails(&["serve", "--rollout", "102"]);
    assert!(text.contains("--rollout (BEACONRY_ROLLOUT)") && text.contains("102"), "{text}");
    let text = place.fails(&["serve", "--config", "no-such.toml"]);
    assert!(text.contains("--config") && text.contains("no-such.toml cannot be read"), "{text}");
}

#[test]
fn settings_that_do_not_do_what_they_seem_to_are_told_at_the_start() {
    let place =
        Place::new("settings-doubted", "token = \"a-test-key\"\nlisten = \"0.0.0.0:0\"\ndata = \"d\"\n");
    fs::set_permissions(place.file(), fs::Permissions::from_mode(0o644)).unwrap();
    let mut command = place.serve();
    for name in
        ["TELEMETRY_BATCH_SIZE", "TELEMETRY_FLUSH_INTERVAL", "ENABLE_ANALYTICS", "CRON_SECRET", "SENTRY_DSN"]
    {
        command.env(name, "1");
    }
    command.env("TELEMETRY_ENABLED", "false").env("NEXT_PUBLIC_SENTRY_DSN", "");
    let log = place.path().join("log");
    let mut server = Server::start_logging(&mut command, fs::File::create(&log).unwrap());
    assert!(server.address.ip().is_loopback(), "{}", server.address);
    let features = server.get("/api/features");
    assert_eq!(features["features"]["TELEMETRY"]["phase"], "DISABLED");
    // Browsers that hold records already lose none.
    assert_eq!(server.store(&Batch::new().logs([1]))["recorded"], 1);
    server.tell_to_stop();
    let told: String =
        std::iter::repeat_with(|| server.next_line()).take_while(|line| !line.is_empty()).collect();
    for part in ["dashboard    http://127.0.0.1:", "all of this machine", "recording    off"] {
        assert!(told.contains(part) && !told.contains("0.0.0.0"), "{told}");
    }
    let log = fs::read_to_string(log).unwrap();
    for part in [
        "TELEMETRY_BATCH_SIZE",
        "a setting of the client",
        "TELEMETRY_FLUSH_INTERVAL",
        "ENABLE_ANALYTICS",
        "CRON_SECRET",
        "SENTRY_DSN",
        "nothing is forwarded",
        "setting=\"token\"",
        "chmod o-r",
        "without TLS",
    ] {
        assert!(log.contains(part), "{part} in {log}");
    }
    assert!(!log.contains("NEXT_PUBLIC_SENTRY_DSN") && !log.contains(KEY), "{log}");
    assert_eq!(log.matches("WARN").count(), 7, "{log}");
}

#[test]
fn telemetry_enabled_is_yes_or_no_and_only_for_a_server() {
    let with = |arguments: &[&str]| run_to_end(arguments, &[("TELEMETRY_ENABLED", "maybe")]);
    let output = with(&["serve"]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text, "beaconry: TELEMETRY_ENABLED: takes true or false, got \"maybe\"\n");
    assert!(!String::from_utf8(with(&["export", "--data", "/nowhere"]).stderr).unwrap().contains("ENABLED"));
}
