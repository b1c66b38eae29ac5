//! The command `beaconry`.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use beaconry_ingest::cli::{Cli, Command, one_line};
use beaconry_ingest::config::Config;
use beaconry_ingest::server::{Server, Token};
use clap::Parser;
use clap::error::ErrorKind;
use futures_util::FutureExt;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    match cli.command {
        Command::Serve(options) => match Config::read(&options) {
            Ok(config) => run(serve(config)),
            Err(error) => fail(&error.to_string(), WRONG_USE),
        },
    }
}

fn run(done: Result<(), Box<dyn Error>>) -> ExitCode {
    done.map_or_else(|error| fail(&chain(&*error), FAILED), |()| ExitCode::SUCCESS)
}

fn serve(config: Config) -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).init();
    Runtime::new()?.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let server = Server::start(config).await?;
        announce(&server)?;
        let (tell, told) = oneshot::channel();
        tokio::spawn(async move {
            either(&mut terminate, &mut interrupt).await;
            let _ = tell.send(());
            either(&mut terminate, &mut interrupt).await;
            // Whoever insists is not kept waiting: what was acknowledged is on disk.
            std::process::exit(INSISTED);
        });
        server.run_until(told.map(drop)).await;
        Ok(())
    })
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// The first line is for scripts that wait for it, the others are for people.
fn announce(server: &Server) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let address = server.address();
    writeln!(out, "beaconry is listening on http://{address}")?;
    writeln!(out, "dashboard    http://{address}/admin")?;
    writeln!(out, "data folder  {}", server.data().display())?;
    if let Token::Kept { token, path } = server.token() {
        writeln!(out, "ingest key   {token}   (kept in {})", path.display())?;
    }
    out.flush()
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
/// What shells report of a program that was interrupted.
const INSISTED: i32 = 130;
