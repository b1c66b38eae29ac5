//! What became of a batch, and how the client is told.

use beaconry_protocol::decode::Rejection;
use beaconry_protocol::{
    Answer, DiscardReason, RecordId, RecordResult, RecordType, SeqRange, Status, StreamId, VERSION, Verdict,
};

use crate::pipeline::is_of_request;

/// What became of a batch that was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchOutcome {
    /// The stream of all records that have an id.
    pub stream: Option<StreamId>,
    /// One entry for each record of the body, in its order.
    pub records: Vec<RecordOutcome>,
}

/// What became of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordOutcome {
    /// Its identity, if it has one.
    pub id: Option<RecordId>,
    /// Its fate.
    pub fate: Fate,
}

/// The fates of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is on disk and was not before.
    Recorded(RecordType),
    /// It was on disk already.
    Duplicate(RecordType),
    /// It is not taken, now or later.
    Rejected {
        /// Why.
        reason: DiscardReason,
        /// The same for a person.
        message: String,
    },
}

impl RecordOutcome {
    pub(super) fn rejected(rejection: Rejection) -> Self {
        let Rejection { reason, message, id } = rejection;
        Self { id, fate: Fate::Rejected { reason, message } }
    }

    fn result(self, index: usize) -> Option<RecordResult> {
        let (verdict, reason, message) = match self.fate {
            Fate::Recorded(_) => return None,
            Fate::Duplicate(_) => (Verdict::Duplicate, None, None),
            Fate::Rejected { reason, message } => (Verdict::Rejected, Some(reason), Some(message)),
        };
        let id = self.id.map(|id| id.to_string());
        Some(RecordResult { index: index as u64, id, verdict, reason, message })
    }
}

impl BatchOutcome {
    /// The answer to the client, said at `server_time` (epoch milliseconds).
    pub fn into_answer(mut self, server_time: u64) -> Answer {
        if self.stream.is_some_and(is_of_request) {
            self.tell_as_first();
        }
        let mut answer = Answer {
            beaconry: VERSION,
            total: self.records.len() as u64,
            stream: self.stream.map(StreamId::to_hex),
            acknowledged: self.acknowledged(),
            server_time,
            ..Answer::default()
        };
        for record in &self.records {
            match &record.fate {
                Fate::Recorded(record_type) => {
                    answer.recorded += 1;
                    answer.received.count(*record_type);
                }
                Fate::Duplicate(_) => answer.duplicate += 1,
                Fate::Rejected { .. } => answer.failed += 1,
            }
        }
        answer.success = answer.failed == 0;
        answer.status = status(answer.failed, answer.total);
        answer.results =
            self.records.into_iter().enumerate().filter_map(|(index, record)| record.result(index)).collect();
        answer
    }

    /// Who sends the same request again gets the answer of the first time, which may never have arrived.
    fn tell_as_first(&mut self) {
        for record in &mut self.records {
            if let Fate::Duplicate(record_type) = record.fate {
                record.fate = Fate::Recorded(record_type);
            }
        }
    }

    /// The sequence numbers that are on disk, ascending.
    fn acknowledged(&self) -> Vec<SeqRange> {
        let on_disk = self.records.iter().filter(|record| !matches!(record.fate, Fate::Rejected { .. }));
        let mut seqs: Vec<u64> = on_disk.filter_map(|record| record.id).map(|id| id.seq).collect();
        seqs.sort_unstable();
        let mut ranges = Vec::new();
        seqs.into_iter().for_each(|seq| SeqRange::insert(&mut ranges, seq));
        ranges
    }
}

fn status(failed: u64, total: u64) -> Status {
    match failed {
        0 => Status::Ok,
        _ if failed == total => Status::Rejected,
        _ => Status::Partial,
    }
}
