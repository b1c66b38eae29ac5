//! What goes over the network, and what befalls the server.

use beaconry::engine::{Input, Millis, Reply};
use beaconry_protocol::{
    Answer, DiscardReason, FeatureFlag, Features, Phase, RecordResult, RemoteConfig, Sampling, SeqRange,
    Verdict,
};

use super::World;
use crate::mood::Mood;
use crate::network::{Packet, Route};
use crate::tab::{Request, Tab};

impl World {
    pub(super) fn post(&mut self, tab: usize, requests: Vec<Request>) {
        for Request { send, body, .. } in requests {
            let route = Route { tab, send };
            self.note(|| format!("tab {tab} posts {send:?}, {} bytes", body.len()));
            if self.chance(self.plan.request_repeated) {
                let late = self.delay();
                self.network.send(late, Packet::Request(route, body.clone()));
            }
            let packet = match () {
                () if self.chance(self.plan.request_lost) => Packet::Answer(route, self.nobody()),
                () if self.chance(self.plan.answer_foreign) => {
                    Packet::Answer(route, Reply::from_answer(Some(self.forge(route)), None))
                }
                () => Packet::Request(route, body),
            };
            let arrives_at = self.delay();
            self.network.send(arrives_at, packet);
        }
    }

    pub(super) fn deliver(&mut self) -> Result<(), String> {
        for packet in self.network.arrived(self.now) {
            match packet {
                Packet::Answer(route, reply) => self.deliver_answer(route, reply)?,
                Packet::Request(route, body) => {
                    if !self.server.accept(route, body) {
                        let arrives_at = self.delay();
                        let reply = self.nobody();
                        self.network.send(arrives_at, Packet::Answer(route, reply));
                    }
                }
            }
        }
        self.commit();
        Ok(())
    }

    /// An answer finds its tab awake, or waits; most connections do not survive a sleep.
    fn deliver_answer(&mut self, route: Route, reply: Reply) -> Result<(), String> {
        if let Some(tab) = self.tabs[route.tab].as_mut().filter(|tab| tab.is_suspended()) {
            tab.miss(route.send);
            return Ok(());
        }
        let tab = self.tabs[route.tab].as_ref();
        let Some(until) = tab.and_then(|tab| tab.clock.sleeps_until()).filter(|until| *until > self.now)
        else {
            return self.tell(route.tab, Input::Answered(route.send, &reply));
        };
        let reply = if self.chance(300) { reply } else { Reply::unknown(None) };
        self.network.send(until, Packet::Answer(route, reply));
        Ok(())
    }

    fn commit(&mut self) {
        let answers = self.server.commit(self.now, &self.plan, &mut self.random);
        for (route, answer) in answers {
            self.note(|| format!("the server answers tab {}: {answer:?}", route.tab));
            self.note_acknowledged(&answer);
            let answer = match () {
                () if self.chance(self.plan.answer_lost) => None,
                () if self.chance(self.plan.answer_foreign) => Some(cut_short(&answer)),
                () => Some(answer),
            };
            let reply = Reply::from_answer(answer, None);
            let arrives_at = self.delay();
            self.network.send(arrives_at, Packet::Answer(route, reply));
        }
        if self.server.is_dying() {
            if self.chance(500) { self.server.kill() } else { self.server.cut_power() }
        }
    }

    /// No answer at all, or that of a proxy that found nobody behind it.
    fn nobody(&mut self) -> Reply {
        let retry_after = self.chance(100).then(|| self.random.below(120_000));
        Reply::unknown(retry_after)
    }

    /// An answer of somebody in the server's place, who stored nothing: whatever it claims, one thing is
    /// not right about it.
    fn forge(&mut self, route: Route) -> Answer {
        let stream = self.tabs[route.tab].as_ref().map(|tab: &Tab| tab.engine.stream().to_hex());
        let claim = Answer {
            beaconry: 1,
            success: true,
            stream,
            acknowledged: vec![SeqRange(1, u64::MAX)],
            ..Answer::default()
        };
        match self.random.below(5) {
            0 => Answer { beaconry: 0, ..claim },
            1 => Answer { stream: None, ..claim },
            2 => Answer { stream: Some("0".repeat(32)), ..claim },
            3 => Answer { stream: None, acknowledged: Vec::new(), results: all_rejected(), ..claim },
            _ => Answer { acknowledged: Vec::new(), ..claim },
        }
    }

    fn note_acknowledged(&mut self, answer: &Answer) {
        if let Some(stream) = answer.stream.as_deref().and_then(|text| text.parse().ok()) {
            self.evidence.acknowledged.insert_ranges(stream, &answer.acknowledged);
        }
    }

    pub(super) fn befall_server(&mut self) {
        if !self.server.is_up() {
            if self.chance(300) {
                self.start_server();
            }
        } else if self.chance(self.plan.server_killed) {
            self.note(|| "the server is killed".to_owned());
            self.server.kill();
        } else if self.chance(self.plan.power_cut) {
            self.note(|| "the power is cut".to_owned());
            self.server.cut_power();
        } else if self.chance(self.plan.server_rolled) {
            self.roll_server();
        } else if self.chance(self.plan.server_moody) {
            let mood = Mood::draw(&mut self.random);
            self.note(|| format!("the server is {mood:?}"));
            self.server.fall_into(mood);
        } else if self.chance(self.plan.power_cut + self.plan.server_killed) {
            self.server.die_soon(&mut self.random);
        }
    }

    /// The server wants something else of its clients from now on.
    pub(super) fn change_flag(&mut self) {
        let phase = if self.chance(250) { Phase::Disabled } else { Phase::Enabled };
        let rollout = [100.0, 100.0, 50.0, 10.0][self.index(4)];
        let sample_rate = [None, Some(1.0), Some(0.5), Some(0.0)][self.index(4)];
        let features = Features { telemetry: FeatureFlag { phase, rollout } };
        self.server.remote =
            RemoteConfig { features, sampling: Sampling { sample_rate, traces_sample_rate: None } };
        self.note(|| format!("the flag changes: {phase:?} for {rollout} %, {sample_rate:?} of the sessions"));
    }

    /// A clean end: what was taken in is stored and answered. Mostly the next one stands ready.
    fn roll_server(&mut self) {
        self.note(|| "the server is replaced".to_owned());
        self.commit();
        self.server.stop();
        if self.chance(700) {
            self.start_server();
        }
    }

    fn start_server(&mut self) {
        self.server.start();
        let is_up = self.server.is_up();
        self.note(|| format!("the server is started, it is up: {is_up}"));
    }

    pub(super) fn delay(&mut self) -> Millis {
        if self.is_calm && !self.server.is_up() {
            // A server that is down is started by whoever runs it.
            self.server.start();
        }
        self.now + self.random.below(self.plan.longest_delay) + 1
    }
}

/// An answer that was cut on its way: it names only some of what was accepted.
fn cut_short(answer: &Answer) -> Answer {
    let half = |range: &SeqRange| SeqRange(range.0, (range.0 + range.1) / 2);
    Answer { acknowledged: answer.acknowledged.iter().map(half).collect(), ..answer.clone() }
}

/// A verdict that would discard every record of a body.
fn all_rejected() -> Vec<RecordResult> {
    let reason = Some(DiscardReason::InvalidField);
    let result = |index| RecordResult { index, id: None, verdict: Verdict::Rejected, reason, message: None };
    (0..1_000).map(result).collect()
}
