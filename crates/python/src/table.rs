//! A column of a table through an image, and a table of hits out.

use std::time::{Duration, Instant};

use arrow_array::{ArrayRef, RecordBatch, StructArray};
use arrow_schema::{Field, SchemaRef};
use feedsieve::{Format, Hit, ScanError, Scanner, Sink, Source, Tally};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};
use pyo3_arrow::error::PyArrowResult;
use pyo3_arrow::ffi::{ArrayIterator, to_schema_pycapsule, to_stream_pycapsule};
use pyo3_arrow::input::AnyRecordBatch;

use crate::account::account;
use crate::cells::{Cells, Cursor, HEAD, column as column_of};
use crate::columns::{Columns, schema};
use crate::errors;
use crate::fence::fenced;
use crate::image::Image;
use crate::options::Options;

/// Scans a column; see `feedsieve.scan_arrow`, whose keyword arguments these are.
#[pyfunction]
#[pyo3(signature = (table, column, image, **options))]
pub(crate) fn scan_arrow(
    table: &Bound<'_, PyAny>,
    column: &str,
    image: &Bound<'_, Image>,
    options: Option<&Bound<'_, PyDict>>,
) -> PyResult<HitTable> {
    fenced(|| {
        let py = image.py();
        let options = Options::read(image.get().inner(), options)?;
        refuse(&options)?;
        let mut scan = Scan {
            scanner: options.scanner().format(options.format_or(Format::Text)),
            rows: 0,
            tally: Tally::empty(),
            batches: Vec::new(),
        };
        let is_arrow = |object: &Bound<'_, PyAny>| -> PyResult<bool> {
            Ok(object.hasattr("__arrow_c_array__")? || object.hasattr("__arrow_c_stream__")?)
        };
        if is_arrow(table)? {
            scan.all(py, table.extract()?, column)?;
        } else {
            for batch in table.try_iter()? {
                scan.all(py, batch?.extract()?, column)?;
            }
        }
        let name = options.name.unwrap_or_else(|| column.to_owned());
        Ok(HitTable { name, batches: scan.batches, tally: scan.tally })
    })
}

/// Refuses what has no meaning for cells.
fn refuse(options: &Options) -> PyResult<()> {
    let format = options.format_or(Format::Text);
    let whole = [
        Format::Auto,
        Format::Csv,
        Format::Tsv,
        Format::Json,
        Format::Stix,
        Format::Misp,
        Format::Zeek,
        // A name that one line passes through is no hit of another.
        Format::Rpz,
    ];
    if whole.contains(&format) {
        return Err(PyValueError::new_err(format!(
            "format: {} is what a whole feed is, and cells are by themselves; \
             there are text, ndjson, credentials and other notations of lines",
            format.name()
        )));
    }
    match options.is_ranged || options.has_digest {
        true => Err(PyValueError::new_err("range and digest are of feeds, and cells are none")),
        false => Ok(()),
    }
}

/// A scan of one batch after another.
struct Scan {
    scanner: Scanner<'static>,
    /// Rows before the batch.
    rows: u64,
    tally: Tally,
    batches: Vec<RecordBatch>,
}

impl Scan {
    fn all(&mut self, py: Python<'_>, batches: AnyRecordBatch, name: &str) -> PyResult<()> {
        let mut reader = batches.into_reader()?;
        // Whoever makes the batches may need the interpreter.
        while let Some(batch) = py.detach(|| reader.next()) {
            let batch = batch.map_err(|error| PyValueError::new_err(error.to_string()))?;
            let column = column_of(&batch, name)?;
            py.detach(|| self.batch(column))?;
        }
        Ok(())
    }

    fn batch(&mut self, column: &ArrayRef) -> PyResult<()> {
        let cells = Cells::of(column)?;
        let mut sink = ToColumns {
            cells: Cursor::new(&cells),
            row: self.rows,
            columns: Columns::new(),
            full: Vec::new(),
            looked: Instant::now(),
        };
        let stats = match self.scanner.scan(Source::slice("cells", &cells.text), &mut sink) {
            Ok(stats) => stats,
            Err(ScanError::Sink(error)) => return Err(error),
            Err(error) => return Err(errors::other(&error.to_string())),
        };
        if let Some(why) = &stats.incomplete_why {
            return Err(errors::feed("cells", why, 0));
        }
        let mut tally = Tally::from(stats);
        // The line before the first cell is ours.
        tally.bytes -= HEAD.len() as u64;
        tally.lines -= 1;
        tally.records -= 1;
        tally.scanned -= 1;
        self.tally.add(&tally);
        self.rows += column.len() as u64;
        if !sink.columns.is_empty() {
            sink.cut()?;
        }
        self.batches.append(&mut sink.full);
        Ok(())
    }
}

struct ToColumns<'c> {
    cells: Cursor<'c>,
    row: u64,
    columns: Columns,
    /// Batches that hold as much as they can.
    full: Vec<RecordBatch>,
    /// When it was last asked whether somebody wants to interrupt.
    looked: Instant,
}

impl ToColumns<'_> {
    /// Begins another batch.
    fn cut(&mut self) -> PyResult<()> {
        let batch = std::mem::replace(&mut self.columns, Columns::new()).finish();
        self.full.push(batch.map_err(|error| errors::other(&error.to_string()))?);
        Ok(())
    }
}

const PATIENCE: Duration = Duration::from_millis(100);

impl Sink for ToColumns<'_> {
    type Error = PyErr;

    fn hit(&mut self, hit: &Hit<'_>) -> PyResult<bool> {
        let place = self.cells.at(hit.offset);
        if self.columns.is_full() {
            self.cut()?;
        }
        self.columns.push(self.row + place.cell, &place, hit);
        Ok(true)
    }

    fn progress(&mut self, _: u64) -> PyResult<bool> {
        if self.looked.elapsed() > PATIENCE {
            self.looked = Instant::now();
            Python::attach(|py| py.check_signals())?;
        }
        Ok(true)
    }
}

/// Hits as a table, for whatever reads Arrow's PyCapsule interface: pyarrow, polars, pandas, DuckDB.
#[pyclass(frozen, module = "feedsieve")]
pub(crate) struct HitTable {
    name: String,
    batches: Vec<RecordBatch>,
    tally: Tally,
}

#[pymethods]
impl HitTable {
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyArrowResult<Bound<'py, PyCapsule>> {
        to_schema_pycapsule(py, schema().as_ref())
    }

    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyArrowResult<Bound<'py, PyCapsule>> {
        let schema: SchemaRef = schema();
        let field = Field::new_struct("", schema.fields().clone(), false);
        let batches = self.batches.clone().into_iter();
        let arrays = batches.map(|batch| Ok(std::sync::Arc::new(StructArray::from(batch)) as _));
        to_stream_pycapsule(
            py,
            Box::new(ArrayIterator::new(arrays, field.into())),
            requested_schema,
        )
    }

    fn __len__(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// What became of the cells, with the keys of the command's summary.
    #[getter]
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        account(py, &self.name, &self.tally)
    }

    fn __repr__(&self) -> String {
        format!("<HitTable of {} hits>", self.__len__())
    }
}
