//! Small feeds, several at once: one thread for each, and what they give in the order of the feeds.
//!
//! A feed of one chunk keeps one thread busy, so a folder of thousands of them would leave the others
//! idle. Rows wait until all feeds before theirs are written. So much of them may wait for
//! a feed and for so many feeds; then its thread waits too, and memory stays bounded.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use feedsieve::{Contents, Hit, ScanError, ScanStats, Scanner, Sink, Source};

use super::run::{ARCHIVED_RANGE, missing};
use crate::feeds::{Feed, Io};
use crate::interrupt;
use crate::output::Rows;
use crate::talk::why;

/// What is told of a feed, in this order for each that is in it.
pub(super) enum Told {
    Begins(String),
    Rows { rows: Vec<u8>, hits: u64 },
    Ended { name: String, outcome: Result<Box<ScanStats>, String> },
}

/// What threads need to scan feeds.
pub(super) struct Share<'s> {
    pub(super) scanner: Scanner<'s>,
    pub(super) rows: Rows,
    pub(super) io: Io,
    pub(super) is_ranged: bool,
    /// Whether nobody wants what is still to come.
    pub(super) is_stopped: AtomicBool,
}

/// Bytes of rows that are handed on at a time.
const PIECE_BYTES: usize = 64 << 10;

/// What may wait of one feed.
const MOST_WAITING: usize = 8;

/// Feeds that are scanned or wait for their turn, for each thread.
const FEEDS_A_THREAD: usize = 2;

/// Scans feeds with so many threads and hands what they tell to `take`, feed by feed.
pub(super) fn scan_together<E>(
    feeds: &[Feed],
    threads: usize,
    share: &Share<'_>,
    mut take: impl FnMut(&Feed, Receiver<Told>) -> Result<(), E>,
) -> Result<(), E> {
    let (jobs, queue) = channel::<(&Feed, SyncSender<Told>)>();
    let queue = Mutex::new(queue);
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
    thread::scope(|scope| {
        // Dropped on every way out, so that the threads end.
        let jobs = jobs;
        for _ in 0..threads.min(feeds.len()) {
            scope.spawn(|| {
                while let Ok((feed, to)) = next() {
                    share.feed(feed, &to);
                }
            });
        }
        let mut feeds = feeds.iter();
        let mut waiting = VecDeque::new();
        loop {
            while waiting.len() < threads * FEEDS_A_THREAD
                && let Some(feed) = feeds.next()
            {
                let (to, told) = sync_channel(MOST_WAITING);
                jobs.send((feed, to)).expect("the queue outlives the threads");
                waiting.push_back((feed, told));
            }
            let Some((feed, told)) = waiting.pop_front() else { return Ok(()) };
            take(feed, told)?;
        }
    })
}

impl Share<'_> {
    /// Scans a feed or what is in an archive. That nobody listens any more ends it.
    fn feed(&self, feed: &Feed, to: &SyncSender<Told>) {
        if self.is_stopped() {
            return;
        }
        let name = feed.name();
        match feed.open(self.io) {
            Ok(Contents::Feed(source)) => self.source(name, Ok(source), to),
            Ok(Contents::Archive(_)) if self.is_ranged => {
                self.source(name, Err(ARCHIVED_RANGE.to_owned()), to)
            }
            Ok(Contents::Archive(archive)) => {
                let each = |name, member: Result<Source<'_>, std::io::Error>| {
                    self.source(name, member.map_err(|error| why(&error)), to);
                    Ok::<_, Infallible>(true)
                };
                let Ok(()) = archive.each(each);
            }
            Ok(_) => self.source(name, Err(super::run::UNKNOWN_CONTENTS.to_owned()), to),
            Err(why) => self.source(name, Err(why), to),
        }
    }

    fn source(&self, name: String, source: Result<Source<'_>, String>, to: &SyncSender<Told>) {
        // Where nobody listens, the sink below hears of it too.
        let _ = to.send(Told::Begins(name.clone()));
        let mut rows =
            Pieces { share: self, rows: self.rows.beside(), piece: Vec::new(), hits: 0, to };
        let outcome = source.and_then(|source| match self.scanner.scan(source, &mut rows) {
            Ok(stats) => Ok(Box::new(stats)),
            Err(ScanError::Field(unknown)) => Err(missing(&unknown)),
            Err(ScanError::Feed(error)) => Err(why(&error)),
            Err(error) => Err(error.to_string()),
        });
        rows.send();
        let _ = to.send(Told::Ended { name, outcome });
    }

    fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed) || interrupt::signal().is_some()
    }
}

/// Makes rows of hits and hands them on piece by piece.
struct Pieces<'s> {
    share: &'s Share<'s>,
    rows: Rows,
    piece: Vec<u8>,
    hits: u64,
    to: &'s SyncSender<Told>,
}

impl Pieces<'_> {
    /// Waits until there is room; tells whether somebody listens.
    fn send(&mut self) -> bool {
        if self.hits == 0 {
            return true;
        }
        let (rows, hits) = (std::mem::take(&mut self.piece), std::mem::take(&mut self.hits));
        self.to.send(Told::Rows { rows, hits }).is_ok()
    }
}

impl Sink for Pieces<'_> {
    type Error = Infallible;

    fn hit(&mut self, hit: &Hit<'_>) -> Result<bool, Infallible> {
        self.hits += 1;
        self.rows.hit(&mut self.piece, hit);
        Ok(self.piece.len() < PIECE_BYTES || self.send())
    }

    fn progress(&mut self, _: u64) -> Result<bool, Infallible> {
        Ok(!self.share.is_stopped())
    }
}
