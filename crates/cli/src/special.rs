//! Files that are no regular ones: pipes with a name are waited for, sockets and devices refused.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use feedsieve::Source;
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use crate::interrupt::{self, INTERRUPTED, Interruptible};

/// How long a pipe with a name is waited for until somebody writes into it.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often is looked whether somebody does.
const INTERVAL: Duration = Duration::from_millis(20);

/// A source of what is no regular file; none of one that is, and of folders, which are told of elsewhere.
///
/// # Errors
///
/// When it is a socket or a device, or a pipe into which nobody writes.
pub(crate) fn open(path: &Path) -> io::Result<Option<Source<'static>>> {
    let found = fs::metadata(path)?;
    let kind = found.file_type();
    let refused = |why: &str| Err(io::Error::other(why.to_owned()));
    if kind.is_socket() {
        return refused("a socket, not a feed; pipe into feedsieve what it carries");
    }
    // What is thrown away there is read as an empty feed, as everywhere.
    let is_null = fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == found.rdev());
    if kind.is_block_device() || kind.is_char_device() && !is_null {
        return refused("a device, not a feed; pipe into feedsieve what it holds");
    }
    if !kind.is_fifo() {
        return Ok(None);
    }
    let name = path.to_string_lossy().into_owned();
    // The pipe of a shell's `<(…)` has no name that can be opened for writing: nobody will come.
    if fs::canonicalize(path).is_err() {
        return Ok(Some(Source::reader(name, Interruptible::new(File::open(path)?))));
    }
    Ok(Some(Source::reader(name, written_to(path)?)))
}

/// Opens a pipe once somebody writes into it.
fn written_to(path: &Path) -> io::Result<impl Read + Send + 'static> {
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let mut file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let begun = Instant::now();
    let mut head = vec![0; 4096];
    loop {
        match file.read(&mut head) {
            // Nobody is there, or somebody came and went without a word between two looks.
            Ok(0) if interrupt::signal().is_some() => return Err(io::Error::other(INTERRUPTED)),
            Ok(0) if begun.elapsed() < PATIENCE => thread::sleep(INTERVAL),
            Ok(0) => {
                let why = format!("a pipe into which nobody wrote for {} s", PATIENCE.as_secs());
                return Err(io::Error::new(io::ErrorKind::TimedOut, why));
            }
            Ok(count) => {
                head.truncate(count);
                break;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                head.clear();
                break;
            }
            Err(error) => return Err(error),
        }
    }
    let blocking = fcntl_getfl(&file)? & !OFlags::NONBLOCK;
    fcntl_setfl(&file, blocking)?;
    Ok(io::Cursor::new(head).chain(Interruptible::new(file)))
}
