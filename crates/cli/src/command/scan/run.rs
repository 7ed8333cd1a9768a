//! A scan of several feeds, on its way: what each gives, in their order, and what became of it.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::anyhow;
use feedsieve::{Contents, Hit, ScanError, ScanStats, Scanner, Sink, Source, UnknownField};

use super::together::{Share, Told, scan_together};
use crate::feeds::{Feed, Io};
use crate::interrupt::{self, INTERRUPTED};
use crate::output::{Rows, Target};
use crate::participants::nearest;
use crate::progress::Progress;
use crate::publication::Publication;
use crate::summary::{CLOSED, Summary};
use crate::talk::{say, why};
use crate::{Outcome, terminal};

/// A scan of several feeds, on its way.
pub(super) struct Run<'i> {
    pub(super) scanner: Scanner<'i>,
    pub(super) threads: usize,
    pub(super) io: Io,
    pub(super) is_ranged: bool,
    pub(super) is_strict: bool,
    pub(super) writer: Writer,
    pub(super) summary: Summary,
    /// Why further feeds are not read.
    pub(super) stopped: Option<&'static str>,
    pub(super) has_failed: bool,
}

pub(super) const ARCHIVED_RANGE: &str =
    "an archive, and a range of bytes means those of a plain feed; unpack it first";

pub(super) const UNKNOWN_CONTENTS: &str = "of a kind that this command does not read";

const STRICT: &str = "an earlier feed was not read to its end, and --strict stops there";

impl Run<'_> {
    /// Scans feeds in their order; where small ones follow each other, several at once.
    pub(super) fn feeds(&mut self, feeds: &[Feed]) -> anyhow::Result<()> {
        let mut rest = feeds;
        self.heed();
        while let Some((first, behind)) = rest.split_first() {
            let small = rest.iter().take_while(|feed| feed.is_small()).count();
            if self.threads > 1 && small > 1 {
                self.together(&rest[..small])?;
                rest = &rest[small..];
            } else {
                self.feed(first)?;
                rest = behind;
            }
        }
        Ok(())
    }

    fn together(&mut self, feeds: &[Feed]) -> anyhow::Result<()> {
        let share = Share {
            scanner: self.scanner.clone().threads(1),
            rows: self.writer.rows.beside(),
            io: self.io,
            is_ranged: self.is_ranged,
            is_stopped: AtomicBool::new(false),
        };
        scan_together(feeds, self.threads, &share, |feed, told| {
            match self.stopped {
                Some(why) => self.summary.add_unread(feed.name(), why),
                None => told.into_iter().try_for_each(|told| self.take(told))?,
            }
            share.is_stopped.store(self.stopped.is_some(), Ordering::Relaxed);
            Ok(())
        })
    }

    /// Puts down what another thread tells of a feed, as far as that is still wanted.
    fn take(&mut self, told: Told) -> anyhow::Result<()> {
        match (told, self.stopped) {
            (Told::Ended { name, .. }, Some(why)) => self.summary.add_unread(name, why),
            (_, Some(_)) => {}
            (Told::Begins(name), None) => self.writer.progress.begin(&name),
            (Told::Rows { rows, hits }, None) => self.writer.add(&rows, hits)?,
            (Told::Ended { name, outcome }, None) => {
                if let Ok(stats) = &outcome {
                    self.writer.progress(stats.bytes)?;
                }
                self.put_down(name, outcome.map(|stats| *stats));
            }
        }
        Ok(())
    }

    /// Scans a feed, or puts down why not.
    fn feed(&mut self, feed: &Feed) -> anyhow::Result<()> {
        let name = feed.name();
        if let Some(why) = self.stopped {
            self.summary.add_unread(name, why);
            return Ok(());
        }
        match feed.open(self.io) {
            Ok(Contents::Feed(source)) => self.source(name, Ok(source)),
            Ok(Contents::Archive(_)) if self.is_ranged => {
                self.source(name, Err(ARCHIVED_RANGE.to_owned()))
            }
            Ok(Contents::Archive(archive)) => archive.each(|name, member| {
                match self.stopped {
                    Some(why) => self.summary.add_unread(name, why),
                    None => self.source(name, member.map_err(|error| why(&error)))?,
                }
                Ok(true)
            }),
            Ok(_) => self.source(name, Err(UNKNOWN_CONTENTS.to_owned())),
            Err(why) => self.source(name, Err(why)),
        }
    }

    /// Scans what was opened, or puts down why not.
    fn source(&mut self, name: String, source: Result<Source<'_>, String>) -> anyhow::Result<()> {
        self.writer.progress.begin(&name);
        let outcome = source.map(|source| self.scan(source)).unwrap_or_else(|why| Ok(Err(why)))?;
        self.put_down(name, outcome);
        Ok(())
    }

    /// Puts down what became of a feed.
    fn put_down(&mut self, name: String, outcome: Result<ScanStats, String>) {
        match outcome {
            Ok(stats) => {
                for field in &stats.unseen_fields {
                    self.say(&name, &format!("no record that was looked at has {field}"));
                }
                match &stats.incomplete_why {
                    Some(why) => self.fail(&name, why),
                    None if stats.bytes == 0 && !stats.is_stopped => self.say(&name, "empty"),
                    None => {}
                }
                self.summary.add(name, stats);
            }
            Err(why) => {
                self.fail(&name, &why);
                self.summary.add_unread(name, &why);
            }
        }
        if self.writer.hits.is_closed() {
            self.stopped = Some(CLOSED);
        }
        self.heed();
    }

    /// Reads no further feeds once a signal came.
    fn heed(&mut self) {
        if interrupt::signal().is_some() {
            self.stopped = Some(INTERRUPTED);
        }
    }

    /// Scans a feed; inside is why the feed, outside why the run cannot go on.
    fn scan(&mut self, source: Source<'_>) -> anyhow::Result<Result<ScanStats, String>> {
        match self.scanner.scan(source, &mut self.writer) {
            Ok(stats) => Ok(Ok(stats)),
            Err(ScanError::Feed(error)) => Ok(Err(why(&error))),
            Err(ScanError::Field(unknown)) => Ok(Err(missing(&unknown))),
            Err(ScanError::Sink(error)) => Err(error),
            Err(error) => Err(anyhow!("{error}")),
        }
    }

    fn fail(&mut self, feed: &str, why: &str) {
        self.say(feed, why);
        self.has_failed = true;
        if self.is_strict {
            self.stopped = Some(STRICT);
        }
    }

    fn say(&self, feed: &str, what: &str) {
        self.writer.progress.aside(|| say(format_args!("{feed}: {what}")));
    }

    pub(super) fn finish(
        mut self,
        summary: Option<Publication>,
        is_zero: bool,
    ) -> anyhow::Result<Outcome> {
        let Writer { mut hits, mut progress, .. } = self.writer;
        progress.aside(|| hits.flush())?;
        progress.finish();
        let is_closed = hits.is_closed();
        // A signal that comes behind the last feed interrupts nothing.
        let signal = interrupt::signal().filter(|_| !self.summary.is_complete());
        match signal {
            // Half of a file would look like the whole of it.
            Some(_) => drop(hits),
            None => hits.finish()?,
        }
        self.summary.end(signal.is_some());
        if let Some(file) = summary {
            self.summary.publish(file)?;
        }
        if terminal::is_stderr() {
            self.summary.tell();
        }
        if let Some(signal) = signal {
            say(INTERRUPTED);
            return Ok(Outcome::Interrupted(signal.cast_unsigned() as u8));
        }
        let is_done = self.summary.hits() > 0 || is_zero || is_closed;
        Ok(match (self.has_failed, is_done) {
            (true, _) => Outcome::Failed,
            (false, true) => Outcome::Done,
            (false, false) => Outcome::NothingFound,
        })
    }
}

/// Why a feed without a field that was asked for is not scanned.
pub(super) fn missing(unknown: &UnknownField) -> String {
    let name = unknown.name();
    match nearest(name, unknown.known().iter().map(String::as_str)) {
        Some(nearest) => format!("no field {name}; the nearest is {nearest}"),
        None => unknown.to_string(),
    }
}

/// Takes hits, and shows how far the scan is.
pub(super) struct Writer {
    pub(super) rows: Rows,
    pub(super) hits: Target,
    pub(super) progress: Progress,
}

impl Writer {
    /// Writes what stands before the first hit.
    pub(super) fn begin(&mut self) {
        let Self { rows, hits, .. } = self;
        hits.add(|to| rows.begin(to));
    }

    /// Writes rows that another thread made.
    fn add(&mut self, made: &[u8], count: u64) -> anyhow::Result<()> {
        let Self { rows, hits, progress } = self;
        progress.hits(count);
        hits.add(|to| {
            rows.heading(to);
            to.extend_from_slice(made);
        });
        if hits.is_full() {
            progress.aside(|| hits.flush())?;
        }
        Ok(())
    }
}

impl Sink for Writer {
    type Error = anyhow::Error;

    fn hit(&mut self, hit: &Hit<'_>) -> anyhow::Result<bool> {
        let Self { rows, hits, progress } = self;
        progress.hits(1);
        hits.add(|to| rows.hit(to, hit));
        if hits.is_full() {
            progress.aside(|| hits.flush())?;
        }
        Ok(!hits.is_closed() && interrupt::signal().is_none())
    }

    /// Hits are not held back while a feed goes on, for it may be one that never ends.
    fn progress(&mut self, bytes_done: u64) -> anyhow::Result<bool> {
        let Self { hits, progress, .. } = self;
        progress.advance(bytes_done);
        if hits.is_pending() {
            progress.aside(|| hits.flush())?;
        }
        Ok(!hits.is_closed() && interrupt::signal().is_none())
    }
}
