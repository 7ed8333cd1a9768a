//! One feed on its way: opened, told apart, cut into jobs, and joined again.

use std::io::{self, Cursor, Read};
use std::ops::Range;
use std::thread;
use std::time::Instant;

use encoding_rs::Encoding;

use super::{ScanError, Scanner};
use crate::changing::{cut_changing, scan_changing};
use crate::evidence::Spare;
use crate::fields::{FieldSet, UnknownField};
use crate::format::{Dialect, Format, sniff};
use crate::jobs::{Job, ReaderJobs, SliceJobs};
use crate::join::Joiner;
use crate::outside::is_last;
use crate::parallel::Next;
use crate::scan::{HEAD_BYTES, scan};
use crate::sink::Sink;
use crate::source::{
    Ahead, Hashed, Input, MARK_BYTES, Map, Source, SourceKind, Utf8, beside, is_rewritten,
    unpacked, utf16,
};
use crate::stats::ScanStats;

/// Bytes of a map that are given back at a time, a multiple of any page.
const GIVE_BACK_BYTES: usize = 8 << 20;

impl Scanner<'_> {
    /// Scans one feed and hands its hits to `sink`, in the order of the feed.
    ///
    /// Memory does not depend on the feed's length. The same hits for any number
    /// of threads, any chunk size and any kind of source.
    ///
    /// A feed that cannot be read to its end is no error: everything before the
    /// failure is scanned, and [`ScanStats::incomplete_why`] says what failed. So it does of a
    /// file that was changed or cut short meanwhile.
    ///
    /// # Errors
    ///
    /// [`ScanError::Sink`] where the sink fails, [`ScanError::Feed`] where nothing
    /// of the feed can be read.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
    /// let csv = "participant,kind,value\nA,domain,hospital.example\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// struct Broken;
    ///
    /// impl std::io::Read for Broken {
    ///     fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
    ///         Err(std::io::Error::other("the line went dead"))
    ///     }
    /// }
    ///
    /// let feed = std::io::Read::chain(&b"hospital.example\n"[..], Broken);
    /// let mut none = SinkFn(|_: &Hit<'_>| true);
    /// let stats = Scanner::new(&image).scan(Source::reader("feed", feed), &mut none)?;
    /// assert_eq!((stats.hits, stats.is_complete()), (1, false));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn scan<S: Sink>(
        &self,
        source: Source<'_>,
        sink: &mut S,
    ) -> Result<ScanStats, ScanError<S::Error>> {
        let started = Instant::now();
        let (name, kind) = source.into_parts();
        let witness = kind.witness();
        let mut stats = match kind {
            SourceKind::Slice(bytes) if !is_rewritten(bytes) => {
                self.scan_memory(&name, bytes, None, sink)?
            }
            SourceKind::Map(map) if !is_rewritten(&map) => {
                self.scan_memory(&name, &map, Some(&map), sink)?
            }
            SourceKind::Reader(reader) => self.scan_read(&name, reader, false, sink)?,
            kind => self.scan_read(&name, kind.into_input(), true, sink)?,
        };
        if let Some(why) = witness.why_incomplete() {
            // Of which bytes it would be, nobody could say.
            stats.sha256 = None;
            // Whoever asked to stop knows that the rest is missing.
            if !stats.is_stopped {
                stats.incomplete_why.get_or_insert(why);
            }
        }
        stats.elapsed = started.elapsed();
        Ok(stats)
    }

    /// Scans bytes in memory, and hashes them where that is asked for.
    fn scan_memory<S: Sink>(
        &self,
        name: &str,
        bytes: &[u8],
        map: Option<&Map>,
        sink: &mut S,
    ) -> Result<ScanStats, ScanError<S::Error>> {
        if !self.digests {
            return self.scan_slice(name, bytes, map, &mut |_| {}, sink);
        }
        let is_on_thread = self.threads.count() > 1 && bytes.len() > self.sizes.chunk_bytes;
        let done = |done: Range<usize>| map.iter().for_each(|map| map.give_back(done.clone()));
        let (scanned, sha256) = beside(bytes, is_on_thread, done, |cut| {
            let scanned = self.scan_slice(name, bytes, map, cut, sink);
            let is_torn = map.is_some_and(Map::is_torn);
            let is_wanted = scanned.as_ref().is_ok_and(|stats| !stats.is_stopped) && !is_torn;
            (scanned, is_wanted)
        });
        Ok(ScanStats { sha256, ..scanned? })
    }

    /// Scans what is read in order, and hashes it where that is asked for.
    fn scan_read<S: Sink>(
        &self,
        name: &str,
        input: Input<'_>,
        is_regular: bool,
        sink: &mut S,
    ) -> Result<ScanStats, ScanError<S::Error>> {
        if !self.digests {
            return self.scan_input(name, input, is_regular, sink);
        }
        let mut hashed = Hashed::new(input);
        let stats = self.scan_input(name, Box::new(&mut hashed), is_regular, sink)?;
        // A feed that cannot be read to its end has no digest; that it cannot is known already.
        let sha256 = if stats.is_stopped { None } else { hashed.finish().ok() };
        Ok(ScanStats { sha256, ..stats })
    }

    fn scan_slice<S: Sink>(
        &self,
        name: &str,
        bytes: &[u8],
        map: Option<&Map>,
        cut: &mut dyn FnMut(usize),
        sink: &mut S,
    ) -> Result<ScanStats, ScanError<S::Error>> {
        // In a copy, which stays as it is.
        let head = bytes[..bytes.len().min(HEAD_BYTES)].to_vec();
        let dialect = match sniff(&head, self.format) {
            Ok(dialect) => dialect,
            Err(why) => return Ok(unreadable(self.format, why)),
        };
        let seen = self.seen_fields(&dialect, &head).map_err(ScanError::Field)?;
        let mut jobs = SliceJobs::new(bytes, &dialect, self.sizes, self.options.cpu);
        // What lies before the last joined chunk is only looked back at, and not far.
        let mut given = 0;
        let mut give = |offset: u64| {
            let behind = usize::try_from(offset).unwrap_or(0).saturating_sub(GIVE_BACK_BYTES);
            let end = behind / GIVE_BACK_BYTES * GIVE_BACK_BYTES;
            if let Some(map) = map
                && end > given
            {
                map.give_back(given..end);
                given = end;
            }
        };
        let is_one_chunk = bytes.len() <= self.sizes.chunk_bytes;
        let mut next = || {
            let job = cut_changing(map, || jobs.next())?;
            cut(jobs.cut_to());
            Ok(job)
        };
        let about = About { is_one_chunk, origin: None, seen, map };
        self.drive(name, &dialect, &about, &mut next, &mut give, sink)
    }

    /// Unpacks what is packed, on a thread of its own where that waits for nobody else.
    fn scan_input<S: Sink>(
        &self,
        name: &str,
        input: Input<'_>,
        is_regular: bool,
        sink: &mut S,
    ) -> Result<ScanStats, ScanError<S::Error>> {
        let (mut input, packings) = unpacked(input).map_err(ScanError::Feed)?;
        if !packings.is_empty() && self.options.range.is_some() {
            return Ok(unreadable(self.format, PACKED_RANGE));
        }
        let mut stats = match is_regular && !packings.is_empty() && self.threads.count() > 1 {
            true => thread::scope(|scope| {
                self.scan_reader(name, &mut Ahead::spawn(scope, input), sink)
            })?,
            false => self.scan_reader(name, &mut *input, sink)?,
        };
        if !packings.is_empty() {
            stats.format_why =
                format!("{}; unpacked from {}", stats.format_why, packings.join(", "));
        }
        Ok(stats)
    }

    fn scan_reader<S: Sink>(
        &self,
        name: &str,
        reader: &mut dyn Read,
        sink: &mut S,
    ) -> Result<ScanStats, ScanError<S::Error>> {
        let (head, end) = read_head(reader);
        match (head.is_empty(), end, utf16(&head)) {
            (true, Some(Err(error)), _) => Err(ScanError::Feed(error)),
            (_, _, Some(_)) if self.options.range.is_some() => {
                Ok(unreadable(self.format, UTF16_RANGE))
            }
            (_, end, Some(encoding)) => {
                let units = Cursor::new(&head[MARK_BYTES as usize..]);
                let mut text = Utf8::new(units.chain(Rest { end, reader }), encoding);
                let (head, end) = read_head(&mut text);
                self.scan_text(name, &mut text, (head, end), Some(encoding), sink)
            }
            (_, end, None) => self.scan_text(name, reader, (head, end), None, sink),
        }
    }

    /// Scans UTF-8, that was UTF-16 where an encoding is given, behind a beginning that was read.
    fn scan_text<S: Sink>(
        &self,
        name: &str,
        reader: &mut dyn Read,
        (head, end): (Vec<u8>, End),
        encoding: Option<&'static Encoding>,
        sink: &mut S,
    ) -> Result<ScanStats, ScanError<S::Error>> {
        let sample = &head[..head.len().min(HEAD_BYTES)];
        let dialect = match sniff(sample, self.format) {
            Ok(dialect) => dialect,
            Err(why) => return Ok(unreadable(self.format, why)),
        };
        let seen = self.seen_fields(&dialect, sample).map_err(ScanError::Field)?;
        let is_all = end.is_some();
        let mut error = end.and_then(Result::err);
        let is_one_chunk = is_all && head.len() <= self.sizes.chunk_bytes;
        let origin = encoding.map(|_| MARK_BYTES);
        let (sizes, cpu) = (self.sizes, self.options.cpu);
        let mut jobs = ReaderJobs::new(reader, (head, is_all), origin, &dialect, sizes, cpu);
        let mut next = || match (jobs.next(&mut error), error.take()) {
            (Some(job), failed) => {
                error = failed;
                Ok(Some(job))
            }
            (None, Some(failed)) => Err(failed),
            (None, None) => Ok(None),
        };
        let about = About { is_one_chunk, origin, seen, map: None };
        let mut stats = self.drive(name, &dialect, &about, &mut next, &mut |_| {}, sink)?;
        match encoding {
            Some(encoding) if encoding == encoding_rs::UTF_16LE => stats.encoding = "utf-16le",
            Some(_) => stats.encoding = "utf-16be",
            None => {}
        }
        Ok(stats)
    }

    /// The fields that were asked for, to be searched and to be kept, and occur in the beginning.
    fn seen_fields(&self, dialect: &Dialect, head: &[u8]) -> Result<[FieldSet; 2], UnknownField> {
        let mut seen = [FieldSet::MAX; 2];
        let asked = [&self.options.fields, &self.options.keep];
        for (seen, names) in seen.iter_mut().zip(asked) {
            let Some(names) = names else { continue };
            names.iter().try_for_each(|name| dialect.check_field(name))?;
            if dialect.finds_fields_late() {
                *seen = names.in_lines(head, dialect.eol);
            }
        }
        Ok(seen)
    }

    /// Jobs in, chunks joined in order, hits out.
    fn drive<'j, S: Sink>(
        &self,
        name: &str,
        dialect: &Dialect,
        about: &About<'_>,
        next: Next<'_, 'j>,
        done: &mut dyn FnMut(u64),
        sink: &mut S,
    ) -> Result<ScanStats, ScanError<S::Error>> {
        let stats = ScanStats {
            format: dialect.format,
            format_why: dialect.why.clone(),
            encoding: if dialect.bom > 0 { "utf-8 with a byte order mark" } else { "utf-8" },
            ..ScanStats::default()
        };
        let start = about.origin.unwrap_or(dialect.bom as u64);
        let mut joiner = Joiner::new(&self.image, &self.options, name, stats, start);
        joiner.saw(about.seen[0], about.seen[1]);
        let mut offset = start;
        let spare = Spare::default();
        let mut joined = |scanned: crate::scan::Scanned| {
            offset += scanned.bytes;
            let goes_on = joiner.join(&scanned, sink);
            spare.give(scanned.findings);
            done(offset);
            goes_on
        };
        let mut is_over = false;
        let mut in_range = || {
            let job = if is_over { None } else { next()? };
            is_over = match (&job, &self.options.range) {
                (Some(job), Some(range)) => is_last(job, dialect.eol, range),
                _ => is_over,
            };
            Ok(job)
        };
        let next: Next<'_, 'j> = &mut in_range;
        let scan = |job: &Job<'_>| scan(job, dialect, &self.image, &self.options, spare.take());
        let work = |job: &Job<'_>| scan_changing(job, about.map, scan);
        let end = self.threads.drive(about.is_one_chunk, next, work, &mut joined);
        let end = end.map_err(ScanError::Threads)?;
        let is_stopped = !end.goes_on.map_err(ScanError::Sink)?;
        let mut stats = joiner.finish(is_stopped, sink).map_err(ScanError::Sink)?;
        let failed = end.error.map(|error| format!("reading failed: {error}"));
        stats.incomplete_why = failed.or(stats.incomplete_why);
        Ok(stats)
    }
}

/// What is known of a feed before its first chunk.
struct About<'m> {
    is_one_chunk: bool,
    /// Where the text begins in a feed of UTF-16.
    origin: Option<u64>,
    /// Fields of the beginning that were asked for, to be searched and to be kept.
    seen: [FieldSet; 2],
    /// What the bytes are a part of, where others may change them.
    map: Option<&'m Map>,
}

const PACKED_RANGE: &str =
    "packed, and a range of bytes means those of a plain feed; unpack it first";

const UTF16_RANGE: &str =
    "UTF-16, and a range of bytes means those of a feed in UTF-8; convert it first";

/// The account of a feed of which no record can be read.
fn unreadable(format: Format, why: &str) -> ScanStats {
    ScanStats {
        format,
        format_why: "not decided".to_owned(),
        encoding: "unknown",
        incomplete_why: Some(why.to_owned()),
        ..ScanStats::default()
    }
}

/// That nothing comes any more, and whether that is an error.
type End = Option<Result<(), io::Error>>;

/// Reads the beginning of a feed, 64 KiB or more.
fn read_head(reader: &mut dyn Read) -> (Vec<u8>, End) {
    let mut head = Vec::new();
    let mut buffer = vec![0; HEAD_BYTES];
    while head.len() < HEAD_BYTES {
        match reader.read(&mut buffer) {
            Ok(0) => return (head, Some(Ok(()))),
            Ok(count) => head.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (head, Some(Err(error))),
        }
    }
    (head, None)
}

/// What comes behind a beginning.
struct Rest<'r> {
    end: End,
    reader: &'r mut dyn Read,
}

impl Read for Rest<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self.end.take() {
            None => self.reader.read(to),
            Some(end) => {
                self.end = Some(Ok(()));
                end.map(|()| 0)
            }
        }
    }
}
