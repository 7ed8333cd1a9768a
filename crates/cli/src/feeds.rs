//! Which feeds there are, in which order, and how they are opened.

use std::fs::{self, FileType};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::ValueEnum;
use feedsieve::{Contents, Source};

use crate::interrupt::Interruptible;
use crate::talk::{count, say, why};
use crate::{mapped, special, terminal};

/// How regular files are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Io {
    /// Mapped into memory: the fastest way, for files that nobody writes to meanwhile
    Mmap,
    /// Read in order: for files that grow during the scan, as logs do
    Read,
}

/// A feed that was named, or found in a folder that was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Feed {
    /// What stands behind `-`, or behind no name at all.
    Stdin,
    /// A file.
    File(PathBuf),
    /// What cannot be a feed, and why.
    Unreadable(PathBuf, String),
}

impl Feed {
    /// The name in hits, messages and the summary: the path as given.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdin => "-".to_owned(),
            Self::File(path) | Self::Unreadable(path, _) => path.to_string_lossy().into_owned(),
        }
    }

    /// Opens the feed, or the archive of feeds.
    pub(crate) fn open(&self, io: Io) -> Result<Contents<'static>, String> {
        let source = match self {
            Self::Stdin => Interruptible::stdin().map(|stdin| Source::reader("-", stdin)),
            Self::File(path) => open_file(path, io),
            Self::Unreadable(_, why) => return Err(why.clone()),
        };
        source.and_then(Source::contents).map_err(|error| why(&error))
    }

    /// Whether one thread is enough for the feed, so that others may have further feeds.
    pub(crate) fn is_small(&self) -> bool {
        // It may be packed, which says little: unpacking keeps one thread busy whatever comes of it.
        match self {
            Self::Stdin => false,
            Self::File(_) => self.bytes().is_some_and(|bytes| bytes < SMALL_BYTES),
            Self::Unreadable(..) => true,
        }
    }

    /// Bytes of the feed, where they are known before it is read.
    pub(crate) fn bytes(&self) -> Option<u64> {
        match self {
            Self::Stdin => None,
            Self::File(path) => {
                fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|found| found.len())
            }
            Self::Unreadable(..) => Some(0),
        }
    }
}

fn open_file(path: &Path, io: Io) -> io::Result<Source<'static>> {
    match (special::open(path)?, io) {
        (Some(source), _) => Ok(source),
        (None, Io::Mmap) => mapped::open(path),
        (None, Io::Read) => Source::path(path),
    }
}

/// A few chunks: not much is lost where the last of many feeds has one thread only.
const SMALL_BYTES: u64 = 8 << 20;

/// The feeds that arguments name, folders resolved where that is asked for.
pub(crate) fn list(arguments: &[PathBuf], is_recursive: bool) -> anyhow::Result<Vec<Feed>> {
    if arguments.is_empty() {
        if terminal::is_stdin() {
            bail!(
                "no feed is named and standard input is a terminal; name a FEED, or pipe one in \
                 (`-` reads what is typed)"
            );
        }
        return Ok(vec![Feed::Stdin]);
    }
    let is_stdin = |path: &&PathBuf| path.as_os_str() == "-";
    if arguments.iter().filter(is_stdin).count() > 1 {
        bail!("`-` is named more than once, and standard input can be read once only");
    }
    let mut feeds = Vec::new();
    for path in arguments {
        match fs::metadata(path) {
            _ if is_stdin(&path) => feeds.push(Feed::Stdin),
            Ok(found) if found.is_dir() && is_recursive => feeds.extend(Folder::read(path)),
            Ok(found) if found.is_dir() => {
                let why = "a folder; -r scans the files in it".to_owned();
                feeds.push(Feed::Unreadable(path.clone(), why));
            }
            // Whatever is wrong with it shows when it is opened.
            _ => feeds.push(Feed::File(path.clone())),
        }
    }
    Ok(feeds)
}

/// What was found under a folder so far.
#[derive(Default)]
struct Folder {
    found: Vec<(PathBuf, Feed)>,
    links: u64,
    special: u64,
}

impl Folder {
    /// The regular files under a folder, in byte order of their paths.
    ///
    /// Links are not followed: they may lead out of the folder, or round in a circle.
    fn read(root: &Path) -> Vec<Feed> {
        let mut folder = Self::default();
        let mut pending = vec![root.to_owned()];
        while let Some(path) = pending.pop() {
            if let Err(error) = folder.read_one(&path, &mut pending) {
                folder.add(path.clone(), Feed::Unreadable(path, why(&error)));
            }
        }
        folder.tell(root);
        folder.found.sort_by(|a, b| a.0.as_os_str().as_bytes().cmp(b.0.as_os_str().as_bytes()));
        folder.found.into_iter().map(|(_, feed)| feed).collect()
    }

    fn read_one(&mut self, path: &Path, pending: &mut Vec<PathBuf>) -> io::Result<()> {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => pending.push(path),
                Ok(kind) if kind.is_file() => self.add(path.clone(), Feed::File(path)),
                Ok(kind) => self.pass_over(kind),
                Err(error) => self.add(path.clone(), Feed::Unreadable(path, why(&error))),
            }
        }
        Ok(())
    }

    fn add(&mut self, path: PathBuf, feed: Feed) {
        self.found.push((path, feed));
    }

    fn pass_over(&mut self, kind: FileType) {
        match kind.is_symlink() {
            true => self.links += 1,
            false => self.special += 1,
        }
    }

    /// Says what was passed over, for it might have been meant.
    fn tell(&self, root: &Path) {
        for (number, noun) in
            [(self.links, "symbolic link"), (self.special, "pipe, socket or device file")]
        {
            if number > 0 {
                say(format_args!("{}: passed over {}", root.display(), count(number, noun)));
            }
        }
        if self.found.is_empty() {
            say(format_args!("{}: no file in this folder", root.display()));
        }
    }
}
