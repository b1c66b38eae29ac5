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
                .args([command, "--target", TARGET, "-Z", BUILD_STD])
                .env("CARGO_TARGET_DIR", self.target_folder())
                .env("RUSTC", DEBIAN_RUSTC)
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER)
                .without_env("RUSTUP_TOOLCHAIN"),
        }
    }

    /// A cargo command that makes what is published: small before all else.
    pub(crate) fn cargo_for_size(self, command: &str, library: Library) -> Tool {
        let tool = self.cargo(command);
        match (library, self) {
            (Library::AsInstalled, _) => tool,
            (Library::ForSize, Self::Rustup) => {
                tool.args(["-Z", BUILD_STD]).env("RUSTC_BOOTSTRAP", "1").args(FOR_SIZE)
            }
            (Library::ForSize, Self::Debian) => tool.args(FOR_SIZE),
        }
    }

    /// How the standard library gets into the published wasm: from its sources, fetched if need be.
    pub(crate) fn library(self) -> Result<Library> {
        if self.has_sources() || self.get_sources()? {
            return Ok(Library::ForSize);
        }
        println!("{WITHOUT_SOURCES}");
        Ok(Library::AsInstalled)
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

    /// True when the sources of the standard library are there, and the crates that they depend on, too.
    pub(crate) fn has_sources(self) -> bool {
        let folder = match self {
            Self::Rustup => rustup_sources(),
            Self::Debian => Some(DEBIAN_SOURCES.into()),
        };
        folder.is_some_and(|folder| folder.exists()) && self.fetch_library(&["--offline"]).answer().is_some()
    }

    fn get_sources(self) -> Result<bool> {
        step("standard library", "its sources, to build it for size", |step| {
            if self == Self::Rustup && !rustup_sources().is_some_and(|folder| folder.exists()) {
                let add = Tool::new("rustup").args(["component", "add", "rust-src"]).limit(NETWORK_LIMIT);
                // Without rustup, or without its server, the build goes on without the sources.
                step.try_run(add).ok();
            }
            step.try_run(self.fetch_library(&[]).limit(NETWORK_LIMIT)).ok();
            child::go_on()
        })?;
        Ok(self.has_sources())
    }

    /// The crates that the standard library itself depends on come from the registry.
    fn fetch_library(self, args: &[&str]) -> Tool {
        self.cargo_for_size("fetch", Library::ForSize).args(args)
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

/// How the standard library gets into the wasm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Library {
    /// Built together with the client: without its messages for panics and made for size.
    ForSize,
    /// As it came with the compiler, where its sources cannot be had.
    AsInstalled,
}

impl Library {
    /// What a person reads while it is built.
    pub(crate) fn doing(self) -> &'static str {
        match self {
            Self::ForSize => "cargo build --profile wasm, with a standard library made for size",
            Self::AsInstalled => "cargo build --profile wasm, with the standard library as it was installed",
        }
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

fn rustup_sources() -> Option<PathBuf> {
    let root = Tool::new("rustc").args(["--print", "sysroot"]).answer()?;
    Some(Path::new(&root).join("lib/rustlib/src/rust/library/std"))
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

/// Said again by `cargo xtask size`, since it is the reason of a wasm that is too large.
pub(crate) const WITHOUT_SOURCES: &str = "the sources of the standard library cannot be had here (`rustup component \
    add rust-src`): the wasm works the same and is about a fifth larger";

const BUILD_STD: &str = "build-std=std,panic_abort";
// Only ever passed here: as features in Cargo.toml they would break every other cargo call, and in the profiles of
// tests they would make a second `core`. Panics become traps without a message; the guard around each call is
// JavaScript and needs none.
const FOR_SIZE: [&str; 7] = [
    "-Z",
    "build-std-features=optimize_for_size",
    "-Z",
    "panic-immediate-abort",
    "--config=profile.wasm.panic='immediate-abort'",
    "--config",
    // Small functions are inlined before LLVM sees them, which it then need not keep; what rustc knows to be the same
    // LLVM finds too. Without reference types a handle of a JavaScript value is a number: no table to keep in every export.
    "target.wasm32-unknown-unknown.rustflags=['-Zlocation-detail=none','-Zfmt-debug=none',\
     '-Ctarget-feature=-reference-types',\
     '-Zinline-mir=yes','-Zinline-mir-hint-threshold=40','-Zmir-enable-passes=-GVN']",
];

const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"];
// By path: the shims of rustup stand first on the PATH.
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LINKER: &str = "/usr/bin/wasm-ld-19";
const DEBIAN_SOURCES: &str = "/usr/lib/rustlib/src/rust/library/std";
