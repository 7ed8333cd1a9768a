//! The facts beside the evidence, looked for where there is a hit.

use std::ops::Range;

use super::record::without_cr;
use super::{Indicator, Worker};
use crate::chunk::MAX_WHOLE_BYTES;
use crate::evidence::{Index, Written};
use crate::facts::{Facts, JudgedNames, Neighbours};
use crate::hit::Role;
use crate::watch::Watch;

/// What was found beside the last evidence.
#[derive(Debug, Default)]
pub(super) struct Known<'j> {
    /// The record of it, and what stands in that; the bytes are those of the haystack.
    record: Option<(Range<usize>, Option<Neighbours<'j>>)>,
    names: JudgedNames,
    /// For the indicator that is looked up.
    facts: Option<Index>,
    /// Its text, and whether what is written in its place is no text.
    pub(super) written: Option<(Written, bool)>,
}

impl Known<'_> {
    /// Another indicator is looked up.
    pub(super) fn begin(&mut self) {
        (self.facts, self.written) = (None, None);
    }
}

impl<W: Watch> Worker<'_, W> {
    /// What stands beside an indicator in its record.
    ///
    /// The record is that of the last place, which the indicator was read from.
    pub(super) fn facts(&mut self, found: &Indicator<'_>) -> Index {
        if let Some(facts) = self.known.facts {
            return facts;
        }
        let facts = self.facts_of(found).filter(|facts| !facts.is_empty());
        let facts = facts.map_or(Index::NONE, |facts| self.scanned.findings.beside(facts));
        self.known.facts = Some(facts);
        facts
    }

    fn facts_of(&mut self, found: &Indicator<'_>) -> Option<Facts> {
        let name = found.place.name.as_deref()?;
        let record = self.whole_record()?;
        if self.known.record.as_ref().is_none_or(|(known, _)| *known != record) {
            let haystack = self.haystack;
            let neighbours = self.dialect.neighbours(&haystack[record.clone()]);
            self.known.record = Some((record, neighbours));
        }
        let Known { record, names, .. } = &mut self.known;
        let (_, neighbours) = record.as_ref()?;
        let mut facts = neighbours.as_ref()?.facts(name, found.range.is_some(), names);
        // The port of a URL, of a name in running text or of mail is not written in a column.
        facts.port = facts.port.filter(|_| found.role == Role::Indicator);
        Some(facts)
    }

    /// The record of the last place, unless it is too long to be seen whole from everywhere.
    pub(super) fn whole_record(&self) -> Option<Range<usize>> {
        let Range { start, end } = self.record;
        let end = without_cr(self.haystack, end, self.dialect.eol).max(start);
        let is_whole = self.record_begins && self.record_ends && end - start <= MAX_WHOLE_BYTES;
        is_whole.then_some(start..end)
    }
}
