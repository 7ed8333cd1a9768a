//! Files that are there whole or not at all, also where a signal ends the process.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::anyhow;
use feedsieve::PublicationError;

use crate::talk::why;

/// Files in the making, for those who leave without dropping what they have.
static BEGUN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes what was begun and is not published.
pub(crate) fn drop_all() {
    for path in BEGUN.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        let _ = fs::remove_file(path);
    }
}

/// A file in the making; dropped, it leaves nothing.
pub(crate) struct Publication(feedsieve::Publication);

impl Publication {
    /// Begins a file that is to be `target`, readable by its owner only.
    ///
    /// Refuses a target that is a symbolic link, not a regular file, or one of `inputs`.
    pub(crate) fn begin(target: &Path, inputs: &[PathBuf]) -> anyhow::Result<Self> {
        let file = feedsieve::Publication::begin(target, inputs).map_err(said)?;
        BEGUN.lock().unwrap_or_else(PoisonError::into_inner).push(file.draft().to_owned());
        Ok(Self(file))
    }

    /// Makes it the target, durably.
    pub(crate) fn publish(self) -> anyhow::Result<()> {
        self.0.publish().map_err(said)
    }

    /// Where it will be.
    pub(crate) fn target(&self) -> &Path {
        self.0.target()
    }
}

impl Write for Publication {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Why a file is not written, in words.
fn said(error: PublicationError) -> anyhow::Error {
    match error {
        PublicationError::Folder { target, error } => {
            anyhow!("{}: {}", target.display(), why_of_folder(&error))
        }
        PublicationError::Io { target, error } => anyhow!("{}: {}", target.display(), why(&error)),
        error => error.into(),
    }
}

fn why_of_folder(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such folder to write in".to_owned(),
        _ => format!("cannot write in its folder: {}", why(error)),
    }
}
