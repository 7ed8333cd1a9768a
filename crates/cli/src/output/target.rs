//! Where rows go: standard output, or a file that is there whole or not at all.

use std::fs::Metadata;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::anyhow;

use crate::publication::Publication;
use crate::stdout::Stdout;
use crate::talk::why;

/// Takes whole rows and hands them on in large pieces.
pub(crate) struct Target {
    to: To,
    rows: Vec<u8>,
    is_closed: bool,
}

enum To {
    Stdout(Stdout),
    File(Publication),
}

/// Bytes that are worth a system call.
const PIECE_BYTES: usize = 64 << 10;

impl Target {
    /// Standard output.
    pub(crate) fn stdout() -> anyhow::Result<Self> {
        let stdout = Stdout::new().map_err(|error| anyhow!("standard output: {}", why(&error)))?;
        Ok(Self::new(To::Stdout(stdout)))
    }

    /// A file that is not to be one of `inputs`.
    pub(crate) fn file(path: &Path, inputs: &[PathBuf]) -> anyhow::Result<Self> {
        Ok(Self::new(To::File(Publication::begin(path, inputs)?)))
    }

    fn new(to: To) -> Self {
        Self { to, rows: Vec::with_capacity(2 * PIECE_BYTES), is_closed: false }
    }

    /// Adds what `write` appends, which is whole rows.
    pub(crate) fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.rows);
    }

    /// Hands on what was added.
    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        if self.rows.is_empty() || self.is_closed {
            self.rows.clear();
            return Ok(());
        }
        let written = match &mut self.to {
            To::Stdout(stdout) => stdout.write_all(&self.rows),
            To::File(file) => file.write_all(&self.rows),
        };
        self.rows.clear();
        match written {
            // Whoever read has seen enough, as `head` does.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.is_closed = true,
            Err(error) => return Err(self.failed(&error)),
            Ok(()) => {}
        }
        Ok(())
    }

    /// Whether so much was added that a flush is due.
    pub(crate) const fn is_full(&self) -> bool {
        self.rows.len() >= PIECE_BYTES
    }

    /// Whether rows wait for a flush.
    pub(crate) const fn is_pending(&self) -> bool {
        !self.rows.is_empty()
    }

    /// Whether nobody reads any more.
    pub(crate) const fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Hands on the last rows; a file is there from now on.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        self.flush()?;
        match self.to {
            To::Stdout(_) => Ok(()),
            To::File(file) => file.publish(),
        }
    }

    /// What standard output is, to see whether it is one of the feeds too.
    pub(crate) fn stdout_metadata(&self) -> Option<Metadata> {
        match &self.to {
            To::Stdout(stdout) => stdout.metadata().ok(),
            To::File(_) => None,
        }
    }

    fn failed(&self, error: &io::Error) -> anyhow::Error {
        match &self.to {
            To::Stdout(_) => anyhow!("writing to standard output: {}", why(error)),
            To::File(file) => anyhow!("writing {}: {}", file.target().display(), why(error)),
        }
    }
}
