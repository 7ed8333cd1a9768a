//! Where a feed comes from: bytes in memory, a mapped file, or anything that can be read.
//!
//! What it is packed in and how its letters are encoded is undone on the way: `archive`, `unpack`,
//! `utf16`; `ahead` has another thread do that. `digest` hashes what lies on disk.

mod ahead;
mod archive;
mod digest;
mod unpack;
mod utf16;

use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

use memmap2::{Advice, Mmap, MmapOptions};

pub(crate) use ahead::Ahead;
pub use archive::{Archive, Contents};
pub(crate) use digest::{Hashed, beside};
use unpack::is_packed;
pub(crate) use unpack::{Input, unpacked};
pub(crate) use utf16::{MARK_BYTES, Offsets, Utf8, utf16, utf16_bytes};

/// A feed that has not been read yet.
pub struct Source<'a> {
    name: String,
    bytes: Option<u64>,
    kind: SourceKind<'a>,
}

pub(crate) enum SourceKind<'a> {
    Slice(&'a [u8]),
    Map(Mmap),
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
    pub fn path(path: impl AsRef<Path>) -> io::Result<Source<'static>> {
        let (name, file, bytes) = open(path.as_ref())?;
        Ok(Source { name, kind: in_order(file, bytes), bytes })
    }

    /// A regular file, mapped into memory; anything else is read in order.
    ///
    /// Memory stays bounded: what has been scanned is given back.
    ///
    /// # Errors
    ///
    /// As [`Source::path`], and when the file cannot be mapped.
    ///
    /// # Safety
    ///
    /// Nobody may change or shorten the file during the scan. A changed file
    /// gives the wrong hits at best, and a shortened one ends the process with
    /// SIGBUS. Use [`Source::path`] where that cannot be promised.
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
                SourceKind::Map(map)
            }
            _ => in_order(file, bytes),
        };
        Ok(Source { name, bytes, kind })
    }

    /// The name under which hits report the feed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same feed under another name.
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

impl<'a> SourceKind<'a> {
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

/// Gives back what has been scanned of a map, so that memory stays bounded.
#[expect(unsafe_code, reason = "the kernel's MADV_DONTNEED; memmap2 has no safe form")]
pub(crate) fn give_back(map: &Mmap, range: std::ops::Range<usize>) {
    let len = range.len();
    // SAFETY: the map is shared and never written to, so that dropped pages are
    // read from the file again and hold what they held.
    let _ =
        unsafe { map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, range.start, len) };
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("name", &self.name).finish_non_exhaustive()
    }
}
