//! Scans one chunk: find, read, look up, and group by record.

mod beside;
mod copied;
mod document;
mod mentions;
mod pairs;
mod word;

use std::ops::Range;
use std::sync::Arc;

use compact_str::format_compact;
use feedsieve_core::{AddrRange, AssetKind, AssetRef, Image, Owner, Probe, Relation, ValueRef};
use memchr::{memchr_iter, memrchr};
use smallvec::SmallVec;

use crate::allow::{AllowList, Entries};
use crate::bytes::is_word_end;
use crate::chunk::{CONTEXT_BYTES, holding, record_end, record_start};
use crate::evidence::{Concerned, Evidence, Record, Withheld};
use crate::fields::{FieldNames, FieldSet};
use crate::find::{Cpu, Found, Search};
use crate::format::{Dialect, Followed, Place, Surroundings};
use crate::hit::{Flags, IndicatorKind, Role, Roles};
use crate::jobs::Job;
use crate::keywords::Keywords;
use crate::outside::{Outside, is_before, is_blank};
use crate::reading::{Escapes, Reading, Text, Value, letters, read, read_plain};
use crate::source::Offsets;
use crate::specific::MostSpecific;
use crate::watch::{Verdict, Watch};
use beside::Known;
use copied::LastCopy;
use word::{MAX_QUOTED_BYTES, Word};

/// Bytes from which the format is decided.
pub(crate) const HEAD_BYTES: usize = 64 << 10;

/// What a scan is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) roles: Roles,
    pub(crate) local_space: bool,
    /// Of each indicator, only the most specific asset of a participant.
    pub(crate) most_specific: bool,
    /// What searches for keywords, where they are asked for.
    pub(crate) keywords: Option<Arc<Keywords>>,
    /// What is never a hit.
    pub(crate) allow: Option<Arc<AllowList>>,
    /// Only these participants, as image indexes, ascending; all where `None`.
    pub(crate) participants: Option<Vec<u32>>,
    pub(crate) shortest4: u8,
    pub(crate) shortest6: u8,
    /// Only records that begin in these bytes; all where `None`.
    pub(crate) range: Option<Range<u64>>,
    pub(crate) cpu: Cpu,
    /// Only these fields are searched; all where `None`.
    pub(crate) fields: Option<FieldNames>,
    /// Fields that hits copy.
    pub(crate) keep: Option<FieldNames>,
    /// Whether hits copy the record.
    pub(crate) with_record: bool,
}

impl Options {
    /// Whether hits of this participant are asked for.
    pub(crate) fn wants(&self, owner: &Owner<'_>) -> bool {
        let wanted = self.participants.as_ref();
        wanted.is_none_or(|wanted| wanted.binary_search(&owner.index()).is_ok())
    }
}

/// What a worker hands to the joiner.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    /// Bytes of the chunk.
    pub(crate) bytes: u64,
    pub(crate) candidates: u64,
    /// Line ends.
    pub(crate) line_ends: u64,
    /// Records: the line ends that end one, or in a document those that begin here.
    pub(crate) record_count: u64,
    /// Whether the chunk ends with a line end.
    pub(crate) ends_line: bool,
    /// Whether the feed ends here, within a document.
    pub(crate) is_torn: bool,
    /// Records of nothing but blanks that end here.
    pub(crate) blank_records: u64,
    pub(crate) outside: Outside,
    /// Whether what stands before the first line end is all blank.
    pub(crate) is_head_blank: bool,
    /// Whether what stands behind the last line end is all blank.
    pub(crate) is_tail_blank: bool,
    /// The offset at which the first record that began earlier ends, without its line end.
    pub(crate) first_record_end: Option<u64>,
    /// The offset of the last record that begins here, and the line ends before it.
    pub(crate) last_record: Option<(u64, u64)>,
    pub(crate) records: Vec<Record>,
    /// Reasons, with the line ends before their record in the chunk; `None` in a record of a document
    /// that began earlier.
    pub(crate) rejected: Vec<(&'static str, Option<u64>)>,
    /// Fields that were asked for and occurred, to be searched and to be kept.
    pub(crate) seen_fields: FieldSet,
    pub(crate) seen_kept: FieldSet,
}

impl Scanned {
    /// Offsets of the text become those of the feed; the chunk begins at `start` in the text.
    fn move_to(&mut self, offsets: &Offsets<'_>, start: u64) {
        let offset = |at| offsets.of(at);
        self.bytes = offset(start + self.bytes) - offset(start);
        self.first_record_end = self.first_record_end.map(offset);
        self.last_record = self.last_record.map(|(at, line_ends)| (offset(at), line_ends));
        self.records.iter_mut().for_each(|record| record.move_to(offset));
    }
}

/// Scans a chunk. The same for every road and every cut of the feed.
pub(crate) fn scan(job: &Job<'_>, dialect: &Dialect, image: &Image, options: &Options) -> Scanned {
    let is_unsearched = options.range.as_ref().is_some_and(|range| is_before(job, range));
    let reads = if is_unsearched { Reads::Nothing } else { Reads::Candidates };
    scan_watched(job, dialect, image, options, reads, &mut ())
}

/// Which words of a chunk are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Those in which the finder sees something.
    Candidates,
    /// All of them.
    EveryWord,
    /// None: records are counted only.
    Nothing,
}

/// Scans a chunk while somebody looks on.
pub(crate) fn scan_watched<W: Watch>(
    job: &Job<'_>,
    dialect: &Dialect,
    image: &Image,
    options: &Options,
    reads: Reads,
    watch: &mut W,
) -> Scanned {
    let worker = Worker {
        watch,
        haystack: job.bytes.as_slice(),
        job,
        dialect,
        image,
        probe: image.probe(),
        options,
        scanned: Scanned::default(),
        text: Text::default(),
        readings: Vec::new(),
        counted_to: job.chunk.start,
        counted: 0,
        record: 0..0,
        record_begins: false,
        record_ends: false,
        followed: Followed::default(),
        rejected: (job.chunk.start, job.chunk.start),
        most_specific: MostSpecific::default(),
        known: Known::default(),
        last_copy: LastCopy::default(),
    };
    worker.run(reads)
}

struct Worker<'j, W> {
    watch: &'j mut W,
    haystack: &'j [u8],
    job: &'j Job<'j>,
    dialect: &'j Dialect,
    image: &'j Image,
    probe: Probe<'j>,
    options: &'j Options,
    scanned: Scanned,
    text: Text,
    readings: Vec<Reading>,
    /// Line ends are counted up to here.
    counted_to: usize,
    counted: u64,
    /// The record of the last place, as far as it is in sight.
    record: Range<usize>,
    /// Whether its beginning is in sight.
    record_begins: bool,
    /// Whether its end is in sight.
    record_ends: bool,
    followed: Followed,
    /// Where in the chunk the record of the last reject begins, and where the reject stood.
    rejected: (usize, usize),
    most_specific: MostSpecific,
    known: Known,
    last_copy: LastCopy,
}

impl<W: Watch> Worker<'_, W> {
    fn run(mut self, reads: Reads) -> Scanned {
        let chunk = self.job.chunk.clone();
        if let Some(range) = &self.options.range {
            self.scanned.outside = Outside::of(self.job, self.dialect.eol, range);
        }
        if reads == Reads::Nothing {
            self.count_unsearched();
            return self.scanned;
        }
        let region = self.region();
        let head = region.start;
        let mut positions = Vec::new();
        let eol = self.dialect.eol;
        let Options { shortest4, shortest6, .. } = *self.options;
        let search = Search {
            haystack: self.haystack,
            region,
            eol,
            probe: &self.probe,
            shortest4,
            shortest6,
        };
        let found = search.run(self.options.cpu, &mut positions);
        self.dialect.hidden(&search, &mut positions);
        self.pairs(&mut positions);
        positions.sort_unstable();
        // Evidence has to come in the order of the records.
        let mut mentions = self.mentions().into_iter().peekable();
        let mut done = 0;
        for at in positions {
            while let Some(mention) = mentions.next_if(|mention| mention.start < at) {
                self.mention(&mention);
            }
            if reads == Reads::Candidates && at >= done {
                done = self.read_at(at);
            }
        }
        mentions.for_each(|mention| self.mention(&mention));
        if reads == Reads::EveryWord {
            self.begin_places();
            for at in chunk.clone() {
                if at >= done && !is_word_end(self.haystack[at]) {
                    done = self.read_at(at);
                }
            }
        }
        self.count(&found, &chunk, head);
        if let Some(origin) = self.job.origin {
            let text = &self.haystack[..chunk.end];
            let offsets = Offsets::new(text, self.job.base, origin);
            self.scanned.move_to(&offsets, chunk.start as u64 + self.job.base);
        }
        self.scanned
    }

    /// The chunk, and where it cuts words the rest of them.
    fn region(&self) -> Range<usize> {
        let Range { start, end } = self.job.chunk;
        let floor = start.saturating_sub(CONTEXT_BYTES);
        let ceiling = self.haystack.len().min(end + CONTEXT_BYTES);
        let before = self.haystack[floor..start].iter().rposition(|&b| is_word_end(b));
        let eol = self.dialect.eol;
        let rest = if end > start && self.haystack[end - 1] != eol {
            // Where a quoted local part is cut, its domain is the word behind.
            let near = ceiling.min(end + MAX_QUOTED_BYTES);
            let line = memchr::memchr(eol, &self.haystack[end..ceiling]).unwrap_or(ceiling - end);
            let behind = self.haystack[near..ceiling].iter().position(|&b| is_word_end(b));
            line.min(behind.map_or(ceiling, |len| near + len) - end)
        } else {
            0
        };
        before.map_or(floor, |len| floor + len + 1)..end + rest
    }

    /// The finder began at `head`, with a word that the chunk's start cuts.
    fn count(&mut self, found: &Found, chunk: &Range<usize>, head: usize) {
        let eol = self.dialect.eol;
        let bytes = &self.haystack[chunk.clone()];
        let first = memchr::memchr(eol, bytes);
        let last = memrchr(eol, bytes);
        let (mut quoted, mut quoted_blank) = (0, 0);
        for field in self.job.quoted.iter().filter(|field| field.start >= chunk.start) {
            let inside = &self.haystack[field.start..field.end.min(chunk.end)];
            quoted += memchr_iter(eol, inside).count() as u64;
            let mut lines: Vec<_> = inside.split(|&b| b == eol).collect();
            // The line on which the quote opens and the one on which it closes hold a quote.
            lines.pop();
            quoted_blank += lines.iter().skip(1).filter(|line| is_blank(line)).count() as u64;
        }
        if let Some(record) = self.job.unterminated {
            self.reject("unterminated-quote", record);
        }
        let last_record = self.last_record(found.lines);
        let scanned = &mut self.scanned;
        scanned.bytes = bytes.len() as u64;
        scanned.candidates = found.candidates;
        scanned.line_ends = found.lines;
        scanned.ends_line = bytes.last() == Some(&eol);
        scanned.is_torn = self.job.is_torn;
        if let Some(spans) = &self.job.spans {
            return self.count_spans(spans, found.lines);
        }
        scanned.record_count = found.lines - quoted;
        scanned.blank_records = found.blank_lines - quoted_blank;
        let head_end = chunk.start + first.unwrap_or(bytes.len());
        scanned.is_head_blank = is_blank(&self.haystack[head..head_end]);
        scanned.is_tail_blank = is_blank(&bytes[last.map_or(0, |last| last + 1)..]);
        let quoted = &self.job.quoted;
        let end = record_end(self.haystack, chunk.end, quoted, chunk.start, eol);
        let end = end.map(|end| self.job.offset(without_cr(self.haystack, end, eol)));
        scanned.first_record_end = end;
        scanned.last_record = last_record;
    }

    /// Counts a chunk before the range that is asked for: lines, and records by their ends.
    fn count_unsearched(&mut self) {
        let (chunk, eol) = (self.job.chunk.clone(), self.dialect.eol);
        let inside = |range: Range<usize>| memchr_iter(eol, &self.haystack[range]).count() as u64;
        let lines = inside(chunk.clone());
        let quoted = self.job.quoted.iter().filter(|field| field.start >= chunk.start);
        let quoted: u64 = quoted.map(|field| inside(field.start..field.end.min(chunk.end))).sum();
        // None of these records counts as blank.
        let outside = Outside { blank: 0, ..self.scanned.outside };
        let last_record = self.last_record(lines);
        // A record that begins right behind may be in the range, and has been blank so far.
        let end = self.job.offset(chunk.end);
        let is_tail_blank = last_record.is_some_and(|(start, _)| start == end);
        self.scanned = Scanned {
            bytes: chunk.len() as u64,
            line_ends: lines,
            record_count: lines - quoted,
            ends_line: self.haystack[..chunk.end].last() == Some(&eol),
            is_torn: self.job.is_torn,
            last_record,
            is_tail_blank,
            outside,
            ..Scanned::default()
        };
        if let Some(spans) = &self.job.spans {
            self.count_spans(spans, lines);
        }
    }

    /// Where the last record begins that begins in the chunk, and the line ends before it.
    fn last_record(&self, lines: u64) -> Option<(u64, u64)> {
        let (Range { start, end }, eol) = (self.job.chunk.clone(), self.dialect.eol);
        let record = record_start(self.haystack, start, &self.job.quoted, end, eol);
        let behind = memchr_iter(eol, &self.haystack[record..end]).count() as u64;
        (record > start).then(|| (self.job.offset(record), lines - behind))
    }

    /// Reads the word around a place and returns where the next place may be.
    fn read_at(&mut self, at: usize) -> usize {
        let place = self.place(at);
        if !self.is_asked_for(&place) {
            return place.field.end.max(at + 1);
        }
        if place.is_secret {
            self.watch.secret(at, &place);
            return place.field.end.max(at + 1);
        }
        if let Some(meant) = &place.stands_for {
            self.read_meant(&place, meant);
            return place.field.end.max(at + 1);
        }
        let word = self.word(&place, at);
        let raw = &self.haystack[word.range.clone()];
        let mut text = std::mem::take(&mut self.text);
        let mut readings = std::mem::take(&mut self.readings);
        readings.clear();
        if let Some(reading) = read_plain(raw) {
            text.keep();
            self.report(&word, &place, &text, reading);
            (self.text, self.readings) = (text, readings);
            return word.done.max(at + 1);
        }
        text.rewrite(raw, place.escapes);
        read(&text.bytes, &mut readings);
        for reading in readings.drain(..) {
            self.report(&word, &place, &text, reading);
        }
        // What is left of `\n` may be a line end or a letter.
        if raw.contains(&b'\\') && text.undo_controls() {
            read(&text.bytes, &mut readings);
            for reading in readings.drain(..) {
                self.report(&Word { is_again: true, ..word.clone() }, &place, &text, reading);
            }
        }
        self.text = text;
        self.readings = readings;
        word.done.max(at + 1)
    }

    /// Reads what a field stands for; whatever is found in that stands where the field does.
    fn read_meant(&mut self, place: &Place, meant: &[u8]) {
        let field = place.field.clone();
        let word = Word { own: field.clone(), done: field.end, is_again: false, range: field };
        let span = 0..word.range.len();
        // What is not all of it does not fill the field.
        let whole =
            |read: &Range<usize>| if *read == (0..meant.len()) { span.clone() } else { 0..0 };
        let mut text = std::mem::take(&mut self.text);
        let mut readings = std::mem::take(&mut self.readings);
        text.keep();
        readings.clear();
        read(meant, &mut readings);
        for mut reading in readings.drain(..) {
            for other in &mut reading.others {
                (other.span, other.whole) = (span.clone(), whole(&other.whole));
            }
            (reading.span, reading.whole) = (span.clone(), whole(&reading.whole));
            self.report(&word, place, &text, reading);
        }
        (self.text, self.readings) = (text, readings);
    }

    /// The field around a place.
    fn place(&mut self, at: usize) -> Place {
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
    fn begin_places(&mut self) {
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

    /// Looks an indicator up and keeps what it is evidence of.
    fn report(&mut self, word: &Word, place: &Place, text: &Text, mut reading: Reading) {
        if place.is_subtree {
            reading.reaches_under();
        }
        let reading = self.settle(reading);
        let within = text.original(&reading.span);
        let at = word.range.start + within.start;
        let raw_range = at..word.range.start + within.end;
        if !word.own.contains(&at) || !self.job.chunk.contains(&at) {
            return;
        }
        let whole = text.original(&reading.whole);
        let whole = word.range.start + whole.start..word.range.start + whole.end;
        let is_addr = matches!(reading.value, Value::Addrs { .. });
        let role = match (place.role, reading.role) {
            // A user agent's number is a version, its URL is a URL.
            (Some(role), read) if role != Role::Version || read == Role::Text && is_addr => role,
            (_, Role::Text) if self.fills(place, &whole) => Role::Indicator,
            (_, role) => role,
        };
        let flags = reading.flags.with(Flags::DEFANGED.when(text.is_defanged(&reading.span)));
        let range = match reading.value {
            Value::Addrs { range, .. } => Some(range),
            _ => None,
        };
        let found = Indicator { at, raw: raw_range, role, flags, port: reading.port, range, place };
        self.watch.read(&found);
        if place.is_no_data {
            return self.watch.rejected("no-data");
        }
        self.most_specific.begin();
        self.known.begin();
        match reading.value {
            Value::Rejected(_) | Value::BadName { .. } if word.is_again => {}
            Value::Rejected(rejection) => {
                self.watch.rejected(rejection.name());
                self.reject(rejection.name(), at);
            }
            Value::BadName { .. } => {
                // Counted only where an asset ends it, and no name in any case.
                self.watch.rejected("bad-name");
                if self.concerns(&reading.value) {
                    self.reject("bad-name", at);
                }
            }
            Value::Addrs { range, .. } if word.is_again && self.is_too_broad(&range) => {}
            Value::Addrs { range, kind } => self.addrs(&found, range, kind),
            Value::Name { name, subtree } => {
                self.name(&found, &name, subtree && !place.is_certificate)
            }
            Value::Mail { mail, others } => self.mail(&found, &mail, &others),
        }
    }

    fn addrs(&mut self, found: &Indicator<'_>, range: AddrRange, kind: IndicatorKind) {
        if self.is_too_broad(&range) {
            self.watch.rejected("too-broad");
            return self.reject("too-broad", found.at);
        }
        let unspecified = match range {
            AddrRange::V4 { first, .. } => first == 0,
            AddrRange::V6 { first, .. } => first == 0,
        };
        let indicator = match (range.single(), kind) {
            (Some(_), IndicatorKind::Ipv4 | IndicatorKind::Ipv6) if unspecified => {
                return self.watch.rejected("unspecified");
            }
            (Some(addr), IndicatorKind::Ipv4 | IndicatorKind::Ipv6) => format_compact!("{addr}"),
            (_, IndicatorKind::Range) => format_compact!("{}", range.ends()),
            _ => format_compact!("{range}"),
        };
        self.watch.looked_up(kind, &indicator, false);
        let image = self.image;
        let assets = image.lookup_range(range).by_asset();
        if self.options.most_specific {
            // Assets of one size come in any order, and the first is to be the same everywhere.
            let mut assets: Vec<_> = assets.collect();
            assets.sort_unstable_by_key(|(asset, _)| asset.index());
            for (asset, relation) in assets {
                self.keep(found, asset, relation, kind, &indicator);
            }
            return;
        }
        for (asset, relation) in assets {
            self.keep(found, asset, relation, kind, &indicator);
        }
    }

    fn is_too_broad(&self, range: &AddrRange) -> bool {
        let shortest = match range {
            AddrRange::V4 { .. } => self.options.shortest4,
            AddrRange::V6 { .. } => self.options.shortest6,
        };
        range.prefix_len() < shortest
    }

    fn name(&mut self, found: &Indicator<'_>, name: &str, subtree: bool) {
        self.watch.looked_up(IndicatorKind::Domain, name, subtree);
        let image = self.image;
        let assets = match subtree {
            true => image.lookup_subtree(name),
            false => image.lookup_name(name),
        };
        for (asset, relation) in assets.by_asset() {
            self.keep(found, asset, relation, IndicatorKind::Domain, name);
        }
    }

    /// The first way to read something that concerns an asset.
    fn settle(&self, mut reading: Reading) -> Reading {
        let others = std::mem::take(&mut reading.others);
        if others.is_empty() || self.concerns(&reading.value) {
            return reading;
        }
        others.into_iter().find(|other| self.concerns(&other.value)).unwrap_or(reading)
    }

    /// Whether an asset is concerned, of whatever participant.
    fn concerns(&self, value: &Value) -> bool {
        let mut assets = match value {
            // What is too broad is counted whatever it holds.
            Value::Addrs { range, .. } => {
                return self.is_too_broad(range)
                    || self.image.lookup_range(*range).next().is_some();
            }
            Value::Name { name, subtree: true } => self.image.lookup_subtree(name),
            Value::Name { name, .. } | Value::BadName { name, is_mail: false } => {
                self.image.lookup_name(name)
            }
            Value::BadName { name, is_mail: true } => {
                let mail = format!("@{name}");
                return self.image.lookup_mail(&mail).next().is_some();
            }
            Value::Mail { mail, others } => {
                let is_asset = |mail: &String| {
                    self.image
                        .lookup_mail(mail)
                        .any(|found| found.asset().kind() == AssetKind::Email)
                };
                return self.image.lookup_mail(mail).next().is_some()
                    || others.iter().any(is_asset);
            }
            Value::Rejected(_) => return true,
        };
        assets.next().is_some()
    }

    fn mail(&mut self, found: &Indicator<'_>, mail: &str, others: &[String]) {
        let image = self.image;
        // The others are whole mail addresses, which are the most specific.
        for mail in others {
            let whole = image.lookup_mail(mail).by_asset();
            for (asset, relation) in whole.filter(|(asset, _)| asset.kind() == AssetKind::Email) {
                self.watch.looked_up(IndicatorKind::Email, mail, false);
                self.keep(found, asset, relation, IndicatorKind::Email, mail);
            }
        }
        self.watch.looked_up(IndicatorKind::Email, mail, false);
        for (asset, relation) in image.lookup_mail(mail).by_asset() {
            self.keep(found, asset, relation, IndicatorKind::Email, mail);
        }
    }

    fn keep(
        &mut self,
        found: &Indicator<'_>,
        asset: AssetRef<'_>,
        relation: Relation,
        kind: IndicatorKind,
        indicator: &str,
    ) {
        let is_local = || match (asset.value(), found.range) {
            (ValueRef::Prefix(asset) | ValueRef::Range(asset), Some(range)) => {
                range.intersection(&asset).is_some_and(|both| both.is_local_space())
            }
            _ => false,
        };
        let withheld = if found.place.is_exception {
            Some(Withheld::Exception)
        } else if !self.options.roles.contains(found.role) {
            Some(Withheld::Role(found.role))
        } else {
            (!self.options.local_space && is_local()).then_some(Withheld::LocalSpace)
        };
        let options = self.options;
        if !options.most_specific && options.allow.is_none() {
            if W::LISTENS {
                for owner in asset.owners() {
                    let verdict = Verdict::of(withheld, options.wants(&owner));
                    self.watch.concerns(asset, owner, relation, verdict);
                }
            }
            if asset.owners().any(|owner| options.wants(&owner)) {
                let concerned = Concerned { asset: asset.index(), owner: None };
                self.keep_for(concerned, found, relation, kind, indicator, withheld);
            }
            return;
        }
        let is_local = withheld == Some(Withheld::LocalSpace);
        let holds_less = matches!(relation, Relation::Covers | Relation::Overlaps);
        let entries = match (&options.allow, withheld) {
            (Some(allow), None) if !holds_less => allow.holding(found.range, kind, indicator),
            _ => Entries::new(),
        };
        for owner in asset.owners() {
            let is_wanted = options.wants(&owner);
            let is_taken = is_wanted
                && (!options.most_specific || self.most_specific.takes(owner.index(), is_local));
            let is_allowed = || {
                options.allow.as_ref().is_some_and(|list| list.silences(&entries, owner.index()))
            };
            let withheld = withheld.or_else(|| is_allowed().then_some(Withheld::Allowed));
            if W::LISTENS {
                let verdict = match is_wanted && !is_taken {
                    true => Verdict::LessSpecific,
                    false => Verdict::of(withheld, is_wanted),
                };
                self.watch.concerns(asset, owner, relation, verdict);
            }
            if is_taken {
                let concerned = Concerned { asset: asset.index(), owner: Some(owner.index()) };
                self.keep_for(concerned, found, relation, kind, indicator, withheld);
            }
        }
    }

    fn keep_for(
        &mut self,
        concerned: Concerned,
        found: &Indicator<'_>,
        relation: Relation,
        kind: IndicatorKind,
        indicator: &str,
        withheld: Option<Withheld>,
    ) {
        let at = self.job.base + found.at as u64;
        let record = self.record_of(found.at);
        if let Some(why) = withheld {
            return self.scanned.records[record].evidences(concerned).withhold(at, why);
        }
        let facts = self.facts(found);
        let is_first = self.scanned.records[record].evidences(concerned).begins_at(at);
        let copied = if is_first { self.copied(found) } else { None };
        let raw_bytes = &self.haystack[found.raw.clone()];
        let is_lossy = str::from_utf8(raw_bytes).is_err() && !found.flags.has(Flags::LATIN1);
        // The case of other letters is ignored in keywords only.
        let is_same = raw_bytes.eq_ignore_ascii_case(indicator.as_bytes())
            || kind == IndicatorKind::Keyword && letters(raw_bytes).to_lowercase() == indicator;
        let raw = (!is_same).then(|| match is_lossy {
            true => String::from_utf8_lossy(raw_bytes).into(),
            false => letters(raw_bytes).into(),
        });
        let evidence = Evidence {
            at,
            field: found.place.name.clone(),
            role: found.role,
            kind,
            indicator: indicator.into(),
            raw,
            relation,
            port: found.port,
            facts,
            copied,
            flags: (found.flags)
                .with(Flags::LOSSY.when(is_lossy))
                .with(Flags::LONG_RECORD.when(found.place.is_too_long)),
        };
        self.scanned.records[record].evidences(concerned).add(evidence);
    }

    /// The record of a place, added where it has no evidence yet.
    fn record_of(&mut self, at: usize) -> usize {
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
    fn begins_record(&self, at: usize) -> bool {
        let ends_record = |before: usize| {
            self.haystack[before] == self.dialect.eol && holding(&self.job.quoted, before).is_none()
        };
        self.job.base + at as u64 <= self.dialect.bom as u64
            || at.checked_sub(1).is_some_and(ends_record)
    }

    /// Line ends in the chunk before a place; places come in order, or nearly.
    fn line_of(&mut self, at: usize) -> u64 {
        let eol = self.dialect.eol;
        if at >= self.counted_to {
            self.counted += memchr_iter(eol, &self.haystack[self.counted_to..at]).count() as u64;
            self.counted_to = at;
            return self.counted;
        }
        memchr_iter(eol, &self.haystack[self.job.chunk.start..at]).count() as u64
    }

    fn reject(&mut self, reason: &'static str, at: usize) {
        if let Some(spans) = &self.job.spans {
            let is_wanted = self.is_in_range(spans, at);
            let line = self.span_line(spans, at);
            return self.scanned.rejected.extend(is_wanted.then_some((reason, line)));
        }
        let eol = self.dialect.eol;
        let (mut start, known) = self.rejected;
        let is_same_line = (self.job.chunk.start..=at).contains(&known)
            && memchr::memchr(eol, &self.haystack[known..at]).is_none();
        // A long line of nothing but rejects would be searched back to its start for each.
        if !is_same_line {
            start = record_start(self.haystack, self.job.chunk.start, &self.job.quoted, at, eol);
        }
        self.rejected = (start, at);
        // Where the chunk's first record began, the joiner knows.
        if start > self.job.chunk.start
            && let Some(range) = &self.options.range
            && !range.contains(&self.job.offset(start))
        {
            return;
        }
        let line = self.line_of(start);
        self.scanned.rejected.push((reason, Some(line)));
    }

    /// Whether something is all that a field holds.
    fn fills(&self, place: &Place, whole: &Range<usize>) -> bool {
        let field = &place.field;
        let blank = |range: Range<usize>| {
            let mut rest = self.haystack[range].trim_ascii();
            while let [b'\\', b'n' | b'r' | b't', behind @ ..] = rest
                && place.escapes == Escapes::Json
            {
                rest = behind.trim_ascii();
            }
            rest.is_empty()
        };
        field.start <= whole.start
            && whole.end <= field.end
            && blank(field.start..whole.start)
            && blank(whole.end..field.end)
    }
}

/// An indicator at its place.
#[derive(Clone)]
pub(crate) struct Indicator<'p> {
    pub(crate) at: usize,
    pub(crate) raw: Range<usize>,
    pub(crate) role: Role,
    pub(crate) flags: Flags,
    pub(crate) port: Option<u16>,
    /// For addresses.
    range: Option<AddrRange>,
    pub(crate) place: &'p Place,
}

/// Before the CR that belongs to a line end at `end`.
fn without_cr(haystack: &[u8], end: usize, eol: u8) -> usize {
    let has_cr =
        eol == b'\n' && end > 0 && haystack[end - 1] == b'\r' && haystack.get(end) == Some(&eol);
    end - usize::from(has_cr)
}
