//! Rows of which two columns make one indicator, looked up before anything is read.

use feedsieve_core::AddrRange;

use super::Worker;
use super::record::without_cr;
use crate::chunk::{CONTEXT_BYTES, MAX_WHOLE_BYTES, record_end, record_start};
use crate::watch::Watch;

impl<W: Watch> Worker<'_, W> {
    /// Pushes the first of the two cells of each row that concerns an asset or is to be counted.
    ///
    /// Costs nothing in feeds without such columns, and a lookup a row in others.
    pub(super) fn pairs(&self, positions: &mut Vec<usize>) {
        if !self.dialect.has_pair() {
            return;
        }
        let (eol, quoted, chunk) = (self.dialect.eol, &self.job.quoted, &self.job.chunk);
        let floor = chunk.start.saturating_sub(CONTEXT_BYTES);
        let mut start = record_start(self.haystack, floor, quoted, chunk.start, eol);
        while start < chunk.end {
            let end = record_end(self.haystack, self.haystack.len(), quoted, start, eol);
            let end = end.unwrap_or(self.haystack.len());
            let record = start..without_cr(self.haystack, end, eol).max(start);
            if record.len() <= MAX_WHOLE_BYTES
                && self.begins_record(start)
                && let Some(joined) = self.dialect.joined(self.haystack, &record)
                && chunk.contains(&joined.first.start)
                && self.asks_for(joined.range())
            {
                positions.push(joined.first.start);
            }
            start = end + 1;
        }
    }

    /// Whether addresses concern an asset, or are none that are looked up and to be counted.
    fn asks_for(&self, range: Option<AddrRange>) -> bool {
        range.is_none_or(|range| {
            self.is_too_broad(&range) || self.image.lookup_range(range).next().is_some()
        })
    }
}
