//! The thread that scans, and what it tells the iterator.
//!
//! It never calls into Python: what an object of Python holds is read by whoever iterates, on the
//! thread on which that is safe, and sent here. So a scan that nobody waits for any more cannot
//! hold up the end of the interpreter, and exceptions of `read` are raised where they belong.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use feedsieve::{Contents, Hit as Borrowed, ScanError, Scanner, Sink, Source, Tally};
use pyo3::pybacked::PyBackedBytes;

use crate::errors;
use crate::feed::Feed;
use crate::fence::{Panicked, caught};
use crate::hit::Hit;
use crate::options::Options;

/// What the scanning thread tells.
pub(crate) enum Event {
    /// The feed is there, or why not.
    Opened(Result<(), io::Error>),
    /// Hits, in the order of the feed.
    Hits(Vec<Hit>),
    /// The object that the feed is read from is to be read, and the bytes to be sent.
    Wanted,
    /// A feed, or a member of an archive, is done with.
    Ended(Box<Ended>),
    /// Nothing comes any more.
    Over(Result<(), Failed>),
}

/// What became of a feed.
pub(crate) struct Ended {
    pub(crate) feed: String,
    pub(crate) tally: Tally,
}

/// Why a scan failed that is not the feed's fault.
pub(crate) enum Failed {
    Panicked(Panicked),
    Other(String),
}

/// Bytes of the object that is read, none at its end, or why there are no more.
pub(crate) type Sent = Result<Option<PyBackedBytes>, String>;

/// The side of the iterator.
pub(crate) struct Worker {
    pub(crate) events: Receiver<Event>,
    pub(crate) bytes: SyncSender<Sent>,
    stop: Arc<AtomicBool>,
}

/// Hits that are sent at once, unless a chunk ends before.
const BATCH_HITS: usize = 256;

/// Batches that wait for the iterator; a scan that is further ahead waits for it.
const BATCHES: usize = 16;

/// Bytes that are asked for at a time.
pub(crate) const READ_BYTES: usize = 1 << 20;

impl Worker {
    /// Starts a thread that scans the feed.
    pub(crate) fn start(options: Options, feed: Feed, name: String) -> io::Result<Self> {
        let (events, received) = sync_channel(BATCHES);
        let (bytes, sent) = sync_channel(1);
        let stop = Arc::new(AtomicBool::new(false));
        let is_stopped = Arc::clone(&stop);
        let work = move || {
            let to = events.clone();
            let run = || Run { options: &options, events, is_stopped };
            let outcome = caught(|| run().feed(feed, name, sent));
            let outcome = outcome.unwrap_or_else(|panicked| Err(Failed::Panicked(panicked)));
            // Nobody listens where the iterator is gone.
            let _ = to.send(Event::Over(outcome));
        };
        thread::Builder::new().name("feedsieve-scan".to_owned()).spawn(work)?;
        Ok(Self { events: received, bytes, stop })
    }

    /// Has the scan end at the next chunk.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

struct Run<'o> {
    options: &'o Options,
    events: SyncSender<Event>,
    is_stopped: Arc<AtomicBool>,
}

impl Run<'_> {
    fn feed(self, feed: Feed, name: String, sent: Receiver<Sent>) -> Result<(), Failed> {
        let scanner = self.options.scanner();
        match feed {
            Feed::Path(path) => match Source::path(path) {
                Ok(source) => {
                    self.tell(Event::Opened(Ok(())));
                    self.contents(&scanner, source.named(name))
                }
                Err(error) => {
                    self.tell(Event::Opened(Err(error)));
                    Ok(())
                }
            },
            Feed::Bytes(bytes) => {
                self.tell(Event::Opened(Ok(())));
                self.contents(&scanner, Source::slice(name, &bytes))
            }
            Feed::Object(_) => {
                self.tell(Event::Opened(Ok(())));
                let events = self.events.clone();
                let reader = Wanting { events, sent, bytes: Ok(None), read: 0 };
                self.contents(&scanner, Source::reader(name, reader))
            }
        }
    }

    /// Tells, unless nobody listens any more; the next chunk ends the scan then.
    fn tell(&self, event: Event) {
        if self.events.send(event).is_err() {
            self.is_stopped.store(true, Ordering::Relaxed);
        }
    }

    fn contents(&self, scanner: &Scanner<'_>, source: Source<'_>) -> Result<(), Failed> {
        let name = source.name().to_owned();
        match source.contents() {
            Ok(Contents::Feed(source)) => self.source(scanner, name, Ok(source)),
            Ok(Contents::Archive(_)) if self.options.is_ranged => {
                self.ended(name, Tally::unread(ARCHIVED_RANGE));
                Ok(())
            }
            Ok(Contents::Archive(archive)) => archive.each(|name, member| {
                self.source(scanner, name, member)?;
                Ok(!self.is_stopped.load(Ordering::Relaxed))
            }),
            Ok(_) => {
                self.ended(name, Tally::unread(UNKNOWN_CONTENTS));
                Ok(())
            }
            Err(error) => self.source(scanner, name, Err(error)),
        }
    }

    fn source(
        &self,
        scanner: &Scanner<'_>,
        name: String,
        source: io::Result<Source<'_>>,
    ) -> Result<(), Failed> {
        let source = match source {
            Ok(source) => source,
            Err(error) => {
                self.ended(name, Tally::unread(errors::why(&error)));
                return Ok(());
            }
        };
        let feed = name.as_str().into();
        let mut sink = Batches { run: self, feed, hits: Vec::new() };
        let tally = match scanner.scan(source, &mut sink) {
            Ok(stats) => stats.into(),
            Err(ScanError::Feed(error)) => Tally::unread(errors::why(&error)),
            Err(ScanError::Field(field)) => Tally::unread(field.to_string()),
            Err(error) => return Err(Failed::Other(error.to_string())),
        };
        sink.send();
        self.ended(name, tally);
        Ok(())
    }

    fn ended(&self, feed: String, tally: Tally) {
        self.tell(Event::Ended(Box::new(Ended { feed, tally })));
    }
}

const ARCHIVED_RANGE: &str =
    "an archive, and a range of bytes means those of a plain feed; unpack it first";

const UNKNOWN_CONTENTS: &str = "of a kind that this version does not read";

/// A sink that hands on hits in batches, and what there is at the end of each chunk.
struct Batches<'r, 'o> {
    run: &'r Run<'o>,
    feed: Arc<str>,
    hits: Vec<Hit>,
}

impl Batches<'_, '_> {
    fn send(&mut self) {
        if !self.hits.is_empty() {
            self.run.tell(Event::Hits(std::mem::take(&mut self.hits)));
        }
    }

    fn goes_on(&self) -> bool {
        !self.run.is_stopped.load(Ordering::Relaxed)
    }
}

impl Sink for Batches<'_, '_> {
    type Error = std::convert::Infallible;

    fn hit(&mut self, hit: &Borrowed<'_>) -> Result<bool, Self::Error> {
        #[cfg(debug_assertions)]
        crate::fence::hook::pass();
        self.hits.push(Hit::of(hit, &self.feed));
        if self.hits.len() >= BATCH_HITS {
            self.send();
        }
        Ok(self.goes_on())
    }

    /// Hits are not held back while a feed goes on, for it may be one that never ends.
    fn progress(&mut self, _: u64) -> Result<bool, Self::Error> {
        self.send();
        Ok(self.goes_on())
    }
}

/// Bytes that the iterator reads and sends.
struct Wanting {
    events: SyncSender<Event>,
    sent: Receiver<Sent>,
    bytes: Sent,
    /// How many of them are taken.
    read: usize,
}

impl Read for Wanting {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let gone = || io::Error::other("the feed could not be read");
        if let Ok(bytes) = &self.bytes
            && bytes.as_ref().is_none_or(|bytes| self.read == bytes.len())
        {
            self.events.send(Event::Wanted).map_err(|_| gone())?;
            self.bytes = self.sent.recv().map_err(|_| gone())?;
            self.read = 0;
        }
        let bytes = match &self.bytes {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(0),
            // It stays so, for an object that failed is not asked again.
            Err(why) => return Err(io::Error::other(why.clone())),
        };
        let rest = &bytes[self.read..];
        let count = rest.len().min(to.len());
        to[..count].copy_from_slice(&rest[..count]);
        self.read += count;
        Ok(count)
    }
}
