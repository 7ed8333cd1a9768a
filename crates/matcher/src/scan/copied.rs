//! What a hit copies of its record, and the fields that were asked for.

use std::ops::Range;
use std::sync::Arc;

use super::{Indicator, Worker};
use crate::chunk::CONTEXT_BYTES;
use crate::evidence::{Concerned, Index};
use crate::fields::bit;
use crate::format::{Copied, Place};
use crate::reading::{Escapes, Text, plain_url};
use crate::watch::Watch;

/// What was copied of the last record; the bytes are those of the haystack.
#[derive(Debug, Default)]
pub(super) struct LastCopy {
    last: Option<(Range<usize>, Arc<Copied>)>,
    /// Of the last record with evidence, where the first of it stands for each asset; ascending.
    first: Vec<(Concerned, u64)>,
}

impl LastCopy {
    /// Another record has evidence.
    pub(super) fn begin(&mut self) {
        self.first.clear();
    }

    /// Whether evidence at this offset is the first for its asset so far.
    fn is_first(&mut self, concerned: Concerned, at: u64) -> bool {
        match self.first.binary_search_by_key(&concerned, |(known, _)| *known) {
            Ok(index) if self.first[index].1 <= at => return false,
            Ok(index) => self.first[index].1 = at,
            Err(index) => self.first.insert(index, (concerned, at)),
        }
        true
    }
}

impl<W: Watch> Worker<'_, W> {
    /// Whether a place stands in a field that was asked for.
    ///
    /// Where a record is too long to tell its fields, it may be any of them.
    pub(super) fn is_asked_for(&mut self, place: &Place) -> bool {
        let Some(fields) = &self.options.fields else { return true };
        let held = place.name.as_deref().and_then(|name| fields.holding(name));
        self.scanned.seen_fields |= held.unwrap_or(0);
        held.is_some() || place.is_too_long
    }

    /// What is copied of the record around an indicator, where that may be the one that is shown.
    pub(super) fn copied(&mut self, found: &Indicator<'_>, concerned: Concerned) -> Index {
        let options = self.options;
        let at = self.job.offset(found.at);
        let is_of_record = options.keep.is_some() || options.with_record;
        if !is_of_record && found.url.is_none() || !self.last_copy.is_first(concerned, at) {
            return Index::NONE;
        }
        let mut copied = if is_of_record { self.copied_of(found) } else { Arc::default() };
        if let Some(url) = found.url.clone() {
            Arc::make_mut(&mut copied).url = self.url(url, found.place.escapes);
        }
        self.scanned.findings.copy(copied)
    }

    /// A URL as programs follow it.
    fn url(&self, url: Range<usize>, escapes: Escapes) -> Option<String> {
        let mut text = Text::default();
        text.rewrite(&self.haystack[url], escapes);
        plain_url(&text.bytes)
    }

    fn copied_of(&mut self, found: &Indicator<'_>) -> Arc<Copied> {
        let options = self.options;
        let Some(record) = self.whole_record() else {
            let record = options.with_record.then(|| self.cut_record(found.at)).flatten();
            return Arc::new(Copied { record, is_cut: true, ..Copied::default() });
        };
        let last = self.last_copy.last.as_ref();
        if let Some((_, copied)) = last.filter(|(known, _)| *known == record) {
            return copied.clone();
        }
        let bytes = &self.haystack[record.clone()];
        let keep = options.keep.as_ref().filter(|_| found.place.name.is_some());
        let fields = keep.map(|names| self.dialect.kept(bytes, names)).unwrap_or_default();
        for (index, name) in options.keep.iter().flat_map(|names| names.iter()).enumerate() {
            if fields.iter().any(|(kept, _)| kept == name) {
                self.scanned.seen_kept |= bit(index);
            }
        }
        let text = options.with_record.then(|| self.dialect.redacted(bytes)).flatten();
        let copied = Arc::new(Copied { fields, record: text, ..Copied::default() });
        self.last_copy.last = Some((record, copied.clone()));
        copied
    }

    /// What stands around a place in a record that is too long, unless it may hold a secret.
    fn cut_record(&self, at: usize) -> Option<String> {
        (!self.dialect.may_hold_secrets()).then_some(())?;
        let Range { start, end } = self.record;
        let reach = CONTEXT_BYTES / 2;
        let near = start.max(at.saturating_sub(reach))..end.min(at + reach);
        Some(String::from_utf8_lossy(&self.haystack[near]).into_owned())
    }
}
