//! What goes into the engine and what comes out of it.

use beaconry_protocol::{DiscardReason, RecordType, StreamId};

use super::{Call, Consent, Millis, Reply, Settled, Ticket};

/// Something that happened.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// The client is there. The first input of all.
    Started,
    /// The app called.
    Record(&'a Call<'a>),
    /// The app called with arguments of which no record can be made; `advice` says what to write.
    Misuse {
        /// The type that the record would have had, if it would have been one.
        record_type: Option<RecordType>,
        /// What to write instead, for the console in debug mode; empty where somebody else says it.
        advice: &'a str,
    },
    /// Calls that came to nothing before the engine was there.
    Refused(DiscardReason, u64),
    /// The app says who its user is from now on.
    User {
        /// Its id of the user.
        id: Option<&'a str>,
        /// An id that does not tell who it is.
        anonymous_id: Option<&'a str>,
    },
    /// The session as the storage has it: another tab may have gone on with it, or begun a new one.
    Session(Option<&'a str>),
    /// The page has another URL from now on.
    Navigated(&'a str),
    /// Chunks that earlier pages left behind, as they stand in the storage.
    Recovered(&'a [(&'a str, &'a str)]),
    /// The app switched the client on or off.
    Enabled(bool),
    /// The user allows it, or does not, or has not been asked.
    Consent(Consent),
    /// What was left of other pages when all was wiped, as it stood in the storage.
    Wiped(&'a [(&'a str, &'a str)]),
    /// This page was in the back/forward cache: what it had taken over from dead streams may be in other
    /// hands.
    LetGo,
    /// While this page was in the back/forward cache another one took over its stream: here is a new
    /// one.
    StreamLost(StreamId),
    /// The page is no longer visible.
    Hidden,
    /// The page goes, perhaps into the back/forward cache.
    PageHide,
    /// The page is about to be frozen.
    Freeze,
    /// The page may be about to go.
    BeforeUnload,
    /// The page is visible again.
    Shown,
    /// The page is back from the back/forward cache.
    Restored,
    /// The network is back.
    Online,
    /// The app wants everything sent now, and wants to know when that was tried.
    Flush(Ticket),
    /// The app wants to know when a record has reached the server.
    Delivered(Ticket, u64),
    /// The app is done: everything is sent, nothing more is taken.
    Shutdown(Ticket),
    /// The time of the last [`Command::WakeAt`] has come.
    Wake,
    /// A request came to its end.
    Answered(SendId, &'a Reply),
    /// The storage did not take a chunk.
    SpoolFailed {
        /// The key of the chunk.
        key: &'a str,
    },
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Write a chunk; it has to be on the storage before the next command is performed.
    Spool {
        /// Its key.
        key: String,
        /// Its text.
        value: String,
    },
    /// Remove a chunk.
    Unspool {
        /// Its key.
        key: String,
    },
    /// Read the chunks that earlier pages left behind again, and tell with [`Input::Recovered`].
    Recover,
    /// Begin to use the page and its storage, or end it: listen, hold the locks, recover. Before this
    /// nothing of the browser is touched.
    Attach(bool),
    /// Remove everything of ours from every storage, and say what was there with [`Input::Wiped`].
    Wipe,
    /// Remember the session for the next page.
    StoreSession(String),
    /// Remember the number that decides about a rollout.
    StoreBucket(u16),
    /// Remember that the server has switched this client off, so that the next page does not even
    /// load it.
    StoreOff(String),
    /// Post a batch, and say how it went with [`Input::Answered`].
    Send {
        /// Which one it is.
        id: SendId,
        /// The batch.
        body: String,
        /// Whether the request has to outlive the page. Bodies in flight that do are never more
        /// than browsers allow.
        keepalive: bool,
        /// Whether the page is about to go: there is no time for a preflight.
        is_exit: bool,
    },
    /// Hand a batch to the browser, to be posted when the page is gone. Nobody will see the answer:
    /// the records stay in the spool, and a second copy counts for nothing.
    SendLater(String),
    /// Take back what was handed over for later.
    CancelLater,
    /// Give up waiting for a request; say so with [`Input::Answered`].
    Abort(SendId),
    /// Wake the engine at this time, instead of at any time asked for before.
    WakeAt(Option<Millis>),
    /// Listen to `beforeunload`, or stop it. Listening costs a page its back/forward cache in some
    /// browsers, so it is done only while there is something to lose.
    WatchBeforeUnload(bool),
    /// Tell who waits for it.
    Settle(Ticket, Settled),
    /// Tell the developer.
    Warn(String),
}

/// A request that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SendId(pub u64);
