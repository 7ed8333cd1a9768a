//! A file mapped into memory, and what others may do to it meanwhile.

use std::fmt;
use std::fs::File;
use std::io;
use std::ops::{Deref, Range};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use memmap2::{Advice, Mmap, MmapOptions};

use super::watched::Watched;
use super::{Source, SourceKind, in_order, open};

/// Stands by while a file is mapped, for a host that survives the loss of its pages.
///
/// Pages of a map are gone once another process shortens the file, and a disk may fail to read
/// them. The kernel then sends SIGBUS to whoever reads them, which ends the process. The library
/// installs no handler of signals: they belong to the whole process, and so to the host. A host
/// that has one, which puts zeros in place of the lost pages, says here that it had to. The feed is
/// then incomplete.
///
/// The guard is dropped before the map is undone.
///
/// # Example
///
/// ```
/// use std::sync::atomic::{AtomicBool, Ordering};
/// # use feedsieve::{compile, Hit, Image, Inventory, Limits, MapGuard, Scanner, SinkFn, Source};
///
/// /// Set by the host's handler of SIGBUS, once it has put zeros in place of a page.
/// static TORN: AtomicBool = AtomicBool::new(false);
///
/// struct Guard;
///
/// impl MapGuard for Guard {
///     fn is_torn(&self) -> bool {
///         TORN.load(Ordering::Relaxed)
///     }
/// }
/// # let csv = "participant,kind,value\nA,domain,hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// # let path = std::env::temp_dir().join(format!("feedsieve-guard-{}", std::process::id()));
/// # std::fs::write(&path, "hospital.example\n")?;
///
/// // SAFETY: nobody else writes to this file.
/// let feed = unsafe { Source::mapped(&path)? }.guarded(|_map| Box::new(Guard));
/// TORN.store(true, Ordering::Relaxed);
/// let stats = Scanner::new(&image).scan(feed, &mut SinkFn(|_: &Hit<'_>| true))?;
/// assert!(!stats.is_complete());
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait MapGuard: Send + Sync {
    /// Whether pages of the map were lost. Asked once for each chunk and at the end.
    fn is_torn(&self) -> bool;
}

/// The map of a whole file; clones share it.
#[derive(Clone)]
pub(crate) struct Map(Arc<Inner>);

struct Inner {
    // Dropped in this order: the guard must not outlive the bytes that it guards.
    guard: OnceLock<Box<dyn MapGuard>>,
    bytes: Mmap,
    file: Watched,
}

/// What is said of a feed that lost pages.
const TORN: &str = "the file was cut short, or its disk failed, while it was scanned";

impl Source<'_> {
    /// A regular file, mapped into memory; anything else is read in order.
    ///
    /// Memory stays bounded: what has been scanned is given back. A file that is seen to have
    /// changed when the scan is over makes the feed incomplete.
    ///
    /// # Errors
    ///
    /// As [`Source::path`], and when the file cannot be mapped.
    ///
    /// # Safety
    ///
    /// Nobody may change or shorten the file during the scan. A changed file
    /// gives the wrong hits at best, and a shortened one ends the process with
    /// SIGBUS, unless the host handles that (see [`MapGuard`]). Use [`Source::path`] where that
    /// cannot be promised.
    #[expect(unsafe_code, reason = "mapping a file is a promise about other processes")]
    pub unsafe fn mapped(path: impl AsRef<Path>) -> io::Result<Source<'static>> {
        let (name, file, bytes) = open(path.as_ref())?;
        // An empty file cannot be mapped, and a special one has no length.
        let kind = match bytes {
            Some(len) if len > 0 => {
                // SAFETY: the caller promises that the file stays as it is.
                let map = unsafe { MmapOptions::new().map(&file)? };
                // Advice is a hint; without it the scan is only slower.
                let _ = map.advise(Advice::Sequential);
                SourceKind::Map(Map::new(map, file)?)
            }
            _ => in_order(file, bytes),
        };
        Ok(Source { name, bytes, kind })
    }

    /// Has a guard stand by while the file is mapped; `guard` is called with the bytes of the map.
    ///
    /// Does nothing where the source is no map, and where it has a guard already.
    #[must_use]
    pub fn guarded(self, guard: impl FnOnce(&[u8]) -> Box<dyn MapGuard>) -> Self {
        if let SourceKind::Map(map) = &self.kind {
            map.0.guard.get_or_init(|| guard(&map.0.bytes));
        }
        self
    }
}

impl Map {
    fn new(bytes: Mmap, file: File) -> io::Result<Self> {
        let file = Watched::new(file)?;
        Ok(Self(Arc::new(Inner { guard: OnceLock::new(), bytes, file })))
    }

    /// Whether pages were lost, as the guard says.
    pub(crate) fn is_torn(&self) -> bool {
        self.0.guard.get().is_some_and(|guard| guard.is_torn())
    }

    /// Why what was scanned may not be what the file holds.
    pub(crate) fn why_incomplete(&self) -> Option<String> {
        let torn = || self.is_torn().then(|| TORN.to_owned());
        torn().or_else(|| self.0.file.why_changed(self.0.bytes.len() as u64))
    }

    /// Gives back what has been scanned, so that memory stays bounded.
    #[expect(unsafe_code, reason = "the kernel's MADV_DONTNEED; memmap2 has no safe form")]
    pub(crate) fn give_back(&self, range: Range<usize>) {
        let len = range.len();
        // SAFETY: the map is shared and never written to, so that dropped pages are
        // read from the file again and hold what they held. Pages that a handler of
        // SIGBUS put in place of lost ones hold zeros, before and after.
        let _ = unsafe {
            self.0.bytes.unchecked_advise_range(
                memmap2::UncheckedAdvice::DontNeed,
                range.start,
                len,
            )
        };
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0.bytes
    }
}

impl AsRef<[u8]> for Map {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map").field("bytes", &self.len()).finish_non_exhaustive()
    }
}
