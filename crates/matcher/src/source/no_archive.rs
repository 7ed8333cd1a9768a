//! In place of `archive.rs` where the feature `compression` is off: archives are told, and refused.

use std::convert::Infallible;
use std::io::{self, Read as _, Seek as _};
use std::marker::PhantomData;

use super::unpack::{lacking, peeked};
use super::{Source, SourceKind, ZIP};

/// What a source holds.
#[derive(Debug)]
#[non_exhaustive]
pub enum Contents<'a> {
    /// One feed.
    Feed(Source<'a>),
    /// Several feeds; not without the feature `compression`.
    Archive(Archive<'a>),
}

/// A zip archive, of which there is none without the feature `compression`.
#[derive(Debug)]
pub struct Archive<'a> {
    never: Infallible,
    source: PhantomData<Source<'a>>,
}

impl<'a> Source<'a> {
    /// Tells a zip archive from a feed by its first bytes, and refuses it.
    ///
    /// # Errors
    ///
    /// When the source cannot be read, and when it is an archive.
    pub fn contents(self) -> io::Result<Contents<'a>> {
        let Self { name, bytes, kind } = self;
        let (is_zip, kind) = match kind {
            SourceKind::Slice(slice) => (slice.starts_with(&ZIP), SourceKind::Slice(slice)),
            SourceKind::Map(map) => (map.starts_with(&ZIP), SourceKind::Map(map)),
            SourceKind::File(mut file) => {
                let mut head = ZIP.map(|_| 0);
                let is_zip = file.read_exact(&mut head).is_ok() && head == ZIP;
                file.rewind()?;
                (is_zip, SourceKind::File(file))
            }
            SourceKind::Reader(reader) => {
                let (head, reader) = peeked(reader)?;
                (head.starts_with(&ZIP), SourceKind::Reader(reader))
            }
        };
        match is_zip {
            true => Err(lacking("zip")),
            false => Ok(Contents::Feed(Source { name, bytes, kind })),
        }
    }
}

impl Archive<'_> {
    /// Calls `visit` with every member that is a file, of which there is none.
    ///
    /// # Errors
    ///
    /// Those of `visit`.
    pub fn each<E>(
        self,
        _: impl FnMut(String, io::Result<Source<'_>>) -> Result<bool, E>,
    ) -> Result<(), E> {
        match self.never {}
    }
}
