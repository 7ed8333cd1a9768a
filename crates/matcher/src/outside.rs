//! Records that begin outside the bytes that a scan is asked for.
//!
//! A scan of a range reads its feed from the start, for only that tells lines and quotes apart.
//! What lies before the range is cut and counted and not searched; of what lies behind it, no
//! more is read than the record needs that begins before its end. A document of JSON is searched as
//! a whole: where its records begin is told with each chunk only.

use std::ops::Range;

use crate::chunk::{record_end, record_start};
use crate::document::Span;
use crate::jobs::Job;

/// Records that begin and end in a chunk, and begin outside the range; in a document those that
/// begin there, wherever they end.
///
/// The record that is open where the chunk begins is not among them: only the joiner knows where
/// that began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outside {
    pub(crate) records: u64,
    /// Those of them that hold nothing but blanks.
    pub(crate) blank: u64,
}

impl Outside {
    /// Counts them; a chunk that lies in the range as a whole has none.
    pub(crate) fn of(job: &Job<'_>, eol: u8, range: &Range<u64>) -> Self {
        let mut outside = Self::default();
        if range.start <= job.offset(job.chunk.start) && job.offset(job.chunk.end) <= range.end {
            return outside;
        }
        if let Some(spans) = &job.spans {
            let begins = |span: &&Span| span.range.start >= job.chunk.start;
            let starts = spans.all.iter().filter(begins).map(|span| job.offset(span.range.start));
            outside.records = starts.filter(|start| !range.contains(start)).count() as u64;
            return outside;
        }
        let haystack = job.bytes.as_slice();
        let end_of = |at| record_end(haystack, job.chunk.end, &job.quoted, at, eol);
        let mut next = end_of(job.chunk.start).map(|end| end + 1);
        while let Some(start) = next {
            let Some(end) = end_of(start) else { break };
            if !range.contains(&job.offset(start)) {
                outside.records += 1;
                outside.blank += u64::from(is_blank(&haystack[start..end]));
            }
            next = Some(end + 1);
        }
        outside
    }
}

/// Whether no record can begin in the chunk that the range holds.
pub(crate) fn is_before(job: &Job<'_>, range: &Range<u64>) -> bool {
    job.spans.is_none() && job.offset(job.chunk.end) <= range.start
}

/// Whether every record that begins behind the chunk begins behind the range too.
pub(crate) fn is_last(job: &Job<'_>, eol: u8, range: &Range<u64>) -> bool {
    let Range { start, end } = job.chunk;
    if let Some(spans) = &job.spans {
        return spans.all.last().is_some_and(|last| job.offset(last.range.start) >= range.end);
    }
    let haystack: &[u8] = job.bytes.as_slice();
    let last = || record_start(haystack, start, &job.quoted, end, eol);
    job.offset(end) >= range.end && last() > start && job.offset(last()) >= range.end
}

/// Whether a line says nothing.
pub(crate) fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
}
