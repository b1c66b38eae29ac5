//! Makes sure that there is a dashboard to embed. Where none was built, a page says how to build
//! one, so that a plain `cargo build` works.

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www/dist");
    let page = dist.join("index.html");
    if !page.exists() {
        fs::create_dir_all(&dist)?;
        fs::write(page, PLACEHOLDER)?;
    }
    // A dashboard that is built later is embedded by the next build.
    println!("cargo:rerun-if-changed={}", dist.display());
    Ok(())
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
