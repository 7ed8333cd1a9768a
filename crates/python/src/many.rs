//! Many lookups in one call: most concern nobody, and those cost neither an object nor a text.

use std::net::{IpAddr, Ipv4Addr};

use arrow_array::ArrayRef;
use feedsieve::{IndicatorKind, Probe, parse_addr, parse_quad};
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
    let items = match items.cast_exact::<PyList>() {
        Ok(list) => list.clone(),
        Err(_) => {
            let class = items.py().get_type::<PyList>();
            // Its iterator and not itself, which may lie about its length.
            class.call1((items.try_iter()?,))?.cast_into::<PyList>()?
        }
    };
    let mut answers = Answers::new(image, skips_bad);
    // Each by a reference of its own: what is asked may run code of Python that changes the list.
    for item in items.iter() {
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
    let mut answers = Answers::new(image, skips_bad);
    for chunk in &chunks {
        each_cell(chunk, |cell| match cell {
            Some(cell) => answers.bytes(cell),
            None => answers.null(),
        })?;
    }
    answers.into_list().map(Some)
}

/// The answers so far.
struct Answers<'a, 'py> {
    image: &'a Bound<'py, Image>,
    probe: Probe<'a>,
    skips_bad: bool,
    /// Addresses that wait to be looked up, and which items they are.
    waiting: Vec<(usize, Ipv4Addr)>,
    /// What is no empty tuple, and which items it answers.
    found: Vec<(usize, Bound<'py, PyAny>)>,
    /// Which item is next.
    index: usize,
}

/// So many addresses are looked up together. Each waits for memory, and these wait at the same time.
const TOGETHER: usize = 256;

impl<'a, 'py> Answers<'a, 'py> {
    fn new(image: &'a Bound<'py, Image>, skips_bad: bool) -> Self {
        let probe = image.get().inner().probe();
        let waiting = Vec::with_capacity(TOGETHER);
        Self { image, probe, skips_bad, waiting, found: Vec::new(), index: 0 }
    }

    fn item(&mut self, item: &Bound<'py, PyAny>) -> PyResult<()> {
        if let Ok(asked) = item.cast::<PyString>()
            && let Ok(asked) = asked.to_str()
        {
            return self.bytes(asked.as_bytes());
        }
        if item.is_none() {
            return self.null();
        }
        self.bytes(text(item)?.as_bytes())
    }

    fn null(&mut self) -> PyResult<()> {
        self.found.push((self.index, self.image.py().None().into_bound(self.image.py())));
        self.index += 1;
        Ok(())
    }

    /// Most are addresses that concern nobody, and those end here.
    #[inline]
    fn bytes(&mut self, asked: &[u8]) -> PyResult<()> {
        let Some(addr) = parse_quad(asked) else {
            return self.text(asked);
        };
        self.waiting.push((self.index, addr));
        self.index += 1;
        if self.waiting.len() == TOGETHER { self.look_up_waiting() } else { Ok(()) }
    }

    fn look_up_waiting(&mut self) -> PyResult<()> {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.retain(|(_, addr)| self.probe.addr4_block(u32::from(*addr)));
        for &(index, addr) in &waiting {
            let found = self.addr(addr.into());
            self.answer(index, found)?;
        }
        waiting.clear();
        self.waiting = waiting;
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn text(&mut self, asked: &[u8]) -> PyResult<()> {
        let asked = str::from_utf8(asked).unwrap_or("\u{fffd}");
        let found = match parse_addr(asked) {
            Ok(addr) => self.addr(addr),
            Err(_) => match indicator(asked, Expected::Any, Some(self.index)) {
                Ok(indicator) => found_for(self.image, &indicator),
                Err(_) if self.skips_bad => return self.null(),
                Err(error) => return Err(error),
            },
        };
        self.answer(self.index, found)?;
        self.index += 1;
        Ok(())
    }

    /// Addresses are looked up before anything is made of them.
    fn addr(&self, addr: IpAddr) -> Vec<Found> {
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
        found
    }

    fn answer(&mut self, index: usize, found: Vec<Found>) -> PyResult<()> {
        if !found.is_empty() {
            self.found.push((index, PyTuple::new(self.image.py(), found)?.into_any()));
        }
        Ok(())
    }

    /// A list of empty tuples with what was found in their places.
    ///
    /// Made at the end, or the collector of garbage would look through it while things are found.
    fn into_list(mut self) -> PyResult<Bound<'py, PyList>> {
        self.look_up_waiting()?;
        let py = self.image.py();
        let all = PyList::new(py, [PyTuple::empty(py)])?.as_sequence().repeat(self.index)?;
        for (index, found) in self.found {
            all.set_item(index, found)?;
        }
        Ok(all.cast_into::<PyList>()?)
    }
}
