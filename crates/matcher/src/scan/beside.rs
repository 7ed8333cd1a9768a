//! The facts beside the evidence, looked for where there is a hit.

use std::ops::Range;
use std::sync::Arc;

use super::record::without_cr;
use super::{Indicator, Worker};
use crate::chunk::MAX_WHOLE_BYTES;
use crate::facts::{Facts, Neighbours};
use crate::hit::Role;
use crate::watch::Watch;

/// What was found beside the last evidence.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The record of it, and what stands in that; the bytes are those of the haystack.
    record: Option<(Range<usize>, Option<Neighbours>)>,
    /// For the indicator that is looked up.
    facts: Option<Option<Arc<Facts>>>,
}

impl Known {
    /// Another indicator is looked up.
    pub(super) fn begin(&mut self) {
        self.facts = None;
    }
}

impl<W: Watch> Worker<'_, W> {
    /// What stands beside an indicator in its record.
    ///
    /// The record is that of the last place, which the indicator was read from.
    pub(super) fn facts(&mut self, found: &Indicator<'_>) -> Option<Arc<Facts>> {
        if let Some(facts) = &self.known.facts {
            return facts.clone();
        }
        let facts = self.facts_of(found).filter(|facts| !facts.is_empty()).map(Arc::new);
        self.known.facts = Some(facts.clone());
        facts
    }

    fn facts_of(&mut self, found: &Indicator<'_>) -> Option<Facts> {
        let name = found.place.name.as_deref()?;
        let record = self.whole_record()?;
        if self.known.record.as_ref().is_none_or(|(known, _)| *known != record) {
            let neighbours = self.dialect.neighbours(&self.haystack[record.clone()]);
            self.known.record = Some((record, neighbours));
        }
        let (_, neighbours) = self.known.record.as_ref()?;
        let mut facts = neighbours.as_ref()?.facts(name, found.range.is_some());
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
