//! What became of a feed, as a dictionary with the keys of the command's summary.

use feedsieve::Tally;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors;

/// The account of one feed, `feed` first.
pub(crate) fn account<'py>(
    py: Python<'py>,
    feed: &str,
    tally: &Tally,
) -> PyResult<Bound<'py, PyDict>> {
    // By way of JSON, so that the keys are those of the library, whichever it has.
    let text = serde_json::to_string(tally).map_err(|error| errors::other(&error.to_string()))?;
    let members = py.import("json")?.call_method1("loads", (text,))?;
    let dict = PyDict::new(py);
    dict.set_item("feed", feed)?;
    dict.update(members.cast::<pyo3::types::PyMapping>()?)?;
    Ok(dict)
}
