//! A regular file that somebody may change while it is scanned, and how that is noticed.

use std::fs::File;
use std::io;
use std::time::SystemTime;

/// A file as it was when it was opened.
#[derive(Debug)]
pub(crate) struct Watched {
    file: File,
    bytes: u64,
    modified: Option<SystemTime>,
}

impl Watched {
    /// Looks at a file that was just opened.
    pub(crate) fn new(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        // Not every file system knows when a file was written to.
        Ok(Self { bytes: metadata.len(), modified: metadata.modified().ok(), file })
    }

    /// Why what was read may not be what the file holds, of which `read` bytes at most were looked at.
    ///
    /// A file that has only grown is no reason where it was read to its end: logs do grow. One
    /// that was deleted keeps its bytes for as long as it is open.
    pub(crate) fn why_changed(&self, read: u64) -> Option<String> {
        let now = self.file.metadata().ok()?;
        let opened = self.bytes;
        match now.len() {
            bytes if bytes < opened => Some(format!(
                "the file was cut short from {opened} to {bytes} bytes while it was scanned"
            )),
            bytes if bytes > opened => (read < bytes).then(|| {
                format!(
                    "the file has grown from {opened} to {bytes} bytes while it was scanned; scan \
                     it again, or as a file that is read in order"
                )
            }),
            _ => (now.modified().ok() != self.modified)
                .then(|| "the file was written to while it was scanned; scan it again".to_owned()),
        }
    }
}
