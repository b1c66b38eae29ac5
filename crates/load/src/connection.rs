//! One connection that is kept: a request out, its answer in, and nothing that costs.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// A connection to a server.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    head: Vec<u8>,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub(crate) fn open(address: SocketAddr, token: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| format!("nobody answers at {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let head = format!(
            "POST /api/telemetry/batch HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             X-Telemetry-Token: {token}\r\nUser-Agent: load\r\nContent-Length: "
        );
        Ok(Self { stream, head: head.into_bytes(), request: Vec::new(), answer: vec![0; ANSWER_BYTES] })
    }

    /// Posts a body and waits for the answer, which has to be 200.
    pub(crate) fn post(&mut self, body: &[u8]) -> Result<()> {
        self.request.clear();
        self.request.extend_from_slice(&self.head);
        crate::batches::push_number(body.len() as u64, &mut self.request);
        self.request.extend_from_slice(b"\r\n\r\n");
        self.request.extend_from_slice(body);
        self.stream.write_all(&self.request)?;
        self.read_answer()
    }

    /// Asks for a page of the server's own and gives its JSON.
    pub(crate) fn get(address: SocketAddr, path: &str) -> Result<serde_json::Value> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        let (_, body) = text.split_once("\r\n\r\n").context("an answer without an end of its head")?;
        serde_json::from_str(body).with_context(|| format!("{path} gave no JSON: {text}"))
    }

    fn read_answer(&mut self) -> Result<()> {
        let mut read = 0;
        loop {
            let more = self.stream.read(&mut self.answer[read..])?;
            if more == 0 {
                bail!("the server closed a connection, or its answer is longer than any should be");
            }
            read += more;
            if is_whole(&self.answer[..read]) {
                break;
            }
        }
        let answer = &self.answer[..read];
        if !answer.starts_with(b"HTTP/1.1 200") || !has(answer, b"\"failed\":0") {
            bail!("not everything was taken: {}", String::from_utf8_lossy(answer));
        }
        Ok(())
    }
}

/// Whether head and body are there.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = find(answer, b"\r\n\r\n") else { return false };
    let Some(at) = find(&answer[..end], b"content-length: ") else { return false };
    let digits = answer[at + 16..end].iter().take_while(|byte| byte.is_ascii_digit());
    let length = digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
    answer.len() >= end + 4 + length
}

fn has(text: &[u8], what: &[u8]) -> bool {
    find(text, what).is_some()
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

const ANSWER_BYTES: usize = 16 * 1024;
const PATIENCE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_with_the_last_byte_of_its_body() {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 12\r\ndate: x\r\n\r\n{\"failed\":0}";
        assert!(is_whole(answer));
        for length in 0..answer.len() {
            assert!(!is_whole(&answer[..length]), "{length}");
        }
    }
}
