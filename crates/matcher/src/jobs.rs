//! Turns a feed into jobs: a chunk, the bytes around it, and where it stands.

use std::io::{self, Read};
use std::ops::Range;

use crate::chunk::{CONTEXT_BYTES, ChunkSizes, Cut, Cutter};
use crate::document::Spans;
use crate::find::Cpu;
use crate::format::{Dialect, Quoted};
use crate::source::utf16_bytes;

/// A chunk for a worker.
pub(crate) struct Job<'a> {
    pub(crate) bytes: JobBytes<'a>,
    /// The offset of the first of `bytes` in the text that is scanned.
    pub(crate) base: u64,
    /// Its offset in the feed, where that is UTF-16 and no UTF-8.
    pub(crate) origin: Option<u64>,
    /// Positions in `bytes`.
    pub(crate) chunk: Range<usize>,
    /// Quoted fields that hold line ends, as positions in `bytes`.
    pub(crate) quoted: Vec<Quoted>,
    /// Where in `bytes` a record began whose quote never closes.
    pub(crate) unterminated: Option<usize>,
    /// The records of a document, as positions in `bytes`.
    pub(crate) spans: Option<Spans>,
    /// Whether the feed ends with the chunk, and within a document.
    pub(crate) is_torn: bool,
    /// Whether the feed ends with the chunk.
    pub(crate) is_last: bool,
    /// Whether more was to be had at once; else results should not wait for more.
    #[cfg_attr(not(feature = "parallel"), expect(dead_code, reason = "for threads"))]
    pub(crate) is_full: bool,
}

impl Job<'_> {
    /// The same over other bytes, as many.
    pub(crate) fn over<'b>(&self, bytes: JobBytes<'b>) -> Job<'b> {
        Job {
            bytes,
            quoted: self.quoted.clone(),
            chunk: self.chunk.clone(),
            spans: self.spans.clone(),
            ..*self
        }
    }

    /// The offset in the scanned text of a position in `bytes`.
    pub(crate) const fn offset(&self, at: usize) -> u64 {
        self.base + at as u64
    }
}

pub(crate) enum JobBytes<'a> {
    Borrowed(&'a [u8]),
    Owned(Vec<u8>),
}

impl JobBytes<'_> {
    pub(crate) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Owned(bytes) => bytes,
        }
    }
}

/// Bytes that a worker may read before its chunk; a word is looked for in blocks, hence twice.
const BEFORE_BYTES: usize = 2 * CONTEXT_BYTES;

/// Jobs over bytes in memory.
pub(crate) struct SliceJobs<'a> {
    bytes: &'a [u8],
    floor: usize,
    next: usize,
    cutter: Cutter<'a>,
}

impl<'a> SliceJobs<'a> {
    pub(crate) fn new(bytes: &'a [u8], dialect: &'a Dialect, sizes: ChunkSizes, cpu: Cpu) -> Self {
        let cutter = Cutter::new(dialect, sizes, cpu);
        Self { bytes, floor: dialect.bom, next: dialect.bom, cutter }
    }

    /// The offset up to which the bytes were cut.
    pub(crate) const fn cut_to(&self) -> usize {
        self.next
    }

    pub(crate) fn next(&mut self) -> Option<Job<'a>> {
        (self.next < self.bytes.len()).then_some(())?;
        let cut = self.cutter.cut(self.bytes, self.floor, self.next, true)?;
        self.next = cut.chunk.end;
        let start =
            cut.chunk.start.saturating_sub(BEFORE_BYTES).max(self.floor.min(cut.chunk.start));
        let end = self.bytes.len().min(cut.chunk.end + CONTEXT_BYTES);
        let is_last = cut.chunk.end == self.bytes.len();
        Some(job(
            JobBytes::Borrowed(&self.bytes[start..end]),
            (start as u64, None),
            cut,
            start,
            is_last,
            true,
        ))
    }
}

fn job<'a>(
    bytes: JobBytes<'a>,
    (base, origin): (u64, Option<u64>),
    cut: Cut,
    start: usize,
    is_last: bool,
    is_full: bool,
) -> Job<'a> {
    let moved = |range: &Range<usize>| range.start - start..range.end - start;
    Job {
        bytes,
        base,
        origin,
        chunk: moved(&cut.chunk),
        quoted: cut.quoted.iter().map(moved).collect(),
        unterminated: cut.unterminated.map(|at| at - start),
        spans: cut.spans.map(|spans| spans.moved(start)),
        is_torn: cut.is_torn,
        is_last,
        is_full,
    }
}

/// Jobs over a reader.
pub(crate) struct ReaderJobs<'a, 'r> {
    reader: &'r mut dyn Read,
    /// What was read: first what may be looked back at, then what is to be cut.
    buffer: Vec<u8>,
    base: u64,
    /// The offset of the buffer in a feed of UTF-16.
    origin: Option<u64>,
    next: usize,
    is_all: bool,
    cutter: Cutter<'a>,
}

/// Bytes that are asked for in one read.
const READ_BYTES: usize = 256 << 10;

impl<'a, 'r> ReaderJobs<'a, 'r> {
    /// `head` was read already; `is_all` says that nothing comes behind it, and `origin` that the
    /// text was UTF-16, and where it began there.
    pub(crate) fn new(
        reader: &'r mut dyn Read,
        (head, is_all): (Vec<u8>, bool),
        origin: Option<u64>,
        dialect: &'a Dialect,
        sizes: ChunkSizes,
        cpu: Cpu,
    ) -> Self {
        let cutter = Cutter::new(dialect, sizes, cpu);
        // Nothing may look back at the byte order mark.
        let buffer = head[dialect.bom..].to_vec();
        Self { reader, buffer, base: dialect.bom as u64, origin, next: 0, is_all, cutter }
    }

    /// The next job; an error comes after the jobs for everything that was read before it.
    pub(crate) fn next(&mut self, error: &mut Option<io::Error>) -> Option<Job<'static>> {
        loop {
            let enough = self.buffer.len() - self.next >= self.cutter.bytes_needed();
            let was_short = if self.is_all || enough { false } else { self.read(error) };
            let enough = self.buffer.len() - self.next >= self.cutter.bytes_needed();
            (self.next < self.buffer.len() || !self.is_all).then_some(())?;
            if (self.is_all || enough || was_short)
                && let Some(job) = self.cut(!was_short)
            {
                return Some(job);
            }
        }
    }

    /// Reads once; tells whether less came than was asked for, as from a slow pipe.
    fn read(&mut self, error: &mut Option<io::Error>) -> bool {
        let len = self.buffer.len();
        self.buffer.resize(len + READ_BYTES, 0);
        let read = loop {
            match self.reader.read(&mut self.buffer[len..]) {
                Err(again) if again.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        let count = match read {
            Ok(count) => count,
            Err(failed) => {
                *error = Some(failed);
                0
            }
        };
        self.is_all = count == 0;
        self.buffer.truncate(len + count);
        // A pipe hands out 64 KiB at most, so a short read alone says little.
        count < (64 << 10) && !self.is_all
    }

    fn cut(&mut self, is_full: bool) -> Option<Job<'static>> {
        let cut = self.cutter.cut(&self.buffer, 0, self.next, self.is_all)?;
        (!cut.chunk.is_empty()).then_some(())?;
        let end = self.buffer.len().min(cut.chunk.end + CONTEXT_BYTES);
        let is_last = self.is_all && cut.chunk.end == self.buffer.len();
        let bytes = self.buffer[..end].to_vec();
        self.next = cut.chunk.end;
        let at = (self.base, self.origin);
        let job = job(JobBytes::Owned(bytes), at, cut, 0, is_last, is_full);
        // Keep what the next chunk may look back at.
        let drop = self.next.saturating_sub(BEFORE_BYTES);
        self.origin = self.origin.map(|origin| origin + utf16_bytes(&self.buffer[..drop]));
        self.buffer.drain(..drop);
        self.base += drop as u64;
        self.next -= drop;
        Some(job)
    }
}
