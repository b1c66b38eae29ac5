//! What it costs to know every stream: many streams of one record each, then second copies of old ones.
//! Started by `cargo xtask bench duplicates`.

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use beaconry_ingest::duplicates::{Admission, Days, DiskTable, Duplicates, Limits, StreamTable};
use beaconry_protocol::{RecordId, StreamId};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let streams: u64 = arguments.next().ok_or("takes a number of streams")?.parse()?;
    let folder = PathBuf::from(arguments.next().ok_or("takes a folder")?);
    let _ = fs::remove_dir_all(&folder);
    let ends = Run::new(folder.clone())?.measure(streams);
    let _ = fs::remove_dir_all(&folder);
    ends
}

struct Run {
    folder: PathBuf,
    table: Arc<DiskTable>,
    duplicates: Duplicates,
    random: u64,
}

impl Run {
    fn new(folder: PathBuf) -> Result<Self, Box<dyn Error>> {
        let (table, duplicates) = open(&folder)?;
        Ok(Self { folder, table, duplicates, random: 1 })
    }

    fn measure(mut self, streams: u64) -> Result<(), Box<dyn Error>> {
        let mut out = io::stdout();
        writeln!(
            out,
            "| streams | RSS MB | disk MB | CPU µs a new stream | µs a new stream | longest group ms | µs a cold hit | seconds |"
        )?;
        writeln!(out, "|---:|---:|---:|---:|---:|---:|---:|---:|")?;
        let begun = Instant::now();
        let mut known = 0;
        for step in 1..=STEPS {
            let until = streams * step / STEPS;
            let (mut spent, mut longest) = (Duration::ZERO, Duration::ZERO);
            let (from, cpu) = (known, cpu_time()?);
            while known < until {
                let group = self.store(known, (known + GROUP).min(until))?;
                spent += group;
                longest = longest.max(group);
                known = (known + GROUP).min(until);
            }
            let cpu = cpu_time()? - cpu;
            let hit = self.hit(known)?;
            writeln!(
                out,
                "| {known} | {:.0} | {:.0} | {:.2} | {:.2} | {:.1} | {:.1} | {:.0} |",
                memory_kib()? / 1024.0,
                self.table.disk_bytes() as f64 / 1e6,
                micros(cpu, known - from),
                micros(spent, known - from),
                longest.as_secs_f64() * 1e3,
                micros(hit, HITS),
                begun.elapsed().as_secs_f64(),
            )?;
            out.flush()?;
        }
        self.restart(&mut out)
    }

    /// One record of each stream, as the committer stores a group.
    fn store(&mut self, from: u64, until: u64) -> Result<Duration, Box<dyn Error>> {
        let begun = Instant::now();
        self.duplicates.make_room()?;
        for number in from..until {
            if self.duplicates.admit(id(number), 0)? != Admission::New {
                return Err("a new record was called a duplicate".into());
            }
        }
        self.duplicates.keep(until, (until - from) * RECORD_BYTES);
        Ok(begun.elapsed())
    }

    /// Second copies of records of any age.
    fn hit(&mut self, known: u64) -> Result<Duration, Box<dyn Error>> {
        let begun = Instant::now();
        for _ in 0..HITS {
            self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            if self.duplicates.admit(id((self.random >> 20) % known), 0)? != Admission::Duplicate {
                return Err("a second copy was called new".into());
            }
        }
        Ok(begun.elapsed())
    }

    fn restart(self, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
        let Self { folder, table, mut duplicates, .. } = self;
        duplicates.finish();
        let before = duplicates.checkpoint();
        drop((duplicates, table));
        let begun = Instant::now();
        let (_, duplicates) = open(&folder)?;
        writeln!(out, "opened again in {:.1} ms", begun.elapsed().as_secs_f64() * 1e3)?;
        if duplicates.checkpoint() != before {
            return Err("it was not as it had been".into());
        }
        Ok(())
    }
}

fn open(folder: &std::path::Path) -> Result<(Arc<DiskTable>, Duplicates), Box<dyn Error>> {
    let table = Arc::new(DiskTable::open(folder, Days { today: || 0, kept: 28 })?);
    let duplicates = Duplicates::open(Arc::clone(&table) as Arc<dyn StreamTable>, Limits::default())?;
    Ok((table, duplicates.with_thread()?))
}

/// Ids as random as those of clients.
fn id(number: u64) -> RecordId {
    let mut bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    let stream = u128::from(bits ^ bits >> 31) << 64 | u128::from(number);
    RecordId { stream: StreamId::from_random(stream), seq: 1 }
}

fn micros(time: Duration, count: u64) -> f64 {
    time.as_secs_f64() * 1e6 / count.max(1) as f64
}

/// Of all threads, in the hundredths of a second that the system counts in.
fn cpu_time() -> Result<Duration, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit_once(')').ok_or("no stat")?.1.split_whitespace().skip(11).take(2);
    let ticks = fields.map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 10))
}

fn memory_kib() -> Result<f64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

const STEPS: u64 = 10;
const GROUP: u64 = 100;
const HITS: u64 = 20_000;
const RECORD_BYTES: u64 = 600;
