//! Why records are sent: a closed list, counted.

/// What made the engine send what it had. `FLUSHES` in `flat.js` of the package has their names.
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
    /// How many there are.
    pub const COUNT: usize = Self::Manual as usize + 1;

    /// Whether the page may not live long enough to see an answer.
    pub const fn is_exit(self) -> bool {
        matches!(self, Self::Hidden | Self::PageHide | Self::Freeze | Self::BeforeUnload)
    }
}
