//! Scans one chunk: find, read, look up, and group by record.

mod account;
mod beside;
mod copied;
mod document;
mod keep;
mod lookup;
mod mentions;
mod pairs;
mod plain;
mod record;
mod word;

use std::ops::Range;
use std::sync::Arc;

use feedsieve_core::{Image, Owner, Probe};

use crate::allow::AllowList;
use crate::bytes::is_word_end;
use crate::chunk::CONTEXT_BYTES;
use crate::evidence::Findings;
use crate::fields::{FieldNames, FieldSet};
use crate::find::{Cpu, Search};
use crate::format::{Dialect, Followed, Place};
use crate::hit::Roles;
use crate::jobs::Job;
use crate::keywords::Keywords;
use crate::outside::{Outside, is_before};
use crate::reading::{Reading, Text, read, read_plain};
use crate::source::Offsets;
use crate::specific::MostSpecific;
use crate::watch::Watch;
use beside::Known;
use copied::LastCopy;
pub(crate) use lookup::Indicator;
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
    /// Whether hits carry the URL that they are the host of.
    pub(crate) with_url: bool,
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
    pub(crate) findings: Findings,
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
        self.findings.move_to(offset);
    }
}

/// Scans a chunk. The same for every road and every cut of the feed.
///
/// What is found goes into `room`, which is empty.
pub(crate) fn scan(
    job: &Job<'_>,
    dialect: &Dialect,
    image: &Image,
    options: &Options,
    room: Findings,
) -> Scanned {
    let is_unsearched = options.range.as_ref().is_some_and(|range| is_before(job, range));
    let reads = if is_unsearched { Reads::Nothing } else { Reads::Candidates };
    scan_watched(job, dialect, image, options, reads, room, &mut ())
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
    room: Findings,
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
        scanned: Scanned { findings: room, ..Scanned::default() },
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
        indicator: String::new(),
        name: String::new(),
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
    /// The addresses that are looked up, as text.
    indicator: String,
    /// The name that a field is.
    name: String,
    known: Known<'j>,
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
        self.scanned.findings.end_record();
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

    /// Reads the word around a place and returns where the next place may be.
    fn read_at(&mut self, at: usize) -> usize {
        if let Some(done) = self.plain_line(at) {
            return done;
        }
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
        if let Some(done) = self.plain_field(&place, at) {
            return done;
        }
        let word = self.word(&place, at);
        let raw = &self.haystack[word.range.clone()];
        let mut text = std::mem::take(&mut self.text);
        let mut readings = std::mem::take(&mut self.readings);
        readings.clear();
        if let Some(reading) = read_plain(raw, &mut self.name) {
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
}
