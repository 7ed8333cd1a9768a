//! A file that is there whole or not at all.
//!
//! Written beside its target, flushed to the disk, and renamed over it. The
//! target is never opened, so nothing that it may be is written through.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, bail};
use tempfile::{Builder, NamedTempFile};

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
pub(crate) struct Publication {
    target: PathBuf,
    file: NamedTempFile,
}

impl Publication {
    /// Begins a file that is to be `target`, readable by its owner only.
    ///
    /// Refuses a target that is a symbolic link, not a regular file, or one of `inputs`.
    pub(crate) fn begin(target: &Path, inputs: &[PathBuf]) -> anyhow::Result<Self> {
        refuse(target, inputs)?;
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        // Files of tempfile have mode 0600 from their first moment.
        let file = Builder::new()
            .prefix(&format!(".{name}."))
            .suffix(".tmp")
            .tempfile_in(folder(target))
            .map_err(|error| anyhow::anyhow!(why_of_folder(&error)))
            .with_context(|| target.display().to_string())?;
        BEGUN.lock().unwrap_or_else(PoisonError::into_inner).push(file.path().to_owned());
        Ok(Self { target: target.to_owned(), file })
    }

    /// Makes it the target, durably.
    pub(crate) fn publish(self) -> anyhow::Result<()> {
        let target = self.target.display().to_string();
        let named = |error: io::Error| anyhow::anyhow!("{target}: {}", why(&error));
        self.file.as_file().sync_all().map_err(named)?;
        self.file.persist(&self.target).map_err(|failed| named(failed.error))?;
        // The name is in the folder, and the folder reaches the disk by itself.
        File::open(folder(&self.target)).and_then(|dir| dir.sync_all()).map_err(named)
    }

    /// Where it will be.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }
}

impl Write for Publication {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn refuse(target: &Path, inputs: &[PathBuf]) -> anyhow::Result<()> {
    let shown = target.display();
    if target.file_name().is_none() {
        bail!("{shown}: not the name of a file to write");
    }
    match fs::symlink_metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => bail!("{shown}: {}", why(&error)),
        Ok(found) if found.is_symlink() => {
            bail!("{shown}: a symbolic link, which is not written through; name the file itself")
        }
        Ok(found) if found.is_dir() => {
            bail!("{shown}: a folder; name a file to write")
        }
        Ok(found) if !found.is_file() => {
            bail!("{shown}: not a regular file; leave it out to write to standard output")
        }
        Ok(_) => {}
    }
    match inputs.iter().find(|input| is_same(target, input)) {
        Some(_) => bail!("{shown}: both read and written; write to another file"),
        None => Ok(()),
    }
}

/// Whether two paths are one file.
fn is_same(one: &Path, other: &Path) -> bool {
    let identity = |path| fs::metadata(path).map(|found| (found.dev(), found.ino())).ok();
    identity(one).is_some_and(|one| identity(other) == Some(one))
}

fn folder(target: &Path) -> &Path {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn why_of_folder(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such folder to write in".to_owned(),
        _ => format!("cannot write in its folder: {}", why(error)),
    }
}
