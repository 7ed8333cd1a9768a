//! A regular file that somebody may change while it is scanned, and how that is noticed.

use std::fs::{File, Metadata};
use std::io;
use std::time::SystemTime;

/// A file as it was when it was opened.
#[derive(Debug)]
pub(crate) struct Watched {
    file: File,
    bytes: u64,
    modified: Option<SystemTime>,
    names: u64,
}

impl Watched {
    /// Looks at a file that was just opened.
    pub(crate) fn new(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        // Not every file system knows when a file was written to.
        let (bytes, modified) = (metadata.len(), metadata.modified().ok());
        Ok(Self { bytes, modified, names: names(&metadata), file })
    }

    /// Why what was read may not be what the file holds, of which `read` bytes at most were looked at.
    ///
    /// A file that has only grown is no reason where it was read to its end: logs do grow. One
    /// that was deleted or replaced keeps its bytes for as long as it is open, so that all of it is
    /// read; but its name no longer stands for what the hits are of.
    pub(crate) fn why_changed(&self, read: u64) -> Option<String> {
        let now = self.file.metadata().ok()?;
        let opened = self.bytes;
        if names(&now) < self.names {
            return Some(
                "the file was deleted or replaced while it was scanned; the old one was read to \
                 its end, scan the new one"
                    .to_owned(),
            );
        }
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

/// Under how many names a file is found.
fn names(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}
