//! Where a feed comes from: bytes in memory, a mapped file, or anything that can be read.
//!
//! What it is packed in and how its letters are encoded is undone on the way: `archive`, `unpack`,
//! `utf16`; `ahead` has another thread do that. `digest` hashes what lies on disk. `map` and
//! `watched` notice what becomes of a file while it is scanned.

mod ahead;
#[cfg(feature = "compression")]
mod archive;
#[cfg(not(feature = "compression"))]
#[path = "no_archive.rs"]
mod archive;
mod digest;
#[cfg(feature = "mmap")]
mod map;
#[cfg(not(feature = "mmap"))]
#[path = "no_map.rs"]
mod map;
mod unpack;
mod utf16;
mod watched;

use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

pub(crate) use ahead::Ahead;
pub use archive::{Archive, Contents};
pub(crate) use digest::{Hashed, beside};
pub(crate) use map::Map;
#[cfg(feature = "mmap")]
pub use map::MapGuard;
use unpack::is_packed;
pub(crate) use unpack::{Input, unpacked};
pub(crate) use utf16::{MARK_BYTES, Offsets, Utf8, utf16, utf16_bytes};
use watched::Watched;

/// A feed that has not been read yet.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
/// let csv = "participant,kind,value\nA,domain,hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// // The same feed from memory and from a reader, of which nobody knows the length.
/// let text = &b"hospital.example\n"[..];
/// let (memory, reader) = (Source::slice("a", text), Source::reader("a", text));
/// assert_eq!((memory.bytes(), reader.bytes()), (Some(17), None));
/// let mut none = SinkFn(|_: &Hit<'_>| true);
/// let scanner = Scanner::new(&image);
/// assert_eq!(scanner.scan(memory, &mut none)?.hits, scanner.scan(reader, &mut none)?.hits);
/// # assert_eq!(scanner.scan(Source::slice("a", text), &mut none)?.hits, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Source<'a> {
    name: String,
    bytes: Option<u64>,
    kind: SourceKind<'a>,
}

pub(crate) enum SourceKind<'a> {
    Slice(&'a [u8]),
    #[cfg_attr(not(feature = "mmap"), expect(dead_code, reason = "nothing makes one"))]
    Map(Map),
    /// Read in order, perhaps by another thread: no more than the file is waited for.
    File(File),
    Reader(Input<'a>),
}

impl<'a> Source<'a> {
    /// Bytes in memory.
    #[must_use]
    pub fn slice(name: impl Into<String>, bytes: &'a [u8]) -> Self {
        let len = bytes.len() as u64;
        Self { name: name.into(), bytes: Some(len), kind: SourceKind::Slice(bytes) }
    }

    /// Anything that can be read: a pipe, a socket, an unpacker. Read once, in order.
    #[must_use]
    pub fn reader(name: impl Into<String>, reader: impl Read + Send + 'a) -> Self {
        Self { name: name.into(), bytes: None, kind: SourceKind::Reader(Box::new(reader)) }
    }

    /// A file, read in order.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened, or is a directory.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::Source;
    /// # let path = std::env::temp_dir().join(format!("feedsieve-source-{}", std::process::id()));
    /// # std::fs::write(&path, "192.0.2.7\n")?;
    /// let source = Source::path(&path)?;
    /// assert_eq!((source.name(), source.bytes()), (&*path.to_string_lossy(), Some(10)));
    /// assert!(Source::path(std::env::temp_dir()).is_err());
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn path(path: impl AsRef<Path>) -> io::Result<Source<'static>> {
        let (name, file, bytes) = open(path.as_ref())?;
        Ok(Source { name, kind: in_order(file, bytes), bytes })
    }

    /// The name under which hits report the feed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same feed under another name.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
    /// let csv = "participant,kind,value\nA,domain,hospital.example\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let mut told = Vec::new();
    /// let mut sink = SinkFn(|hit: &Hit<'_>| {
    ///     told.push(hit.feed.to_owned());
    ///     true
    /// });
    /// let feed = Source::slice("-", b"hospital.example").named("mail 7");
    /// let stats = Scanner::new(&image).scan(feed, &mut sink)?;
    /// assert_eq!(told, ["mail 7"]);
    /// # assert!(stats.is_complete());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Bytes of the feed, where they are known before it is read.
    #[must_use]
    pub const fn bytes(&self) -> Option<u64> {
        self.bytes
    }

    pub(crate) fn into_parts(self) -> (String, SourceKind<'a>) {
        (self.name, self.kind)
    }
}

/// What tells, when a scan is over, that a file is no longer what it was.
#[derive(Debug)]
pub(crate) enum Witness {
    Map(Map),
    File(Watched),
    /// Nobody can change bytes in memory, and what pipes carried is gone.
    None,
}

impl Witness {
    /// Why what was scanned may not be what the file holds; none where it is.
    pub(crate) fn why_incomplete(&self) -> Option<String> {
        match self {
            Self::Map(map) => map.why_incomplete(),
            Self::File(file) => file.why_changed(u64::MAX),
            Self::None => None,
        }
    }
}

impl<'a> SourceKind<'a> {
    /// Who tells at the end what became of the file.
    pub(crate) fn witness(&self) -> Witness {
        match self {
            Self::Map(map) => Witness::Map(map.clone()),
            // Without a further descriptor nothing is noticed, and the scan is as good as before.
            Self::File(file) => match file.try_clone().and_then(Watched::new) {
                Ok(watched) => Witness::File(watched),
                Err(_) => Witness::None,
            },
            Self::Slice(_) | Self::Reader(_) => Witness::None,
        }
    }

    /// As what is read in order.
    pub(crate) fn into_input(self) -> Input<'a> {
        match self {
            Self::Slice(bytes) => Box::new(bytes),
            Self::Map(map) => Box::new(Cursor::new(map)),
            Self::File(file) => Box::new(file),
            Self::Reader(reader) => reader,
        }
    }
}

/// The first bytes of a zip archive with a member in it (APPNOTE.TXT, section 4.3.7).
const ZIP: [u8; 4] = *b"PK\x03\x04";

/// Whether ranges of a feed can be scanned each by itself, as the first bytes of it tell.
///
/// Not of one that is packed, an archive, or in UTF-16: there
/// [`Scanner::range`](crate::Scanner::range) is refused. 66 bytes are enough to know: the mark of
/// UTF-16, and the 32 units of which one has to look like text.
///
/// # Example
///
/// ```
/// assert!(feedsieve::has_ranges(b"192.0.2.1\n"));
/// assert!(!feedsieve::has_ranges(b"\x1f\x8b\x08\0"));
/// ```
#[must_use]
pub fn has_ranges(head: &[u8]) -> bool {
    !is_rewritten(head) && !head.starts_with(&ZIP)
}

/// Whether bytes are packed or in UTF-16, so that what is scanned is not they.
pub(crate) fn is_rewritten(bytes: &[u8]) -> bool {
    is_packed(bytes) || utf16(bytes).is_some()
}

/// Reads all of a feed as it is scanned: unpacked, and in UTF-8.
pub(crate) fn read_text(input: Input<'_>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    unpacked(input)?.0.read_to_end(&mut bytes)?;
    match utf16(&bytes) {
        Some(encoding) => {
            let mut text = Vec::new();
            Utf8::new(&bytes[MARK_BYTES as usize..], encoding).read_to_end(&mut text)?;
            Ok(text)
        }
        None => Ok(bytes),
    }
}

/// A file of which the length is known, or a pipe and the like.
fn in_order(file: File, bytes: Option<u64>) -> SourceKind<'static> {
    match bytes {
        Some(_) => SourceKind::File(file),
        None => SourceKind::Reader(Box::new(file)),
    }
}

fn open(path: &Path) -> io::Result<(String, File, Option<u64>)> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "a directory, not a feed"));
    }
    let bytes = metadata.is_file().then_some(metadata.len());
    Ok((path.to_string_lossy().into_owned(), file, bytes))
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("name", &self.name).finish_non_exhaustive()
    }
}
