//! Records of another server, over HTTP, into a folder: what [`export`](super::export) writes, with
//! the same promises.

mod advice;

use std::io::{self, BufRead, BufReader};
use std::time::Duration;

use beaconry_protocol::format_millis;
use ureq::http::Response;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::typestate::WithoutBody;
use ureq::{Agent, Body, RequestBuilder};

use super::export::{Destination, ExportError, Exported, Selection};
use super::{Progress, Stored};

/// Another server.
#[derive(Debug)]
pub struct Remote {
    agent: Agent,
    url: String,
    token: Option<String>,
    has_authorities: bool,
}

/// Whose certificates are trusted instead of the usual ones.
#[derive(Debug)]
pub struct Authorities(RootCerts);

/// Records could not be fetched. What has come is kept; do it again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PullError {
    /// The server cannot be reached.
    #[error("{url} could not be reached{}", advice.map(|advice| format!(": {advice}")).unwrap_or_default())]
    Unreachable {
        /// Where.
        url: String,
        /// What to do about it, if that is known.
        advice: Option<&'static str>,
        /// Why.
        #[source]
        source: Box<ureq::Error>,
    },
    /// It does not give its records.
    #[error("{url} answers {status}: {message}")]
    Refused {
        /// Where.
        url: String,
        /// The status of HTTP.
        status: u16,
        /// What it says.
        message: String,
    },
    /// The answer broke off.
    #[error("the records broke off after line {after}: run it again to go on")]
    BrokenOff {
        /// The last line that came.
        after: u64,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// What came is not what a server of ours sends.
    #[error("{url} sends something else than records: {got:?}")]
    NotRecords {
        /// Where.
        url: String,
        /// What it sends.
        got: String,
    },
    /// It cannot be written here.
    #[error(transparent)]
    Write(#[from] ExportError),
}

/// Which lines the journal of a server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemoteExtent {
    /// The first that was not deleted.
    pub first: u64,
    /// The last.
    pub last: u64,
}

impl Authorities {
    /// Reads the certificates of a file in PEM; `None` if there is none in it.
    pub fn of_pem(pem: &[u8]) -> Option<Self> {
        let items = parse_pem(pem).filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        });
        let certificates: Vec<Certificate<'static>> = items.collect();
        (!certificates.is_empty()).then(|| Self(RootCerts::new_with_certs(&certificates)))
    }
}

impl Remote {
    /// The server at `url`, such as `https://telemetry.example`.
    pub fn new(url: &str, token: Option<String>, authorities: Option<Authorities>) -> Self {
        let has_authorities = authorities.is_some();
        let roots = authorities.map_or(RootCerts::WebPki, |Authorities(roots)| roots);
        let tls = TlsConfig::builder().root_certs(roots).build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // A key is for whom it was given to.
            .max_redirects(0)
            .timeout_connect(Some(CONNECTING))
            .timeout_recv_response(Some(ANSWERING))
            .tls_config(tls)
            .build();
        let url = format!("{}/api/export", url.trim_end_matches('/'));
        Self { agent: config.into(), url, token, has_authorities }
    }

    /// Which lines there are.
    ///
    /// # Errors
    /// When the server does not say.
    pub fn extent(&self) -> Result<RemoteExtent, PullError> {
        let response = self.call(self.agent.head(&self.url))?;
        self.extent_of(&response)
    }

    /// Fetches records into `to`.
    ///
    /// # Errors
    /// What is in the way. What has come is kept.
    pub fn pull(
        &self,
        selection: &Selection,
        to: &mut dyn Destination,
        progress: &dyn Progress,
    ) -> Result<Exported, PullError> {
        let mut request = self.agent.get(&self.url).query("after", to.after().to_string());
        let times = [("since", selection.since), ("until", selection.until)];
        let times = times.map(|(name, time)| (name, time.map(format_millis)));
        let words = [("type", selection.kind.clone()), ("app", selection.app.clone())];
        for (name, value) in times.into_iter().chain(words) {
            request = value.into_iter().fold(request, |request, value| request.query(name, value));
        }
        let response = self.call(request)?;
        let RemoteExtent { first, last } = self.extent_of(&response)?;
        let begin = to.after().max(first.saturating_sub(1));
        let mut exported = Exported { records: 0, last_n: last };
        let mut lines = BufReader::with_capacity(READ_BYTES, response.into_body().into_reader());
        let (mut line, mut n) = (String::new(), begin);
        loop {
            line.clear();
            let read = lines.read_line(&mut line);
            if read.map_err(|source| PullError::BrokenOff { after: n, source })? == 0 {
                break;
            }
            let json = line.trim_end_matches('\n');
            let record = Stored::read(json).zip(number(json));
            let Some((record, number)) = record.filter(|(_, number)| *number > n) else {
                let got = beaconry_protocol::cut(json, GOT_BYTES).into_owned();
                return Err(PullError::NotRecords { url: self.url.clone(), got });
            };
            n = number;
            to.add(n, &record, json)?;
            exported.records += u64::from(n > to.told());
            progress.tell("fetching records", n - begin, last.saturating_sub(begin));
        }
        to.finish(last)?;
        Ok(exported)
    }

    fn call(&self, request: RequestBuilder<WithoutBody>) -> Result<Response<Body>, PullError> {
        let request = match &self.token {
            Some(token) => request.header("Authorization", format!("Bearer {token}")),
            None => request,
        };
        let unreachable = |source| {
            let advice = advice::advice(&source, &self.url, self.has_authorities);
            PullError::Unreachable { url: self.url.clone(), advice, source: Box::new(source) }
        };
        let mut response = request.call().map_err(unreachable)?;
        let status = response.status().as_u16();
        if status == 200 {
            return Ok(response);
        }
        let text = response.body_mut().with_config().limit(LONGEST_REFUSAL).read_to_string();
        let said = text.ok().and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
        let said = said.as_ref().and_then(|said| said["message"].as_str());
        let message = said.unwrap_or("there is no Beaconry, or none that exports").to_owned();
        Err(PullError::Refused { url: self.url.clone(), status, message })
    }

    fn extent_of(&self, response: &Response<Body>) -> Result<RemoteExtent, PullError> {
        let number = |name: &str| response.headers().get(name)?.to_str().ok()?.parse().ok();
        let extent = number("x-beaconry-first-line").zip(number("x-beaconry-last-line"));
        let extent = extent.map(|(first, last)| RemoteExtent { first, last });
        extent
            .ok_or_else(|| PullError::NotRecords { url: self.url.clone(), got: "another answer".to_owned() })
    }
}

/// The number of a line.
fn number(json: &str) -> Option<u64> {
    let number = json.strip_prefix("{\"n\":")?;
    number[..number.find(',')?].parse().ok()
}

const CONNECTING: Duration = Duration::from_secs(20);
const ANSWERING: Duration = Duration::from_secs(60);
const READ_BYTES: usize = 256 * 1024;
const LONGEST_REFUSAL: u64 = 64 * 1024;
const GOT_BYTES: usize = 100;
