//! Inventories in, an image out, in a file or in memory only.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use feedsieve::{
    CompileError, Image as Inner, Inventory, InventoryError, Limits, Publication, PublicationError,
    Rejected, compile,
};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyDict;

use crate::errors;
use crate::fence::fenced;
use crate::image::Image;

/// Compiles files; see `feedsieve.compile`.
#[pyfunction]
pub(crate) fn compile_files(
    py: Python<'_>,
    paths: Vec<PathBuf>,
    target: Option<PathBuf>,
    skip_bad_rows: bool,
) -> PyResult<Image> {
    fenced(|| {
        let publication = begin(target.as_deref(), &paths)?;
        let mut all = Inventory::default();
        let mut rejected: Vec<(Option<String>, Rejected)> = Vec::new();
        for path in &paths {
            let shown = path.to_string_lossy().into_owned();
            let read = || Inventory::read(File::open(path)?);
            let read: Result<_, InventoryError> = py.detach(read);
            let (inventory, bad) =
                read.map_err(|error| errors::inventory(py, Some(&shown), &error))?;
            all.extend(inventory);
            rejected.extend(bad.into_iter().map(|row| (Some(shown.clone()), row)));
        }
        finish(py, &all, &rejected, publication, skip_bad_rows)
    })
}

/// Compiles rows that are objects of JSON, one a line; see `feedsieve.compile`.
#[pyfunction]
pub(crate) fn compile_rows(
    py: Python<'_>,
    ndjson: PyBackedBytes,
    target: Option<PathBuf>,
    skip_bad_rows: bool,
) -> PyResult<Image> {
    fenced(|| {
        let publication = begin(target.as_deref(), &[])?;
        let read = py.detach(|| Inventory::from_ndjson(&ndjson[..]));
        let (inventory, rejected) = read.map_err(|error| errors::inventory(py, None, &error))?;
        let rejected: Vec<_> = rejected.into_iter().map(|row| (None, row)).collect();
        finish(py, &inventory, &rejected, publication, skip_bad_rows)
    })
}

fn begin(target: Option<&Path>, inputs: &[PathBuf]) -> PyResult<Option<Publication>> {
    target.map(|target| Publication::begin(target, inputs)).transpose().map_err(unpublished)
}

/// Compiles what was read, and publishes it where that is wanted.
fn finish(
    py: Python<'_>,
    inventory: &Inventory,
    rejected: &[(Option<String>, Rejected)],
    publication: Option<Publication>,
    skips_bad: bool,
) -> PyResult<Image> {
    let rows: Vec<_> = rejected.iter().map(|(path, row)| (path.as_deref(), row)).collect();
    if !rows.is_empty() && !skips_bad {
        return Err(errors::rejected(py, &rows, "InventoryError"));
    }
    let image = py.detach(|| -> Result<_, CompileError> {
        Ok(Inner::open(compile(inventory, &Limits::default())?))
    });
    let image = image.map_err(|error| errors::other(&error.to_string()))?;
    let image = image.map_err(|error| errors::image(py, None, &error))?;
    if let Some(mut publication) = publication {
        let published = py.detach(|| {
            let target = publication.target().to_owned();
            let written = publication.write_all(image.as_bytes());
            written.map_err(|error| PublicationError::Io { target, error })?;
            publication.publish()
        });
        published.map_err(unpublished)?;
    }
    if !rows.is_empty() {
        warn(py, &errors::rejected(py, &rows, "InventoryWarning"))?;
    }
    Ok(Image::new(image))
}

/// Warns the caller of the function of Python that called this one.
fn warn(py: Python<'_>, warning: &PyErr) -> PyResult<()> {
    let arguments = PyDict::new(py);
    arguments.set_item("stacklevel", 2)?;
    py.import("warnings")?.call_method("warn", (warning.value(py),), Some(&arguments))?;
    Ok(())
}

fn unpublished(error: PublicationError) -> PyErr {
    let told = errors::other(&match &error {
        PublicationError::Io { target, error } => {
            format!("{}: {}", target.display(), errors::why(error))
        }
        PublicationError::Folder { target, error } => {
            let why = errors::why(error);
            format!("{}: cannot write in its folder: {why}", target.display())
        }
        error => error.to_string(),
    });
    match error {
        PublicationError::Io { error, .. } | PublicationError::Folder { error, .. } => {
            Python::attach(|py| errors::behind(py, told, &error))
        }
        _ => told,
    }
}
