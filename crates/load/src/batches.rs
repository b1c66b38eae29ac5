//! The bodies of one sender: page after page, each a stream of its own, each record at its place.

use std::sync::Arc;

use beaconry_protocol::hex;

use crate::samples::{Samples, scope};

/// Writes bodies, as many as are asked for.
#[derive(Debug)]
pub(crate) struct Batches {
    samples: Arc<Samples>,
    /// What makes the streams of this sender its own.
    sender: u64,
    streams: u64,
    seq: u64,
    head: Vec<u8>,
}

impl Batches {
    /// The bodies of one of many senders. What `run` is has to differ from run to run, or the records
    /// are duplicates.
    pub(crate) fn new(samples: Arc<Samples>, run: u64, sender: u64) -> Self {
        let mut batches =
            Self { samples, sender: run.wrapping_shl(16) | sender, streams: 0, seq: 0, head: Vec::new() };
        batches.begin_stream();
        batches
    }

    /// Puts a body of so many records behind what `out` has.
    pub(crate) fn write(&mut self, records: u64, out: &mut Vec<u8>) {
        if self.seq >= RECORDS_PER_STREAM {
            self.begin_stream();
        }
        out.extend_from_slice(&self.head);
        for place in 0..records {
            self.seq += 1;
            out.extend_from_slice(if place == 0 { b"{\"seq\":" } else { b",{\"seq\":" });
            push_number(self.seq, out);
            out.push(b',');
            out.extend_from_slice(self.samples.at(self.sender + self.seq).as_bytes());
        }
        out.extend_from_slice(b"]}");
    }

    fn begin_stream(&mut self) {
        self.streams += 1;
        self.seq = 0;
        let stream = hex(&(u128::from(self.sender) << 64 | u128::from(self.streams)).to_be_bytes());
        // A visit has a few pages.
        let scope = scope((self.sender << 24) | (self.streams / STREAMS_PER_SESSION));
        self.head.clear();
        self.head.extend_from_slice(
            format!(
                r#"{{"v":1,"app":"quiz","stream":"{stream}","sentAt":{SENT_AT},"scope":{scope},"events":["#
            )
            .as_bytes(),
        );
    }
}

/// Decimal digits, without a string for them.
pub(crate) fn push_number(mut number: u64, out: &mut Vec<u8>) {
    let start = out.len();
    loop {
        out.push(b'0' + (number % 10) as u8);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out[start..].reverse();
}

const RECORDS_PER_STREAM: u64 = 100;
const STREAMS_PER_SESSION: u64 = 4;
const SENT_AT: u64 = 1_795_000_000_000;
