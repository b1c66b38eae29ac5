//! The rows of the tables.

use std::time::Duration;

use crate::senders::Sent;
use crate::server::Cpu;

/// One run, from its first request to the last record in the index.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) name: &'static str,
    pub(crate) connections: u64,
    pub(crate) batch: u64,
    pub(crate) sent: Sent,
    pub(crate) cpu: Cpu,
    /// From the first request until nothing was left to index.
    pub(crate) drained_in: Option<Duration>,
    pub(crate) peak_memory: f64,
}

/// What stands above the rows.
pub(crate) fn print_head() {
    println!(
        "{:<34} {:>3} {:>5} {:>10} {:>14} {:>9} {:>9} {:>9}",
        "", "C", "batch", "events/s", "per CPU second", "p50 ms", "p99 ms", "peak MiB"
    );
}

impl Run {
    /// One row; two for a server that has an index.
    pub(crate) fn print(&self) {
        let records = self.sent.records as f64;
        let per_second = |time: Duration| format!("{:.0}", records / time.as_secs_f64().max(0.01));
        let millis = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1e3);
        let row = |name: &str, time: Duration, cpu: Duration, rest: [String; 3]| {
            let (time, cpu) = (per_second(time), per_second(cpu));
            let [p50, p99, memory] = rest;
            let (connections, batch) = (self.connections, self.batch);
            println!(
                "{name:<34} {connections:>3} {batch:>5} {time:>10} {cpu:>14} {p50:>9} {p99:>9} {memory:>9}"
            );
        };
        let rest = [millis(self.sent.p50), millis(self.sent.p99), format!("{:.0}", self.peak_memory)];
        let Some(drained_in) = self.drained_in else {
            return row(self.name, self.sent.time, self.cpu.all, rest);
        };
        let acknowledged = self.cpu.all - self.cpu.behind;
        row(&format!("{}, to the acknowledgement", self.name), self.sent.time, acknowledged, rest);
        row(&format!("{}, drained", self.name), drained_in, self.cpu.all, Default::default());
    }
}
