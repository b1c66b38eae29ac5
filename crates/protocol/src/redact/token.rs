//! Words that are secrets by themselves, whatever stands around them.

use super::bytes::{self, DIGIT, URL_END, is, is_quote};
use super::value::{PEM, is_scheme};
use super::{GAPS, Redactor};
use crate::sensitive::{REDACTED, is_sensitive_key};

impl Redactor<'_> {
    /// Looks at the word from `start` to where the look is.
    pub(super) fn word(&mut self, start: usize) {
        let end = self.at;
        self.secret(start);
        if self.copied > start {
            return;
        }
        let name = self.behind_escape(start, end);
        if matches!(self.byte(end), b'/' | b'\\' | b'%') && self.is_one_at(name, HOOKS) {
            self.hook();
        } else if self.byte(name) == b'-' && is_sensitive_key(self.part(name, end)) {
            self.option();
        }
    }

    /// Looks for a secret in a word itself.
    fn secret(&mut self, start: usize) {
        let first = self.byte(start);
        match self.at - start {
            5 | 6 if matches!(first, b'B' | b'b') => self.scheme(start),
            CARD_BYTES.. => self.secret_in(start),
            _ if is(first, DIGIT) => self.card(start),
            _ if first == b'-' && self.is_at(start, PEM) => {
                self.replace(start, self.end_of_pem(start), REDACTED);
            }
            _ => {}
        }
    }

    /// Behind `--password`: what follows goes, unless it is the next option. Both may be in quotes, in a list.
    fn option(&mut self) {
        let first = self.at + self.one_at(self.at, GAPS);
        let mut from = first + self.one_at(first, GAPS);
        if is_quote(self.byte(self.at)) {
            let is_list = self.byte(self.at + 1) == b',';
            from = self.behind_blanks(self.at + 1 + usize::from(is_list));
            if !is_quote(self.byte(from)) {
                return;
            }
        }
        if from > self.at && self.byte(from) != b'-' {
            self.take_value(from, false, false);
        }
    }

    /// Behind the name of a webhook: whoever knows the path may post.
    fn hook(&mut self) {
        let from = self.at + self.one_at(self.at, SLASHES);
        // Before its end is looked for: a text may be full of such names.
        if from == self.at || !self.is_random(from, from + HOOK_BYTES) {
            return;
        }
        let mut to = from;
        while !is(self.byte(to), URL_END) || self.is_at(to, "\\/") {
            to += 1;
        }
        if to >= from + HOOK_BYTES {
            self.replace(from, to, TOKEN);
        }
    }

    /// At the end of a word that may be `Bearer` or `Basic`.
    fn scheme(&mut self, start: usize) {
        if is_scheme(self.part(start, self.at)) {
            let from = self.behind_blanks(self.at);
            let to = self.skip(from, bytes::TOKEN);
            let is_token = to >= from + 16 || to >= from + 6 && self.is_random(from, to);
            if from > self.at && is_token {
                self.replace(from, to, TOKEN);
            }
        }
    }

    /// Looks for a secret at the beginning of each part of a word: `my-sk_live_…` has one, too.
    fn secret_in(&mut self, start: usize) {
        let end = self.at;
        let mut last_dot = end;
        while last_dot > start && self.byte(last_dot) != b'.' {
            last_dot -= 1;
        }
        let mut at = start;
        while self.at == end && at < end {
            let byte = self.byte(at);
            if is(byte, DIGIT) {
                self.card(at);
            } else if byte == b'-' && self.is_at(at, PEM) {
                self.replace(at, self.end_of_pem(at), REDACTED);
            } else if end >= at + TOKEN_BYTES {
                let is_jwt = last_dot >= at + TOKEN_BYTES && self.is_at(at, "eyJ");
                if is_jwt || self.is_one_at(at, PREFIXES) && self.is_random(at + 4, end) {
                    self.replace(at, end, TOKEN);
                }
            }
            while self.byte(at).is_ascii_alphanumeric() {
                at += 1;
            }
            while at < end && !self.byte(at).is_ascii_alphanumeric() {
                at += 1;
            }
        }
    }

    /// Whether a part has digits, or capital letters more than one or two: it is no word then.
    fn is_random(&self, start: usize, end: usize) -> bool {
        let mut noise = 0;
        for at in start..end.min(start + 40) {
            let byte = self.byte(at);
            noise += if is(byte, DIGIT) { 3 } else { u32::from(byte.is_ascii_uppercase()) };
        }
        noise >= 3
    }
}

const TOKEN: &str = "[token]";

/// No number of a card is shorter.
const CARD_BYTES: usize = 13;

/// Nor any key of a service.
const TOKEN_BYTES: usize = 19;

/// Nor the path of a webhook; a route with a UUID in it is.
const HOOK_BYTES: usize = 50;

/// What stands before the path of a webhook of Slack, Discord or Teams.
const HOOKS: &str = "hooks.slack|webhook";

const SLASHES: &str = r"/|\/|%2F";

/// How the keys of well-known services begin.
const PREFIXES: &str = "sk_|sk-|rk_|AKIA|ASIA|AIza|ya29.|GOCSPX-|ghp_|gho_|ghu_|ghs_|ghr_|github_pat_|glpat-|xox|xapp-|npm_|SG.|whsec_|shpat_|shpss_|shpca_|hf_|glsa_|hvs.|dop_v1_|figd_";
