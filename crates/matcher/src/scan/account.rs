//! What a chunk is counted as: lines, records, blanks, and what was no indicator.

use std::ops::Range;

use memchr::{memchr_iter, memrchr};

use super::{Scanned, Worker};
use crate::chunk::{record_end, record_start};
use crate::find::Found;
use crate::outside::{Outside, is_blank};
use crate::scan::record::without_cr;
use crate::watch::Watch;

impl<W: Watch> Worker<'_, W> {
    /// The finder began at `head`, with a word that the chunk's start cuts.
    pub(super) fn count(&mut self, found: &Found, chunk: &Range<usize>, head: usize) {
        let eol = self.dialect.eol;
        let bytes = &self.haystack[chunk.clone()];
        let first = memchr::memchr(eol, bytes);
        let last = memrchr(eol, bytes);
        let (mut quoted, mut quoted_blank) = (0, 0);
        for field in self.job.quoted.iter().filter(|field| chunk.contains(&field.start)) {
            let inside = &self.haystack[field.start..field.end.min(chunk.end)];
            quoted += memchr_iter(eol, inside).count() as u64;
            let mut lines: Vec<_> = inside.split(|&b| b == eol).collect();
            // The line on which the quote opens and the one on which it closes hold a quote.
            lines.pop();
            quoted_blank += lines.iter().skip(1).filter(|line| is_blank(line)).count() as u64;
        }
        if let Some(record) = self.job.unterminated {
            self.reject("unterminated-quote", record);
        }
        let last_record = self.last_record(found.lines);
        let scanned = &mut self.scanned;
        scanned.bytes = bytes.len() as u64;
        scanned.candidates = found.candidates;
        scanned.line_ends = found.lines;
        scanned.ends_line = bytes.last() == Some(&eol);
        scanned.is_torn = self.job.is_torn;
        if let Some(spans) = &self.job.spans {
            return self.count_spans(spans, found.lines);
        }
        scanned.record_count = found.lines - quoted;
        scanned.blank_records = found.blank_lines - quoted_blank;
        let head_end = chunk.start + first.unwrap_or(bytes.len());
        scanned.is_head_blank = is_blank(&self.haystack[head..head_end]);
        scanned.is_tail_blank = is_blank(&bytes[last.map_or(0, |last| last + 1)..]);
        let quoted = &self.job.quoted;
        let end = record_end(self.haystack, chunk.end, quoted, chunk.start, eol);
        let end = end.map(|end| self.job.offset(without_cr(self.haystack, end, eol)));
        scanned.first_record_end = end;
        scanned.last_record = last_record;
    }

    /// Counts a chunk before the range that is asked for: lines, and records by their ends.
    pub(super) fn count_unsearched(&mut self) {
        let (chunk, eol) = (self.job.chunk.clone(), self.dialect.eol);
        let inside = |range: Range<usize>| memchr_iter(eol, &self.haystack[range]).count() as u64;
        let lines = inside(chunk.clone());
        let quoted = self.job.quoted.iter().filter(|field| chunk.contains(&field.start));
        let quoted: u64 = quoted.map(|field| inside(field.start..field.end.min(chunk.end))).sum();
        // None of these records counts as blank.
        let outside = Outside { blank: 0, ..self.scanned.outside };
        let last_record = self.last_record(lines);
        // A record that begins right behind may be in the range, and has been blank so far.
        let end = self.job.offset(chunk.end);
        let is_tail_blank = last_record.is_some_and(|(start, _)| start == end);
        self.scanned = Scanned {
            bytes: chunk.len() as u64,
            line_ends: lines,
            record_count: lines - quoted,
            ends_line: self.haystack[..chunk.end].last() == Some(&eol),
            is_torn: self.job.is_torn,
            last_record,
            is_tail_blank,
            outside,
            findings: std::mem::take(&mut self.scanned.findings),
            ..Scanned::default()
        };
        if let Some(spans) = &self.job.spans {
            self.count_spans(spans, lines);
        }
    }

    /// Where the last record begins that begins in the chunk, and the line ends before it.
    fn last_record(&self, lines: u64) -> Option<(u64, u64)> {
        let (Range { start, end }, eol) = (self.job.chunk.clone(), self.dialect.eol);
        let record = record_start(self.haystack, start, &self.job.quoted, end, eol);
        let behind = memchr_iter(eol, &self.haystack[record..end]).count() as u64;
        (record > start).then(|| (self.job.offset(record), lines - behind))
    }

    /// Line ends in the chunk before a place; places come in order, or nearly.
    pub(super) fn line_of(&mut self, at: usize) -> u64 {
        let eol = self.dialect.eol;
        if at >= self.counted_to {
            let between = &self.haystack[self.counted_to..at];
            // Most of the next records are near, and a call costs more than they have bytes.
            self.counted += match between.len() {
                0..SHORT_BYTES => between.iter().filter(|&&b| b == eol).count() as u64,
                _ => memchr_iter(eol, between).count() as u64,
            };
            self.counted_to = at;
            return self.counted;
        }
        memchr_iter(eol, &self.haystack[self.job.chunk.start..at]).count() as u64
    }

    pub(super) fn reject(&mut self, reason: &'static str, at: usize) {
        if let Some(spans) = &self.job.spans {
            let is_wanted = self.is_in_range(spans, at);
            let line = self.span_line(spans, at);
            return self.scanned.rejected.extend(is_wanted.then_some((reason, line)));
        }
        let eol = self.dialect.eol;
        let (mut start, known) = self.rejected;
        let is_same_line = (self.job.chunk.start..=at).contains(&known)
            && memchr::memchr(eol, &self.haystack[known..at]).is_none();
        // A long line of nothing but rejects would be searched back to its start for each.
        if !is_same_line {
            start = record_start(self.haystack, self.job.chunk.start, &self.job.quoted, at, eol);
        }
        self.rejected = (start, at);
        // Where the chunk's first record began, the joiner knows.
        if start > self.job.chunk.start
            && let Some(range) = &self.options.range
            && !range.contains(&self.job.offset(start))
        {
            return;
        }
        let line = self.line_of(start);
        self.scanned.rejected.push((reason, Some(line)));
    }
}

/// Bytes that are counted on the spot.
const SHORT_BYTES: usize = 64;
