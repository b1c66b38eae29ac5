//! The account of every record: what became of it, in numbers that add up.
//!
//! At any time `recorded + adopted = acknowledged + discarded + handed over + waiting + in flight`. A record that
//! is discarded is counted here at the moment it goes, and told to the server in the next report.

use beaconry_protocol::{Discard, DiscardReason, RecordType, SeqRange, StreamId, limits};

use super::FlushCause;
use super::chunk::Entry;

/// The counts, and what of them the server has not been told.
#[derive(Debug, Default, Clone)]
#[expect(missing_docs, reason = "the names are those of `stats()`")]
pub struct Ledger {
    /// Calls of the app, and reports of the client itself.
    pub recorded: u64,
    /// Records that earlier pages left behind and this one took over.
    pub adopted: u64,
    /// Writes of chunks to the storage, and those that it refused.
    pub spool_writes: u64,
    pub spool_refusals: u64,
    /// Requests, and those that came to nothing.
    pub requests: u64,
    pub failed_requests: u64,
    /// Records put into requests; one that is sent again counts again.
    pub sent: u64,
    pub acknowledged: u64,
    /// Records that another page has taken over while this one was in the back/forward cache.
    pub handed_over: u64,
    /// Records that were given to the browser, to be posted when the page is gone.
    pub left_to_browser: u64,
    discarded: [u64; DiscardReason::ALL.len()],
    flushes: [u64; FlushCause::COUNT],
    unreported: Vec<Discard>,
    discarded_seqs: Vec<(StreamId, Vec<SeqRange>)>,
}

impl Ledger {
    /// Counts a record that never got a place in the stream.
    pub(super) fn refuse(&mut self, reason: DiscardReason, record_type: Option<RecordType>, count: u64) {
        self.count(reason, count);
        self.unreported_entry(reason, record_type, None).count += count;
    }

    /// Counts a record that lost its place in the queue.
    pub(super) fn discard(&mut self, lost: &Entry, stream: StreamId, reason: DiscardReason, own: StreamId) {
        self.count(reason, 1);
        SeqRange::insert(self.discarded_of(stream), lost.seq);
        let stream = (stream != own).then(|| stream.to_hex());
        let entry = self.unreported_entry(reason, Some(lost.record_type), stream);
        entry.count += 1;
        SeqRange::insert(&mut entry.seqs, lost.seq);
    }

    /// Counts a flush.
    pub(super) fn flush(&mut self, cause: FlushCause) {
        self.flushes[cause as usize] += 1;
    }

    /// What the server has not been told, as much as one report may hold.
    pub(super) fn take_unreported(&mut self) -> Vec<Discard> {
        let (mut discards, mut ranges) = (0, 0);
        for discard in &self.unreported {
            ranges += discard.seqs.len();
            let is_more = discards > 0 && ranges > limits::REPORT_RANGES;
            if is_more || discards >= limits::REPORT_DISCARDS {
                break;
            }
            discards += 1;
        }
        let rest = self.unreported.split_off(discards);
        std::mem::replace(&mut self.unreported, rest)
    }

    /// Whether there is anything that the server has to be told. What was not in the sample goes along
    /// with other things: a visit that is not recorded makes no request.
    pub(super) fn has_unreported(&self) -> bool {
        self.unreported.iter().any(|discard| discard.reason != DiscardReason::SampledOut)
    }

    /// Whether a record lost its place in the queue here.
    pub fn is_discarded(&self, stream: StreamId, seq: u64) -> bool {
        let is_in = |ranges: &[SeqRange]| ranges.iter().any(|range| range.contains(seq));
        self.discarded_seqs.iter().any(|(of, ranges)| *of == stream && is_in(ranges))
    }

    /// Every record that lost its place in the queue here.
    pub fn lost(&self) -> impl Iterator<Item = (StreamId, &[SeqRange])> {
        self.discarded_seqs.iter().map(|(stream, ranges)| (*stream, ranges.as_slice()))
    }

    /// Discards by reason, without those that are 0.
    pub fn discarded(&self) -> impl Iterator<Item = (DiscardReason, u64)> {
        let counts = DiscardReason::ALL.into_iter().map(|reason| (reason, self.discarded_for(reason)));
        counts.filter(|(_, count)| *count > 0)
    }

    /// How many were discarded for one reason.
    pub const fn discarded_for(&self, reason: DiscardReason) -> u64 {
        self.discarded[reason.place()]
    }

    /// Flushes, in the order of the causes.
    pub const fn flushes(&self) -> &[u64] {
        &self.flushes
    }

    fn discarded_of(&mut self, stream: StreamId) -> &mut Vec<SeqRange> {
        let at = self.discarded_seqs.iter().position(|(of, _)| *of == stream).unwrap_or_else(|| {
            self.discarded_seqs.push((stream, Vec::new()));
            self.discarded_seqs.len() - 1
        });
        &mut self.discarded_seqs[at].1
    }

    fn count(&mut self, reason: DiscardReason, count: u64) {
        self.discarded[reason.place()] += count;
    }

    fn unreported_entry(
        &mut self,
        reason: DiscardReason,
        record_type: Option<RecordType>,
        stream: Option<String>,
    ) -> &mut Discard {
        let is_same = |discard: &Discard| {
            let is_full = discard.seqs.len() >= limits::REPORT_RANGES;
            discard.reason == reason
                && discard.record_type == record_type
                && discard.stream == stream
                && !is_full
        };
        let at = self.unreported.iter().position(is_same).unwrap_or_else(|| {
            self.unreported.push(Discard { reason, record_type, count: 0, stream, seqs: Vec::new() });
            self.unreported.len() - 1
        });
        &mut self.unreported[at]
    }
}
