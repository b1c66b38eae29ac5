//! Bytes into a file, compressed or not.

use std::io::{self, Write};

use flate2::write::GzEncoder;

/// How exported bytes are compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// With gzip, in as many members as the export has parts.
    Gzip,
    /// With zstd, in as many frames.
    Zstd,
}

impl Compression {
    /// What names of such files end with.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }

    /// Begins a part that can be read by itself, and after others.
    pub(super) fn begin<W: Write>(self, out: W) -> io::Result<Sink<W>> {
        Ok(match self {
            Self::None => Sink::Plain(out),
            Self::Gzip => Sink::Gzip(GzEncoder::new(out, flate2::Compression::default())),
            Self::Zstd => Sink::Zstd(ZstdEncoder(zstd::Encoder::new(out, ZSTD_LEVEL)?)),
        })
    }
}

/// One part.
#[derive(Debug)]
pub(super) enum Sink<W: Write> {
    Plain(W),
    Gzip(GzEncoder<W>),
    Zstd(ZstdEncoder<W>),
}

/// The encoder cannot be shown.
pub(super) struct ZstdEncoder<W: Write>(zstd::Encoder<'static, W>);

impl<W: Write> std::fmt::Debug for ZstdEncoder<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ZstdEncoder")
    }
}

impl<W: Write> Sink<W> {
    /// Ends the part and gives the file back.
    pub(super) fn finish(self) -> io::Result<W> {
        match self {
            Self::Plain(out) => Ok(out),
            Self::Gzip(encoder) => encoder.finish(),
            Self::Zstd(encoder) => encoder.0.finish(),
        }
    }
}

impl<W: Write> Write for Sink<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
            Self::Zstd(encoder) => encoder.0.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Gzip(encoder) => encoder.flush(),
            Self::Zstd(encoder) => encoder.0.flush(),
        }
    }
}

const ZSTD_LEVEL: i32 = 3;
