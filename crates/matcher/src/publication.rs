//! A file that is there whole or not at all.
//!
//! Written beside its target, flushed to the disk, and renamed over it. The
//! target is never opened, so nothing that it may be is written through.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// A file in the making; dropped, it leaves nothing.
///
/// It appears under its name when it is published, complete and with mode 0600, so
/// that whoever opens it finds the old file or the new one, and whoever has the old
/// one mapped keeps it.
///
/// # Example
///
/// ```
/// # use std::io::Write as _;
/// # use feedsieve::{compile, Image, Inventory, Limits, Publication};
/// # let folder = std::env::temp_dir().join(format!("feedsieve-publication-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("day.image");
/// let rows = "participant,kind,value\nA,domain,hospital.example\n";
/// let (inventory, _) = Inventory::from_csv(rows.as_bytes())?;
/// let bytes = compile(&inventory, &Limits::default())?;
/// let mut file = Publication::begin(&path, &[])?;
/// file.write_all(&bytes)?;
/// assert!(!path.exists());
/// file.publish()?;
/// assert_eq!(Image::open_path(&path)?.asset_count(), 1);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Publication {
    target: PathBuf,
    file: NamedTempFile,
}

/// Why a file is not published.
///
/// # Example
///
/// ```
/// # use feedsieve::{Publication, PublicationError};
/// # let folder = std::env::temp_dir();
/// // A folder, or a file that is also read, is left alone, and nothing is written beside it.
/// let refused = Publication::begin(&folder, &[]);
/// assert!(matches!(refused, Err(PublicationError::Refused { .. })));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublicationError {
    /// The target is not to be written to.
    #[error("{}: {why}", target.display())]
    Refused {
        /// What was to be written.
        target: PathBuf,
        /// What it is, and what to do instead.
        why: &'static str,
    },
    /// No file can be made in the target's folder.
    #[error("{}: cannot write in its folder: {error}", target.display())]
    Folder {
        /// What was to be written.
        target: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
    /// The file cannot be looked at, flushed or renamed.
    #[error("{}: {error}", target.display())]
    Io {
        /// What was to be written.
        target: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
}

impl Publication {
    /// Begins a file that is to be `target`, readable by its owner only.
    ///
    /// # Errors
    ///
    /// The target is a symbolic link, not a regular file, or one of `inputs`, or its
    /// folder cannot be written to.
    pub fn begin(target: &Path, inputs: &[PathBuf]) -> Result<Self, PublicationError> {
        refuse(target, inputs)?;
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        // Files of tempfile have mode 0600 from their first moment.
        let file = Builder::new()
            .prefix(&format!(".{name}."))
            .suffix(".tmp")
            .tempfile_in(folder(target))
            .map_err(|error| PublicationError::Folder { target: target.to_owned(), error })?;
        Ok(Self { target: target.to_owned(), file })
    }

    /// Makes it the target, durably: file and folder have reached the disk when this returns.
    ///
    /// # Errors
    ///
    /// Those of the file system. The target is then what it was, or already the new
    /// file where only the folder could not be flushed.
    pub fn publish(self) -> Result<(), PublicationError> {
        let Self { target, file } = self;
        let flushed = file.as_file().sync_all();
        let renamed = flushed.and_then(|()| file.persist(&target).map_err(|failed| failed.error));
        // The name is in the folder, and the folder reaches the disk by itself.
        let synced = renamed.and_then(|_| File::open(folder(&target))?.sync_all());
        synced.map_err(|error| PublicationError::Io { target, error })
    }

    /// Where it will be.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Where it is meanwhile, for a host that may leave without dropping what it has.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::Publication;
    /// # let target = std::env::temp_dir().join(format!("feedsieve-draft-{}", std::process::id()));
    /// let file = Publication::begin(&target, &[])?;
    /// let draft = file.draft().to_owned();
    /// assert!(draft.exists() && draft.parent() == target.parent());
    /// drop(file);
    /// assert!(!draft.exists() && !target.exists());
    /// # Ok::<(), feedsieve::PublicationError>(())
    /// ```
    #[must_use]
    pub fn draft(&self) -> &Path {
        self.file.path()
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

fn refuse(target: &Path, inputs: &[PathBuf]) -> Result<(), PublicationError> {
    let refused = |why| Err(PublicationError::Refused { target: target.to_owned(), why });
    if target.file_name().is_none() {
        return refused("not the name of a file to write");
    }
    match fs::symlink_metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(PublicationError::Io { target: target.to_owned(), error }),
        Ok(found) if found.is_symlink() => {
            return refused("a symbolic link, which is not written through; name the file itself");
        }
        Ok(found) if found.is_dir() => return refused("a folder; name a file to write"),
        Ok(found) if !found.is_file() => {
            return refused("not a regular file, and nothing else is replaced; name another");
        }
        Ok(_) => {}
    }
    match inputs.iter().any(|input| is_same(target, input)) {
        true => refused("both read and written; write to another file"),
        false => Ok(()),
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
