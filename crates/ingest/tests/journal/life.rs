//! One life of a journal, drawn from a seed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::Arc;

use beaconry_ingest::journal::{
    Archive, Files, Journal, Line, LineReader, Position, Room, Sealing, Segment, StorageError, Stored, Tail,
    read_after,
};

use crate::disk::Disk;
use crate::model::{Model, Read, Serial};
use crate::random::Random;

/// Steps of a life.
const STEPS: u64 = 60;

pub(crate) struct Life {
    disk: Disk,
    random: Random,
    model: Model,
    next_serial: Serial,
    running: Option<Running>,
    seen: Seen,
    is_traced: bool,
}

/// The journal while its process lives.
struct Running {
    journal: Journal,
    tail: Arc<Tail>,
    archive: Archive,
}

/// What the lives met.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    commits: u64,
    refusals: u64,
    seals: u64,
    erased: u64,
    removed: u64,
    kills: u64,
    power_cuts: u64,
    /// Lines of refused groups that counted after a restart.
    adopted: u64,
    full: u64,
}

impl Seen {
    pub(crate) fn add(&mut self, other: Self) {
        self.commits += other.commits;
        self.refusals += other.refusals;
        self.seals += other.seals;
        self.erased += other.erased;
        self.removed += other.removed;
        self.kills += other.kills;
        self.power_cuts += other.power_cuts;
        self.adopted += other.adopted;
        self.full += other.full;
    }

    pub(crate) fn has_seen_everything(&self) -> bool {
        let Self { commits, refusals, seals, erased, removed, kills, power_cuts, adopted, full } = self;
        [commits, refusals, seals, erased, removed, kills, power_cuts, adopted, full]
            .iter()
            .all(|count| **count > 0)
    }
}

impl Life {
    /// One that is traced prints what happens in it.
    pub(crate) fn of(seed: u64, is_traced: bool) -> Self {
        Self {
            disk: Disk::new(seed.wrapping_mul(31), is_traced),
            is_traced,
            random: Random::new(seed),
            model: Model::default(),
            next_serial: 1,
            running: None,
            seen: Seen::default(),
        }
    }

    pub(crate) fn live(mut self) -> Seen {
        self.start();
        for _ in 0..STEPS {
            self.step();
            if self.disk.is_dead() {
                self.end_badly();
            }
        }
        self.disk.fail(0);
        self.end_badly();
        self.seen
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..45 => self.commit(),
            45..52 => self.roll(),
            52..64 => self.seal(),
            64..69 => self.remove_oldest(),
            69..77 => self.erase(),
            77..81 => self.end_badly(),
            81..87 => self.disk.die_in(1 + self.random.below(12)),
            87..91 => self.disk.fail([0, 0, 100, 400][self.random.index(4)]),
            91..95 => self.commit_without_room(),
            _ => self.read_everything(),
        }
    }

    fn note(&self, what: impl Display) {
        if self.is_traced {
            println!("{what}");
        }
    }

    /// Power or process goes, and the next start finds what it finds.
    fn end_badly(&mut self) {
        self.running = None;
        if self.random.chance(600) {
            self.note("the power is cut");
            self.seen.power_cuts += 1;
            self.disk.cut_power();
        } else {
            self.note("the process ends");
            self.seen.kills += 1;
            self.disk.restart();
        }
        self.disk.fail(0);
        self.start();
    }

    /// Opens the journal, reads it whole, and holds it against the model.
    fn start(&mut self) {
        let before = self.model.last_n();
        let mut read = Vec::new();
        let files: Arc<dyn Files> = Arc::new(self.disk.clone());
        let opened = Journal::open(files.clone(), Position::default(), |line| read.push(read_line(line)));
        let (journal, recovery) = opened.unwrap();
        self.note(format_args!("read {:?}", read.iter().map(|line| line.n).collect::<Vec<_>>()));
        self.model.restart(&read);
        assert_eq!(recovery.damaged_lines > 0, self.model.has_holes(), "nobody damaged a line");
        self.model.check(&read, 0);
        self.seen.adopted += self.model.last_n() - before;
        assert!(journal.last_n() >= self.model.last_n());

        let tail = Arc::new(Tail::default());
        let archive = Archive::new(files, Arc::clone(&tail));
        let segment_bytes = 200 + self.random.below(3_000);
        let journal = journal.with_segment_bytes(segment_bytes);
        tail.publish(&journal);
        self.running = Some(Running { journal, tail, archive });
        self.open_from_the_middle(&read);
        self.read_everything();
        self.check_that_nothing_erased_is_left();
    }

    /// A start that knows the beginning reads only the rest, and finds the same.
    fn open_from_the_middle(&mut self, read: &[Read]) {
        if read.is_empty() {
            return;
        }
        let from = read[self.random.index(read.len())];
        let position = self.positions()[&from.n];
        let mut rest = Vec::new();
        let files = Arc::new(self.disk.clone());
        let (journal, recovery) = Journal::open(files, position, |line| rest.push(read_line(line))).unwrap();
        assert_eq!(rest, read[read.iter().position(|line| line.n == from.n).unwrap() + 1..]);
        assert_eq!(journal.last_n(), self.running().journal.last_n());
        assert_eq!(recovery.damaged_lines > 0, self.model.has_holes());
    }

    fn commit(&mut self) {
        let serials = self.stage();
        let running = self.running.as_mut().unwrap();
        let after = running.journal.last_n();
        match running.journal.commit() {
            Ok(()) => {
                self.seen.commits += 1;
                self.model.take(after, &serials);
            }
            Err(_) => {
                self.seen.refusals += 1;
                self.model.refuse(after, serials);
            }
        }
        running.tail.publish(&running.journal);
        self.note(format_args!("committed up to {}", self.model.last_n()));
    }

    /// A full or read-only disk refuses before a byte is written.
    fn commit_without_room(&mut self) {
        let is_read_only = self.random.chance(500);
        self.disk.set_room(Room { free_bytes: 100, is_read_only });
        let before = self.disk.files();
        self.stage();
        let running = self.running.as_mut().unwrap();
        let refused = running.journal.commit();
        match is_read_only {
            true => assert!(matches!(refused, Err(StorageError::ReadOnly(_)))),
            false => assert!(matches!(refused, Err(StorageError::Full(_)))),
        }
        assert!(self.disk.files() == before, "something was written");
        // Nor is anything sealed; what is gathered for that takes room first.
        assert!(!matches!(running.archive.seal_next(), Ok(Some(Sealing::Sealed(_)))));
        self.disk.set_room(Room::ENDLESS);
        self.seen.full += 1;
    }

    fn stage(&mut self) -> Vec<Serial> {
        let count = 1 + self.random.below(5);
        let serials: Vec<_> = (self.next_serial..self.next_serial + count).collect();
        self.next_serial += count;
        for serial in &serials {
            let filler = "x".repeat(self.random.index(200));
            let fields = format!(r#""id":"{:032x}-{serial}","message":"<{serial}> {filler}""#, 0xbeac);
            self.running.as_mut().unwrap().journal.stage(&fields);
        }
        serials
    }

    fn roll(&mut self) {
        let running = self.running.as_mut().unwrap();
        let _ = running.journal.roll();
        running.tail.publish(&running.journal);
    }

    fn seal(&mut self) {
        let sealed = self.running().archive.seal_next();
        self.note(format_args!("sealed: {sealed:?}"));
        match sealed {
            Ok(Some(Sealing::Damaged(name))) => assert!(self.model.has_holes(), "nobody damaged {name:?}"),
            Ok(Some(Sealing::Sealed(_))) => self.seen.seals += 1,
            _ => {}
        }
    }

    fn remove_oldest(&mut self) {
        let Ok(segments) = self.running().archive.segments() else { return };
        let Some(oldest) = segments.first().filter(|_| segments.len() > 2) else { return };
        let removed = self.running().archive.remove(oldest.name);
        self.note(format_args!("removed {oldest:?}: {removed:?}"));
        self.seen.removed += u64::from(removed.is_ok());
        self.model.remove(oldest.name.first..oldest.next_first, removed.is_ok());
    }

    fn erase(&mut self) {
        let Ok(segments) = self.running().archive.segments() else { return };
        if segments.is_empty() {
            return;
        }
        let info = segments[self.random.index(segments.len())];
        let numbers = info.name.first..info.next_first;
        let chosen: BTreeSet<_> = numbers.filter(|_| self.random.chance(300)).collect();
        let mut met = BTreeSet::new();
        let has_holes = self.model.has_holes();
        let rewritten = self.running().archive.rewrite(info.name, |stored| match stored {
            Stored::Line(line) => chosen.contains(&line.n) && met.insert(line.n),
            Stored::Damage(_) => {
                assert!(has_holes, "nobody damaged a line");
                false
            }
        });
        self.seen.erased += rewritten.as_ref().copied().unwrap_or(0);
        self.note(format_args!("erased {met:?}: {rewritten:?}"));
        let is_done = rewritten.is_ok();
        self.model.erase(met, is_done);
        if is_done {
            self.check_that_nothing_erased_is_left();
        }
    }

    /// As the index does, and as queries do.
    fn read_everything(&mut self) {
        let positions = self.positions();
        let from = match self.model.numbers().len() {
            0 => 0,
            _ if self.random.chance(300) => 0,
            length => self.model.numbers()[self.random.index(length)],
        };
        let position = positions.get(&from).copied().unwrap_or_default();
        let mut read = Vec::new();
        self.read_after(position, |line| read.push(read_line(line)));
        if self.disk.is_dead() {
            return;
        }
        self.model.check(&read, position.n);

        let disk = self.disk.clone();
        let mut reader = LineReader::new(&disk, self.running.as_ref().unwrap().journal.segments());
        for line in &read {
            let found = reader.read(positions[&line.n]).unwrap().map(|found| read_line(&found));
            assert_eq!(found, line.serial.map(|_| *line));
        }
    }

    fn positions(&self) -> BTreeMap<u64, Position> {
        let mut positions = BTreeMap::new();
        self.read_after(Position::default(), |line| {
            positions.insert(line.n, Position { n: line.n, offset: line.offset, length: line.length() });
        });
        positions
    }

    fn read_after(&self, position: Position, mut visit: impl FnMut(&Line<'_>)) {
        let segments: Vec<Segment> = self.running().journal.segments().to_vec();
        let read = read_after(&self.disk, &segments, position, |line| {
            visit(line);
            true
        });
        assert!(read.is_ok() || self.disk.is_dead(), "{read:?}");
    }

    /// In no file, under no name.
    fn check_that_nothing_erased_is_left(&self) {
        let erased = self.model.erased();
        for (name, bytes) in self.disk.files() {
            let bytes =
                if name.contains(".zst") { zstd::stream::decode_all(&*bytes).unwrap() } else { bytes };
            let text = String::from_utf8_lossy(&bytes);
            for serial in text.split('<').skip(1).filter_map(|rest| rest.split_once('>')?.0.parse().ok()) {
                assert!(!erased.contains(&serial), "{serial} is erased and in {name}");
            }
        }
    }

    fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }
}

fn read_line(line: &Line<'_>) -> Read {
    let serial = || line.json.split('<').nth(1)?.split('>').next()?.parse().ok();
    let serial = if line.is_erased() { None } else { Some(serial().unwrap()) };
    if let Some(serial) = serial {
        assert_eq!(line.id().unwrap().seq, serial);
    }
    Read { n: line.n, serial, offset: line.offset }
}
