//! Zip archives, of which every member is a feed.

use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, Write as _};

use tempfile::NamedTempFile;
use zip::ZipArchive;
use zip::read::read_zipfile_from_stream;
use zip::result::ZipError;

use super::unpack::{Input, peeked};
use super::{Source, SourceKind, ZIP};

/// What a source holds.
///
/// # Example
///
/// ```
/// # use feedsieve::{Contents, Source};
/// // What is packed with gzip and the like is one feed; only a zip is an archive.
/// let packed = Source::reader("feed.gz", &b"\x1f\x8b\x08\0"[..]);
/// assert!(matches!(packed.contents()?, Contents::Feed(_)));
/// let cut = Source::slice("cut.zip", b"PK\x03\x04").contents()?;
/// let Contents::Archive(cut) = cut else { panic!() };
/// let mut failed = Vec::new();
/// cut.each(|name, member| {
///     failed.push((name, member.is_err()));
///     Ok::<_, std::io::Error>(true)
/// })?;
/// assert_eq!(failed, [("cut.zip".to_owned(), true)]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Contents<'a> {
    /// One feed, packed or not.
    Feed(Source<'a>),
    /// Several feeds.
    Archive(Archive<'a>),
}

/// A zip archive.
///
/// Members may be packed once more, as a feed outside may; archives in archives are not opened.
/// The directory of an archive stands at its end, so one that comes from a reader is copied to a
/// temporary file first, in the folder of [`std::env::temp_dir`]: a file without a name, of mode
/// 0600, which is gone with the archive. An archive that lacks its directory is read in order as
/// far as it goes.
///
/// # Example
///
/// ```
/// # use feedsieve::{Contents, Source};
/// let source = Source::slice("blocklist.txt", b"192.0.2.1\n");
/// assert!(matches!(source.contents()?, Contents::Feed(_)));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Archive<'a> {
    name: String,
    members: Members<'a>,
    /// What is wrong with the archive as a whole.
    failed: Option<io::Error>,
}

enum Members<'a> {
    Listed(ZipArchive<Box<dyn Random + 'a>>),
    /// In the order in which they come, where there is no list.
    Stream(Box<dyn Random + 'a>),
}

/// What can be read at any place.
trait Random: Read + Seek + Send {}

impl<T: Read + Seek + Send> Random for T {}

impl<'a> Source<'a> {
    /// Tells a zip archive from a feed by its first bytes.
    ///
    /// # Errors
    ///
    /// When the source cannot be read, or an archive from a reader cannot be
    /// [copied](Archive).
    pub fn contents(self) -> io::Result<Contents<'a>> {
        let Self { name, bytes, kind } = self;
        let mut failed = None;
        let mut random: Box<dyn Random + 'a> = match kind {
            SourceKind::Slice(slice) if slice.starts_with(&ZIP) => Box::new(Cursor::new(slice)),
            SourceKind::Map(map) if map.starts_with(&ZIP) => Box::new(Cursor::new(map)),
            SourceKind::File(mut file) => {
                let mut head = ZIP.map(|_| 0);
                let is_zip = file.read_exact(&mut head).is_ok() && head == ZIP;
                file.rewind()?;
                if !is_zip {
                    return Ok(Contents::Feed(Source {
                        name,
                        bytes,
                        kind: SourceKind::File(file),
                    }));
                }
                Box::new(file)
            }
            SourceKind::Reader(reader) => {
                let (head, reader) = peeked(reader)?;
                if !head.starts_with(&ZIP) {
                    let kind = SourceKind::Reader(reader);
                    return Ok(Contents::Feed(Source { name, bytes, kind }));
                }
                let (file, cut) = spooled(reader)?;
                failed = cut;
                Box::new(file)
            }
            kind => return Ok(Contents::Feed(Source { name, bytes, kind })),
        };
        let listed = ZipArchive::new(&mut random).map(|_| ());
        random.rewind()?;
        let members = match listed {
            Ok(()) => Members::Listed(ZipArchive::new(random).map_err(|error| why(&error))?),
            Err(error) => {
                failed = failed.or_else(|| Some(why(&error)));
                Members::Stream(random)
            }
        };
        Ok(Contents::Archive(Archive { name, members, failed }))
    }
}

/// Copies an archive to a file without a name, and says why it ends early if it does.
fn spooled(mut reader: Input<'_>) -> io::Result<(File, Option<io::Error>)> {
    const AT_ONCE: usize = 64 << 10;
    let unwritten = |error: io::Error| {
        let folder = std::env::temp_dir();
        let why = format!(
            "the zip archive comes as a stream, and to read it from its end it has to be kept in {}; \
             set TMPDIR to a folder with room, or save it to a file and scan that: {error}",
            folder.display()
        );
        // Not of the error's kind, for there is nothing wrong with the archive.
        io::Error::other(why)
    };
    // Not `tempfile::tempfile`, whose files have the mode that the umask leaves.
    let (mut file, path) = NamedTempFile::new().map_err(unwritten)?.into_parts();
    path.close().map_err(unwritten)?;
    let mut bytes = vec![0; AT_ONCE];
    let cut = loop {
        match reader.read(&mut bytes) {
            Ok(0) => break None,
            Ok(count) => file.write_all(&bytes[..count]).map_err(unwritten)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Some(error),
        }
    };
    file.rewind()?;
    Ok((file, cut))
}

impl<'a> Archive<'a> {
    /// Calls `visit` with every member that is a file, named `archive.zip!member`, in the order of
    /// the archive, until it returns `false`.
    ///
    /// A member that cannot be read, since it is encrypted or packed in a way that is not known, is
    /// handed over with the error. What is wrong with the archive as a whole comes last, with the
    /// name of the archive.
    ///
    /// # Errors
    ///
    /// Those of `visit`.
    pub fn each<E>(
        self,
        mut visit: impl FnMut(String, io::Result<Source<'_>>) -> Result<bool, E>,
    ) -> Result<(), E> {
        let Self { name: archive, members, mut failed } = self;
        let named = |member: &str| format!("{archive}!{member}");
        match members {
            Members::Listed(mut zip) => {
                for index in 0..zip.len() {
                    let listed = zip.name_for_index(index).and_then(Result::ok);
                    let name = named(&listed.unwrap_or_else(|| format!("#{}", index + 1).into()));
                    if name.ends_with('/') {
                        continue;
                    }
                    let member = zip.by_index(index).map_err(|error| why(&error));
                    let source = member.map(|member| {
                        let expected = member.size();
                        Source::reader(name.clone(), Member { inner: member, read: 0, expected })
                    });
                    if !visit(name, source)? {
                        return Ok(());
                    }
                }
            }
            Members::Stream(mut input) => loop {
                match read_zipfile_from_stream(&mut input) {
                    Ok(Some(member)) if member.is_dir() => {}
                    Ok(Some(member)) => {
                        let name = named(&member.name().unwrap_or_default());
                        let expected = member.size();
                        let member = Member { inner: member, read: 0, expected };
                        if !visit(name.clone(), Ok(Source::reader(name, member)))? {
                            return Ok(());
                        }
                    }
                    Ok(None) => break,
                    Err(error) => {
                        failed = failed.or_else(|| Some(why(&error)));
                        break;
                    }
                }
            },
        }
        if let Some(error) = failed {
            visit(archive, Err(error))?;
        }
        Ok(())
    }
}

/// A member, unpacked; says what is wrong with it in the words of a user.
struct Member<R> {
    inner: R,
    /// Bytes that were unpacked.
    read: u64,
    /// Bytes that the archive promises.
    expected: u64,
}

impl<R: Read> Read for Member<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(to) {
            Ok(count) => {
                self.read += count as u64;
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let why = format!(
                    "the zip member is damaged or cut short behind byte {} of the {} that the \
                     archive promises ({error})",
                    self.read, self.expected
                );
                Err(io::Error::new(error.kind(), why))
            }
        }
    }
}

/// What is wrong with an archive, in the words of a user.
fn why(error: &ZipError) -> io::Error {
    let why = match error {
        ZipError::UnsupportedArchive(what) => format!("the zip archive cannot be unpacked: {what}"),
        error => format!("the zip archive is damaged or cut short ({error})"),
    };
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl fmt::Debug for Archive<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn zipped() -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default();
        zip.add_directory("lists/", options).expect("memory takes every write");
        for (name, text) in [("lists/a.txt", "192.0.2.1\n"), ("b.txt", "192.0.2.2\n")] {
            zip.start_file(name, options).expect("memory takes every write");
            zip.write_all(text.as_bytes()).expect("memory takes every write");
        }
        zip.finish().expect("memory takes every write").into_inner()
    }

    /// Names and texts, or errors.
    fn members(source: Source<'_>) -> Vec<(String, Result<String, String>)> {
        let Contents::Archive(archive) = source.contents().expect("it can be read") else {
            panic!("a zip archive");
        };
        let mut found = Vec::new();
        let visited: Result<(), ()> = archive.each(|name, member| {
            let text = member.and_then(|member| match member.kind {
                SourceKind::Reader(mut reader) => io::read_to_string(&mut reader),
                _ => unreachable!("members are read in order"),
            });
            found.push((name, text.map_err(|error| error.to_string())));
            Ok(true)
        });
        assert_eq!(visited, Ok(()));
        found
    }

    #[test]
    fn every_member_is_a_feed_from_memory_and_from_a_stream() {
        let zip = zipped();
        let expected = [
            ("z!lists/a.txt".to_owned(), Ok("192.0.2.1\n".to_owned())),
            ("z!b.txt".to_owned(), Ok("192.0.2.2\n".to_owned())),
        ];
        assert_eq!(members(Source::slice("z", &zip)), expected);
        assert_eq!(members(Source::reader("z", &zip[..])), expected);
        let feed = Source::slice("z", b"PK\x03 is no archive").contents();
        assert!(matches!(feed, Ok(Contents::Feed(_))));
    }

    #[test]
    fn an_archive_without_its_directory_is_read_as_far_as_it_goes() {
        let zip = zipped();
        let directory = zip.windows(4).position(|bytes| bytes == b"PK\x01\x02").expect("there");
        let found = members(Source::slice("z", &zip[..directory]));
        let names: Vec<_> =
            found.iter().map(|(name, text)| (name.as_str(), text.is_ok())).collect();
        assert_eq!(names, [("z!lists/a.txt", true), ("z!b.txt", true), ("z", false)]);
    }
}
