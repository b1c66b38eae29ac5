//! The compiler for the browser: whichever way to wasm works here.
//!
//! First way: the toolchain that runs us, with its wasm target, which rustup adds when it is missing. Second way,
//! where the toolchain server cannot be reached: Debian's own compiler, which comes with the sources of the
//! standard library and builds them for wasm. The target is not listed in `rust-toolchain.toml`, since rustup
//! would then fail everything where it has no network.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::child;
use crate::command::Tool;
use crate::debian;
use crate::paths;
use crate::step::{step, up_to_date};

/// A cargo that can build for wasm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The toolchain that runs us, with the wasm target.
    Rustup,
    /// Debian's packages.
    Debian,
}

impl Toolchain {
    /// The toolchain that works here, set up if need be.
    pub(crate) fn find_or_get() -> Result<Self> {
        match wanted()? {
            Some(Self::Rustup) => Self::get_rustup(),
            Some(Self::Debian) => Self::get_debian(),
            None => Self::find().map_or_else(Self::get_whichever_works, Self::found),
        }
    }

    /// A cargo command for the wasm target; more arguments may follow.
    pub(crate) fn cargo(self, command: &str) -> Tool {
        match self {
            Self::Rustup => Tool::cargo().args([command, "--target", TARGET]),
            Self::Debian => Tool::new(DEBIAN_CARGO)
                .args([command, "--target", TARGET, "-Z", "build-std=std,panic_abort", "--target-dir"])
                .arg(self.target_folder())
                .env("RUSTC", DEBIAN_RUSTC)
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER)
                .without_env("RUSTUP_TOOLCHAIN"),
        }
    }

    /// Where this toolchain builds. Two compilers in one folder would rebuild each other's work.
    pub(crate) fn target_folder(self) -> PathBuf {
        match self {
            Self::Rustup => paths::in_root("target"),
            Self::Debian => paths::in_target("debian"),
        }
    }

    /// Why this toolchain cannot lint for wasm, if it cannot.
    pub(crate) fn lacks_clippy(self) -> Option<&'static str> {
        match self {
            Self::Rustup => None,
            Self::Debian => Some("Debian's toolchain for wasm comes without clippy"),
        }
    }

    /// What a stamp has to know about the toolchain.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rustup => "rustup",
            Self::Debian => "debian",
        }
    }

    fn find() -> Option<Self> {
        if rustup_is_ready() {
            return Some(Self::Rustup);
        }
        debian_is_ready().then_some(Self::Debian)
    }

    fn found(self) -> Result<Self> {
        up_to_date(&format!("wasm target ({})", self.name()));
        Ok(self)
    }

    fn get_whichever_works() -> Result<Self> {
        match Self::get_rustup() {
            Ok(toolchain) => Ok(toolchain),
            Err(_) if !child::is_stopped() && debian::can_install() => {
                println!("  rustup cannot add it here; Debian's packages are tried");
                Self::get_debian()
            }
            Err(error) => Err(error),
        }
    }

    fn get_rustup() -> Result<Self> {
        if rustup_is_ready() {
            return Self::Rustup.found();
        }
        step("wasm target", "rustup target add wasm32-unknown-unknown", |step| {
            let add = Tool::new("rustup").args(["target", "add", TARGET]).limit(NETWORK_LIMIT);
            step.try_run(add).context(HOW_TO_GET)?;
            if !rustup_is_ready() {
                bail!(HOW_TO_GET);
            }
            Ok(Self::Rustup)
        })
    }

    fn get_debian() -> Result<Self> {
        if debian_is_ready() {
            return Self::Debian.found();
        }
        if !debian::can_install() {
            bail!(HOW_TO_GET);
        }
        step("wasm target", "apt-get install Debian's compiler for wasm", |step| {
            debian::install(step, &DEBIAN_PACKAGES).context(HOW_TO_GET)?;
            if !debian_is_ready() {
                bail!(HOW_TO_GET);
            }
            Ok(Self::Debian)
        })
    }
}

/// What the environment asks for, when it does.
fn wanted() -> Result<Option<Toolchain>> {
    match env::var("BEACONRY_WASM_TOOLCHAIN").as_deref() {
        Err(_) | Ok("") => Ok(None),
        Ok("rustup") => Ok(Some(Toolchain::Rustup)),
        Ok("debian") => Ok(Some(Toolchain::Debian)),
        Ok(other) => bail!("BEACONRY_WASM_TOOLCHAIN is `{other}`; it can be `rustup` or `debian`"),
    }
}

/// True when the compiler that built us has a standard library for wasm, whoever installed it.
fn rustup_is_ready() -> bool {
    let asked = Tool::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).answer();
    asked.is_some_and(|folder| holds_std(Path::new(&folder)))
}

fn holds_std(folder: &Path) -> bool {
    let Ok(entries) = folder.read_dir() else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}

fn debian_is_ready() -> bool {
    [DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_LINKER, DEBIAN_SOURCES].iter().all(|path| Path::new(path).exists())
}

const TARGET: &str = "wasm32-unknown-unknown";
const NETWORK_LIMIT: Duration = Duration::from_secs(90);
const HOW_TO_GET: &str = "the wasm target is missing: `rustup target add wasm32-unknown-unknown`, or on Debian \
    `apt-get install --no-install-recommends rustc-web cargo-web rust-web-src lld-19`";

const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"];
// By path: the shims of rustup stand first on the PATH.
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LINKER: &str = "/usr/bin/wasm-ld-19";
const DEBIAN_SOURCES: &str = "/usr/lib/rustlib/src/rust/library/std";
