//! What a browser downloads to run the client, against a recorded budget.
//!
//! The core first: the wasm, the glue that loads it, both together, and with the package's own JavaScript as an app
//! would bundle it. Then what other entries add to it, and what is downloaded by itself. Every size is measured as it
//! is, with gzip -9 and with brotli; some may never be larger than a number of their own, whatever was recorded.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Map, Value, json};

use crate::bundle::minified;
use crate::package;
use crate::paths;
use crate::setup;
use crate::toolchain::WITHOUT_SOURCES;
use crate::wasm;

/// What to do with what is measured.
#[derive(Debug, Default, Args)]
pub(crate) struct Options {
    /// Write what is measured into the budget file, with a little room
    #[arg(long)]
    record: bool,
}

/// The sizes of one part.
#[derive(Debug, Clone)]
struct Part {
    name: &'static str,
    sizes: [u64; KINDS.len()],
    /// What it must not be larger than with gzip.
    must: Option<u64>,
}

/// `cargo xtask size`.
pub(crate) fn run(options: &Options) -> Result<()> {
    let (toolchain, bindgen) = setup::build_tools()?;
    wasm::build(toolchain, &bindgen)?;
    package::build()?;
    let parts = measure()?;
    if !toolchain.has_sources() {
        println!("\n{WITHOUT_SOURCES}");
    }
    if options.record {
        return record(&parts);
    }
    compare(&parts, &budget()?)
}

fn measure() -> Result<Vec<Part>> {
    let wasm = fs::read(wasm::folder().join("beaconry_bg.wasm"))?;
    let glue = minified("glue", &wasm::folder().join("beaconry.js"))?;
    let entry = minified("package", &package::folder().join("dist/index.js"))?;
    let wasm = Part::of("wasm", &wasm, None)?;
    let glue = Part::of("glue", &glue, None)?;
    let package = Part::of("package", &entry, None)?;
    let core = wasm.with("core", &glue, Some(CORE));
    let total = wasm.with("total", &package, None);
    let mut parts = vec![wasm, glue, core, package.clone(), total];
    for (name, module, must) in BESIDE {
        parts.push(added(name, module, must, &package)?);
    }
    for (name, module, must) in ALONE {
        parts.push(Part::of(name, &minified(name, &package::folder().join("dist").join(module))?, must)?);
    }
    Ok(parts)
}

/// What an entry adds to a bundle that has the package: what both need is there already.
fn added(name: &'static str, module: &str, must: Option<u64>, package: &Part) -> Result<Part> {
    let both = package::folder().join(format!("dist/with-{name}.js"));
    fs::write(&both, format!("export * from './index.js';\nexport * from './{module}';\n"))?;
    let bundle = minified(&format!("package with {name}"), &both);
    fs::remove_file(&both)?;
    let mut part = Part::of(name, &bundle?, must)?;
    part.sizes.iter_mut().zip(package.sizes).for_each(|(size, without)| *size = size.saturating_sub(without));
    Ok(part)
}

impl Part {
    fn of(name: &'static str, bytes: &[u8], must: Option<u64>) -> Result<Self> {
        Ok(Self { name, sizes: [bytes.len() as u64, gzip(bytes)?, brotli(bytes)?], must })
    }

    /// Both together: a browser gets them as two files.
    fn with(&self, name: &'static str, other: &Self, must: Option<u64>) -> Self {
        let mut sizes = self.sizes;
        sizes.iter_mut().zip(other.sizes).for_each(|(sum, size)| *sum += size);
        Self { name, sizes, must }
    }

    const fn gzip(&self) -> u64 {
        self.sizes[1]
    }
}

pub(crate) fn gzip(bytes: &[u8]) -> Result<u64> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len() as u64)
}

fn brotli(bytes: &[u8]) -> Result<u64> {
    let mut compressed = Vec::new();
    {
        let mut encoder = brotli::CompressorWriter::new(&mut compressed, 4096, 11, 22);
        encoder.write_all(bytes)?;
    }
    Ok(compressed.len() as u64)
}

fn compare(parts: &[Part], budget: &Value) -> Result<()> {
    println!("\n{:<12}{}{:>9}", "", KINDS.map(|kind| format!("{kind:>9}   budget")).concat(), "must");
    let mut over = Vec::new();
    for part in parts {
        let allowed = KINDS.map(|kind| budget[part.name][kind].as_u64().unwrap_or(0));
        let pairs = part.sizes.iter().zip(allowed).map(|(size, allowed)| format!("{size:>9}{allowed:>9}"));
        let must = part.must.map(|must| must.to_string()).unwrap_or_default();
        println!("{:<12}{}{must:>9}", part.name, pairs.collect::<String>());
        for ((kind, size), allowed) in KINDS.iter().zip(part.sizes).zip(allowed) {
            if size > allowed {
                over.push(format!("{} {kind} is {size}, budget {allowed}", part.name));
            }
        }
    }
    let too_large = parts.iter().filter(|part| part.must.is_some_and(|must| part.gzip() > must));
    let too_large: Vec<_> = too_large.map(|part| part.name).collect();
    if !too_large.is_empty() {
        bail!("larger than it must be: {}; no recorded budget allows that", too_large.join(", "));
    }
    if over.is_empty() {
        return Ok(());
    }
    bail!("past {BUDGET}: {}; make it smaller, or `cargo xtask size --record` and say why", over.join("; "))
}

fn budget() -> Result<Value> {
    let path = budget_file();
    let text = fs::read_to_string(&path)
        .with_context(|| format!("{BUDGET} is missing: `cargo xtask size --record` writes it"))?;
    serde_json::from_str(&text).with_context(|| format!("{BUDGET} is not JSON"))
}

fn record(parts: &[Part]) -> Result<()> {
    let mut budget = Map::new();
    for part in parts {
        let [raw, gzip, brotli] = part.sizes.map(with_room);
        budget.insert(part.name.to_owned(), json!({ "raw": raw, "gzip": gzip, "brotli": brotli }));
    }
    fs::write(budget_file(), serde_json::to_string_pretty(&budget)? + "\n")?;
    println!("Recorded in {BUDGET}.");
    compare(parts, &Value::Object(budget))
}

/// A fiftieth more, up to full hundreds: compilers differ a little from one machine to the next. What an entry adds is
/// the difference of two bundles, which a compressor moves by some dozens of bytes either way.
fn with_room(size: u64) -> u64 {
    (size + (size / 50).max(100)).div_ceil(100) * 100
}

fn budget_file() -> PathBuf {
    paths::in_root(BUDGET)
}

/// What the wasm and its glue must not be larger than with gzip.
const CORE: u64 = 36 * 1024;
/// Entries that stand beside the core in an app: name, module, and what they must not add with gzip.
const BESIDE: [(&str, &str, Option<u64>); 5] = [
    ("hooks", "hooks/index.js", Some(8 * 1024)),
    ("vitals", "vitals/index.js", Some(5 * 1024)),
    ("report-bug", "report-bug/index.js", Some(4 * 1024)),
    ("react", "react/index.js", None),
    ("vue", "vue/index.js", None),
];
/// What is downloaded by itself: in place of the core, before it, or later and only where it is needed.
const ALONE: [(&str, &str, Option<u64>); 5] = [
    ("loader", "loader.js", Some(2 * 1024)),
    ("slim", "slim/index.js", None),
    ("no wasm", "withoutWasm/index.js", None),
    ("debug", "debug/openPanel.js", None),
    ("bug image", "report-bug/images.js", None),
];
const BUDGET: &str = "bench/size-budget.json";
const KINDS: [&str; 3] = ["raw", "gzip", "brotli"];

#[cfg(test)]
mod tests {
    use super::*;

    fn part(size: u64) -> Vec<Part> {
        vec![Part { name: "wasm", sizes: [size; 3], must: Some(150) }]
    }

    #[test]
    fn the_budget_itself_still_fits_and_one_byte_more_does_not() {
        let budget = json!({ "wasm": { "raw": 100, "gzip": 100, "brotli": 100 } });
        assert!(compare(&part(100), &budget).is_ok());
        assert!(compare(&part(101), &budget).is_err());
    }

    #[test]
    fn no_budget_allows_more_than_it_must_be() {
        let budget = json!({ "wasm": { "raw": 200, "gzip": 200, "brotli": 200 } });
        assert!(compare(&part(150), &budget).is_ok());
        assert!(compare(&part(151), &budget).is_err());
    }

    #[test]
    fn a_part_without_a_budget_is_past_it() {
        assert!(compare(&part(1), &json!({})).is_err());
    }

    #[test]
    fn room_is_a_fiftieth_up_to_full_hundreds() {
        assert_eq!(with_room(10_000), 10_200);
        assert_eq!(with_room(10_001), 10_300);
        assert_eq!(with_room(500), 600);
    }
}
