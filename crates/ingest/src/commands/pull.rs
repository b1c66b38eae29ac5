//! `beaconry pull`.

use std::fs;
use std::io::{self, Write};

use clap::Args;

use super::Failure;
use super::options::{FormOptions, SelectionOptions};
use crate::config::{ConfigError, path, wrong};
use crate::extract::{host_of_authority, is_loopback_host};
use crate::operations::Bar;
use crate::operations::export::ExportFolder;
use crate::operations::pull::{Authorities, Remote};

/// The options of `beaconry pull`.
#[derive(Debug, Args)]
pub struct PullOptions {
    /// The server to fetch from
    #[arg(long, value_name = "URL", help = FROM)]
    from: String,

    /// The folder to write into; a repeat adds what is new
    #[arg(long, value_name = "FOLDER", default_value = "./telemetry-data")]
    to: String,

    /// An admin key of that server
    #[arg(long, value_name = "TOKEN", env = "BEACONRY_ADMIN_TOKEN", hide_env_values = true)]
    token: Option<String>,

    /// A file of certificates (PEM) to trust instead of the usual authorities
    #[arg(long, value_name = "FILE")]
    ca: Option<String>,

    #[command(flatten)]
    selection: SelectionOptions,

    #[command(flatten)]
    form: FormOptions,
}

/// Fetches what there is now.
///
/// # Errors
/// A wrong option, or what is in the way.
pub fn run(options: &PullOptions) -> Result<(), Failure> {
    let token = options.token.clone().filter(|token| !token.is_empty());
    let url = url(&options.from, token.is_some())?;
    let to = path("--to", &options.to)?;
    let mut selection = options.selection.read()?;
    let (layout, compression) = (options.form.layout()?, options.form.compression());
    let authorities = options.ca.as_deref().map(authorities).transpose()?;
    let remote = Remote::new(&url, token, authorities);
    let first_n = remote.extent().map_err(Failure::of)?.first;
    let words = format!(" --from {url}{}", options.selection.words());
    let mut folder =
        ExportFolder::open(&to, &words, layout, compression, &mut selection, first_n).map_err(Failure::of)?;
    let bar = Bar::new();
    let pulled = remote.pull(&selection, &mut folder, &bar).map_err(Failure::of)?;
    drop(bar);
    let text = format!("{} new records were written, up to line {}", pulled.records, pulled.last_n);
    writeln!(io::stdout(), "{text}: {}", to.display()).map_err(Failure::of)
}

/// An address without anything behind the host. A key does not go over the net in the clear.
fn url(text: &str, has_token: bool) -> Result<String, ConfigError> {
    let url = text.trim_end_matches('/');
    let authority = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = authority.and_then(host_of_authority);
    let Some(host) = host.filter(|host| !host.contains(['/', '@', '?'])) else {
        return Err(wrong("--from", text)("the address of a server such as https://telemetry.example"));
    };
    if has_token && url.starts_with("http://") && !is_loopback_host(host) {
        return Err(wrong("--from", text)("an https address where a key is sent"));
    }
    Ok(url.to_owned())
}

fn authorities(path: &str) -> Result<Authorities, ConfigError> {
    let pem = fs::read(path).map_err(|_| wrong("--ca", path)("a file of certificates that you may read"))?;
    Authorities::of_pem(&pem).ok_or_else(|| wrong("--ca", path)("a file with certificates in PEM"))
}

const FROM: &str = "The server to fetch from, such as https://telemetry.example";

pub(crate) const EXAMPLE: &str = "\
Examples:
  export BEACONRY_ADMIN_TOKEN=…
  beaconry pull --from https://telemetry.example --since 7d
  beaconry pull --from https://telemetry.example --layout saberloop --to ./telemetry-data --gzip

Writes the files that `beaconry export` would write there; see its help. Run it again and it adds what \
has come since, and goes on where it broke off. `beaconry import ./telemetry-data` brings them into a \
server of your own.";
