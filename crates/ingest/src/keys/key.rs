//! One key: what kind it is and what it allows.

use std::time::Duration;

use beaconry_protocol::RecordType;

use crate::extract::{AllowedOrigins, Pace, Rate};
use crate::pipeline::Source;

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

/// A set of record types. A client's report of its losses is in every one: without it, they would not be
/// known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordTypes(u16);

impl RecordTypes {
    /// All there are, and those to come.
    pub const ALL: Self = Self(u16::MAX);

    /// Whether a type is one of them.
    pub fn contains(self, record_type: RecordType) -> bool {
        self.0 & Self::bit(record_type) != 0
    }

    /// Their names.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let all = RecordType::ALL.iter();
        all.filter(move |record_type| self.contains(**record_type)).map(|record_type| record_type.as_str())
    }

    const fn bit(record_type: RecordType) -> u16 {
        1 << record_type as u16
    }
}

impl FromIterator<RecordType> for RecordTypes {
    fn from_iter<T: IntoIterator<Item = RecordType>>(types: T) -> Self {
        Self(types.into_iter().map(Self::bit).fold(Self::bit(RecordType::Report), |all, bit| all | bit))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_of_losses_is_in_every_set_of_types() {
        let types: RecordTypes = [RecordType::Error].into_iter().collect();
        assert_eq!(types.names().collect::<Vec<_>>(), ["error", "report"]);
        assert!(!types.contains(RecordType::Log) && RecordTypes::ALL.contains(RecordType::Feedback));
    }
}
