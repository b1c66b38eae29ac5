//! What the system says of this process.

use std::fs;
use std::sync::LazyLock;
use std::sync::atomic::Ordering;

use super::gauges::{GaugeCells, set};
use crate::clock::now_millis;

/// When the first number was asked for or counted, which is at the start, in epoch milliseconds.
pub(crate) fn started_at() -> u64 {
    static STARTED: LazyLock<u64> = LazyLock::new(now_millis);
    *STARTED
}

/// Memory that the process takes; 0 where the system does not say it in `/proc`.
pub(crate) fn resident_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or_default() * 1024
}

pub(super) fn measure(cells: &GaugeCells) {
    set(&cells.started, started_at() / 1000);
    set(&cells.resident_bytes, resident_bytes());
    let open = fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
    set(&cells.open_files, open as u64);
    if let Some(seconds) = cpu_seconds() {
        cells.cpu_seconds.inner().store(seconds.to_bits(), Ordering::Relaxed);
    }
}

/// User and system time, which the system counts in hundredths of a second.
fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the process stands in brackets and may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (u32, u32) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(f64::from(user + system) / 100.0)
}
