//! Follows the server's live feed and prints each record that arrives as one line.

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
    let Ok(record) = serde_json::from_str::<Value>(data) else { return data.to_owned() };
    let text = |field: &str| record[field].as_str().unwrap_or_default();
    let says =
        ["name", "message", "url"].into_iter().map(text).find(|said| !said.is_empty()).unwrap_or_default();
    format!("{:<24} {:<12} {says}", time(&record["timestamp"]), text("type"))
}

/// The time as it was sent: text, or a number of milliseconds.
fn time(timestamp: &Value) -> String {
    timestamp.as_str().map_or_else(|| timestamp.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_one_line_with_its_name_or_else_its_message() {
        let line = sentence(r#"{"type":"event","name":"quiz started","timestamp":"2026-01-02T03:04:05Z"}"#);
        assert_eq!(line, "2026-01-02T03:04:05Z     event        quiz started");
        let line = sentence(r#"{"type":"error","message":"it broke","timestamp":1700}"#);
        assert_eq!(line, "1700                     error        it broke");
    }

    #[test]
    fn what_is_not_json_is_shown_as_it_is() {
        assert_eq!(sentence("hello"), "hello");
    }
}
