//! The keys and values that an app adds, until they are written as a context.

use std::borrow::Cow;

use beaconry_protocol::{Context, ContextWriter, limits};

use super::value::Value;

/// Keys with their values in the order in which they came; no more of them than a context takes.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields {
    entries: Vec<(Cow<'static, str>, Value)>,
    left_out: u64,
}

impl Fields {
    /// Sets a value; the last one under a key counts.
    pub(super) fn set(&mut self, key: Cow<'static, str>, value: Value) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.0 == key) {
            entry.1 = value;
        } else if self.entries.len() < limits::CONTEXT_KEYS {
            self.entries.push((key, value));
        } else {
            self.left_out += 1;
        }
    }

    /// Sets a value unless there is one under this key.
    #[cfg(feature = "tracing")]
    pub(super) fn add(&mut self, key: &'static str, value: impl Into<Value>) {
        if !self.has(key) {
            self.set(Cow::Borrowed(key), value.into());
        }
    }

    /// Sets all values of others.
    #[cfg(feature = "tracing")]
    pub(super) fn append(&mut self, others: Self) {
        others.entries.into_iter().for_each(|(key, value)| self.set(key, value));
        self.left_out += others.left_out;
    }

    /// Takes a key out.
    pub(super) fn remove(&mut self, key: &str) {
        self.entries.retain(|entry| entry.0 != key);
    }

    /// Writes the context: these, and what all records have in common unless it is said otherwise.
    pub(super) fn context(&self, shared: &Self, redact_keys: &[String]) -> Option<Context> {
        let mut writer = ContextWriter::new(redact_keys);
        for (key, value) in &self.entries {
            write(&mut writer, key, value);
        }
        for (key, value) in &shared.entries {
            if !self.has(key) {
                write(&mut writer, key, value);
            }
        }
        writer.leave_out(self.left_out);
        writer.finish()
    }

    fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.0 == key)
    }
}

fn write(writer: &mut ContextWriter<'_>, key: &str, value: &Value) {
    if writer.key(key) {
        value.write(writer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(own: &Fields, shared: &Fields) -> String {
        own.context(shared, &["nickname".to_owned()]).map_or_else(String::new, |it| it.as_json().to_owned())
    }

    fn fields(entries: &[(&'static str, Value)]) -> Fields {
        let mut fields = Fields::default();
        entries.iter().for_each(|(key, value)| fields.set(Cow::Borrowed(key), value.clone()));
        fields
    }

    fn check(value: impl Into<Value>, json: &str) {
        let expected = ["{\"value\":", json, "}"].concat();
        assert_eq!(written(&fields(&[("value", value.into())]), &Fields::default()), expected);
    }

    #[test]
    fn each_type_stays_what_it_is() {
        check("Math", "\"Math\"");
        check(String::from("a \"quote\""), r#""a \"quote\"""#);
        check(true, "true");
        check(7u8, "7");
        check(-7i32, "-7");
        check(usize::MAX, "18446744073709551615");
        check(i64::MIN, "-9223372036854775808");
        check(2.5f64, "2.5");
        check(0.5f32, "0.5");
        check(Some(3), "3");
        check(None::<u32>, "null");
        check(vec!["a", "b"], r#"["a","b"]"#);
    }

    #[test]
    fn a_number_that_json_has_not_is_nothing() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            check(value, "null");
        }
    }

    #[test]
    fn what_the_call_says_has_the_last_word() {
        let own = fields(&[("tenant", "own".into()), ("tenant", "newer".into())]);
        let shared = fields(&[("tenant", "shared".into()), ("build", 3.into())]);
        assert_eq!(written(&own, &shared), r#"{"tenant":"newer","build":3}"#);
    }

    #[test]
    fn secrets_stay_where_they_are() {
        let own = fields(&[("password", "x".into()), ("nickname", "y".into())]);
        assert_eq!(written(&own, &Fields::default()), r#"{"password":"[redacted]","nickname":"[redacted]"}"#);
    }

    #[test]
    fn what_is_too_much_is_counted() {
        let mut own = Fields::default();
        (0..40).for_each(|key| own.set(Cow::Owned(format!("k{key}")), key.into()));
        assert!(written(&own, &Fields::default()).ends_with(r#""k31":31,"[cut]":8}"#));
        let long = vec![1; 40];
        let json = written(&fields(&[("list", long.into())]), &Fields::default());
        assert!(json.ends_with(r#"1,"[cut]"]}"#), "{json}");
    }
}
