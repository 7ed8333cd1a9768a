//! Many lookups in one call: most concern nobody, and those cost neither an object nor a text.

use std::net::IpAddr;
use std::num::NonZero;
use std::thread;

use arrow_array::{Array as _, ArrayRef};
use feedsieve::{IndicatorKind, Probe, parse_addr};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};
use pyo3_arrow::input::AnyArray;

use crate::cells::{each_cell, plain};
use crate::found::{Asked, Found};
use crate::image::{Image, found_for};
use crate::question::{Expected, indicator, text};
use crate::sieve::{Text, sift, sift_together, worth};

/// So many cells are sifted while other threads of Python run; then signals are looked at.
const ROUND: usize = 1 << 17;

/// The same for items of a list. Only one thread may look at objects of Python, and what it has looked at
/// is still near it so.
const ROUND_OF_OBJECTS: usize = 1 << 10;

/// How a lookup of many goes.
pub(crate) struct Manner {
    pub(crate) skips_bad: bool,
    /// All that the machine has, where none is given.
    pub(crate) threads: Option<NonZero<usize>>,
}

/// Looks up every item of something iterable.
pub(crate) fn look_up_many<'py>(
    image: &Bound<'py, Image>,
    items: &Bound<'py, PyAny>,
    manner: &Manner,
) -> PyResult<Bound<'py, PyList>> {
    let items = match items.cast_exact::<PyList>() {
        Ok(list) => list.clone(),
        Err(_) => {
            let class = items.py().get_type::<PyList>();
            // Its iterator and not itself, which may lie about its length.
            class.call1((items.try_iter()?,))?.cast_into::<PyList>()?
        }
    };
    let mut answers = Answers::new(image, manner);
    let mut begin = 0;
    while begin < items.len() {
        // A copy: what is asked may run code of Python that changes the list.
        let round = items.get_slice(begin, begin + ROUND_OF_OBJECTS).to_tuple();
        let asked = round.iter_borrowed().map(|item| item.extract::<&str>().ok());
        let texts: Vec<Text<'_>> = asked.map(|text| text.map(str::as_bytes)).collect();
        answers.round(&texts, |answers, index| {
            let item = round.get_borrowed_item(index)?;
            if item.is_none() { answers.null() } else { answers.text(text(&item)?.as_bytes()) }
        })?;
        begin += ROUND_OF_OBJECTS;
    }
    answers.into_list()
}

/// Looks up every cell of an Arrow array; none where it is no such.
pub(crate) fn look_up_cells<'py>(
    image: &Bound<'py, Image>,
    array: &Bound<'py, PyAny>,
    manner: &Manner,
) -> PyResult<Option<Bound<'py, PyList>>> {
    if !array.hasattr("__arrow_c_array__")? && !array.hasattr("__arrow_c_stream__")? {
        return Ok(None);
    }
    let chunks: Result<Vec<ArrayRef>, _> = array.extract::<AnyArray>()?.into_reader()?.collect();
    let chunks = chunks.map_err(|error| PyValueError::new_err(error.to_string()))?;
    let mut answers = Answers::new(image, manner);
    for chunk in &chunks {
        let chunk = plain(chunk)?;
        for begin in (0..chunk.len()).step_by(ROUND) {
            let cells = chunk.slice(begin, ROUND.min(chunk.len() - begin));
            let mut texts: Vec<Text<'_>> = Vec::with_capacity(cells.len());
            each_cell(&cells, |cell| texts.push(cell))?;
            answers.round(&texts, |answers, _| answers.null())?;
        }
    }
    answers.into_list().map(Some)
}

/// The answers so far.
struct Answers<'a, 'py> {
    image: &'a Bound<'py, Image>,
    probe: Probe<'a>,
    skips_bad: bool,
    threads: usize,
    /// What is no empty tuple, and which items it answers.
    found: Vec<(usize, Bound<'py, PyAny>)>,
    /// Which item is answered now.
    index: usize,
    /// The first item of the round.
    begin: usize,
}

impl<'a, 'py> Answers<'a, 'py> {
    fn new(image: &'a Bound<'py, Image>, manner: &Manner) -> Self {
        let threads = manner.threads.or_else(|| thread::available_parallelism().ok());
        Self {
            image,
            probe: image.get().inner().probe(),
            skips_bad: manner.skips_bad,
            threads: threads.map_or(1, NonZero::get),
            found: Vec::new(),
            index: 0,
            begin: 0,
        }
    }

    /// Answers items that follow each other; `other` answers one that is no text, by its place.
    fn round(
        &mut self,
        texts: &[Text<'_>],
        other: impl Fn(&mut Self, usize) -> PyResult<()>,
    ) -> PyResult<()> {
        let py = self.image.py();
        let probe = &self.probe;
        let left = match worth(self.threads, texts.len()) {
            1 => sift(probe, texts),
            threads => py.detach(|| sift_together(probe, texts, threads)),
        };
        for (item, addr) in left {
            self.index = self.begin + item;
            match (addr, texts[item]) {
                (Some(addr), _) => self.answer(self.addr(addr.into()))?,
                (None, Some(text)) => self.text(text)?,
                (None, None) => other(self, item)?,
            }
        }
        self.begin += texts.len();
        py.check_signals()
    }

    fn null(&mut self) -> PyResult<()> {
        let py = self.image.py();
        self.found.push((self.index, py.None().into_bound(py)));
        Ok(())
    }

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
        self.answer(found)
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

    fn answer(&mut self, found: Vec<Found>) -> PyResult<()> {
        if !found.is_empty() {
            self.found.push((self.index, PyTuple::new(self.image.py(), found)?.into_any()));
        }
        Ok(())
    }

    /// A list of empty tuples with what was found in their places.
    ///
    /// Made at the end, or the collector of garbage would look through it while things are found.
    fn into_list(self) -> PyResult<Bound<'py, PyList>> {
        let py = self.image.py();
        let all = PyList::new(py, [PyTuple::empty(py)])?.as_sequence().repeat(self.begin)?;
        for (index, found) in self.found {
            all.set_item(index, found)?;
        }
        Ok(all.cast_into::<PyList>()?)
    }
}
