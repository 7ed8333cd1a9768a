//! A worker's view of the records of a JSON document, which the cutter has told it.

use std::ops::Range;

use memchr::memchr_iter;

use super::Worker;
use crate::chunk::CONTEXT_BYTES;
use crate::document::{Span, Spans};
use crate::evidence::Record;
use crate::format::Within;
use crate::watch::Watch;

impl<W: Watch> Worker<'_, W> {
    /// Finds the record around a place, as far as [`CONTEXT_BYTES`] to either side, and what it is
    /// within; a place between records is a record of its own, in which nothing is found.
    pub(super) fn find_span(&mut self, spans: &Spans, at: usize) -> Within {
        let floor = at.saturating_sub(CONTEXT_BYTES);
        let ceiling = self.haystack.len().min(at + CONTEXT_BYTES);
        let eol = self.dialect.eol;
        let Some(span) = spans.around(at) else {
            (self.record, self.record_begins, self.record_ends) = (at..at + 1, true, true);
            return Within { eol, is_member: false, about: Default::default() };
        };
        let Range { start, end } = span.range;
        self.record = start.max(floor)..end.min(ceiling);
        self.record_begins = start >= floor && spans.begins(span);
        self.record_ends = end <= ceiling && spans.ends(span);
        Within { eol, is_member: span.is_member, about: span.about }
    }

    /// The record of a place, as the joiner is told of it.
    pub(super) fn span_record(&mut self, spans: &Spans, at: usize) -> Record {
        let chunk = self.job.chunk.clone();
        let alone = Span { range: at..at + 1, is_member: false, about: Default::default() };
        let span = spans.around(at).unwrap_or(&alone);
        let Range { start, end } = span.range;
        let ends = spans.ends(span) && end <= chunk.end;
        let begins = start >= chunk.start && spans.begins(span);
        Record::new(
            begins.then_some(self.job.base + start as u64),
            if begins { self.line_of(start) } else { 0 },
            ends.then_some(self.job.base + end as u64),
        )
    }

    /// The line ends before the record of a place, `None` where it began before the chunk.
    pub(super) fn span_line(&mut self, spans: &Spans, at: usize) -> Option<u64> {
        let start = spans.around(at).map_or(at, |span| span.range.start);
        (start >= self.job.chunk.start).then(|| self.line_of(start))
    }

    /// Whether a record that begins in the chunk may be asked for; of others the joiner knows.
    pub(super) fn is_in_range(&self, spans: &Spans, at: usize) -> bool {
        let start = spans.around(at).map_or(at, |span| span.range.start);
        let range = self.options.range.as_ref();
        start < self.job.chunk.start
            || range.is_none_or(|range| range.contains(&self.job.offset(start)))
    }

    /// Counts the records of the chunk.
    pub(super) fn count_spans(&mut self, spans: &Spans, lines: u64) {
        let chunk = self.job.chunk.clone();
        let offset = |at: usize| self.job.base + at as u64;
        let earlier = spans.all.first().filter(|span| span.range.start < chunk.start);
        let later = &spans.all[usize::from(earlier.is_some())..];
        let scanned = &mut self.scanned;
        scanned.record_count = later.len() as u64;
        let ends_here = |span: &&Span| spans.ends(span) && span.range.end <= chunk.end;
        let ended = earlier.filter(ends_here);
        scanned.first_record_end = ended.map(|span| offset(span.range.end));
        scanned.last_record = later.last().map(|span| {
            let start = span.range.start;
            let behind = memchr_iter(self.dialect.eol, &self.haystack[start..chunk.end]).count();
            (offset(start), lines - behind as u64)
        });
    }
}
