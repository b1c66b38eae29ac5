//! Which web pages may send records here.

use std::str::FromStr;

use super::loopback::{host_of_authority, is_loopback_host};

/// The origins whose pages are let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedOrigins(Vec<Pattern>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    /// Exactly this origin.
    Exact(String),
    /// This scheme and host with any port; holds `scheme://host`.
    AnyPort(String),
    /// Every page of this machine.
    Loopback,
}

/// Text that is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("takes an origin such as https://app.example or http://localhost:*")]
pub struct ParseOriginError;

impl AllowedOrigins {
    /// Only pages of this machine.
    pub fn loopback() -> Self {
        Self(vec![Pattern::Loopback])
    }

    /// Only pages of the listed origins.
    ///
    /// # Errors
    /// The first text that is no origin.
    pub fn listed<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<Self, (&'t str, ParseOriginError)> {
        let patterns = texts.into_iter().map(|text| text.parse().map_err(|error| (text, error)));
        patterns.collect::<Result<_, _>>().map(Self)
    }

    /// Those of a key, which were checked when it was made: what is no origin allows none.
    pub fn of_key(texts: &[String]) -> Self {
        Self(texts.iter().flat_map(|text| text.parse()).collect())
    }

    /// Whether a page of `origin`, as a browser says it, is let in.
    pub fn contains(&self, origin: &str) -> bool {
        self.0.iter().any(|pattern| pattern.matches(origin))
    }
}

impl Pattern {
    fn matches(&self, origin: &str) -> bool {
        match self {
            Self::Exact(allowed) => allowed == origin,
            Self::AnyPort(allowed) => origin
                .strip_prefix(allowed.as_str())
                .is_some_and(|port| port.is_empty() || port.starts_with(':')),
            Self::Loopback => host(origin).is_some_and(is_loopback_host),
        }
    }
}

impl FromStr for Pattern {
    type Err = ParseOriginError;

    fn from_str(text: &str) -> Result<Self, ParseOriginError> {
        let origin = text.trim_end_matches('/').to_ascii_lowercase();
        if let Some(any_port) = origin.strip_suffix(":*") {
            return host(any_port).map(|_| Self::AnyPort(any_port.to_owned())).ok_or(ParseOriginError);
        }
        host(&origin).ok_or(ParseOriginError)?;
        Ok(Self::Exact(without_default_port(&origin).to_owned()))
    }
}

/// Browsers leave the port of the scheme out when they say an origin.
fn without_default_port(origin: &str) -> &str {
    let default = if origin.starts_with("https:") { ":443" } else { ":80" };
    origin.strip_suffix(default).unwrap_or(origin)
}

fn host(origin: &str) -> Option<&str> {
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"))?;
    let host = host_of_authority(authority)?;
    let is_plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-[]:_".contains(&byte));
    is_plain.then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_this_machine_are_let_in_by_default() {
        let origins = AllowedOrigins::loopback();
        for own in ["http://localhost:5173", "http://127.0.0.1", "https://localhost", "http://[::1]:80"] {
            assert!(origins.contains(own), "{own}");
        }
        for other in ["null", "https://evil.example", "http://localhost.evil.example", "file://localhost", ""]
        {
            assert!(!origins.contains(other), "{other}");
        }
    }

    #[test]
    fn listed_origins_are_let_in_and_no_others() {
        let origins = AllowedOrigins::listed(["https://App.example/", "http://localhost:*"]).unwrap();
        for allowed in ["https://app.example", "http://localhost", "http://localhost:3000"] {
            assert!(origins.contains(allowed), "{allowed}");
        }
        for other in [
            "http://app.example",
            "https://app.example:444",
            "https://app.example.evil.example",
            "http://localhost.evil.example",
            "http://127.0.0.1:3000",
        ] {
            assert!(!origins.contains(other), "{other}");
        }
    }

    #[test]
    fn the_port_of_the_scheme_may_be_written_out() {
        for (written, said) in [
            ("https://app.example:443", "https://app.example"),
            ("http://app.example:80/", "http://app.example"),
            ("http://[::1]:80", "http://[::1]"),
            ("https://app.example:80", "https://app.example:80"),
        ] {
            assert!(AllowedOrigins::listed([written]).unwrap().contains(said), "{written}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for bad in ["", "*", "app.example", "https://", "https://a/b", "https://*.example", "ftp://a"] {
            assert_eq!(AllowedOrigins::listed([bad]), Err((bad, ParseOriginError)), "{bad}");
        }
    }
}
