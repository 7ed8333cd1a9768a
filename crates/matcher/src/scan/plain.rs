//! Fields that are an address, a prefix or a name and nothing else, which most hits are.
//!
//! No word has to be looked for in them, and nothing undone; they are the same to the reader.

use std::mem::take;
use std::ops::Range;

use super::{Indicator, Worker};
use crate::format::{Format, Place};
use crate::hit::Role;
use crate::reading::{MAX_PLAIN_BYTES, Plain, judge};
use crate::watch::Watch;

impl<W: Watch> Worker<'_, W> {
    /// Reads the line around a place, where nothing else stands on it, and returns where the next
    /// place may be.
    ///
    /// For formats in which such a line is a field without a name; `None` where it needs more care.
    pub(super) fn plain_line(&mut self, at: usize) -> Option<usize> {
        let has_lines = matches!(self.dialect.format, Format::List | Format::Text);
        let (chunk, eol) = (&self.job.chunk, self.dialect.eol);
        (has_lines && self.options.fields.is_none() && chunk.contains(&at)).then_some(())?;
        let belongs = |b: &&u8| b.is_ascii_alphanumeric() || b".-:/".contains(b);
        let floor = chunk.start.max(at.saturating_sub(MAX_PLAIN_BYTES));
        let before = self.haystack[floor..at].iter().rev().take_while(belongs).count();
        let ceiling = chunk.end.min(at + MAX_PLAIN_BYTES);
        let behind = self.haystack[at..ceiling].iter().take_while(belongs).count();
        let line = at - before..at + behind;
        let has_cr = eol == b'\n' && self.haystack.get(line.end) == Some(&b'\r');
        let end = line.end + usize::from(has_cr);
        let is_line = end < chunk.end
            && self.haystack[end] == eol
            && self.begins_record(line.start)
            && self.job.offset(line.start) >= self.dialect.heading_end;
        is_line.then_some(())?;
        let plain = judge(&self.haystack[line.clone()], &mut self.name)?;
        (self.record, self.record_begins, self.record_ends) = (line.start..end, true, true);
        self.report_plain(plain, &Place::unnamed(line.clone()));
        Some(line.end.max(at + 1))
    }

    /// Reads a field, where nothing else stands in it, and returns where the next place may be;
    /// `None` where it needs more care.
    pub(super) fn plain_field(&mut self, place: &Place, at: usize) -> Option<usize> {
        let field = place.field.clone();
        field.contains(&at).then_some(())?;
        let plain = judge(&self.haystack[field.clone()], &mut self.name)?;
        self.report_plain(plain, place);
        Some(field.end)
    }

    /// Looks up what fills a field; a name is in `self.name`.
    fn report_plain(&mut self, plain: Plain, place: &Place) {
        let field: Range<usize> = place.field.clone();
        if !self.job.chunk.contains(&field.start) {
            return;
        }
        let (range, flags) = match plain {
            Plain::Addrs(range, _, flags) => (Some(range), flags),
            Plain::Name => (None, Default::default()),
        };
        let role = match place.role {
            Some(role) if role != Role::Version || range.is_some() => role,
            _ => Role::Indicator,
        };
        let found = Indicator {
            at: field.start,
            raw: field,
            role,
            flags,
            port: None,
            url: None,
            range,
            place,
        };
        if !self.begin(&found) {
            return;
        }
        match plain {
            Plain::Addrs(range, kind, _) => self.addrs(&found, range, kind),
            Plain::Name => {
                let name = take(&mut self.name);
                self.name(&found, &name, place.is_subtree && !place.is_certificate);
                self.name = name;
            }
        }
    }
}
