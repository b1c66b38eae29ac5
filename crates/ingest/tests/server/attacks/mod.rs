//! Attacks. Whatever is sent, the server goes on, and the journal has a line for each record that was
//! taken and for nothing else: both are asserted after each attack. Those that take long are ignored in
//! an ordinary run; `cargo xtask attack` runs them.

mod bombs;
mod floods;
mod framing;
mod names;
mod slow;
mod texts;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::support::{Batch, Folder, KEY, Request, Server};

/// A server that is attacked.
struct Target {
    folder: Folder,
    server: Server,
}

impl Target {
    fn new(test: &str) -> Self {
        Self::with(test, &["--token", KEY])
    }

    fn with(test: &str, options: &[&str]) -> Self {
        let folder = Folder::new(test);
        let server = Server::start_with(&folder, options);
        Self { folder, server }
    }

    /// The server still takes records, and has stored so many in the attack: a line for each.
    fn assert_unharmed(&self, stored: usize) {
        self.assert_unharmed_within(stored..=stored);
    }

    /// The same, where some were stored whose senders did not get to read it.
    fn assert_unharmed_within(&self, stored: RangeInclusive<usize>) {
        let after = Batch::of("000000000000000000000000000af7e5").logs([1]);
        assert_eq!(self.server.store(&after)["recorded"], 1);
        let lines = self.folder.journal();
        assert!(stored.contains(&(lines.len() - 1)), "{} lines, {stored:?} and one", lines.len());
        let numbers: Vec<_> = lines.iter().map(|line| line["n"].as_u64().unwrap()).collect();
        assert_eq!(numbers, (1..=lines.len() as u64).collect::<Vec<_>>());
        assert_eq!(self.server.indexed(), lines.len() as u64);
        assert_eq!(self.server.get("/api/health")["damagedLines"], 0);
    }

    /// Sends bytes as they are and reads what comes back until the connection is closed.
    fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // Who is refused early may not get to send all.
        let _ = stream.write_all(bytes);
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply);
        String::from_utf8_lossy(&reply).into_owned()
    }
}

/// A batch of one log in a stream of its own.
fn one_log(n: usize) -> String {
    Batch::of(&format!("{n:032x}")).logs([1]).to_json()
}

fn post(n: usize) -> Request {
    Request::batch(one_log(n))
}
