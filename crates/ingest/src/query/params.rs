//! Reading the parameters of a question. A wrong one is told with its name, what it got and what it
//! takes.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::RangeInclusive;

use beaconry_protocol::cut;
use serde::Serialize;

/// A parameter that has no use as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BadParameter {
    /// Its name.
    pub field: Cow<'static, str>,
    /// What it said.
    pub got: String,
    /// What it takes.
    pub takes: Cow<'static, str>,
}

/// The parameters of a URL, by name.
#[derive(Debug)]
pub struct Params(HashMap<String, String>);

impl Params {
    /// Takes the parameters as they were decoded.
    pub fn new(params: HashMap<String, String>) -> Self {
        Self(params)
    }

    /// Makes sure that there are none but the `known` ones: a misspelt filter would let through what
    /// it was to keep out.
    ///
    /// # Errors
    /// One that is not known.
    pub fn only(self, known: &[&str]) -> Result<Self, BadParameter> {
        // The first by name, so that the answer is the same every time.
        let unknown = self.0.iter().filter(|(field, _)| !known.contains(&field.as_str())).min();
        let Some((field, got)) = unknown else { return Ok(self) };
        let takes = match known {
            [] => "nothing: this address has no parameters".into(),
            known => format!("nothing: the parameters here are {}", known.join(", ")).into(),
        };
        let field = cut(field, GOT_BYTES).into_owned().into();
        Err(BadParameter { field, got: cut(got, GOT_BYTES).into_owned(), takes })
    }

    /// A text; an empty one is none.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// A whole number, or `default` where there is none.
    ///
    /// # Errors
    /// When it is no number, or none of `range`.
    pub fn number(
        &self,
        field: &'static str,
        default: u64,
        range: RangeInclusive<u64>,
        takes: &'static str,
    ) -> Result<u64, BadParameter> {
        self.read(field, takes, |text| text.parse().ok().filter(|number| range.contains(number)))
            .map(|number| number.unwrap_or(default))
    }

    /// Whatever `parse` makes of a text.
    ///
    /// # Errors
    /// When there is a text and `parse` makes nothing of it.
    pub fn read<'p, T>(
        &'p self,
        field: &'static str,
        takes: &'static str,
        parse: impl FnOnce(&'p str) -> Option<T>,
    ) -> Result<Option<T>, BadParameter> {
        let Some(text) = self.text(field) else { return Ok(None) };
        match parse(text) {
            Some(value) => Ok(Some(value)),
            None => Err(BadParameter {
                field: field.into(),
                got: cut(text, GOT_BYTES).into_owned(),
                takes: takes.into(),
            }),
        }
    }
}

impl BadParameter {
    /// The same as a sentence.
    pub fn message(&self) -> String {
        format!("{}: takes {}, got {:?}", self.field, self.takes, self.got)
    }
}

const GOT_BYTES: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Params {
        Params::new(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_parameter_that_is_not_known_is_refused_by_name() {
        let known = ["type", "name"];
        assert!(params(&[("type", "x")]).only(&known).is_ok());
        let refused = params(&[("type", "x"), ("tpye", "y")]).only(&known).unwrap_err();
        assert_eq!(refused.message(), "tpye: takes nothing: the parameters here are type, name, got \"y\"");
        assert!(params(&[("type", "x")]).only(&[]).is_err());
    }

    #[test]
    fn numbers_are_within_their_range_or_refused_by_name() {
        let takes = "a whole number from 1 to 90";
        let days = |text| params(&[("days", text)]).number("days", 7, 1..=90, takes);
        assert_eq!((days("1"), days("90"), days("")), (Ok(1), Ok(90), Ok(7)));
        for bad in ["0", "91", "-1", "1.5", "week"] {
            let refused = days(bad).unwrap_err();
            assert_eq!((&*refused.field, refused.got.as_str(), &*refused.takes), ("days", bad, takes));
        }
        assert_eq!(days("x").unwrap_err().message(), "days: takes a whole number from 1 to 90, got \"x\"");
    }
}
