//! Who is to be forgotten, and which records are theirs.

use std::borrow::Cow;
use std::collections::BTreeSet;

use beaconry_protocol::{hex, pseudonym};
use memchr::memmem;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::pipeline::Pseudonyms;

use super::set_aside::Sought;

/// Who is to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Whom {
    /// A user: the id as the app knows it, or as it is stored.
    User(String),
    /// A session.
    Session(String),
}

impl Whom {
    /// A name that tells nobody who it is.
    pub(super) fn hash(&self) -> String {
        let (kind, id) = match self {
            Self::User(id) => ("user", id),
            Self::Session(id) => ("session", id),
        };
        hex(&Sha256::digest(format!("{kind}\n{id}")).as_slice()[..8])
    }
}

/// What is known of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Person {
    /// What the user is called in records.
    users: BTreeSet<String>,
    /// The id as the app knows it, where it is long enough to be nothing else.
    id: Option<String>,
    /// The id as it was asked for, however short it is.
    #[serde(skip)]
    asked: Option<String>,
    /// The sessions that are theirs alone, as far as nobody else is named.
    sessions: BTreeSet<String>,
    /// What their browsers are called in records.
    browsers: BTreeSet<String>,
    /// Whether everything of the sessions goes, whoever is named.
    is_session: bool,
    /// The screenshots of their reports.
    pub(super) uploads: BTreeSet<String>,
}

/// What a record says of who it is of.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Traits<'a> {
    #[serde(rename = "type", borrow)]
    record_type: Cow<'a, str>,
    #[serde(borrow)]
    level: Option<Cow<'a, str>>,
    #[serde(borrow)]
    severity: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) app: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) user_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) anonymous_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) session_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) screenshot: Option<Cow<'a, str>>,
}

impl<'a> Traits<'a> {
    /// Those of a line; `None` if it is no record, or none any more.
    pub(super) fn read(json: &'a str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    /// The kind under which it is counted.
    pub(super) fn kind(&self) -> String {
        match self.level.as_ref().or(self.severity.as_ref()) {
            Some(level) => format!("{} {level}", self.record_type),
            None => self.record_type.clone().into_owned(),
        }
    }
}

impl Person {
    /// All that follows from the id: a user is called by a pseudonym of the server, of the id itself or
    /// of the pseudonym that the client of an app made of it.
    pub(super) fn new(whom: &Whom, pseudonyms: &Pseudonyms, apps: &BTreeSet<String>) -> Self {
        let Whom::User(id) = whom else {
            let Whom::Session(id) = whom else { return Self::default() };
            return Self { sessions: BTreeSet::from([id.clone()]), is_session: true, ..Self::default() };
        };
        let mut users = BTreeSet::from([pseudonyms.of(id)]);
        users.extend(apps.iter().map(|app| pseudonyms.of(&pseudonym(app, id))));
        let is_stored_form = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        users.extend(is_stored_form.then(|| id.clone()));
        let asked = Some(id.clone());
        let id = (!is_stored_form && id.len() >= LEAST_SEARCHABLE).then(|| id.clone());
        Self { users, id, asked, ..Self::default() }
    }

    /// Adds what was known of the same person before.
    pub(super) fn add(&mut self, known: Self) {
        self.users.extend(known.users);
        self.sessions.extend(known.sessions);
        self.browsers.extend(known.browsers);
        self.uploads.extend(known.uploads);
    }

    /// Takes the session and the browser from a record of the user.
    pub(super) fn learn(&mut self, traits: &Traits<'_>, json: &str) {
        if self.is_session || !self.is_user_of(traits, json) {
            return;
        }
        self.sessions.extend(traits.session_id.as_deref().map(str::to_owned));
        self.browsers.extend(traits.anonymous_id.as_deref().map(str::to_owned));
    }

    /// Whether a record is theirs.
    pub(super) fn has(&self, traits: &Traits<'_>, json: &str) -> bool {
        let is_in = |names: &BTreeSet<String>, name: &Option<Cow<'_, str>>| {
            name.as_deref().is_some_and(|name| names.contains(name))
        };
        if self.is_session {
            return is_in(&self.sessions, &traits.session_id);
        }
        let is_of_nobody = traits.user_id.is_none();
        let is_around =
            is_in(&self.sessions, &traits.session_id) || is_in(&self.browsers, &traits.anonymous_id);
        self.is_user_of(traits, json) || (is_of_nobody && is_around)
    }

    fn is_user_of(&self, traits: &Traits<'_>, json: &str) -> bool {
        let is_named =
            |name: &Option<Cow<'_, str>>| name.as_deref().is_some_and(|name| self.users.contains(name));
        let says_id = |id: &String| memmem::find(json.as_bytes(), quoted(id).as_bytes()).is_some();
        is_named(&traits.user_id) || is_named(&traits.anonymous_id) || self.id.as_ref().is_some_and(says_id)
    }

    /// Everything that they are called.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        let names = self.users.iter().chain(&self.id).chain(&self.sessions).chain(&self.browsers);
        names.cloned().collect::<Vec<_>>().into_iter()
    }

    /// What of them to look for in texts that went through no pipeline: ids are no pseudonyms there.
    pub(super) fn sought(&self, is_sought: impl Fn(&String) -> bool) -> Sought {
        Sought::new(self.names().filter(is_sought).chain(self.asked.clone()))
    }

    /// The names that somebody else has too: of a session or browser that they share.
    pub(super) fn shared<'a>(&'a self, traits: &'a Traits<'_>) -> impl Iterator<Item = &'a str> {
        let session = traits.session_id.as_deref().filter(|id| self.sessions.contains(*id));
        let browser = traits.anonymous_id.as_deref().filter(|id| self.browsers.contains(*id));
        session.into_iter().chain(browser)
    }
}

/// As it stands in a line of JSON.
pub(super) fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

/// A shorter id may stand in any record, as something else.
const LEAST_SEARCHABLE: usize = 6;
