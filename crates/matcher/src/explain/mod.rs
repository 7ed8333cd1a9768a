//! Why a record is a hit, or why it is not.
//!
//! The record is scanned as a chunk of its own, which gives the same hits as any other cut of
//! the feed, while a [`Witness`] writes down what the scan does. Then every word of it is read, so
//! that also what the scan has no reason to look at is named.

mod miss;

use std::collections::HashSet;
use std::io;
use std::ops::Range;

use feedsieve_core::{AssetKind, AssetRef, Image, Owner, Relation};
use memchr::memchr_iter;

use crate::IndicatorKind;
use crate::chunk::{ChunkSizes, record_end, record_start};
use crate::document::{Span, Spans};
use crate::evidence::Findings;
use crate::find::Cpu;
use crate::format::{Dialect, Place, Quoted, sniff};
use crate::hit::{Flags, Role};
use crate::jobs::{Job, JobBytes, SliceJobs};
use crate::reading::letters;
use crate::scan::{HEAD_BYTES, Indicator, Reads, scan_watched};
use crate::source::{Source, SourceKind, is_rewritten, read_text};
use crate::watch::{Verdict, Watch};
use crate::{Format, Scanner};

pub use miss::{Miss, NearMiss};

/// A record, what was seen in it, and what became of that.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Image, Inventory, Limits, Scanner, Source};
/// let csv = "participant,kind,value\nA,domain,hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let feed = Source::slice("feed", b"ip,host\n192.0.2.7,www.hospital.example\n");
/// let mut told = Vec::new();
/// Scanner::new(&image).explain(feed, Some(2), &mut |record| {
///     let hits = record.hits().map(|(seen, concern)| (seen.at, concern.participant.clone()));
///     told.push((record.offset, record.seen.len(), hits.collect::<Vec<_>>()));
/// })?;
/// assert_eq!(told, [(8, 2, vec![(18, "A".to_owned())])]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// The format in which the feed is read.
    pub format: Format,
    /// Why.
    pub format_why: String,
    /// The physical line on which the record begins, from 1.
    pub line: u64,
    /// Offset of its first byte.
    pub offset: u64,
    /// Its bytes, without the line end.
    pub length: u64,
    /// What was seen, in the order of the record.
    pub seen: Vec<Seen>,
}

impl Explanation {
    /// What the scan reports of the record: each asset and participant, perhaps with several evidences.
    pub fn hits(&self) -> impl Iterator<Item = (&Seen, &Concern)> {
        self.seen.iter().filter(|seen| seen.is_scanned).flat_map(|seen| {
            let hits = seen.concerns.iter().filter(|concern| concern.verdict == Verdict::Hit);
            hits.map(move |concern| (seen, concern))
        })
    }
}

/// Something in a record that was read, or a field that was not.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Image, Inventory, Limits, Outcome, Scanner, Source};
/// let csv = "participant,kind,value\nA,domain,hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// // What a scan passes over is seen too, and secrets are named without being shown.
/// let feed = Source::slice("feed", b"host,password\nother.example,hospital.example\n");
/// let mut all = Vec::new();
/// Scanner::new(&image).explain(feed, Some(2), &mut |record| all.extend(record.seen.clone()))?;
/// let secret = all.iter().find(|seen| seen.outcome == Outcome::Secret).ok_or("none")?;
/// assert_eq!((secret.field.as_deref(), secret.raw.as_str()), (Some("password"), ""));
/// assert!(all.iter().all(|seen| seen.concerns.is_empty()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seen {
    /// Offset of its first byte.
    pub at: u64,
    /// The header name of the column (`colN` without a header), the JSON pointer, or none.
    pub field: Option<String>,
    /// As written; empty for a field that holds a secret.
    pub raw: String,
    /// Where in the record it stood; meaningless for a secret.
    pub role: Role,
    /// What was odd about it.
    pub flags: Flags,
    /// The port behind an address or in a URL.
    pub port: Option<u16>,
    /// What was made of it.
    pub outcome: Outcome,
    /// The assets that it concerns, the most specific first, for each owner.
    pub concerns: Vec<Concern>,
    /// Assets of the participants asked for that it does not concern, though it may look so.
    pub misses: Vec<NearMiss>,
    /// Whether the scan reads it. No asset can be concerned by what it passes over.
    pub is_scanned: bool,
}

/// What was made of something that was seen.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Image, Inventory, Limits, Outcome, Scanner, Source};
/// let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let feed = Source::slice("feed", b"192.0.02.5\n0.0.0.0/0\n");
/// let mut told = Vec::new();
/// Scanner::new(&image).explain(feed, None, &mut |record| {
///     told.extend(record.seen.iter().map(|seen| seen.outcome.clone()));
/// })?;
/// assert_eq!(told, ["ambiguous-octal", "too-broad"].map(Outcome::Rejected));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// A field that holds a secret, which is not searched.
    Secret,
    /// No indicator, or none that is looked up: `too-broad`, `inverted-range`, `ambiguous-octal`,
    /// `bad-name`, `unspecified` (an address such as `0.0.0.0`), `no-data` (where the format lists
    /// nothing).
    Rejected(&'static str),
    /// It was looked up.
    LookedUp {
        /// What it is.
        kind: IndicatorKind,
        /// Its canonical form.
        indicator: String,
        /// Whether it stands for every name under it as well.
        subtree: bool,
    },
}

/// An asset that something concerns, one of its owners, and what becomes of that.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Image, Inventory, Limits, Scanner, Source, Verdict};
/// let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\nB,prefix,192.0.2.0/24\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let scanner = Scanner::new(&image).participants(["B"]);
/// let mut told = Vec::new();
/// scanner.explain(Source::slice("feed", b"192.0.2.7\n"), Some(1), &mut |record| {
///     let concerns = record.seen.iter().flat_map(|seen| &seen.concerns);
///     told.extend(concerns.map(|concern| (concern.participant.clone(), concern.verdict)));
/// })?;
/// assert_eq!(told[0], ("A".to_owned(), Verdict::OtherParticipant));
/// assert_eq!(told[1], ("B".to_owned(), Verdict::Hit));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Concern {
    /// The participant's id.
    pub participant: String,
    /// The asset in canonical form.
    pub asset: String,
    /// What the asset is.
    pub asset_kind: AssetKind,
    /// What the participant calls it.
    pub label: Option<String>,
    /// How the indicator lies to it.
    pub relation: Relation,
    /// Whether that is a hit, and why not.
    pub verdict: Verdict,
}

/// Why nothing can be explained.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, ExplainError, Image, Inventory, Limits, Scanner, Source};
/// let csv = "participant,kind,value\nA,domain,hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let feed = Source::slice("feed", b"a\nb\n");
/// let explained = Scanner::new(&image).explain(feed, Some(3), &mut |_| {});
/// assert!(matches!(explained, Err(ExplainError::NoLine { line: 3, lines: 2 })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExplainError {
    /// The feed could not be read.
    #[error("{0}")]
    Feed(#[from] io::Error),
    /// It is no feed of which records can be read.
    #[error("{0}")]
    Unreadable(&'static str),
    /// It has fewer lines.
    #[error("there is no line {line}; the feed has {lines}")]
    NoLine {
        /// The line asked for.
        line: u64,
        /// Lines of the feed.
        lines: u64,
    },
}

impl Scanner<'_> {
    /// Says of the record that holds the physical line `line` (from 1), or of every record, why it
    /// is a hit or not, with the options of this scanner. In a JSON document several may begin on
    /// one line, and each is explained.
    ///
    /// The hits are those of [`scan`](Scanner::scan), which does the same work. Reads a feed
    /// that is not in memory or mapped into memory first; offsets in a feed of UTF-16 are those in
    /// its text as UTF-8.
    ///
    /// # Errors
    ///
    /// [`ExplainError`] where the feed cannot be read or has no such line.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, Image, Inventory, Limits, Outcome, Scanner, Source, Verdict};
    /// # let csv = "participant,kind,value\nA,domain,hospital.example\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let feed = Source::slice("feed", b"ip,url\n192.0.2.7,http://evil.example/hospital.example/\n");
    /// let mut explained = Vec::new();
    /// Scanner::new(&image).explain(feed, Some(2), &mut |found| explained.push(found.clone()))?;
    /// let seen = explained[0].seen.iter().find(|seen| !seen.concerns.is_empty()).unwrap();
    /// assert_eq!((seen.role.name(), seen.concerns[0].verdict), ("url-path", Verdict::Role));
    /// assert_eq!(explained[0].hits().count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain(
        &self,
        source: Source<'_>,
        line: Option<u64>,
        each: &mut dyn FnMut(&Explanation),
    ) -> Result<(), ExplainError> {
        let (_, kind) = source.into_parts();
        match kind {
            SourceKind::Slice(bytes) if !is_rewritten(bytes) => {
                self.explain_slice(bytes, line, each)
            }
            SourceKind::Map(map) if !is_rewritten(&map) => self.explain_slice(&map, line, each),
            kind => self.explain_slice(&read_text(kind.into_input())?, line, each),
        }
    }

    fn explain_slice(
        &self,
        bytes: &[u8],
        line: Option<u64>,
        each: &mut dyn FnMut(&Explanation),
    ) -> Result<(), ExplainError> {
        let head = &bytes[..bytes.len().min(HEAD_BYTES)];
        let dialect = sniff(head, self.format_asked()).map_err(ExplainError::Unreadable)?;
        // One chunk, with all that is known of its quotes and records; more bytes than there are, since
        // a document's chunk ends after so many records.
        let chunk_bytes = bytes.len().max(1).saturating_mul(16);
        let sizes = ChunkSizes { chunk_bytes, ..ChunkSizes::default() };
        let Some(job) = SliceJobs::new(bytes, &dialect, sizes, Cpu::Plain).next() else {
            return line.map_or(Ok(()), |line| Err(ExplainError::NoLine { line, lines: 0 }));
        };
        let feed = Feed { scanner: self, dialect: &dialect, job: &job };
        match (line, &job.spans) {
            (line, Some(spans)) => feed.explain_spans(spans, line, each)?,
            (Some(line), None) => {
                let at = feed.start_of(line)?;
                each(&feed.explain_around(at, line));
            }
            (None, None) => {
                let (mut at, mut line) = (job.chunk.start, 1);
                while at < job.chunk.end {
                    each(&feed.explain_around(at, line));
                    let end = feed.record_around(at).end;
                    line += feed.line_ends(at..end);
                    at = end;
                }
            }
        }
        Ok(())
    }
}

/// A feed that is one chunk.
struct Feed<'a> {
    scanner: &'a Scanner<'a>,
    dialect: &'a Dialect,
    job: &'a Job<'a>,
}

impl Feed<'_> {
    fn bytes(&self) -> &[u8] {
        self.job.bytes.as_slice()
    }

    fn line_ends(&self, range: Range<usize>) -> u64 {
        memchr_iter(self.dialect.eol, &self.bytes()[range]).count() as u64
    }

    /// Where a line begins.
    fn start_of(&self, line: u64) -> Result<usize, ExplainError> {
        let Range { start, end } = self.job.chunk;
        let mut ends = memchr_iter(self.dialect.eol, &self.bytes()[start..end]);
        let before = usize::try_from(line).unwrap_or(usize::MAX).checked_sub(2);
        let at = match before {
            Some(before) => ends.nth(before).map(|at| start + at + 1),
            None => (line == 1).then_some(start),
        };
        at.filter(|at| *at < end).ok_or_else(|| {
            let is_open = self.bytes().last() != Some(&self.dialect.eol);
            ExplainError::NoLine { line, lines: self.line_ends(start..end) + u64::from(is_open) }
        })
    }

    /// The record that holds a position, with its line end.
    fn record_around(&self, at: usize) -> Range<usize> {
        let (job, eol) = (self.job, self.dialect.eol);
        let start = record_start(self.bytes(), job.chunk.start, &job.quoted, at, eol);
        let end = record_end(self.bytes(), job.chunk.end, &job.quoted, at, eol);
        start..end.map_or(job.chunk.end, |end| end + 1)
    }

    /// The quoted fields of a record; no others bear on where it begins and ends.
    fn quoted_within(&self, record: &Range<usize>) -> Vec<Quoted> {
        let quoted = &self.job.quoted;
        let first = quoted.partition_point(|field| field.start < record.start);
        let last = quoted.partition_point(|field| field.start < record.end);
        quoted[first..last].to_vec()
    }

    /// Explains the records of a document that begin on a line, or else the last before it.
    fn explain_spans(
        &self,
        spans: &Spans,
        line: Option<u64>,
        each: &mut dyn FnMut(&Explanation),
    ) -> Result<(), ExplainError> {
        let (mut at, mut number) = (self.job.chunk.start, 1);
        let wanted = match line {
            Some(line) => {
                let start = self.start_of(line)?;
                let until = start
                    + self.bytes()[start..self.job.chunk.end]
                        .iter()
                        .position(|&byte| byte == self.dialect.eol)
                        .map_or(self.job.chunk.end - start, |len| len + 1);
                let first = spans.all.partition_point(|span| span.range.start < start);
                let behind = spans.all.partition_point(|span| span.range.start < until);
                // A line on which none begins is of the one before it.
                first - usize::from(first == behind && first > 0)..behind
            }
            None => 0..spans.all.len(),
        };
        for span in &spans.all[wanted] {
            number += self.line_ends(at..span.range.start);
            at = span.range.start;
            each(&self.explain(span.range.clone(), number, Some(span)));
        }
        Ok(())
    }

    /// Explains the record that holds `at`, which begins line `line`.
    fn explain_around(&self, at: usize, line: u64) -> Explanation {
        let record = self.record_around(at);
        let line = line - self.line_ends(record.start..at);
        self.explain(record, line, None)
    }

    /// Explains a record that begins on line `line`.
    fn explain(&self, record: Range<usize>, line: u64, span: Option<&Span>) -> Explanation {
        let mut witness = Witness::new(self.scanner.image(), self.bytes(), self.job.base);
        let job = Job {
            bytes: JobBytes::Borrowed(self.bytes()),
            base: self.job.base,
            origin: None,
            chunk: record.clone(),
            quoted: self.quoted_within(&record),
            unterminated: None,
            spans: span.map(|span| Spans { all: vec![span.clone()], begins: true, ends: true }),
            is_torn: false,
            is_last: record.end == self.job.chunk.end,
            is_full: true,
        };
        let (image, options) = (witness.image, self.scanner.options());
        scan_watched(
            &job,
            self.dialect,
            image,
            options,
            Reads::Candidates,
            Findings::default(),
            &mut witness,
        );
        witness.goes_on();
        scan_watched(
            &job,
            self.dialect,
            image,
            options,
            Reads::EveryWord,
            Findings::default(),
            &mut witness,
        );
        let mut seen = witness.seen;
        seen.sort_by_key(|(at, _)| at.start);
        let mut seen: Vec<Seen> = seen.into_iter().map(|(_, seen)| seen).collect();
        miss::find(witness.image, self.scanner.options(), &mut seen);
        let text = &self.bytes()[record.clone()];
        let text = text.strip_suffix(&[self.dialect.eol]).unwrap_or(text);
        let text =
            if self.dialect.eol == b'\n' { text.strip_suffix(b"\r").unwrap_or(text) } else { text };
        Explanation {
            format: self.dialect.format,
            format_why: self.dialect.why.clone(),
            line,
            offset: self.job.base + record.start as u64,
            length: text.len() as u64,
            seen,
        }
    }
}

/// Writes down what a scan tells.
struct Witness<'a> {
    image: &'a Image,
    haystack: &'a [u8],
    base: u64,
    is_scanned: bool,
    /// What was seen, and where.
    seen: Vec<(Range<usize>, Seen)>,
    /// The same, to find it again.
    known: HashSet<(Range<usize>, Outcome)>,
    /// What the scan read, ascending and joined, once it is done.
    scanned: Vec<Range<usize>>,
    /// What was read last, before anything was made of it.
    read: (Range<usize>, Seen),
    /// Whether what is told now is about the last of `seen`; else it was seen before.
    is_new: bool,
}

impl<'a> Witness<'a> {
    fn new(image: &'a Image, haystack: &'a [u8], base: u64) -> Self {
        let read = (0..0, Seen::at(0, None));
        Self {
            image,
            haystack,
            base,
            is_scanned: true,
            seen: Vec::new(),
            known: HashSet::new(),
            scanned: Vec::new(),
            read,
            is_new: false,
        }
    }

    /// The scan is done; from now on every word is read, and what was not seen yet is written down.
    fn goes_on(&mut self) {
        self.is_scanned = false;
        let mut ranges: Vec<_> = self.seen.iter().map(|(range, _)| range.clone()).collect();
        ranges.sort_unstable_by_key(|range| range.start);
        for range in ranges {
            match self.scanned.last_mut().filter(|last| range.start < last.end) {
                Some(last) => last.end = last.end.max(range.end),
                None => self.scanned.push(range),
            }
        }
    }

    /// Adds what was read with what was made of it, unless that is known.
    fn add(&mut self, outcome: Outcome) {
        let (range, seen) = &self.read;
        let behind = self.scanned.partition_point(|scanned| scanned.end <= range.start);
        let was_scanned = self.scanned.get(behind).is_some_and(|next| next.start < range.end);
        self.is_new = !was_scanned && self.known.insert((range.clone(), outcome.clone()));
        if self.is_new {
            let seen = Seen { outcome, is_scanned: self.is_scanned, ..seen.clone() };
            self.seen.push((range.clone(), seen));
        }
    }
}

impl Seen {
    /// Something of which nothing is known yet.
    fn at(at: u64, field: Option<&str>) -> Self {
        Self {
            at,
            field: field.map(str::to_owned),
            raw: String::new(),
            role: Role::Text,
            flags: Flags::NONE,
            port: None,
            outcome: Outcome::Secret,
            concerns: Vec::new(),
            misses: Vec::new(),
            is_scanned: true,
        }
    }
}

impl Watch for Witness<'_> {
    const LISTENS: bool = true;

    fn secret(&mut self, _at: usize, place: &Place) {
        let at = self.base + place.field.start as u64;
        self.read = (place.field.clone(), Seen::at(at, place.name.as_deref()));
        self.add(Outcome::Secret);
    }

    fn read(&mut self, found: &Indicator<'_>) {
        let at = self.base + found.at as u64;
        let seen = Seen {
            raw: letters(&self.haystack[found.raw.clone()]).into_owned(),
            role: found.role,
            flags: found.flags,
            port: found.port,
            ..Seen::at(at, found.place.name.as_deref())
        };
        self.read = (found.raw.clone(), seen);
        self.is_new = false;
    }

    fn rejected(&mut self, reason: &'static str) {
        self.add(Outcome::Rejected(reason));
    }

    fn looked_up(&mut self, kind: IndicatorKind, indicator: &str, subtree: bool) {
        self.add(Outcome::LookedUp { kind, indicator: indicator.to_owned(), subtree });
    }

    fn concerns(
        &mut self,
        asset: AssetRef<'_>,
        owner: Owner<'_>,
        relation: Relation,
        verdict: Verdict,
    ) {
        let Some((_, seen)) = self.seen.last_mut().filter(|_| self.is_new) else { return };
        seen.concerns.push(Concern {
            participant: owner.participant().to_owned(),
            asset: asset.value().to_string(),
            asset_kind: asset.kind(),
            label: owner.label().map(str::to_owned),
            relation,
            verdict,
        });
    }
}
