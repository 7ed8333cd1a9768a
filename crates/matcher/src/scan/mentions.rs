//! Keywords of a chunk: where they are, and what a record says by them.

use std::ops::Range;

use feedsieve_core::Relation;
use serde::de::IgnoredAny;

use super::{Indicator, Worker};
use crate::IndicatorKind;
use crate::format::Place;
use crate::hit::{Flags, Role};
use crate::keywords::{Mention, Part};
use crate::reading::Escapes;
use crate::watch::Watch;

impl<W: Watch> Worker<'_, W> {
    /// The keywords that may begin in the chunk, ascending; none unless they are asked for.
    pub(super) fn mentions(&mut self) -> Vec<Mention> {
        let options = self.options;
        let Some(keywords) = &options.keywords else { return Vec::new() };
        let chunk = self.job.chunk.clone();
        let haystack = self.haystack;
        let ceiling = haystack.len().min(chunk.end + keywords.reach_bytes());
        let has_escapes = self.dialect.format.is_json();
        let (mut places, mut found) = (Vec::new(), Vec::new());
        keywords.suspects(haystack, chunk.start..ceiling, has_escapes, &mut places);
        places.sort_unstable();
        let (mut field, mut window): (Range<usize>, Range<usize>) = (0..0, 0..0);
        for at in places {
            if keywords.is_within(&window, &field, at) {
                continue;
            }
            let place = self.place(at);
            field = place.field.clone();
            window = keywords.window(&field, at);
            if place.is_secret || place.is_no_data {
                window.end = field.end;
                continue;
            }
            let part = Part {
                haystack,
                field: &field,
                escapes: place.escapes,
                is_quoted: place.escapes == Escapes::Quotes,
            };
            keywords.read(&part, window.clone(), &mut found);
        }
        found.retain(|mention| chunk.contains(&mention.start));
        found.sort_unstable();
        found.dedup();
        self.begin_places();
        found
    }

    /// Keeps what a keyword is evidence of.
    pub(super) fn mention(&mut self, mention: &Mention) {
        let raw = mention.start..mention.end;
        let place = self.place(raw.start);
        if !self.is_asked_for(&place) {
            return;
        }
        let is_in_field = place.field.start <= raw.start && raw.end <= place.field.end;
        if place.is_secret || place.is_no_data || !is_in_field || self.is_no_text(&place, raw.end) {
            return;
        }
        let image = self.image;
        let asset = image.asset(mention.asset);
        let is_latin1 = str::from_utf8(&self.haystack[raw.clone()]).is_err();
        let found = Indicator {
            at: raw.start,
            raw,
            role: place.role.unwrap_or(Role::Text),
            flags: Flags::LATIN1.when(is_latin1),
            port: None,
            url: None,
            range: None,
            place: &place,
        };
        self.most_specific.begin();
        self.known.begin();
        let keyword = asset.value().to_string();
        self.watch.read(&found);
        self.watch.looked_up(IndicatorKind::Keyword, &keyword, false);
        self.keep(&found, asset, Relation::Mention, IndicatorKind::Keyword, &keyword);
    }

    /// Whether what ends at `end` is in JSON and in none of its strings, as a number is.
    fn is_no_text(&self, place: &Place, end: usize) -> bool {
        let is_outside = self.dialect.format.is_json()
            && place.name.is_none()
            && place.role.is_none()
            && !place.is_too_long;
        let until = &self.haystack[self.record.start..end];
        let is_json = |until: &[u8]| {
            serde_json::from_slice::<IgnoredAny>(until).map_or_else(|e| e.is_eof(), |_| true)
        };
        // What begins within an object begins with a key.
        let spans = self.job.spans.as_ref();
        let span = spans.and_then(|spans| spans.around(self.record.start));
        is_outside
            && match span.is_some_and(|span| span.is_member) {
                true => is_json(&[b"{", until].concat()),
                false => is_json(until),
            }
    }
}
