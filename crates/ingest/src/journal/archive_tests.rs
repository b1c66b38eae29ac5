//! What is sealed, rewritten and removed is there for readers, or is not, as it should be.

use super::memory_files::MemoryFiles;
use super::*;

const FIRST: &str = "journal/00000000000000000001.jsonl";
const SEALED: &str = "journal/00000000000000000001.jsonl.zst";
const DRAFT: &str = "journal/00000000000000000001.jsonl.new";

struct World {
    files: Arc<MemoryFiles>,
    journal: Journal,
    tail: Arc<Tail>,
    archive: Archive,
}

impl World {
    /// A journal of some segments of `lines` lines each, and a last one that is empty.
    fn new(segments: u64, lines: u64) -> Self {
        let files = Arc::new(MemoryFiles::default());
        let journal = Journal::open(files.clone(), Position::default(), |_| {}).unwrap().0;
        let tail = Arc::new(Tail::default());
        let archive = Archive::new(files.clone(), Arc::clone(&tail));
        let mut world = Self { files, journal, tail, archive };
        for _ in 0..segments {
            world.store(lines);
            world.journal.roll().unwrap();
        }
        world.tail.publish(&world.journal);
        world
    }

    fn store(&mut self, lines: u64) {
        for n in self.journal.last_n() + 1..=self.journal.last_n() + lines {
            let time = beaconry_protocol::format_millis(n);
            self.journal.stage(&format!(
                r#""received_at":"{time}","id":"{:032x}-{n}","message":"secret {n} {}""#,
                7,
                "x".repeat(usize::try_from(n % 50).unwrap())
            ));
        }
        self.journal.commit().unwrap();
    }

    fn seal_all(&self) -> Vec<Sealing> {
        std::iter::from_fn(|| self.archive.seal_next().unwrap()).collect()
    }

    /// Every line, as a reader of the running server sees it: number, place, whether it is erased.
    fn lines(&self) -> Vec<(Position, bool)> {
        let mut lines = Vec::new();
        read_after(&*self.files, self.journal.segments(), Position::default(), |line| {
            lines.push((position(line), line.is_erased()));
            true
        })
        .unwrap();
        lines
    }

    /// The same for one that starts now, and what it found.
    fn reopened(&self) -> (Vec<(Position, bool)>, Recovery) {
        let mut lines = Vec::new();
        let visit = |line: &Line<'_>| lines.push((position(line), line.is_erased()));
        let (_, recovery) = Journal::open(self.files.clone(), Position::default(), visit).unwrap();
        (lines, recovery)
    }

    fn numbers(&self) -> Vec<u64> {
        self.lines().iter().map(|(position, _)| position.n).collect()
    }

    fn name(&self, index: usize) -> SegmentName {
        self.archive.segments().unwrap()[index].name
    }
}

fn position(line: &Line<'_>) -> Position {
    Position { n: line.n, offset: line.offset, length: line.length() }
}

fn sealed(sealing: &Sealing) -> SegmentInfo {
    match sealing {
        Sealing::Sealed(info) => *info,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sealed_segment_is_smaller_and_every_line_is_where_it_was() {
    let world = World::new(2, 5_000);
    let before = world.lines();
    let sealings = world.seal_all();
    let infos: Vec<_> = sealings.iter().map(sealed).collect();
    assert_eq!(infos, world.archive.segments().unwrap());
    assert!(infos.iter().all(|info| info.is_sealed && info.disk_bytes * 3 < info.bytes));
    assert_eq!(
        infos.iter().map(|info| (info.name.first, info.next_first)).collect::<Vec<_>>(),
        [(1, 5_001), (5_001, 10_001)]
    );
    assert!(!world.files.names().contains(&FIRST.to_owned()));
    assert_eq!(world.lines(), before);
    let (lines, recovery) = world.reopened();
    assert_eq!((lines, recovery.damaged_lines, recovery.cut_bytes), (before.clone(), 0, 0));
    assert_eq!(world.archive.received(infos[1].name).unwrap(), Some((5_001, 10_000)));

    let mut reader = LineReader::new(&*world.files, world.journal.segments());
    // Forwards, and from one end to the other.
    for (position, _) in before.iter().step_by(7).chain(before.iter().rev().step_by(997)) {
        assert_eq!(reader.read(*position).unwrap().unwrap().n, position.n);
        let wrong = Position { offset: position.offset + 1, ..*position };
        assert!(reader.read(wrong).unwrap().is_none());
    }
    for (position, _) in before.iter().step_by(611) {
        let mut next = None;
        read_after(&*world.files, world.journal.segments(), *position, |line| {
            next = Some(line.n);
            false
        })
        .unwrap();
        assert_eq!(next, Some(position.n + 1).filter(|n| *n <= 10_000));
        let opened = Journal::open(world.files.clone(), *position, |_| {}).unwrap();
        assert_eq!(opened.1.lines, 10_000 - position.n);
    }
}

#[test]
fn every_program_that_knows_zstd_reads_a_sealed_segment() {
    let world = World::new(1, 5_000);
    let plain = world.files.bytes(FIRST);
    world.seal_all();
    let sealed = world.files.bytes(SEALED);
    assert_eq!(zstd::stream::decode_all(&*sealed).unwrap(), plain);
}

#[test]
fn the_last_segment_is_left_alone() {
    let mut world = World::new(0, 0);
    world.store(10);
    world.tail.publish(&world.journal);
    assert!(world.seal_all().is_empty() && world.archive.segments().unwrap().is_empty());
    let name = SegmentName { first: 1, attempt: 0 };
    assert!(world.archive.remove(name).is_err() && world.archive.rewrite(name, |_| true).is_err());
    world.store(1);
    assert_eq!(world.numbers().len(), 11);
}

#[test]
fn a_crash_in_the_middle_of_sealing_leaves_one_copy() {
    let world = World::new(1, 1_000);
    let before = world.lines();
    // Cut off while it was written.
    world.files.put(DRAFT, b"half of it".to_vec());
    assert_eq!(world.reopened().0, before);
    assert!(!world.files.names().contains(&DRAFT.to_owned()));
    // Cut off before the plain one was removed.
    world.files.fail_removes(true);
    assert!(world.archive.seal_next().is_err());
    assert!(world.files.names().contains(&SEALED.to_owned()));
    assert_eq!(world.lines(), before);
    world.files.fail_removes(false);
    assert_eq!(world.reopened().0, before);
    assert!(!world.files.names().contains(&SEALED.to_owned()));
    assert_eq!((world.seal_all().len(), world.lines()), (1, before));
}

#[test]
fn a_full_disk_leaves_the_plain_segment_and_no_draft() {
    let world = World::new(1, 1_000);
    for room in
        [Room { free_bytes: 1_000, is_read_only: false }, Room { is_read_only: true, ..Room::ENDLESS }]
    {
        world.files.set_room(Some(room));
        assert!(world.archive.seal_next().is_err());
        assert!(!world.files.names().contains(&DRAFT.to_owned()));
    }
    world.files.set_room(None);
    assert_eq!(world.seal_all().len(), 1);
}

#[test]
fn a_damaged_segment_stays_as_it_is() {
    let world = World::new(2, 100);
    world.files.change(FIRST, |bytes| bytes[500] ^= 1);
    let damaged = world.files.bytes(FIRST);
    let sealings = world.seal_all();
    assert_eq!(sealings[0], Sealing::Damaged(SegmentName { first: 1, attempt: 0 }));
    assert_eq!(sealed(&sealings[1]).name.first, 101);
    assert_eq!((world.files.bytes(FIRST), sealings.len()), (damaged, 2));
}

#[test]
fn what_is_void_in_a_segment_is_not_sealed() {
    let mut world = World::new(0, 0);
    world.store(3);
    world.files.fail_truncates(true);
    world.files.fail_appends_after(Some(300));
    world.journal.stage(r#""message":"lost""#);
    assert!(world.journal.commit().is_err());
    world.files.fail_appends_after(None);
    world.store(2);
    world.files.fail_truncates(false);
    // As a start does that reads on from the end: it does not know what is void in segments before.
    let (position, _) = *world.lines().last().unwrap();
    world.journal = Journal::open(world.files.clone(), position, |_| {}).unwrap().0;
    world.tail.publish(&world.journal);
    assert_eq!(sealed(&world.seal_all()[0]).next_first, 4);
    let text = zstd::stream::decode_all(&*world.files.bytes(SEALED)).unwrap();
    assert_eq!(text.iter().filter(|byte| **byte == b'\n').count(), 3);
    assert_eq!(world.reopened().0.len(), 5);
}

#[test]
fn damage_of_a_sealed_segment_costs_one_block_and_is_counted_once() {
    let world = World::new(1, 20_000);
    let before = world.numbers();
    world.seal_all();
    world.files.change(SEALED, |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    });
    let left = world.numbers();
    assert!(left.len() < before.len() && left.len() > before.len() / 2);
    for _ in 0..2 {
        let (lines, recovery) = world.reopened();
        assert_eq!((lines.len(), recovery.damaged_lines), (left.len(), 1));
    }
}

#[test]
fn a_damaged_table_costs_nothing() {
    let world = World::new(1, 20_000);
    let before = world.lines();
    world.seal_all();
    let whole = world.files.bytes(SEALED);
    for back in [1, 6, 9, 12, 20, 30] {
        world.files.change(SEALED, |bytes| {
            bytes.clone_from(&whole);
            let at = bytes.len() - back;
            bytes[at] ^= 1;
        });
        assert!(world.lines() == before, "{back} bytes from the end");
    }
    world.files.change(SEALED, |bytes| bytes.truncate(whole.len() - 20));
    assert!(world.lines() == before);
}

#[test]
fn whatever_happens_to_a_sealed_file_no_wrong_line_is_read() {
    let world = World::new(1, 3_000);
    let before = world.lines();
    world.seal_all();
    let whole = world.files.bytes(SEALED);
    let mut place: usize = 7;
    for round in 0..500 {
        place = place.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = (place >> 20) % whole.len();
        world.files.change(SEALED, |bytes| {
            bytes.clone_from(&whole);
            match round % 4 {
                0 => bytes.truncate(at),
                1 => bytes[at] ^= 1 << (place >> 61),
                2 => drop(bytes.splice(at..at, [0xff; 9])),
                _ => bytes[at..].fill(0),
            }
        });
        let mut expected = before.iter();
        assert!(world.lines().iter().all(|line| expected.any(|good| good == line)), "round {round}");
    }
}

#[test]
fn what_is_erased_is_gone_and_nothing_else_moves() {
    for is_sealed in [false, true] {
        let world = World::new(2, 3_000);
        let before = world.lines();
        if is_sealed {
            world.seal_all();
        }
        let third = |line: &Line<'_>| line.n.is_multiple_of(3);
        let is_erased = |stored: &Stored<'_>| matches!(stored, Stored::Line(line) if third(line));
        let erased = [0, 1].map(|index| world.archive.rewrite(world.name(index), is_erased).unwrap());
        assert_eq!(erased, [1_000, 1_000]);
        assert_eq!(world.archive.rewrite(world.name(0), is_erased).unwrap(), 0, "a second time");
        let after = world.lines();
        let expected: Vec<_> = before.iter().map(|(position, _)| (*position, position.n % 3 == 0)).collect();
        assert_eq!((&after, &world.reopened().0), (&expected, &expected));
        let mut reader = LineReader::new(&*world.files, world.journal.segments());
        let is_readable = |(position, is_erased): &(Position, bool)| {
            reader.read(*position).unwrap().is_some() != *is_erased
        };
        assert!(after.iter().all(is_readable));
        let path = if is_sealed { SEALED } else { FIRST };
        let bytes = world.files.bytes(path);
        let text = if is_sealed { zstd::stream::decode_all(&*bytes).unwrap() } else { bytes };
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("secret 4 ") && !text.contains("secret 3 ") && text.contains("-3\""));
        assert_eq!(text.lines().count(), 3_000);
    }
}

#[test]
fn what_was_left_beside_a_plain_segment_is_erased_with_it() {
    let world = World::new(1, 100);
    world.files.fail_removes(true);
    assert!(world.archive.seal_next().is_err());
    world.files.fail_removes(false);
    assert!(world.files.names().contains(&SEALED.to_owned()));
    assert_eq!(world.archive.rewrite(world.name(0), |_| true).unwrap(), 100);
    assert!(!world.files.names().contains(&SEALED.to_owned()));
    assert!(world.reopened().0.iter().all(|(_, is_erased)| *is_erased));
}

#[test]
fn a_segment_of_erased_lines_is_sealed_and_tells_no_time() {
    let world = World::new(1, 100);
    let name = world.name(0);
    world.archive.rewrite(name, |_| true).unwrap();
    assert!(sealed(&world.seal_all()[0]).is_sealed);
    assert_eq!((world.archive.received(name).unwrap(), world.numbers().len()), (None, 100));
}

#[test]
fn damage_is_kept_or_erased_in_its_place() {
    for is_erased in [false, true] {
        let world = World::new(1, 100);
        world.files.change(FIRST, |bytes| bytes[500] ^= 1);
        let before = world.lines();
        let length = world.files.bytes(FIRST).len();
        let rewritten = world.archive.rewrite(world.name(0), |stored| match stored {
            Stored::Line(line) => line.n == 50,
            Stored::Damage(bytes) => {
                assert!(bytes.starts_with(b"{\"n\":"));
                is_erased
            }
        });
        assert_eq!((rewritten.unwrap(), world.files.bytes(FIRST).len()), (1 + u64::from(is_erased), length));
        assert_eq!(world.numbers(), before.iter().map(|(position, _)| position.n).collect::<Vec<_>>());
        assert_eq!(before.len(), 99);
    }
}

#[test]
fn a_removed_segment_is_gone_for_everybody() {
    let mut world = World::new(3, 10);
    world.archive.seal_next().unwrap();
    for index in [0, 0] {
        world.archive.remove(world.name(index)).unwrap();
    }
    assert!(world.archive.remove(SegmentName { first: 1, attempt: 0 }).is_err());
    assert_eq!((world.numbers(), world.reopened().0.len()), ((21..=30).collect(), 10));
    world.archive.remove(world.name(0)).unwrap();
    // The empty segment that is left says how far the journal was.
    assert_eq!(world.numbers(), [0; 0]);
    let opened = Journal::open(world.files.clone(), Position::default(), |_| {}).unwrap().0;
    assert_eq!(opened.last_n(), 30);
    world.journal = opened;
    world.store(2);
    assert_eq!(world.numbers(), [31, 32]);
    // What is gone leaves the list with the next segment.
    world.journal.roll().unwrap();
    assert_eq!(world.journal.segments().len(), 2);
}

#[test]
fn a_reader_of_a_segment_sees_it_as_it_was() {
    let world = World::new(1, 3_000);
    world.seal_all();
    let name = world.name(0);
    let mut seen = 0;
    read_after(&*world.files, world.journal.segments(), Position::default(), |line| {
        if line.n == 1 {
            world.archive.rewrite(name, |_| true).unwrap();
        }
        seen += u64::from(!line.is_erased());
        true
    })
    .unwrap();
    assert_eq!(seen, 3_000);
    assert!(world.lines().iter().all(|(_, is_erased)| *is_erased));
}
