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
        let mut json = JsonWriter::with_capacity(256);
        json.open("{");
        self.encode_fields(&mut json);
        let has_user = self.user.id.is_some() || self.user.anonymous_id.is_some();
        if has_user {
            json.key("user");
            json.open("{");
            json.optional_field("id", self.user.id.as_deref());
            json.optional_field("anonymousId", self.user.anonymous_id.as_deref());
            json.close("}");
        }
        json.close("}");
        json.finish()
    }

    /// Every field but the user, one after the other. Secrets are taken out of all of them; what
    /// they usually hold (a version, a user agent, a hex id) has nothing that looks like one.
    pub fn encode_fields(&self, json: &mut JsonWriter) {
        let fields = [
            ("sessionId", &self.session_id),
            ("release", &self.release),
            ("environment", &self.environment),
            ("userAgent", &self.user_agent),
            ("platform", &self.platform),
            ("language", &self.language),
            ("deviceType", &self.device_type),
            ("viewport", &self.viewport),
            ("region", &self.region),
        ];
        for (key, value) in fields {
            if let Some(value) = value {
                json.string_field(key, &redact::within(value, limits::FIELD_BYTES));
            }
        }
    }
}
