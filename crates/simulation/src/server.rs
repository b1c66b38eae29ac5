//! The server: the real pipeline and the real intake over a disk that can fail.

use std::sync::Arc;

use beaconry::engine::{Millis, Random};
use beaconry_ingest::intake::{Checkpoint, Intake};
use beaconry_ingest::journal::{Journal, Position};
use beaconry_ingest::pipeline::{self, Pseudonyms, Sender, Source};
use beaconry_protocol::{Answer, ErrorCode, RecordId};

use crate::files::Disk;
use crate::network::Route;
use crate::plan::Plan;

/// The server, up or down.
#[derive(Debug)]
pub(crate) struct Server {
    disk: Disk,
    segment_bytes: u64,
    intake: Option<Intake>,
    waiting: Vec<(Route, String)>,
    pub(crate) kills: u32,
    pub(crate) power_cuts: u32,
}

impl Server {
    pub(crate) fn new(seed: u64, plan: &Plan) -> Self {
        let disk = Disk::new(seed, plan.disk_fails);
        let (intake, waiting) = (None, Vec::new());
        Self { disk, segment_bytes: plan.segment_bytes, intake, waiting, kills: 0, power_cuts: 0 }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.intake.is_some()
    }

    /// Starts it, if its disk lets it.
    pub(crate) fn start(&mut self) {
        let intake = Intake::open(Arc::new(self.disk.clone()), Checkpoint::default());
        self.intake = intake.ok().map(|intake| intake.with_segment_bytes(self.segment_bytes));
    }

    /// Takes a request in, to be committed with others. `false` if nobody is listening.
    pub(crate) fn accept(&mut self, route: Route, body: String) -> bool {
        if self.is_up() {
            self.waiting.push((route, body));
        }
        self.is_up()
    }

    /// Commits what waits, and answers. Nobody gets an answer from a server that died meanwhile.
    pub(crate) fn commit(&mut self, now: Millis, plan: &Plan, random: &mut Random) -> Vec<(Route, Answer)> {
        let Some(intake) = &mut self.intake else { return Vec::new() };
        let mut answers = Vec::new();
        let (mut routes, mut prepared) = (Vec::new(), Vec::new());
        let sender = Sender { key_name: "key", source: Source::Client, received_at: now, user_agent: None };
        let pseudonyms = Pseudonyms::new([7; 32]);
        for (route, body) in self.waiting.drain(..) {
            if random.below(1_000) < plan.server_busy {
                let wait = Some(random.below(10_000));
                let busy =
                    Answer { retry_after_ms: wait, ..Answer::error(ErrorCode::TooManyRequests, "busy") };
                answers.push((route, busy));
                continue;
            }
            match pipeline::prepare(body.as_bytes(), &sender, &pseudonyms) {
                Ok(batch) => {
                    routes.push(route);
                    prepared.push(batch);
                }
                Err(error) => answers.push((route, Answer::error(error.code, error.message))),
            }
        }
        for (route, outcome) in routes.into_iter().zip(intake.commit(prepared)) {
            let answer = match outcome {
                Ok(outcome) => outcome.into_answer(now),
                Err(error) => Answer::error(ErrorCode::Overloaded, error.to_string()),
            };
            answers.push((route, answer));
        }
        if self.disk.is_dead() {
            return Vec::new();
        }
        answers
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
        self.disk.heal();
    }

    /// Every record in the journal, in order, as a fresh start reads it.
    pub(crate) fn stored(&self) -> Result<Vec<(RecordId, serde_json::Value)>, String> {
        let mut stored = Vec::new();
        let mut unreadable = 0;
        let opened = Journal::open(Arc::new(self.disk.clone()), Position::default(), |line| {
            match (line.id(), serde_json::from_str(line.json)) {
                (Some(id), Ok(json)) => stored.push((id, json)),
                _ => unreadable += 1,
            }
        });
        match opened {
            Err(error) => Err(error.to_string()),
            Ok(_) if unreadable > 0 => Err(format!("{unreadable} lines of the journal are no records")),
            Ok(_) => Ok(stored),
        }
    }

    fn go(&mut self) {
        self.intake = None;
        self.waiting.clear();
    }
}
