//! Joins what the workers found, in the order of the feed.
//!
//! Line numbers, records that a chunk's end cuts, and the accounting are known
//! only here. Nothing here looks at the feed's bytes.

use feedsieve_core::{Image, Owner, ValueRef};
use smallvec::SmallVec;

use crate::evidence::{Concerned, EVERY_OWNER, Findings, Gathered, Group, Withheld, groups};
use crate::fields::{FieldNames, FieldSet};
use crate::hit::{Also, Flags, Hit};
use crate::limits::SCAN_LIMITS;
use crate::scan::{Options, Scanned};
use crate::sink::Sink;
use crate::stats::ScanStats;
use crate::written::{push_ends, push_prefix};

/// Takes chunks in order and hands hits to a sink.
pub(crate) struct Joiner<'i, 'f> {
    image: &'i Image,
    options: &'i Options,
    feed: &'f str,
    stats: ScanStats,
    /// Hits of each participant, by index.
    participants: Vec<u64>,
    /// Of those that had a hit, the id and the group, which the image has to look up.
    named: Vec<Option<Named<'i>>>,
    /// The value of the asset of the last hit, as text.
    value: String,
    /// Line ends before the next chunk.
    line_ends: u64,
    /// The offset at which the next chunk begins.
    offset: u64,
    /// The offset and the line, from 0, of the record that is open there.
    open: (u64, u64),
    /// Whether all of the open line's bytes are blanks so far.
    is_open_blank: bool,
    /// Whether records are lines, and not parts of a document.
    has_lines: bool,
    /// Whether the last line is not ended.
    is_line_open: bool,
    /// Whether the feed ends within a document.
    is_torn: bool,
    /// The open record, where it has evidence.
    pending: Option<Pending>,
    /// Fields that were asked for and occurred.
    seen_fields: FieldSet,
    seen_kept: FieldSet,
}

/// A participant as hits name it.
#[derive(Clone, Copy)]
struct Named<'i> {
    id: &'i str,
    group: Option<&'i str>,
}

/// A record of which the end is not seen yet.
struct Pending {
    start: u64,
    line: u64,
    end: Option<u64>,
    gathered: Gathered,
}

impl<'i, 'f> Joiner<'i, 'f> {
    /// The feed's records begin at `start`, behind a byte order mark.
    pub(crate) fn new(
        image: &'i Image,
        options: &'i Options,
        feed: &'f str,
        stats: ScanStats,
        start: u64,
    ) -> Self {
        let has_lines = stats.format.shape().is_none();
        Self {
            image,
            options,
            feed,
            stats,
            participants: vec![0; image.participant_count()],
            named: vec![None; image.participant_count()],
            value: String::new(),
            line_ends: 0,
            offset: start,
            open: (start, 0),
            is_open_blank: has_lines,
            has_lines,
            is_line_open: false,
            is_torn: false,
            pending: None,
            seen_fields: 0,
            seen_kept: 0,
        }
    }

    /// Fields of the feed's beginning that were asked for, to be searched and to be kept.
    pub(crate) fn saw(&mut self, fields: FieldSet, kept: FieldSet) {
        self.seen_fields |= fields;
        self.seen_kept |= kept;
    }

    /// Takes the next chunk; `false` where the sink asked to stop.
    pub(crate) fn join<S: Sink>(
        &mut self,
        chunk: &Scanned,
        sink: &mut S,
    ) -> Result<bool, S::Error> {
        self.account(chunk);
        let (bytes, line_ends, last_record) = (chunk.bytes, chunk.line_ends, chunk.last_record);
        let goes_on = self.join_records(chunk, sink);
        // A chunk in which the sink stopped was scanned all the same.
        if let Some((start, line_ends)) = last_record {
            self.open = (start, self.line_ends + line_ends);
        }
        self.line_ends += line_ends;
        self.offset += bytes;
        Ok(goes_on? && sink.progress(self.offset)?)
    }

    fn join_records<S: Sink>(&mut self, chunk: &Scanned, sink: &mut S) -> Result<bool, S::Error> {
        let (open_start, open_line) = self.open;
        let first_end = chunk.first_record_end;
        let findings = &chunk.findings;
        for (record, evidence) in findings.records() {
            let (start, line) = match record.start {
                Some(start) => (start, self.line_ends + record.line),
                None => (open_start, open_line),
            };
            if let Some(pending) = &mut self.pending {
                if pending.start == start {
                    pending.gathered.add(findings, evidence);
                    pending.end = record.end;
                } else {
                    pending.end = pending.end.or(first_end);
                    if !self.flush(sink)? {
                        return Ok(false);
                    }
                }
            }
            let goes_on = match (&self.pending, record.end) {
                (None, Some(end)) => {
                    self.emit(findings, groups(evidence), (start, end), line, sink)?
                }
                (None, None) => {
                    let mut gathered = Gathered::default();
                    gathered.add(findings, evidence);
                    self.pending = Some(Pending { start, line, end: None, gathered });
                    true
                }
                (Some(pending), _) => pending.end.is_none() || self.flush(sink)?,
            };
            if !goes_on {
                return Ok(false);
            }
        }
        if let Some(pending) = &mut self.pending
            && pending.start < self.offset
            && let Some(end) = first_end
        {
            pending.end = Some(end);
            if !self.flush(sink)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn account(&mut self, chunk: &Scanned) {
        self.saw(chunk.seen_fields, chunk.seen_kept);
        let is_outside = self.is_open_outside();
        let stats = &mut self.stats;
        stats.candidates += chunk.candidates;
        stats.records += chunk.record_count;
        self.is_torn |= chunk.is_torn;
        self.is_line_open = !chunk.ends_line;
        // The worker took the chunk to begin a line. Where it does not, the line's
        // earlier bytes decide too.
        let has_line_end = chunk.line_ends > 0;
        let head_was_counted = has_line_end && chunk.is_head_blank;
        let mistaken = head_was_counted && !self.is_open_blank;
        let mut blank = chunk.blank_records - u64::from(mistaken);
        if self.options.range.is_some() {
            let ends = self.has_lines && chunk.record_count > 0;
            let head = u64::from(is_outside && ends);
            blank -= chunk.outside.blank + head * u64::from(head_was_counted && !mistaken);
            *stats.skipped.entry(OUT_OF_RANGE).or_default() += chunk.outside.records + head;
        }
        *stats.skipped.entry("blank").or_default() += blank;
        self.is_open_blank = match has_line_end {
            true => chunk.is_tail_blank,
            false => self.is_open_blank && chunk.is_tail_blank,
        };
        for &(reason, line) in &chunk.rejected {
            // The first line goes on with the open record.
            let first = if self.has_lines { Some(0) } else { None };
            if line == first && is_outside {
                continue;
            }
            let line = line.map_or(self.open.1, |line| self.line_ends + line);
            stats.rejected.entry(reason).or_default().add(line + 1);
        }
    }

    /// Whether the record that is open began outside the range that is asked for.
    fn is_open_outside(&self) -> bool {
        self.options.range.as_ref().is_some_and(|range| !range.contains(&self.open.0))
    }

    /// Hands the pending record to the sink.
    fn flush<S: Sink>(&mut self, sink: &mut S) -> Result<bool, S::Error> {
        let Some(mut pending) = self.pending.take() else { return Ok(true) };
        let range = (pending.start, pending.end.unwrap_or(self.offset));
        pending.gathered.end();
        let gathered = &pending.gathered;
        self.emit(gathered.findings(), gathered.groups(), range, pending.line, sink)
    }

    /// Hands a whole record to the sink.
    fn emit<'e, S: Sink>(
        &mut self,
        findings: &Findings,
        groups: impl Iterator<Item = Group<'e>>,
        range: (u64, u64),
        line: u64,
        sink: &mut S,
    ) -> Result<bool, S::Error> {
        if self.options.range.as_ref().is_some_and(|asked| !asked.contains(&range.0)) {
            return Ok(true);
        }
        for group in groups {
            if !self.hits(findings, &group, range, line, sink)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// One hit for each owner that is wanted.
    fn hits<S: Sink>(
        &mut self,
        findings: &Findings,
        group: &Group<'_>,
        (start, end): (u64, u64),
        line: u64,
        sink: &mut S,
    ) -> Result<bool, S::Error> {
        let concerned = group.concerned;
        let Some((top, further)) = group.first.split_first() else {
            self.count_withheld(concerned, group.withheld);
            return Ok(true);
        };
        let also: SmallVec<[Also<'_>; SCAN_LIMITS.also]> = (further.iter())
            .map(|evidence| Also {
                at: evidence.at,
                field: findings.field(evidence),
                role: evidence.role,
                indicator: findings.indicator(evidence),
                relation: evidence.relation,
            })
            .collect();
        let asset = self.image.asset(concerned.asset);
        let value = asset.value();
        self.value.clear();
        let value = match value {
            ValueRef::Name(text) | ValueRef::Mail(text) | ValueRef::Keyword(text) => text,
            ValueRef::Prefix(range) => {
                push_prefix(&mut self.value, &range);
                &self.value
            }
            ValueRef::Range(range) => {
                push_ends(&mut self.value, &range);
                &self.value
            }
        };
        let (facts, copied) = (findings.facts(top), findings.copied(top));
        let flags = facts.map_or(top.flags, |facts| top.flags.with(facts.flags));
        let is_cut = copied.is_some_and(|copied| copied.is_cut);
        let flags = flags.with(Flags::LONG_RECORD.when(is_cut));
        for owner in owners(self.image, concerned, self.options) {
            self.stats.hits += 1;
            self.stats.long_records += u64::from(flags.has(Flags::LONG_RECORD));
            let index = owner.index() as usize;
            self.participants[index] += 1;
            let name = || Named { id: owner.participant(), group: owner.group() };
            let named = *self.named[index].get_or_insert_with(name);
            let hit = Hit {
                feed: self.feed,
                line: line + 1,
                offset: start,
                length: end.saturating_sub(start),
                at: top.at,
                field: findings.field(top),
                role: top.role,
                kind: top.kind,
                indicator: findings.indicator(top),
                raw: findings.raw(top),
                relation: top.relation,
                participant: named.id,
                group: named.group,
                asset: value,
                asset_kind: asset.kind(),
                label: owner.label(),
                time: facts.and_then(|facts| facts.time.as_deref()),
                port: top.port.or_else(|| facts?.port),
                protocol: facts.and_then(|facts| facts.protocol.as_deref()),
                tag: facts.and_then(|facts| facts.tag.as_deref()),
                side: facts.and_then(|facts| facts.side),
                flags,
                also: &also,
                also_count: group.count - 1,
                data: copied.map_or(&[], |copied| &copied.fields),
                url: copied.and_then(|copied| copied.url.as_deref()),
                record: copied.and_then(|copied| copied.record.as_deref()),
            };
            if !sink.hit(&hit)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Counts the hits that there would be with other options.
    fn count_withheld(&mut self, concerned: Concerned, withheld: Option<(u64, Withheld)>) {
        let hits = owners(self.image, concerned, self.options).count() as u64;
        match withheld {
            Some((_, Withheld::Role(role))) => {
                *self.stats.suppressed.entry(role).or_default() += hits;
            }
            Some((_, Withheld::Exception)) => self.stats.exceptions += hits,
            Some((_, Withheld::Allowed)) => self.stats.allowed += hits,
            Some((_, Withheld::LocalSpace)) => self.stats.local_space += hits,
            None => {}
        }
    }

    /// Hands out what is pending and closes the account.
    pub(crate) fn finish<S: Sink>(
        mut self,
        is_stopped: bool,
        sink: &mut S,
    ) -> Result<ScanStats, S::Error> {
        let is_stopped = is_stopped || !self.flush(sink)?;
        let is_unfinished = self.has_lines && self.offset > self.open.0;
        let unseen =
            |names: &Option<FieldNames>, seen| names.as_ref().map(|names| names.without(seen));
        let fields = unseen(&self.options.fields, self.seen_fields);
        let kept = unseen(&self.options.keep, self.seen_kept);
        let is_outside = self.is_open_outside();
        let stats = &mut self.stats;
        stats.unseen_fields = fields.into_iter().chain(kept).flatten().collect();
        stats.bytes = self.offset;
        let is_open = if self.has_lines { is_unfinished } else { self.is_line_open };
        stats.lines = self.line_ends + u64::from(is_open);
        if self.is_torn {
            stats.incomplete_why = Some("the JSON document ends in the middle".to_owned());
        }
        stats.records += u64::from(is_unfinished);
        let reason = if is_outside { OUT_OF_RANGE } else { "blank" };
        *stats.skipped.entry(reason).or_default() +=
            u64::from(is_unfinished && (is_outside || self.is_open_blank));
        stats.scanned = stats.records - stats.skipped.values().sum::<u64>();
        stats.skipped.retain(|_, count| *count > 0);
        stats.is_stopped = is_stopped;
        let counted = self.participants.iter().zip(0..).filter(|(hits, _)| **hits > 0);
        let named = counted.map(|(&hits, index)| (self.image.participant(index).to_owned(), hits));
        stats.participants = named.collect();
        Ok(self.stats)
    }
}

/// Why a record is skipped that begins outside the range.
const OUT_OF_RANGE: &str = "out-of-range";

/// The participants to whom evidence is a hit.
fn owners<'i>(
    image: &'i Image,
    concerned: Concerned,
    options: &Options,
) -> impl Iterator<Item = Owner<'i>> {
    let owners = image.asset(concerned.asset).owners();
    owners.filter(move |owner| {
        let is_concerned = concerned.owner == EVERY_OWNER || concerned.owner == owner.index();
        is_concerned && options.wants(owner)
    })
}
