//! The sealed form of a segment: the same bytes, compressed with zstd in blocks that can be inflated
//! alone.
//!
//! A file is a row of zstd frames, each of whole lines and with a checksum, and then a table that says
//! how long every frame is, compressed and inflated: zstd's "seekable format", where the table stands
//! in a frame that other programs skip. One more such frame before it has the table's CRC-32. So
//! `zstdcat` gives all lines, and reading one line inflates one block. Whoever asks for a place gives
//! it as it was in the plain segment.

use std::fmt;
use std::io;

use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::{find_frame_compressed_size, get_frame_content_size};

use super::files::read_all;
use super::{Files, LogFile, StoredFile};

/// A file in sealed form that is being written.
pub(super) struct SealedWriter<'f> {
    files: &'f dyn Files,
    file: Box<dyn LogFile>,
    compressor: Compressor<'static>,
    /// Lines of the block that is being gathered.
    gathered: Vec<u8>,
    table: Vec<u8>,
    blocks: u32,
}

impl<'f> SealedWriter<'f> {
    /// Writes to a file that was just created.
    pub(super) fn new(files: &'f dyn Files, file: Box<dyn LogFile>) -> io::Result<Self> {
        let mut compressor = Compressor::new(LEVEL)?;
        compressor.include_checksum(true)?;
        Ok(Self { files, file, compressor, gathered: Vec::new(), table: Vec::new(), blocks: 0 })
    }

    /// Adds a line and what ends it.
    pub(super) fn push(&mut self, line: &[u8], ending: &[u8]) -> io::Result<()> {
        self.gathered.extend_from_slice(line);
        self.gathered.extend_from_slice(ending);
        if self.gathered.len() >= BLOCK_BYTES { self.write_block() } else { Ok(()) }
    }

    /// Writes the rest and the table, and makes the content durable.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.write_block()?;
        let mut ending = checksum_frame(&self.table);
        ending.extend_from_slice(&SKIPPABLE_MAGIC);
        ending.extend_from_slice(&frame_length(self.table.len() + FOOTER_BYTES)?.to_le_bytes());
        ending.append(&mut self.table);
        ending.extend_from_slice(&self.blocks.to_le_bytes());
        ending.push(NO_CHECKSUMS);
        ending.extend_from_slice(&TABLE_MAGIC);
        self.file.append(&ending)?;
        self.file.sync_data()
    }

    fn write_block(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let block = self.compressor.compress(&self.gathered)?;
        super::check_room(self.files, block.len(), RESERVE_LEFT_BYTES)?;
        self.file.append(&block)?;
        self.table.extend_from_slice(&frame_length(block.len())?.to_le_bytes());
        self.table.extend_from_slice(&frame_length(self.gathered.len())?.to_le_bytes());
        self.blocks += 1;
        self.gathered.clear();
        Ok(())
    }
}

fn frame_length(bytes: usize) -> io::Result<u32> {
    u32::try_from(bytes).map_err(io::Error::other)
}

/// A sealed segment that is open for reading.
#[derive(Debug)]
pub(super) struct SealedFile {
    file: Box<dyn StoredFile>,
    blocks: Vec<Block>,
    inflater: Inflater,
    /// The block that was read last.
    inflated: Vec<u8>,
    inflated_block: Option<usize>,
}

struct Inflater(Decompressor<'static>);

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inflater")
    }
}

/// Where a block is, in the file and in the segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    at: u64,
    packed: u32,
    start: u64,
    length: u32,
}

impl Block {
    fn end(self) -> u64 {
        self.start + u64::from(self.length)
    }
}

impl SealedFile {
    /// Reads the table. If that is damaged, the blocks are looked for one after the other.
    pub(super) fn open(file: Box<dyn StoredFile>) -> io::Result<Self> {
        let blocks = match read_table(&*file)? {
            Some(blocks) => blocks,
            None => find_blocks(&read_all(&*file)?),
        };
        let inflater = Inflater(Decompressor::new()?);
        Ok(Self { file, blocks, inflater, inflated: Vec::new(), inflated_block: None })
    }

    /// Whether the table at its end is as it was written.
    pub(super) fn has_table(&self) -> io::Result<bool> {
        Ok(read_table(&*self.file)?.is_some())
    }

    /// The length of the plain segment.
    pub(super) fn length(&self) -> u64 {
        self.blocks.last().map_or(0, |block| block.end())
    }

    /// The rest of the block that holds `offset`, from there on; empty behind the last one.
    pub(super) fn block_from(&mut self, offset: u64) -> io::Result<Inflated<'_>> {
        let index = self.blocks.partition_point(|block| block.end() <= offset);
        let Some(&block) = self.blocks.get(index) else { return Ok(Inflated::Bytes(&[])) };
        if self.inflated_block != Some(index) {
            self.inflated_block = None;
            let mut packed = vec![0; block.packed as usize];
            let read = self.file.read_at(block.at, &mut packed)?;
            packed.truncate(read);
            self.inflated.clear();
            self.inflated.reserve(block.length as usize);
            let length = self.inflater.0.decompress_to_buffer(&packed, &mut self.inflated);
            if !length.is_ok_and(|length| length == block.length as usize) {
                return Ok(Inflated::Damaged { end: block.end(), packed });
            }
            self.inflated_block = Some(index);
        }
        let skipped = usize::try_from(offset - block.start).map_err(io::Error::other)?;
        Ok(Inflated::Bytes(&self.inflated[skipped..]))
    }
}

/// What a block gives.
pub(super) enum Inflated<'b> {
    /// What was asked for.
    Bytes(&'b [u8]),
    /// It cannot be inflated.
    Damaged {
        /// Where it ends in the plain segment.
        end: u64,
        /// What is there instead.
        packed: Vec<u8>,
    },
}

/// `None` if the end of the file is no table, or one of another file.
fn read_table(file: &dyn StoredFile) -> io::Result<Option<Vec<Block>>> {
    let length = file.length()?;
    let mut footer = [0; FOOTER_BYTES];
    let Some(footer_at) = length.checked_sub(FOOTER_BYTES as u64) else { return Ok(None) };
    let is_whole = file.read_at(footer_at, &mut footer)? == FOOTER_BYTES;
    let (Some(count), true) = (u32_at(&footer, 0), is_whole && footer[4] == NO_CHECKSUMS) else {
        return Ok(None);
    };
    let table_bytes = u64::from(count) * ENTRY_BYTES as u64;
    let ending_at = footer_at.checked_sub(table_bytes + BEFORE_TABLE_BYTES as u64);
    let (Some(ending_at), true) = (ending_at, footer[5..] == TABLE_MAGIC) else { return Ok(None) };
    let mut ending = vec![0; usize::try_from(footer_at - ending_at).map_err(io::Error::other)?];
    let is_whole = file.read_at(ending_at, &mut ending)? == ending.len();
    let (before, table) = ending.split_at(BEFORE_TABLE_BYTES);
    let is_good = is_whole && before.starts_with(&checksum_frame(table));
    let blocks = place(table.chunks_exact(ENTRY_BYTES).map(|entry| {
        let length = |at| u32_at(entry, at).unwrap_or(0);
        (length(0), length(4))
    }));
    // Blocks and table fill the file, or the table is not of this file.
    let packed_end = blocks.last().map_or(0, |block| block.at + u64::from(block.packed));
    Ok(Some(blocks).filter(|_| is_good && packed_end == ending_at))
}

fn checksum_frame(table: &[u8]) -> Vec<u8> {
    let checksum = crc32fast::hash(table).to_le_bytes();
    [&CHECKSUM_MAGIC[..], &4_u32.to_le_bytes()[..], &checksum[..]].concat()
}

/// The frames of a file whose table is damaged, up to the first that cannot be told from its bytes.
fn find_blocks(bytes: &[u8]) -> Vec<Block> {
    let mut rest = bytes;
    place(std::iter::from_fn(|| {
        let packed = find_frame_compressed_size(rest).ok().filter(|_| rest.starts_with(&FRAME_MAGIC))?;
        let length = u32::try_from(get_frame_content_size(rest).ok()??).ok()?;
        rest = rest.get(packed..)?;
        Some((u32::try_from(packed).ok()?, length)).filter(|_| length as usize <= MOST_BLOCK_BYTES)
    }))
}

fn place(lengths: impl Iterator<Item = (u32, u32)>) -> Vec<Block> {
    let (mut at, mut start) = (0, 0);
    lengths
        .map(|(packed, length)| {
            let block = Block { at, packed, start, length };
            at += u64::from(packed);
            start += u64::from(length);
            block
        })
        .collect()
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Lines of a block. Reading one line costs inflating so much, some 0.15 ms. Typical logs took 9.1 times
/// less room in blocks of 64 KiB, 9.4 in these, 9.6 in those of 256 KiB.
const BLOCK_BYTES: usize = 128 * 1024;
/// No line is so long; a frame that says so is damaged.
const MOST_BLOCK_BYTES: usize = 128 * 1024 * 1024;
/// Level 3 took a third more time for the same room.
const LEVEL: i32 = 1;
/// Compressing gives room back in the end, but must not take the last of it before.
const RESERVE_LEFT_BYTES: u64 = super::RESERVE_BYTES / 2;

const FRAME_MAGIC: [u8; 4] = 0xFD2F_B528_u32.to_le_bytes();
const CHECKSUM_MAGIC: [u8; 4] = 0x184D_2A50_u32.to_le_bytes();
const SKIPPABLE_MAGIC: [u8; 4] = 0x184D_2A5E_u32.to_le_bytes();
const TABLE_MAGIC: [u8; 4] = 0x8F92_EAB1_u32.to_le_bytes();
const NO_CHECKSUMS: u8 = 0;
/// The checksum's frame, and the head of the table's.
const BEFORE_TABLE_BYTES: usize = 12 + 8;
const ENTRY_BYTES: usize = 8;
const FOOTER_BYTES: usize = 9;
