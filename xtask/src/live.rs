//! Follows the server's live feed and prints each record that arrives as one line.
//!
//! What a record says was written by a page, so by anyone: nothing of it reaches the terminal as a command.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use anyhow::Result;
use serde_json::Value;

/// Prints records until the server ends the feed.
pub(crate) fn print_records(server_port: u16) -> Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", server_port))?;
    // HTTP/1.0: the answer then comes as it is, without chunks to take apart.
    write!(
        stream,
        "GET /api/live HTTP/1.0\r\nHost: 127.0.0.1:{server_port}\r\nAccept: text/event-stream\r\n\r\n"
    )?;
    let mut event = String::new();
    for line in BufReader::new(stream).lines() {
        let line = line?;
        if let Some(name) = line.strip_prefix("event:") {
            event = name.trim().to_owned();
        } else if let Some(data) = line.strip_prefix("data:").filter(|_| event == "record") {
            println!("  {}", sentence(data.trim()));
        }
    }
    Ok(())
}

/// One record as one line: when, what, and its name or message.
fn sentence(data: &str) -> String {
    let Ok(record) = serde_json::from_str::<Value>(data) else { return harmless(data) };
    let text = |field: &str| record[field].as_str().unwrap_or_default();
    let says = ["name", "message"].into_iter().map(text).find(|said| !said.is_empty()).unwrap_or_default();
    harmless(&format!("{:<24} {:<12} {says}", text("timestamp"), text("type")))
}

/// The text as it may be printed: what a terminal would obey, or show in another order, is written out.
fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_direction(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Marks that turn the direction of the text around them.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_one_line_with_its_name_or_else_its_message() {
        let line = sentence(r#"{"type":"event","name":"quiz started","timestamp":"2026-01-02T03:04:05Z"}"#);
        assert_eq!(line, "2026-01-02T03:04:05Z     event        quiz started");
        let line =
            sentence(r#"{"type":"error","message":"it broke","timestamp":"2026-01-02T03:04:05.006Z"}"#);
        assert_eq!(line, "2026-01-02T03:04:05.006Z error        it broke");
    }

    #[test]
    fn nothing_that_a_page_says_is_a_command_to_the_terminal() {
        let nasty = r"\u001b]0;owned\u0007\n\r\u009b2J\u007f\u202e";
        let shown = r"\u{1b}]0;owned\u{7}\n\r\u{9b}2J\u{7f}\u{202e}";
        for field in ["name", "message"] {
            let line = sentence(&format!(r#"{{"type":"log","{field}":"{nasty}","timestamp":"now"}}"#));
            assert_eq!(line, format!("now                      log          {shown}"));
        }
        assert!(
            !sentence(&format!(r#"{{"type":"{nasty}","timestamp":"{nasty}"}}"#)).contains(char::is_control)
        );
        assert_eq!(sentence("no\u{1b}JSON"), r"no\u{1b}JSON");
        assert_eq!(harmless("Größe: \"5\" 🗼"), "Größe: \"5\" 🗼");
    }

    #[test]
    fn what_is_not_json_is_shown_as_it_is() {
        assert_eq!(sentence("hello"), "hello");
    }
}
