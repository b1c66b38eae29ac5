//! Many connections at once, each on a thread that waits for its answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use clap::Args;

use crate::batches::Batches;
use crate::connection::Connection;
use crate::samples::Samples;

/// What is sent, and how.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// Where the server listens
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) to: SocketAddr,
    /// Its ingest key
    #[arg(long)]
    pub(crate) token: String,
    /// How many connections at once
    #[arg(long, default_value_t = 16)]
    pub(crate) connections: u64,
    /// How many records in a body
    #[arg(long, default_value_t = 10)]
    pub(crate) batch: u64,
    /// How long
    #[arg(long, default_value_t = 10.0)]
    pub(crate) seconds: f64,
    /// How many records in a second, of all connections together; as many as go when it is not given
    #[arg(long)]
    pub(crate) rate: Option<u64>,
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    /// Records that were acknowledged.
    pub(crate) records: u64,
    /// Bytes of the bodies that they came in.
    pub(crate) bytes: u64,
    /// How long that took.
    pub(crate) time: Duration,
    /// What half of the requests took at most.
    pub(crate) p50: Duration,
    /// What all but one in a hundred took at most.
    pub(crate) p99: Duration,
}

/// Sends, and prints what came of it.
pub(crate) fn run(options: &Options) -> Result<()> {
    let sent = send(options)?;
    println!(
        "{} records in {:.1} s: {:.0} a second, {} bytes each; p50 {:?}, p99 {:?}",
        sent.records,
        sent.time.as_secs_f64(),
        sent.records as f64 / sent.time.as_secs_f64(),
        sent.bytes / sent.records.max(1),
        sent.p50,
        sent.p99
    );
    Ok(())
}

/// Sends until the time is over.
pub(crate) fn send(options: &Options) -> Result<Sent> {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let samples = Arc::new(Samples::new(u64::try_from(since_epoch.as_millis())?));
    let run = u64::from(since_epoch.subsec_micros()) | since_epoch.as_secs() << 20;
    let bytes = AtomicU64::new(0);
    let began = Instant::now();
    let mut took = thread::scope(|scope| {
        let senders: Vec<_> = (0..options.connections)
            .map(|sender| {
                let batches = Batches::new(Arc::clone(&samples), run, sender);
                let sender = Sender { options, batches, place: sender, bytes: &bytes, began };
                scope.spawn(move || sender.send())
            })
            .collect();
        let ends = senders.into_iter().map(|sender| sender.join().ok().context("a sender broke")?);
        ends.collect::<Result<Vec<_>>>()
    })?
    .concat();
    let time = began.elapsed();
    took.sort_unstable();
    let at = |share: usize| {
        took.get((took.len() * share / 100).min(took.len().saturating_sub(1))).copied().unwrap_or_default()
    };
    Ok(Sent {
        records: took.len() as u64 * options.batch,
        bytes: bytes.into_inner(),
        time,
        p50: at(50),
        p99: at(99),
    })
}

/// One of them.
struct Sender<'o> {
    options: &'o Options,
    batches: Batches,
    place: u64,
    bytes: &'o AtomicU64,
    began: Instant,
}

impl Sender<'_> {
    /// How long each of its requests took.
    fn send(mut self) -> Result<Vec<Duration>> {
        let mut connection = Connection::open(self.options.to, &self.options.token)?;
        let mut took = Vec::new();
        let mut body = Vec::new();
        let limit = Duration::from_secs_f64(self.options.seconds);
        while self.began.elapsed() < limit {
            self.wait_for_turn(took.len() as u64);
            body.clear();
            self.batches.write(self.options.batch, &mut body);
            let asked = Instant::now();
            connection.post(&body)?;
            took.push(asked.elapsed());
            self.bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
        }
        Ok(took)
    }

    /// With a rate, the connections take turns. Who is late sends at once, and is not ahead later.
    fn wait_for_turn(&self, sent: u64) {
        let Some(rate) = self.options.rate else { return };
        let turn = sent * self.options.connections + self.place;
        let due = Duration::from_secs_f64((turn * self.options.batch) as f64 / rate as f64);
        thread::sleep(due.saturating_sub(self.began.elapsed()));
    }
}
