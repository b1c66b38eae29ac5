//! The command `beaconry`.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use beaconry_ingest::cli::{Cli, CliError, Command, one_line};
use beaconry_ingest::commands::{
    Failure, backup, export, forget, import, keys, missing, pull, reindex, restore, rotate, serve, verify,
};
use clap::error::ErrorKind;
use rustix::fs::Mode;
use rustix::process::umask;

fn main() -> ExitCode {
    // Whatever file is made, by a library too, is its owner's alone.
    umask(Mode::RWXG | Mode::RWXO);
    let (cli, origin) = match Cli::read() {
        Ok(read) => read,
        Err(CliError::CommandLine(error)) => return explain(&error),
        Err(error) => return fail(&chain(&error), WRONG_USE),
    };
    let done = match cli.command {
        Command::Serve(options) => serve::run(&options, origin.file()),
        Command::Keys(options) => keys::run(&options),
        Command::Export(options) => export::run(&options),
        Command::Import(options) => import::run(&options),
        Command::Pull(options) => pull::run(&options),
        Command::Backup(options) => backup::run(&options),
        Command::Restore(options) => restore::run(&options),
        Command::Rotate(options) => rotate::run(&options),
        Command::Forget(options) => forget::run(&options),
        Command::Missing(options) => missing::run(&options),
        Command::Verify(options) => verify::run(&options),
        Command::Reindex(options) => reindex::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::WrongUse(error)) => fail(&origin.tell(&error), WRONG_USE),
        Err(Failure::Failed(error)) => fail(&chain(&*error), FAILED),
    }
}

/// Help and version as clap shows them, a mistake in one line.
fn explain(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            ExitCode::from(if error.use_stderr() { WRONG_USE } else { 0 })
        }
        _ => fail(&one_line(error), WRONG_USE),
    }
}

fn fail(message: &str, code: u8) -> ExitCode {
    let _ = writeln!(io::stderr(), "beaconry: {message}");
    ExitCode::from(code)
}

/// An error and its causes in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

const FAILED: u8 = 1;
const WRONG_USE: u8 = 2;
