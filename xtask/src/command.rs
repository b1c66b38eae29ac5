//! Runs other programs from the root of the repository, in an environment without surprises.
//!
//! `cargo run` fills the environment of what it starts with facts about xtask itself; a compiler started from
//! there would build with them. They are taken out here, once, together with flags that would change what a
//! build makes.

use std::collections::VecDeque;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::child::{self, Running};
use crate::paths;

/// A program with its arguments, not yet started.
#[derive(Debug)]
pub(crate) struct Tool {
    command: Command,
    name: String,
    limit: Option<Duration>,
}

/// Everything that a finished program printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Finished {
    /// Standard output and standard error, line by line as they came.
    pub(crate) text: String,
    /// How the program ended.
    pub(crate) status: ExitStatus,
}

impl Tool {
    /// A program by its name on the PATH, or by its path.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let mut command = Command::new(program);
        command.current_dir(paths::root()).stdin(Stdio::null());
        quiet_environment(&mut command);
        let name = Path::new(program).file_name().unwrap_or(program);
        Self { command, name: name.to_string_lossy().into_owned(), limit: None }
    }

    /// The cargo that started us.
    pub(crate) fn cargo() -> Self {
        Self::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    /// Adds one argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets an environment variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Takes a variable out of the environment.
    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Runs in another folder than the root.
    pub(crate) fn in_folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Ends the program when it takes longer than this.
    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The standard output of a program that ended well, trimmed; `None` when it cannot be started or fails.
    pub(crate) fn answer(mut self) -> Option<String> {
        let output = self.command.stderr(Stdio::null()).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success().then_some(text)
    }

    /// Starts the program, which ends when the answer is dropped; the caller says where its output goes.
    pub(crate) fn spawn(mut self, stdout: impl Into<Stdio>, stderr: impl Into<Stdio>) -> Result<Running> {
        child::go_on()?;
        child::lead_a_group(&mut self.command);
        let child = self.command.stdout(stdout).stderr(stderr).spawn();
        let child = child.with_context(|| format!("{} could not be started; is it installed?", self.name))?;
        Ok(Running::new(self.name, child))
    }

    /// Runs to the end, writes what it prints to `log`, and hands each line to `on_line` as it comes.
    pub(crate) fn finish(self, log: &mut File, mut on_line: impl FnMut(&str)) -> Result<Finished> {
        let started = Instant::now();
        writeln!(log, "$ {}", self.shown())?;
        let limit = self.limit;
        let mut running = self.spawn(Stdio::piped(), Stdio::piped())?;
        let lines = lines_of(running.child());
        let mut text = String::new();
        loop {
            match lines.recv_timeout(Duration::from_millis(200)) {
                Ok(line) => {
                    writeln!(log, "{line}")?;
                    on_line(&line);
                    text.push_str(&line);
                    text.push('\n');
                }
                Err(RecvTimeoutError::Disconnected) => break,
                // A grandchild that stays behind keeps the pipe open after the program itself has ended.
                Err(RecvTimeoutError::Timeout) if running.has_ended() => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if limit.is_some_and(|limit| started.elapsed() > limit) {
                bail!("{} gave no answer within {} s", running.name(), limit.unwrap_or_default().as_secs());
            }
        }
        let status = running.child().wait()?;
        child::go_on()?;
        Ok(Finished { text, status })
    }

    /// The command line, for the log.
    fn shown(&self) -> String {
        let words = std::iter::once(self.command.get_program()).chain(self.command.get_args());
        words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
    }
}

/// Opens the log of a step, empty.
pub(crate) fn open_log(step: &str) -> Result<(File, PathBuf)> {
    let path = paths::in_target("xtask/logs").join(format!("{}.log", step.replace(' ', "-")));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let log = File::create(&path).with_context(|| format!("cannot write {}", paths::shown(&path)))?;
    Ok((log, path))
}

/// The last lines of a text, for a person who wants to know why.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let mut last = VecDeque::with_capacity(count);
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if last.len() == count {
            last.pop_front();
        }
        last.push_back(line);
    }
    Vec::from(last).join("\n")
}

/// Finds a program on the PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn lines_of(child: &mut Child) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        send_lines(stdout, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        send_lines(stderr, sender);
    }
    receiver
}

fn send_lines(pipe: impl Read + Send + 'static, sender: mpsc::Sender<String>) {
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        while pipe.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line);
            if sender.send(text.trim_end().to_owned()).is_err() {
                return;
            }
            line.clear();
        }
    });
}

fn quiet_environment(command: &mut Command) {
    for (name, _) in env::vars_os() {
        if is_surprise(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
    if let Some(library_path) = library_path_without_cargo() {
        command.env("LD_LIBRARY_PATH", library_path);
    } else {
        command.env_remove("LD_LIBRARY_PATH");
    }
    command.env("NO_COLOR", "1").env("CARGO_TERM_COLOR", "never");
}

/// Variables that describe xtask itself, or that would change what is built. Where registries are, which
/// wrapper compiles and how many jobs run is the person's business and stays.
fn is_surprise(name: &str) -> bool {
    const PREFIXES: [&str; 7] = [
        "CARGO_BIN_",
        "CARGO_MANIFEST_",
        "CARGO_PKG_",
        "CARGO_PROFILE_",
        "CARGO_TARGET_",
        "npm_lifecycle_",
        "npm_package_",
    ];
    const NAMES: [&str; 16] = [
        "CARGO",
        "CARGO_BUILD_RUSTFLAGS",
        "CARGO_BUILD_TARGET",
        "CARGO_BUILD_TARGET_DIR",
        "CARGO_CRATE_NAME",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_PRIMARY_PACKAGE",
        "FORCE_COLOR",
        "INIT_CWD",
        "NODE_ENV",
        "NODE_OPTIONS",
        "OUT_DIR",
        "RUSTC_BOOTSTRAP",
        "RUSTDOCFLAGS",
        "RUSTFLAGS",
        "RUST_RECURSION_COUNT",
    ];
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// `cargo run` puts the build folder and the toolchain in front of the library path; what the person set stays.
fn library_path_without_cargo() -> Option<OsString> {
    let path = env::var_os("LD_LIBRARY_PATH")?;
    let kept = env::split_paths(&path).filter(|folder| !is_of_cargo(folder));
    let joined = env::join_paths(kept).ok()?;
    (!joined.is_empty()).then_some(joined)
}

fn is_of_cargo(folder: &Path) -> bool {
    let toolchain =
        folder.components().any(|part| part.as_os_str() == "toolchains" || part.as_os_str() == "rustlib");
    let built = folder.ends_with("deps") || folder.ends_with("debug") || folder.ends_with("release");
    toolchain || built
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_about_xtask_are_taken_out_and_registries_stay() {
        for name in
            ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "RUSTFLAGS", "CARGO_TARGET_DIR", "npm_package_name"]
        {
            assert!(is_surprise(name), "{name} would reach the children");
        }
        for name in
            ["CARGO_HOME", "CARGO_REGISTRIES_CRATES_IO_PROTOCOL", "RUSTC_WRAPPER", "RUSTUP_HOME", "PATH"]
        {
            assert!(!is_surprise(name), "{name} was lost");
        }
    }

    #[test]
    fn last_lines_skip_the_empty_ones() {
        assert_eq!(last_lines("one\n\ntwo\n\nthree\n", 2), "two\nthree");
        assert_eq!(last_lines("", 2), "");
    }

    #[test]
    fn a_program_that_hangs_is_ended_at_its_limit() {
        let (mut log, _) = open_log("test-limit").unwrap();
        let hangs = Tool::new("sleep").arg("60").limit(Duration::from_millis(300));
        let error = hangs.finish(&mut log, |_| {}).unwrap_err();
        assert!(error.to_string().contains("no answer"), "{error}");
    }
}
