//! The server: the real pipeline and the real intake over a disk that can fail.

use std::sync::Arc;

use beaconry::engine::{Millis, Random};
use beaconry_ingest::duplicates::{Duplicates, Limits, MemoryTable};
use beaconry_ingest::intake::Intake;
use beaconry_ingest::journal::{Journal, Position, StorageError};
use beaconry_ingest::pipeline::{self, Prepared, Privacy, Pseudonyms, RecordTypes, Sender, Source};
use beaconry_protocol::{Answer, ErrorCode, RemoteConfig};

use crate::check::{Line, Stored};
use crate::files::Disk;
use crate::mood::Mood;
use crate::network::Route;
use crate::plan::Plan;

/// The server, up or down.
#[derive(Debug)]
pub(crate) struct Server {
    disk: Disk,
    /// The streams that are not in memory; it is behind the journal, or ahead of it after a power cut.
    table: Arc<MemoryTable>,
    segment_bytes: u64,
    intake: Option<Intake>,
    waiting: Vec<(Route, String)>,
    mood: Mood,
    /// What it wants of its clients.
    pub(crate) remote: RemoteConfig,
    pub(crate) kills: u32,
    pub(crate) power_cuts: u32,
}

impl Server {
    pub(crate) fn new(seed: u64, plan: &Plan) -> Self {
        let disk = Disk::new(seed, plan.disk_fails);
        let (intake, waiting) = (None, Vec::new());
        Self {
            disk,
            table: Arc::default(),
            segment_bytes: plan.segment_bytes,
            intake,
            waiting,
            mood: Mood::Usual,
            remote: RemoteConfig::default(),
            kills: 0,
            power_cuts: 0,
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.intake.is_some()
    }

    /// Starts it, if its disk lets it.
    pub(crate) fn start(&mut self) {
        let duplicates = Duplicates::open(self.table.clone(), TINY).ok();
        let intake = duplicates.and_then(|known| Intake::open(Arc::new(self.disk.clone()), known).ok());
        self.intake = intake.map(|intake| intake.with_segment_bytes(self.segment_bytes));
    }

    /// Takes a request in, to be committed with others. `false` if nobody is listening.
    pub(crate) fn accept(&mut self, route: Route, body: String) -> bool {
        if self.is_up() {
            self.waiting.push((route, body));
        }
        self.is_up()
    }

    /// From now on it is in this mood.
    pub(crate) fn fall_into(&mut self, mood: Mood) {
        self.disk.fill(mood == Mood::Full);
        self.mood = mood;
    }

    /// Commits what waits, and answers. Nobody gets an answer from a server that died meanwhile.
    pub(crate) fn commit(&mut self, now: Millis, plan: &Plan, random: &mut Random) -> Vec<(Route, Answer)> {
        let Some(intake) = &mut self.intake else { return Vec::new() };
        let mut answers = Vec::new();
        let (mut routes, mut prepared) = (Vec::new(), Vec::new());
        for (route, body) in self.waiting.drain(..) {
            let is_busy = random.below(1_000) < plan.server_busy;
            let refusal = self.mood.refuse(&body, is_busy, random);
            match refusal.map_or_else(|| prepare(&body, now), |refusal| Err(Box::new(refusal))) {
                Ok(batch) => {
                    routes.push(route);
                    prepared.push(batch);
                }
                Err(refusal) => answers.push((route, *refusal)),
            }
        }
        for (route, outcome) in routes.into_iter().zip(intake.commit(prepared)) {
            answers.push((
                route,
                outcome.map_or_else(
                    |error| storage_failed(&error),
                    |outcome| Answer { remote: Some(self.remote), ..outcome.into_answer(now) },
                ),
            ));
        }
        if self.disk.is_dead() {
            return Vec::new();
        }
        answers.into_iter().map(|(route, answer)| (route, self.mood.put(answer, random))).collect()
    }

    /// It ends as it does when it is asked to: nobody waits for an answer any more.
    pub(crate) fn stop(&mut self) {
        self.go();
    }

    /// Lets the machine die in the middle of one of its next operations on the disk.
    pub(crate) fn die_soon(&mut self, random: &mut Random) {
        self.disk.die_in(1 + random.below(6));
    }

    pub(crate) fn is_dying(&self) -> bool {
        self.disk.is_dead()
    }

    /// The process is gone; what it wrote is still there.
    pub(crate) fn kill(&mut self) {
        self.kills += 1;
        self.go();
        self.disk.restart();
    }

    /// The machine is gone, and with it what was not synced.
    pub(crate) fn cut_power(&mut self) {
        self.power_cuts += 1;
        self.go();
        self.disk.cut_power();
    }

    /// Ends the faults of the disk; a machine that was dead is started again.
    pub(crate) fn heal(&mut self) {
        if self.disk.is_dead() {
            self.cut_power();
        }
        self.fall_into(Mood::Usual);
        self.remote = RemoteConfig::default();
        self.disk.heal();
    }

    /// Every record in the journal, in order, as a fresh start reads it.
    pub(crate) fn stored(&self) -> Result<Vec<Stored>, String> {
        let mut stored = Vec::new();
        let mut wrong = None;
        let opened = Journal::open(Arc::new(self.disk.clone()), Position::default(), |line| {
            match (line.id(), serde_json::from_str::<Line<'_>>(line.json)) {
                (Some(id), Ok(read)) if read.mark().is_ok() => {
                    stored.push(Stored { id, mark: read.mark().unwrap_or_default() });
                }
                _ => wrong = Some(line.json.to_owned()),
            }
        });
        match (opened, wrong) {
            (Err(error), _) => Err(error.to_string()),
            (Ok(_), Some(line)) => Err(format!("a line of the journal is not as it was recorded: {line}")),
            (Ok(_), None) => Ok(stored),
        }
    }

    fn go(&mut self) {
        self.intake = None;
        self.waiting.clear();
    }
}

/// Streams go to the table and come back all the time.
const TINY: Limits = Limits { horizon: None, hot_bytes: 1_500, chunk_streams: 3, chunk_bytes: 4_000 };

fn prepare(body: &str, now: Millis) -> Result<Prepared, Box<Answer>> {
    let sender = Sender {
        key_name: "key",
        source: Source::Client,
        types: RecordTypes::ALL,
        received_at: now,
        user_agent: None,
    };
    let privacy = Privacy { pseudonyms: Pseudonyms::new([7; 32]), allow_query_keys: Vec::new() };
    pipeline::prepare(body.as_bytes(), &sender, &privacy)
        .map_err(|error| Box::new(Answer::error(error.code, error.message)))
}

fn storage_failed(error: &StorageError) -> Answer {
    match error {
        StorageError::Full(_) | StorageError::ReadOnly(_) => Answer {
            retry_after_ms: Some(30_000),
            ..Answer::error(ErrorCode::StorageFull, "the disk is full")
        },
        _ => {
            Answer { retry_after_ms: Some(2_000), ..Answer::error(ErrorCode::Overloaded, error.to_string()) }
        }
    }
}
