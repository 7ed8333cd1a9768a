//! Many lookups in one call: most concern nobody, and those cost neither an object nor a text.

use std::net::IpAddr;

use arrow_array::ArrayRef;
use feedsieve::{IndicatorKind, parse_addr};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PySequence, PyString, PyTuple};
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
    // A tuple, for what is asked may run code of Python that changes a list.
    let items = match items.cast_exact::<PyList>() {
        Ok(list) => list.to_tuple(),
        Err(_) => {
            let class = items.py().get_type::<PyTuple>();
            // Its iterator and not itself, which may lie about its length.
            class.call1((items.try_iter()?,))?.cast_into::<PyTuple>()?
        }
    };
    let mut answers = Answers::new(image, skips_bad, items.len())?;
    for item in items.iter_borrowed() {
        answers.item(&item)?;
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
    let chunks: Result<Vec<ArrayRef>, _> = array.extract::<AnyArray>()?.into_reader()?.collect();
    let chunks = chunks.map_err(|error| PyValueError::new_err(error.to_string()))?;
    let count = chunks.iter().map(|chunk| chunk.len()).sum();
    let mut answers = Answers::new(image, skips_bad, count)?;
    for chunk in &chunks {
        each_cell(chunk, |cell| match cell.map(str::from_utf8) {
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
    /// An empty tuple for each item at first; only what is found is put in its place.
    all: Bound<'py, PySequence>,
    /// Which item is next.
    index: usize,
}

impl<'a, 'py> Answers<'a, 'py> {
    fn new(image: &'a Bound<'py, Image>, skips_bad: bool, count: usize) -> PyResult<Self> {
        let py = image.py();
        let all = PyList::new(py, [PyTuple::empty(py)])?.as_sequence().repeat(count)?;
        Ok(Self { image, skips_bad, all, index: 0 })
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
        self.all.set_item(self.index, self.image.py().None())?;
        self.index += 1;
        Ok(())
    }

    fn text(&mut self, asked: &str) -> PyResult<()> {
        if let Ok(addr) = parse_addr(asked) {
            return self.addr(addr);
        }
        match indicator(asked, Expected::Any, Some(self.index)) {
            Ok(indicator) => self.push(found_for(self.image, &indicator)),
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

    fn push(&mut self, found: Vec<Found>) -> PyResult<()> {
        if !found.is_empty() {
            self.all.set_item(self.index, PyTuple::new(self.image.py(), found)?)?;
        }
        self.index += 1;
        Ok(())
    }

    fn into_list(self) -> PyResult<Bound<'py, PyList>> {
        Ok(self.all.cast_into::<PyList>()?)
    }
}
