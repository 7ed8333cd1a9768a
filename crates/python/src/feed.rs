//! Where a feed comes from: a path, bytes, or an object of Python that can be read.

use std::path::PathBuf;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyMemoryView, PyString};

/// A feed, before it is opened.
pub(crate) enum Feed {
    Path(PathBuf),
    Bytes(PyBackedBytes),
    /// Something with a method `read`.
    Object(Py<PyAny>),
}

impl Feed {
    pub(crate) fn of(given: &Bound<'_, PyAny>) -> PyResult<Self> {
        // A list of numbers would do as well otherwise.
        let is_bytes = given.hasattr("decode")? && !given.is_instance_of::<PyString>();
        if is_bytes && let Ok(bytes) = given.extract::<PyBackedBytes>() {
            return Ok(Self::Bytes(bytes));
        }
        if let Ok(view) = given.cast::<PyMemoryView>() {
            let bytes = given.py().get_type::<PyBytes>().call1((view,))?;
            return Ok(Self::Bytes(bytes.extract()?));
        }
        if given.is_instance_of::<PyString>() || given.hasattr("__fspath__")? {
            return Ok(Self::Path(given.extract()?));
        }
        if given.hasattr("read")? {
            return Ok(Self::Object(given.clone().unbind()));
        }
        Err(PyTypeError::new_err(format!(
            "a feed is a path, bytes or a file opened with \"rb\", not {}",
            given.get_type().qualname()?
        )))
    }

    /// What hits call the feed, unless the caller has a name for it.
    pub(crate) fn name(&self, py: Python<'_>) -> String {
        match self {
            Self::Path(path) => path.to_string_lossy().into_owned(),
            Self::Bytes(_) => "bytes".to_owned(),
            Self::Object(object) => {
                let name = object.bind(py).getattr("name");
                // Of a file descriptor it is a number.
                name.and_then(|name| name.extract()).unwrap_or_else(|_| "stream".to_owned())
            }
        }
    }
}

/// Reads from an object; `None` at its end.
pub(crate) fn read<'py>(
    object: &Bound<'py, PyAny>,
    most_bytes: usize,
) -> PyResult<Option<PyBackedBytes>> {
    let read = object.call_method1("read", (most_bytes,))?;
    if read.is_none() {
        let message = "the feed does not block, and has nothing to read yet";
        return Err(pyo3::exceptions::PyBlockingIOError::new_err(message));
    }
    if read.is_instance_of::<PyString>() {
        let message = "the feed is opened as text, which may not be what the file holds; \
                       open it with \"rb\"";
        return Err(PyTypeError::new_err(message));
    }
    let bytes: PyBackedBytes = read.extract().map_err(|_| {
        PyTypeError::new_err("the method read of the feed returned something that is no bytes")
    })?;
    Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
}

/// Whether ranges of a feed that begins so can be scanned each by itself.
#[pyfunction]
pub(crate) fn has_ranges(head: &[u8]) -> bool {
    feedsieve::has_ranges(head)
}
