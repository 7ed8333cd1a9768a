//! Exceptions, which are written in Python (`feedsieve._errors`) and raised from here.

use std::io;

use feedsieve::{ImageError, InventoryError, Rejected};
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// Makes an exception of `feedsieve._errors`.
fn raised<'py, A>(py: Python<'py>, class: &str, arguments: A) -> PyErr
where
    A: pyo3::call::PyCallArgs<'py>,
{
    let made = py
        .import("feedsieve._errors")
        .and_then(|module| module.getattr(class))
        .and_then(|class| class.call1(arguments));
    match made {
        Ok(error) => PyErr::from_value(error),
        // Such as out of memory, or an interrupt.
        Err(error) => error,
    }
}

/// What has no class of its own.
pub(crate) fn other(message: &str) -> PyErr {
    Python::attach(|py| raised(py, "Error", (message,)))
}

/// A fault of ours.
pub(crate) fn internal(place: &str) -> PyErr {
    other(&format!("internal error at {place}; please report it, with what you called"))
}

/// A feed that cannot be read, or not to its end.
pub(crate) fn feed(feed: &str, why: &str, more: usize) -> PyErr {
    Python::attach(|py| raised(py, "FeedError", (feed, why, more)))
}

/// Text that is no indicator, and of how many the how manyth.
pub(crate) fn indicator(message: &str, index: Option<usize>) -> PyErr {
    Python::attach(|py| raised(py, "IndicatorError", (message, index)))
}

/// What should be an image.
pub(crate) fn image(py: Python<'_>, path: Option<&str>, error: &ImageError) -> PyErr {
    match error {
        ImageError::Io(error) => behind(py, raised(py, "ImageError", (why(error), path)), error),
        error => raised(py, "ImageError", (error.to_string(), path)),
    }
}

/// What should be an inventory: a whole file, or rows of it.
pub(crate) fn inventory(py: Python<'_>, path: Option<&str>, error: &InventoryError) -> PyErr {
    match error {
        InventoryError::Io(error) => {
            let told = raised(py, "InventoryError", (why(error), path, PyTuple::empty(py)));
            behind(py, told, error)
        }
        InventoryError::Syntax(found) => rejected(py, &[(path, found)], "InventoryError"),
        error => raised(py, "InventoryError", (error.to_string(), path, PyTuple::empty(py))),
    }
}

/// Rows that are wrong, each with the file that it is in; none where they came as a list.
pub(crate) fn rejected(
    py: Python<'_>,
    rows: &[(Option<&str>, &Rejected)],
    class: &'static str,
) -> PyErr {
    let made = || {
        let module = py.import("feedsieve._errors")?;
        let row = module.getattr("RejectedRow")?;
        let rows = rows.iter().map(|(path, rejected)| {
            // In a list, what has a column is our notation of it and not what the caller wrote.
            let column = path.map(|_| rejected.column);
            row.call1((*path, rejected.line, column, &rejected.found, &rejected.expected))
        });
        PyTuple::new(py, rows.collect::<PyResult<Vec<_>>>()?)
    };
    match made() {
        Ok(rows) => raised(py, class, (py.None(), py.None(), rows)),
        Err(error) => error,
    }
}

/// Why the system refused, without its number.
pub(crate) fn why(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// Puts the error of the system behind an exception, so that its number is there too.
pub(crate) fn behind(py: Python<'_>, told: PyErr, error: &io::Error) -> PyErr {
    let cause = match error.raw_os_error() {
        // Python makes FileNotFoundError and its like of the number.
        Some(number) => PyOSError::new_err((number, why(error))),
        None => PyOSError::new_err(why(error)),
    };
    told.set_cause(py, Some(cause));
    told
}
