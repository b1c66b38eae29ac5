//! Why records are sent: a closed list, counted.

/// What made the engine send what it had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlushCause {
    /// As many records as `batchSize` were waiting.
    BatchSize,
    /// As many bytes as one body holds were waiting.
    Bytes,
    /// The oldest record had waited for `flushIntervalMs`.
    Timer,
    /// The page is no longer visible.
    Hidden,
    /// The page goes.
    PageHide,
    /// The page is about to be frozen.
    Freeze,
    /// The page may be about to go.
    BeforeUnload,
    /// The network is back.
    Online,
    /// The app asked for it.
    Manual,
}

impl FlushCause {
    /// Every cause, in the order of the ledger.
    pub const ALL: [Self; 9] = [
        Self::BatchSize,
        Self::Bytes,
        Self::Timer,
        Self::Hidden,
        Self::PageHide,
        Self::Freeze,
        Self::BeforeUnload,
        Self::Online,
        Self::Manual,
    ];

    /// The name in `stats()`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BatchSize => "batchSize",
            Self::Bytes => "bytes",
            Self::Timer => "timer",
            Self::Hidden => "hidden",
            Self::PageHide => "pagehide",
            Self::Freeze => "freeze",
            Self::BeforeUnload => "beforeunload",
            Self::Online => "online",
            Self::Manual => "manual",
        }
    }

    /// Whether the page may not live long enough to see an answer.
    pub const fn is_exit(self) -> bool {
        matches!(self, Self::Hidden | Self::PageHide | Self::Freeze | Self::BeforeUnload)
    }
}
