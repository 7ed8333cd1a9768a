//! What a hit copies of its record, and the fields that were asked for.

use std::ops::Range;
use std::sync::Arc;

use super::{Indicator, Worker};
use crate::chunk::CONTEXT_BYTES;
use crate::fields::bit;
use crate::format::{Copied, Place};
use crate::watch::Watch;

/// What was copied of the last record; the bytes are those of the haystack.
#[derive(Debug, Default)]
pub(super) struct LastCopy(Option<(Range<usize>, Arc<Copied>)>);

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

    /// What is copied of the record around an indicator.
    pub(super) fn copied(&mut self, found: &Indicator<'_>) -> Option<Arc<Copied>> {
        let options = self.options;
        if options.keep.is_none() && !options.with_record {
            return None;
        }
        let Some(record) = self.whole_record() else {
            let record = options.with_record.then(|| self.cut_record(found.at)).flatten();
            return Some(Arc::new(Copied { fields: Vec::new(), record, is_cut: true }));
        };
        if let Some((_, copied)) = self.last_copy.0.as_ref().filter(|(known, _)| *known == record) {
            return Some(copied.clone());
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
        let copied = Arc::new(Copied { fields, record: text, is_cut: false });
        self.last_copy = LastCopy(Some((record, copied.clone())));
        Some(copied)
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
