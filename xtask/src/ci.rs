//! The gate: what CI runs, and what a developer runs before it.

use anyhow::Result;

use crate::browser::Engine;
use crate::build;
use crate::command::Tool;
use crate::demo;
use crate::fuzz;
use crate::node::npm;
use crate::setup;
use crate::size;
use crate::step::step;
use crate::suites::Suite;
use crate::test;
use crate::toolchain::Toolchain;

/// `cargo xtask ci`.
pub(crate) fn run() -> Result<()> {
    quiet("fmt", "cargo fmt --check", Tool::cargo().args(["fmt", "--all", "--check"]))?;
    let example = ["fmt", "--check", "--manifest-path", "examples/leptos/Cargo.toml"];
    quiet("fmt example", "cargo fmt --check of the example in Rust", Tool::cargo().args(example))?;
    let (toolchain, _) = setup::build_tools()?;
    // The server carries the dashboard: without it nothing of the server compiles.
    build::dashboard()?;
    lint(toolchain)?;
    document()?;
    let report = test::report(&Suite::ALL, &Engine::USUAL)?;
    let checked = check_types()
        .and_then(|()| fuzz::briefly())
        .and_then(|()| size::run(&size::Options::default()))
        .and_then(|()| demo::check());
    // The closing lines stand at the end of a long output, whatever else went wrong.
    report.print();
    report.into_result().and(checked)
}

fn lint(toolchain: Toolchain) -> Result<()> {
    let host = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    quiet("clippy", "cargo clippy --workspace --all-targets", Tool::cargo().args(host))?;
    match toolchain.lacks_clippy() {
        Some(why) => println!("- clippy wasm: not run: {why}"),
        None => {
            let features = ["--all-features", "--", "-D", "warnings"];
            quiet(
                "clippy wasm",
                "cargo clippy of the client for wasm",
                toolchain.cargo("clippy").args(["-p", "beaconry", "--lib", "--test", "web"]).args(features),
            )?;
        }
    }
    Ok(())
}

/// The pages of the end-to-end tests have the types of the packed package: it has to be there.
fn check_types() -> Result<()> {
    quiet("tsc e2e", "types of the end-to-end tests", npm().args(["run", "typecheck", "-w", "tests/e2e"]))?;
    let packaging = ["run", "typecheck", "-w", "tests/packaging"];
    quiet("tsc packaging", "types of the packaging tests", npm().args(packaging))
}

fn document() -> Result<()> {
    let doc = Tool::cargo()
        .args(["doc", "--workspace", "--no-deps", "--lib", "--all-features"])
        .env("RUSTDOCFLAGS", "-D warnings");
    quiet("rustdoc", "cargo doc --workspace --all-features", doc)
}

fn quiet(name: &str, doing: &str, tool: Tool) -> Result<()> {
    step(name, doing, |step| step.run(tool).map(drop))
}
