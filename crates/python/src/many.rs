//! Many lookups in one call: most concern nobody, and those cost neither an object nor a text.

use std::net::IpAddr;

use feedsieve::{Indicator, IndicatorKind, parse_addr};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};
use pyo3_arrow::input::AnyArray;

use crate::cells::each_cell;
use crate::found::{Asked, Found};
use crate::image::{Image, found_for};
use crate::question::{Expected, indicator, text};

/// Looks up every item of something iterable.
pub(crate) fn look_up_many<'py>(
    image: &Bound<'py, Image>,
    items: &Bound<'py, PyAny>,
    skips_bad: bool,
) -> PyResult<Bound<'py, PyList>> {
    let list = items.cast_exact::<PyList>();
    let mut answers = Answers::new(image, skips_bad, list.as_ref().map_or(0, |list| list.len()));
    if let Ok(list) = list {
        // By index and not by iterator, which costs more; somebody else may shorten the list meanwhile.
        let mut index = 0;
        while index < list.len() {
            answers.item(&list.get_item(index)?)?;
            index += 1;
        }
    } else {
        for item in items.try_iter()? {
            answers.item(&item?)?;
        }
    }
    answers.into_list()
}

/// Looks up every cell of an Arrow array; none where it is no such.
pub(crate) fn look_up_cells<'py>(
    image: &Bound<'py, Image>,
    array: &Bound<'py, PyAny>,
    skips_bad: bool,
) -> PyResult<Option<Bound<'py, PyList>>> {
    if !array.hasattr("__arrow_c_array__")? && !array.hasattr("__arrow_c_stream__")? {
        return Ok(None);
    }
    let reader = array.extract::<AnyArray>()?.into_reader()?;
    let mut answers = Answers::new(image, skips_bad, 0);
    for chunk in reader {
        let chunk = chunk.map_err(|error| PyValueError::new_err(error.to_string()))?;
        answers.all.reserve(chunk.len());
        each_cell(&chunk, |cell| match cell.map(str::from_utf8) {
            Some(Ok(asked)) => answers.text(asked),
            Some(Err(_)) => answers.text("\u{fffd}"),
            None => answers.null(),
        })?;
    }
    answers.into_list().map(Some)
}

/// The answers so far.
struct Answers<'a, 'py> {
    image: &'a Bound<'py, Image>,
    skips_bad: bool,
    /// The one tuple without anything in it.
    nothing: Py<PyAny>,
    all: Vec<Py<PyAny>>,
}

impl<'a, 'py> Answers<'a, 'py> {
    fn new(image: &'a Bound<'py, Image>, skips_bad: bool, count: usize) -> Self {
        let nothing = PyTuple::empty(image.py()).into_any().unbind();
        Self { image, skips_bad, nothing, all: Vec::with_capacity(count) }
    }

    fn item(&mut self, item: &Bound<'py, PyAny>) -> PyResult<()> {
        if let Ok(asked) = item.cast::<PyString>()
            && let Ok(asked) = asked.to_str()
        {
            return self.text(asked);
        }
        if item.is_none() {
            return self.null();
        }
        self.text(&text(item)?)
    }

    fn null(&mut self) -> PyResult<()> {
        self.all.push(self.image.py().None());
        Ok(())
    }

    fn text(&mut self, asked: &str) -> PyResult<()> {
        if let Ok(addr) = parse_addr(asked) {
            return self.addr(addr);
        }
        match indicator(asked, Expected::Any, Some(self.all.len())) {
            Ok(indicator) => self.indicator(&indicator),
            Err(_) if self.skips_bad => self.null(),
            Err(error) => Err(error),
        }
    }

    /// Addresses are looked up before anything is made of them.
    fn addr(&mut self, addr: IpAddr) -> PyResult<()> {
        let mut found = Vec::new();
        let mut asked = None;
        self.image.get().inner().visit_range(addr.into(), |asset, relation| {
            let kind = match addr {
                IpAddr::V4(_) => IndicatorKind::Ipv4,
                IpAddr::V6(_) => IndicatorKind::Ipv6,
            };
            let asked =
                asked.get_or_insert_with(|| Asked { indicator: addr.to_string().into(), kind });
            for owner in 0..asset.owners().len() as u32 {
                let image = self.image.clone().unbind();
                found.push(Found::new(image, asked, relation, asset.index(), owner));
            }
        });
        self.push(found)
    }

    fn indicator(&mut self, indicator: &Indicator) -> PyResult<()> {
        self.push(found_for(self.image, indicator))
    }

    fn push(&mut self, found: Vec<Found>) -> PyResult<()> {
        let py = self.image.py();
        self.all.push(match found.is_empty() {
            true => self.nothing.clone_ref(py),
            false => PyTuple::new(py, found)?.into_any().unbind(),
        });
        Ok(())
    }

    fn into_list(self) -> PyResult<Bound<'py, PyList>> {
        PyList::new(self.image.py(), self.all)
    }
}
