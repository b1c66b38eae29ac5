//! One key: what kind it is and what it allows.

use std::time::Duration;

use crate::extract::{AllowedOrigins, Pace, Rate};
use crate::pipeline::{RecordTypes, Source};

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// Pages send records with it; anyone can read it there.
    Write,
    /// The owner's servers send records with it.
    Server,
    /// It opens the dashboard and all that is asked there.
    Admin,
}

impl KeyKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Write, Self::Server, Self::Admin];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Server => "server",
            Self::Admin => "admin",
        }
    }

    /// The kind of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Where records come from that come with it; with an admin key, none come.
    pub const fn source(self) -> Option<Source> {
        match self {
            Self::Write => Some(Source::Client),
            Self::Server => Some(Source::Server),
            Self::Admin => None,
        }
    }

    /// Whether nobody else may know it.
    pub const fn is_secret(self) -> bool {
        !matches!(self, Self::Write)
    }
}

/// A key that is in use.
#[derive(Debug)]
pub struct Key {
    /// Its name, under which its records are stored.
    pub name: String,
    /// What it is for.
    pub kind: KeyKind,
    /// The pages that may use it, if not those that the server allows.
    pub origins: Option<AllowedOrigins>,
    /// The records that it brings in.
    pub types: RecordTypes,
    /// How many requests a second may come with it, if there is a limit.
    pub rate: Option<Rate>,
    pub(super) pace: Pace,
}

impl Key {
    /// Lets one request in, or says how long to wait.
    ///
    /// # Errors
    /// The rate of the key, and how long to wait.
    pub fn take(&self, now: Duration) -> Result<(), (Rate, Duration)> {
        let Some(rate) = self.rate else { return Ok(()) };
        self.pace.take(rate, now).map_err(|wait| (rate, wait))
    }
}
