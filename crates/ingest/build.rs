//! Makes sure that there is a dashboard to embed. Where none was built, a page says how to build
//! one, so that a plain `cargo build` works. And tells the server which commit it is built from.

use std::path::Path;
use std::process::Command;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www/dist");
    let page = dist.join("index.html");
    if !page.exists() {
        fs::create_dir_all(&dist)?;
        fs::write(page, PLACEHOLDER)?;
    }
    // A dashboard that is built later is embedded by the next build.
    println!("cargo:rerun-if-changed={}", dist.display());
    println!("cargo:rerun-if-env-changed=BEACONRY_COMMIT");
    println!("cargo:rustc-env=BEACONRY_COMMIT={}", commit());
    Ok(())
}

/// What the build was told, or what git says of a release. While somebody develops, no commit is what is
/// built, and asking would build the server again with each.
fn commit() -> String {
    if let Ok(commit) = env::var("BEACONRY_COMMIT") {
        return commit;
    }
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
            println!("cargo:rerun-if-changed={log}");
        }
        if let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) {
            return commit;
        }
    }
    "unknown".into()
}

fn git(arguments: &[&str]) -> Option<String> {
    let output =
        Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

const PLACEHOLDER: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Beaconry</title>
<h1>The dashboard is not built yet</h1>
<p>The server works: records are taken in and stored, and <a href="/api/events">/api/events</a> shows them.</p>
<p>To see the dashboard here, run <code>cargo xtask build</code> and start the server again.</p>
</html>
"#;
