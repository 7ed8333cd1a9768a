//! The record around a place, and the field in it.

use smallvec::SmallVec;

use super::Worker;
use crate::chunk::{CONTEXT_BYTES, holding, record_end, record_start};
use crate::evidence::Record;
use crate::format::{Followed, Place, Surroundings};
use crate::hit::Role;
use crate::watch::Watch;

impl<W: Watch> Worker<'_, W> {
    /// The field around a place.
    pub(super) fn place(&mut self, at: usize) -> Place {
        let within = match &self.job.spans {
            Some(spans) => Some(self.find_span(spans, at)),
            None => {
                self.find_record(at);
                None
            }
        };
        let record = self.record.clone();
        let begins = self.record_begins;
        let end = without_cr(self.haystack, record.end, self.dialect.eol).max(record.start);
        let around = Surroundings {
            haystack: self.haystack,
            record: record.start..end,
            begins,
            ends: self.record_ends,
            within,
            at,
        };
        if self.job.base + (at as u64) < self.dialect.heading_end {
            return Place { role: Some(Role::Comment), ..Place::unnamed(around.record) };
        }
        self.dialect.place(&around, &mut self.followed).unwrap_or_else(|| {
            let about = within.map(|within| within.about).unwrap_or_default();
            let place = Place {
                is_too_long: !begins,
                // A field that is not known may be the one that holds a secret.
                is_secret: !begins && self.dialect.has_secrets(),
                ..Place::unnamed(around.record.clone())
            };
            place.within(about)
        })
    }

    /// Places ascend from the chunk's start once more.
    pub(super) fn begin_places(&mut self) {
        (self.record, self.record_ends, self.followed) = (0..0, false, Followed::default());
    }

    /// Finds the record around a place, as far as [`CONTEXT_BYTES`] to either side.
    ///
    /// Places ascend, so within a record only what comes into sight is searched;
    /// a long line with many places would be searched over and over otherwise.
    fn find_record(&mut self, at: usize) {
        let eol = self.dialect.eol;
        let floor = at.saturating_sub(CONTEXT_BYTES);
        let ceiling = self.haystack.len().min(at + CONTEXT_BYTES);
        if !self.record.contains(&at) {
            self.record = record_start(self.haystack, floor, &self.job.quoted, at, eol)..at;
            self.record_ends = false;
        }
        self.record.start = self.record.start.max(floor);
        self.record_begins = self.begins_record(self.record.start);
        if !self.record_ends {
            let known = self.record.end;
            let end = record_end(self.haystack, ceiling, &self.job.quoted, known, eol);
            self.record_ends = end.is_some() || ceiling == self.haystack.len();
            self.record.end = end.unwrap_or(ceiling);
        }
    }

    /// The record of a place, added where it has no evidence yet.
    pub(super) fn record_of(&mut self, at: usize) -> usize {
        let chunk = self.job.chunk.clone();
        let eol = self.dialect.eol;
        let offset = self.job.base + at as u64;
        if let Some(last) = self.scanned.records.last()
            && last.start.is_none_or(|start| start <= offset)
            // Records of a document may touch.
            && last.end.is_none_or(|end| offset < end + u64::from(self.job.spans.is_none()))
        {
            return self.scanned.records.len() - 1;
        }
        if let Some(spans) = &self.job.spans {
            let record = self.span_record(spans, at);
            self.scanned.records.push(record);
            return self.scanned.records.len() - 1;
        }
        let start = record_start(self.haystack, chunk.start, &self.job.quoted, at, eol);
        let begins_here = start > chunk.start || self.begins_record(start);
        let end = record_end(self.haystack, chunk.end, &self.job.quoted, at, eol);
        let end = end.or((self.job.is_last).then_some(chunk.end));
        let end = end.map(|end| self.job.base + without_cr(self.haystack, end, eol) as u64);
        let line = self.line_of(start);
        let start = begins_here.then_some(self.job.base + start as u64);
        self.scanned.records.push(Record { start, line, end, assets: SmallVec::new() });
        self.scanned.records.len() - 1
    }

    /// Whether a record begins here; a quoted line end begins none.
    pub(super) fn begins_record(&self, at: usize) -> bool {
        let ends_record = |before: usize| {
            self.haystack[before] == self.dialect.eol && holding(&self.job.quoted, before).is_none()
        };
        self.job.base + at as u64 <= self.dialect.bom as u64
            || at.checked_sub(1).is_some_and(ends_record)
    }
}

/// Before the CR that belongs to a line end at `end`.
pub(super) fn without_cr(haystack: &[u8], end: usize, eol: u8) -> usize {
    let has_cr =
        eol == b'\n' && end > 0 && haystack[end - 1] == b'\r' && haystack.get(end) == Some(&eol);
    end - usize::from(has_cr)
}
