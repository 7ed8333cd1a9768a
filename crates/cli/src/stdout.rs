//! Standard output that a signal can end between two rows.

use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::os::fd::AsFd as _;
use std::time::Duration;

use memchr::memrchr;
use rustix::event::PollFlags;

use crate::interrupt;

/// The bare descriptor: rows need no second buffer.
pub(crate) struct Stdout {
    file: File,
    is_regular: bool,
}

/// POSIX: so many bytes go into a pipe whole or not at all, and where there is room for any there is
/// room for them.
const PIPE_BYTES: usize = 4096;

/// What a reader that takes nothing is given after a signal.
const PATIENCE: Duration = Duration::from_millis(300);

impl Stdout {
    pub(crate) fn new() -> io::Result<Self> {
        let file: File = io::stdout().as_fd().try_clone_to_owned()?.into();
        let is_regular = file.metadata().is_ok_and(|found| found.is_file());
        Ok(Self { file, is_regular })
    }

    /// What it is, to see whether it is one of the feeds too.
    pub(crate) fn metadata(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }
}

impl Write for Stdout {
    /// Writes whole lines where one fits, and waits no longer for a reader once a signal came.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_regular {
            return self.file.write(bytes);
        }
        let most = &bytes[..bytes.len().min(PIPE_BYTES)];
        let whole = memrchr(b'\n', most).map_or(most.len(), |end| end + 1);
        loop {
            let is_over = interrupt::signal().is_some();
            let is_ready =
                interrupt::wait_for(&self.file, PollFlags::OUT, is_over.then_some(PATIENCE))?;
            match is_ready.then(|| self.file.write(&most[..whole])) {
                Some(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
                Some(written) => return written,
                // To whoever does not read, it is the same as to one who went away.
                None if is_over => return Err(io::ErrorKind::BrokenPipe.into()),
                None => {}
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
