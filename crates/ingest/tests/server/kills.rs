//! SIGKILL at any moment: under load, while segments are sealed, while a start recovers, while the index
//! is made anew. What was acknowledged is there, once.
//!
//! `cargo xtask kills --count 100` does it more often and prints the table.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::random::Random;
use crate::support::{Batch, Folder, KEY, Request, Server, copies, eventually, run_to_end};

const CLIENTS: usize = 4;
const RECORDS: u64 = 40;
const KILLS: u64 = 10;
/// Small, so that something is sealed all the time.
const OPTIONS: [&str; 4] = ["--token", KEY, "--segment-bytes", "100000"];

/// Clients that send one batch after the other, each until it is acknowledged.
struct Load {
    address: Mutex<SocketAddr>,
    acknowledged: [AtomicU64; CLIENTS],
    is_over: AtomicBool,
}

impl Load {
    fn insist(&self, client: usize) {
        let acknowledged = &self.acknowledged[client];
        while !self.is_over.load(Ordering::Relaxed) {
            let first = acknowledged.load(Ordering::Relaxed) + 1;
            let batch = Batch::of(&stream(client)).logs(first..first + RECORDS);
            let request = Request::batch(batch.to_json());
            let answer = eventually("a batch is acknowledged", || {
                let address = *self.address.lock().unwrap();
                let reply = request.send(address).ok()?;
                (reply.status == 200).then(|| reply.json())
            });
            assert_eq!(answer["acknowledged"], json!([[first, first + RECORDS - 1]]));
            acknowledged.fetch_add(RECORDS, Ordering::Relaxed);
        }
    }

    fn acknowledged(&self) -> u64 {
        self.acknowledged.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }
}

fn stream(client: usize) -> String {
    format!("{:032x}", client + 1)
}

/// How often something was killed, by what it was doing.
#[derive(Default)]
struct Kills {
    load: u64,
    sealing: u64,
    start: u64,
    reindex: u64,
}

impl Kills {
    fn count(&self) -> u64 {
        self.load + self.start + self.reindex
    }

    /// Lets the load go on for a moment, and kills.
    fn kill(&mut self, server: Server, folder: &Folder, random: &mut Random) {
        pause(random, 300_000);
        server.kill();
        self.load += 1;
        self.sealing += u64::from(is_in_sealing(folder));
    }

    /// Kills a start, and `beaconry reindex`, wherever they are.
    fn kill_beginnings(&mut self, folder: &Folder, random: &mut Random) {
        let path = folder.path().to_str().unwrap();
        let listen = ["--listen", "127.0.0.1:0"];
        if random.chance(500) {
            return;
        }
        if random.index(2) == 0 {
            kill_within(&[&["serve", "--data", path], &listen[..], &OPTIONS[..]].concat(), random);
            self.start += 1;
        } else {
            kill_within(&["reindex", "--data", path], random);
            self.reindex += 1;
        }
    }
}

fn kill_within(arguments: &[&str], random: &mut Random) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_beaconry"));
    let mut child = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    pause(random, 60_000);
    // It may have ended, which is as good a moment.
    let _ = child.kill();
    child.wait().unwrap();
}

fn pause(random: &mut Random, most_micros: u64) {
    thread::sleep(Duration::from_micros(random.below(most_micros)));
}

/// Whether a segment has a draft, or both forms.
fn is_in_sealing(folder: &Folder) -> bool {
    let is_half_sealed = |path: &PathBuf| match path.extension().and_then(OsStr::to_str) {
        Some("new") => true,
        Some("zst") => path.with_extension("").exists(),
        _ => false,
    };
    folder.segments().iter().any(is_half_sealed)
}

#[test]
fn kills_at_any_moment_lose_nothing_and_repeat_nothing() {
    let wanted = std::env::var("BEACONRY_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let folder = Folder::new("kills");
    let mut random = Random::new(u64::from(std::process::id()));
    let mut kills = Kills::default();
    let server = Server::start_with(&folder, &OPTIONS);
    let load = Load {
        address: Mutex::new(server.address),
        acknowledged: [const { AtomicU64::new(0) }; CLIENTS],
        is_over: AtomicBool::new(false),
    };
    let server = thread::scope(|scope| {
        for client in 0..CLIENTS {
            let load = &load;
            scope.spawn(move || load.insist(client));
        }
        let mut server = server;
        while kills.count() < wanted {
            kills.kill(server, &folder, &mut random);
            kills.kill_beginnings(&folder, &mut random);
            server = Server::start_with(&folder, &OPTIONS);
            *load.address.lock().unwrap() = server.address;
        }
        load.is_over.store(true, Ordering::Relaxed);
        server
    });

    let found = server.all_events();
    assert_eq!(server.get("/api/health")["damagedLines"], 0);
    assert!(server.stop().success());
    let stored = [(found, "found"), (folder.journal(), "in the journal")];
    let counts = stored.map(|(records, place)| {
        let copies = copies(&records);
        let ids = (0..CLIENTS).zip(&load.acknowledged).flat_map(|(client, count)| {
            (1..=count.load(Ordering::Relaxed)).map(move |seq| format!("{}-{seq}", stream(client)))
        });
        let missing = ids.filter(|id| !copies.contains_key(id)).count();
        let twice = copies.values().filter(|count| **count > 1).count();
        (place, records.len() as u64, missing, twice)
    });
    print(&kills, &load, &counts);
    for (place, records, missing, twice) in counts {
        assert_eq!((missing, twice, records), (0, 0, load.acknowledged()), "{place}");
    }
    let verified = run_to_end(&["verify", "--data", folder.path().to_str().unwrap()], &[]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[expect(clippy::print_stdout, reason = "the table of `cargo xtask kills`")]
fn print(kills: &Kills, load: &Load, counts: &[(&str, u64, usize, usize)]) {
    let Kills { load: under_load, sealing, start, reindex } = kills;
    println!("{:<32}{:>10}", "killed", kills.count());
    println!("{:<32}{under_load:>10}", "  under load");
    println!("{:<32}{sealing:>10}", "    with a segment half sealed");
    println!("{:<32}{start:>10}", "  while it started");
    println!("{:<32}{reindex:>10}", "  while the index was made anew");
    println!("{:<32}{:>10}", "records acknowledged", load.acknowledged());
    for (place, records, missing, twice) in counts {
        println!(
            "{:<32}{records:>10}   acknowledged and missing {missing}, stored twice {twice}",
            format!("records {place}")
        );
    }
}
