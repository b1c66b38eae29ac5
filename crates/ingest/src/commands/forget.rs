//! `beaconry forget`.

use std::io::{self, Write};

use clap::Args;

use super::{DataOption, Failure};
use crate::clock::now_millis;
use crate::config::wrong;
use crate::control::{Connection, Request};
use crate::operations::forget::{Forgotten, Whom, forget};
use crate::operations::{Bar, StoppedFolder};
use crate::pipeline::Pseudonyms;
use crate::server::install_secret;

/// The options of `beaconry forget`.
#[derive(Debug, Args)]
pub struct ForgetOptions {
    #[command(flatten)]
    data: DataOption,

    /// The user to forget: the id as the app knows it, or the pseudonym that records show
    #[arg(long, value_name = "ID", required_unless_present = "session", conflicts_with = "session")]
    user: Option<String>,

    /// The session to forget
    #[arg(long, value_name = "ID")]
    session: Option<String>,
}

/// Something is left.
#[derive(Debug, thiserror::Error)]
#[error("something is left in {0}: run it again, and tell us if it stays")]
struct Left(String);

/// Forgets a person: the running server does, or the command itself.
///
/// # Errors
/// A wrong option, what is in the way, or that something is left.
pub fn run(options: &ForgetOptions) -> Result<(), Failure> {
    let folder = options.data.existing()?;
    let whom = match (&options.user, &options.session) {
        (Some(id), _) if !id.is_empty() => Whom::User(id.clone()),
        (_, Some(id)) if !id.is_empty() => Whom::Session(id.clone()),
        _ => return Err(wrong("--user, --session", "")("the id of whom to forget").into()),
    };
    let bar = Bar::new();
    let forgotten: Forgotten = match Connection::open(&folder).map_err(Failure::of)? {
        Some(mut server) => server.ask(&Request::Forget { whom }, &bar).map_err(Failure::of)?,
        None => {
            let stopped = StoppedFolder::open(&folder).map_err(Failure::of)?;
            let pseudonyms = Pseudonyms::new(install_secret(&folder).map_err(Failure::of)?);
            forget(&stopped.premises(&folder), &whom, &pseudonyms, now_millis(), &bar).map_err(Failure::of)?
        }
    };
    drop(bar);
    announce(&forgotten).map_err(Failure::of)?;
    match forgotten.proof.found.as_slice() {
        [] => Ok(()),
        found => Err(Failure::of(Left(found.join(", ")))),
    }
}

fn announce(forgotten: &Forgotten) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let total: u64 = forgotten.records.values().sum();
    let kinds: Vec<_> = forgotten.records.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    writeln!(out, "erased: {total} records{}{}", if total > 0 { ": " } else { "" }, kinds.join(", "))?;
    writeln!(out, "deleted: {} screenshots", forgotten.uploads)?;
    let proof = &forgotten.proof;
    let verdict = if proof.found.is_empty() { "nothing is left" } else { "not all is gone" };
    writeln!(
        out,
        "searched: {} files, {:.1} MB unpacked, for {} names: {verdict}",
        proof.files,
        proof.bytes as f64 / 1e6,
        proof.names
    )?;
    if proof.shared > 0 {
        writeln!(out, "{} sessions or browsers are somebody else's too, whose records stay", proof.shared)?;
    }
    if proof.newer > 0 {
        writeln!(out, "{} records came in meanwhile: run it again to erase those too", proof.newer)?;
    }
    Ok(())
}

pub(crate) const EXAMPLE: &str = "\
Examples:
  beaconry forget --user 4711
  beaconry forget --user ann@shop.example
  beaconry forget --session 3f0c…

Erases every record of one person from the journal, sealed segments too, with its rows of the index, its \
screenshots and what was set aside as damaged or refused; also while the server runs. Of a user that is every record \
with the user's pseudonym, and what the same sessions and browsers sent while nobody was logged in. Then \
every file of the data folder is searched for every name that the person had there, and the exit code says \
whether nothing is left. If it is killed, run it again.

What a line has left is its number and the id of the record, so that a late copy is not stored again. \
Exports and backups made before are for you to look after.";
