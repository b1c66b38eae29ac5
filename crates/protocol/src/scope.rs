//! What all records of a batch have in common, fixed when they were made.

use std::borrow::Cow;

use crate::{JsonWriter, limits, redact};

/// The circumstances of a record: whose it is, on what it ran.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "camelCase"))]
#[expect(missing_docs, reason = "the names are those of the wire and say what they hold")]
pub struct Scope<'a> {
    pub session_id: Option<Cow<'a, str>>,
    pub release: Option<Cow<'a, str>>,
    pub environment: Option<Cow<'a, str>>,
    pub user_agent: Option<Cow<'a, str>>,
    pub platform: Option<Cow<'a, str>>,
    pub language: Option<Cow<'a, str>>,
    pub device_type: Option<Cow<'a, str>>,
    /// `<width>x<height>` in CSS pixels.
    pub viewport: Option<Cow<'a, str>>,
    pub region: Option<Cow<'a, str>>,
    #[cfg_attr(feature = "schema", schemars(default))]
    pub user: User<'a>,
}

/// Who is in front of the screen, as far as the app says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "camelCase"))]
#[expect(missing_docs, reason = "the names are those of the wire and say what they hold")]
pub struct User<'a> {
    pub id: Option<Cow<'a, str>>,
    pub anonymous_id: Option<Cow<'a, str>>,
}

impl Scope<'_> {
    /// The `scope` object of a batch.
    pub fn encode(&self) -> String {
        let [session_id, release, environment, platform @ ..] = self.values();
        let user = [self.user.id.as_deref(), self.user.anonymous_id.as_deref()];
        encode_scope([session_id, release, environment], &encode_platform(&platform), user)
    }

    /// Every field but the user, one after the other.
    pub fn encode_fields(&self, json: &mut JsonWriter) {
        encode_fields(json, &FIELDS, &self.values());
    }

    fn values(&self) -> [Option<&str>; FIELDS.len()] {
        [
            self.session_id.as_deref(),
            self.release.as_deref(),
            self.environment.as_deref(),
            self.user_agent.as_deref(),
            self.platform.as_deref(),
            self.language.as_deref(),
            self.device_type.as_deref(),
            self.viewport.as_deref(),
            self.region.as_deref(),
        ]
    }
}

/// The `scope` object of a batch, of its parts: session, release and environment; what [`encode_platform`] made;
/// the user's id and anonymous id.
pub fn encode_scope(app: [Option<&str>; OF_APP], platform: &str, user: [Option<&str>; 2]) -> String {
    let mut json = JsonWriter::with_capacity(256);
    json.open("{");
    encode_fields(&mut json, &FIELDS, &app);
    if !platform.is_empty() {
        json.raw(platform);
    }
    if user[0].is_some() || user[1].is_some() {
        json.key("user");
        json.open("{");
        json.optional_field("id", user[0]);
        json.optional_field("anonymousId", user[1]);
        json.close("}");
    }
    json.close("}");
    json.finish()
}

/// The fields of a scope that say on what it ran: user agent, platform, language, kind of device, viewport.
pub fn encode_platform(platform: &[Option<&str>]) -> String {
    let mut json = JsonWriter::default();
    encode_fields(&mut json, &FIELDS[OF_APP..], platform);
    json.finish()
}

/// Secrets are taken out of all of them; what they usually hold (a version, a user agent, a hex id) has nothing that
/// looks like one.
fn encode_fields(json: &mut JsonWriter, keys: &[&'static str], values: &[Option<&str>]) {
    for (at, value) in values.iter().enumerate() {
        if let Some(value) = value {
            json.string_field(keys[at], &redact::within(value, limits::FIELD_BYTES));
        }
    }
}

/// The fields but for the user, in the order in which they are written.
const FIELDS: [&str; 9] = [
    "sessionId",
    "release",
    "environment",
    "userAgent",
    "platform",
    "language",
    "deviceType",
    "viewport",
    "region",
];
/// How many of them the app knows.
const OF_APP: usize = 3;
