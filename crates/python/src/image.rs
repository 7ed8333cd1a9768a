//! Participants' assets, compiled: opened from a file or from bytes, and asked.

use std::num::NonZero;
use std::path::PathBuf;

use feedsieve::json::hex;
use feedsieve::{Image as Inner, ImageError, Indicator};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyList, PyType};

use crate::errors;
use crate::fence::fenced;
use crate::found::{Asked, Found};
use crate::many::{Manner, look_up_cells, look_up_many};
use crate::mapped;
use crate::question::{Expected, indicator, text};

/// Participants' assets, compiled and ready for lookups and scans.
///
/// Shared between threads at will; nothing changes it.
#[pyclass(frozen, module = "feedsieve")]
pub(crate) struct Image {
    inner: Inner,
}

impl Image {
    pub(crate) const fn new(inner: Inner) -> Self {
        Self { inner }
    }

    pub(crate) const fn inner(&self) -> &Inner {
        &self.inner
    }
}

#[pymethods]
impl Image {
    /// Opens an image that `feedsieve compile` or `feedsieve.compile` wrote.
    ///
    /// `path` names a file, or is the bytes of an image. With `mapped=True` the file is mapped
    /// into memory instead of read, so that all processes of a host share one copy. Nobody may
    /// write to the file then; who publishes by renaming, as `compile` does, does not.
    ///
    /// Raises ImageError.
    #[classmethod]
    #[pyo3(signature = (path, *, mapped = false))]
    fn open(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        path: &Bound<'_, PyAny>,
        mapped: bool,
    ) -> PyResult<Self> {
        fenced(|| {
            if let Ok(bytes) = path.extract::<PyBackedBytes>() {
                if mapped {
                    let message = "bytes in memory cannot be mapped; name the file";
                    return Err(PyTypeError::new_err(message));
                }
                let opened = py.detach(|| Inner::open(bytes.to_vec()));
                return opened.map(Self::new).map_err(|error| errors::image(py, None, &error));
            }
            let path: PathBuf = path.extract()?;
            let opened: Result<Inner, ImageError> = py.detach(|| match mapped {
                true => mapped::open(&path),
                false => Inner::open_path(&path),
            });
            let shown = path.to_string_lossy();
            opened.map(Self::new).map_err(|error| errors::image(py, Some(&shown), &error))
        })
    }

    /// The SHA-256 of the image, as it states it, in hexadecimal digits.
    ///
    /// Equal assets give equal images, and so equal digests.
    #[getter]
    fn digest(&self) -> String {
        hex(&self.inner.digest())
    }

    /// How many participants it holds.
    #[getter]
    fn participants(&self) -> usize {
        self.inner.participant_count()
    }

    /// How many assets it holds; one of several participants counts once.
    #[getter]
    fn assets(&self) -> usize {
        self.inner.asset_count()
    }

    /// Looks up whatever the text is: an address, a prefix, a range, a name, `*.name` or a mail address.
    ///
    /// Every asset that is concerned with every participant who owns it, the most specific first.
    /// Nothing is withheld: neither local space nor what a scan would call too broad. Keywords are
    /// not looked up.
    ///
    /// Raises IndicatorError where the text is none of these.
    fn lookup<'py>(
        slf: &Bound<'py, Self>,
        indicator: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        Self::answer(slf, indicator, Expected::Any)
    }

    /// Looks up one address: text, or an `ipaddress` object.
    fn lookup_addr<'py>(
        slf: &Bound<'py, Self>,
        addr: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        Self::answer(slf, addr, Expected::Addr)
    }

    /// Looks up a prefix, a range `a-b` or an address: text, or an `ipaddress` object.
    fn lookup_prefix<'py>(
        slf: &Bound<'py, Self>,
        prefix: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        Self::answer(slf, prefix, Expected::Prefix)
    }

    /// Looks up a name, or with `*.` before it a name and all under it.
    fn lookup_name<'py>(
        slf: &Bound<'py, Self>,
        name: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        Self::answer(slf, name, Expected::Name)
    }

    /// Looks up a mail address.
    fn lookup_mail<'py>(
        slf: &Bound<'py, Self>,
        mail: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        Self::answer(slf, mail, Expected::Mail)
    }

    /// Looks up many at once; a tuple of what was found for each, in their order.
    ///
    /// `indicators` is a list or any iterable of what `lookup` takes, or an Arrow array of strings.
    /// The answer to None is None. An item that is no indicator raises IndicatorError with its
    /// `index`, or is answered with None if `skip_bad_items` is true. `threads` is how many look up
    /// many items, all that the machine has if not given; other threads of Python run meanwhile.
    #[pyo3(signature = (indicators, *, skip_bad_items = false, threads = None))]
    fn lookup_many<'py>(
        slf: &Bound<'py, Self>,
        indicators: &Bound<'py, PyAny>,
        skip_bad_items: bool,
        threads: Option<NonZero<usize>>,
    ) -> PyResult<Bound<'py, PyList>> {
        let manner = Manner { skips_bad: skip_bad_items, threads };
        fenced(|| match look_up_cells(slf, indicators, &manner)? {
            Some(answers) => Ok(answers),
            None => look_up_many(slf, indicators, &manner),
        })
    }

    fn __repr__(&self) -> String {
        let (participants, assets) = (self.participants(), self.assets());
        let digest = self.digest();
        format!("<Image {:.12} participants={participants} assets={assets}>", digest)
    }
}

impl Image {
    fn answer<'py>(
        slf: &Bound<'py, Self>,
        asked: &Bound<'py, PyAny>,
        expected: Expected,
    ) -> PyResult<Bound<'py, PyList>> {
        fenced(|| {
            let indicator = indicator(&text(asked)?, expected, None)?;
            PyList::new(slf.py(), found_for(slf, &indicator))
        })
    }
}

/// All that an indicator concerns, the most specific asset first, each once for every owner.
pub(crate) fn found_for(image: &Bound<'_, Image>, indicator: &Indicator) -> Vec<Found> {
    let asked = Asked { indicator: indicator.text().into(), kind: indicator.kind() };
    let mut all = Vec::new();
    for (asset, relation) in image.get().inner().lookup(indicator).by_asset() {
        for owner in 0..asset.owners().len() as u32 {
            let image = image.clone().unbind();
            all.push(Found::new(image, &asked, relation, asset.index(), owner));
        }
    }
    all
}
