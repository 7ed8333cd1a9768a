//! The cells of an Arrow column, and the feed that they make: one cell after another, each on lines
//! of its own.

use arrow_array::cast::AsArray as _;
use arrow_array::{Array, ArrayRef};
use arrow_cast::cast;
use arrow_schema::DataType;
use memchr::memchr_iter;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

/// The column with categories as they are written; others as they are.
pub(crate) fn plain(column: &ArrayRef) -> PyResult<ArrayRef> {
    match column.data_type() {
        DataType::Dictionary(_, values) => {
            cast(column, values).map_err(|error| refused(&error.to_string()))
        }
        _ => Ok(ArrayRef::clone(column)),
    }
}

/// Calls `visit` with every cell of a plain column, none where it is null.
pub(crate) fn each_cell<'c>(
    column: &'c ArrayRef,
    mut visit: impl FnMut(Option<&'c [u8]>),
) -> PyResult<()> {
    fn text<'c>(
        cells: impl Iterator<Item = Option<&'c str>>,
        visit: &mut impl FnMut(Option<&'c [u8]>),
    ) {
        cells.map(|cell| cell.map(str::as_bytes)).for_each(visit);
    }
    match column.data_type() {
        DataType::Utf8 => text(column.as_string::<i32>().iter(), &mut visit),
        DataType::LargeUtf8 => text(column.as_string::<i64>().iter(), &mut visit),
        DataType::Utf8View => text(column.as_string_view().iter(), &mut visit),
        DataType::Binary => column.as_binary::<i32>().iter().for_each(visit),
        DataType::LargeBinary => column.as_binary::<i64>().iter().for_each(visit),
        DataType::BinaryView => column.as_binary_view().iter().for_each(visit),
        DataType::Null => (0..column.len()).for_each(|_| visit(None)),
        other => return Err(refused(&other.to_string())),
    }
    Ok(())
}

/// The error for a column of something else.
fn refused(found: &str) -> PyErr {
    PyTypeError::new_err(format!("a column of text or bytes is looked through, not one of {found}"))
}

/// A column as a feed.
pub(crate) struct Cells {
    pub(crate) text: Vec<u8>,
    /// Where each cell begins in it, and where one more would.
    starts: Vec<usize>,
}

/// What stands before the first cell.
///
/// A line that means nothing in any notation. Without it a first cell could pass for a byte order
/// mark, a packed file, a saved page or the comments at the head of a feed, and hide all others.
pub(crate) const HEAD: &[u8] = b"-\n";

impl Cells {
    pub(crate) fn of(column: &ArrayRef) -> PyResult<Self> {
        let mut text = HEAD.to_vec();
        let mut starts = Vec::with_capacity(column.len() + 1);
        each_cell(&plain(column)?, |cell| {
            starts.push(text.len());
            text.extend_from_slice(cell.unwrap_or_default());
            text.push(b'\n');
        })?;
        starts.push(text.len());
        Ok(Self { text, starts })
    }
}

/// Finds the cells of hits, which come in their order.
pub(crate) struct Cursor<'c> {
    cells: &'c Cells,
    /// The cell that was asked for last.
    last: usize,
    /// How far its lines are counted, and which line that is.
    counted: usize,
    line: u64,
}

impl<'c> Cursor<'c> {
    pub(crate) const fn new(cells: &'c Cells) -> Self {
        Self { cells, last: 0, counted: 0, line: 1 }
    }

    /// The cell that holds an offset of the text, and where in the text it begins.
    pub(crate) fn at(&mut self, offset: u64) -> Place {
        let Cells { text, starts } = self.cells;
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        while starts.get(self.last + 1).is_some_and(|&next| next <= offset) {
            self.last += 1;
        }
        let start = starts[self.last];
        let end = offset.clamp(start, text.len());
        // On from the hit before, or a cell of many hits would be counted once for each.
        if !(start..=end).contains(&self.counted) {
            (self.counted, self.line) = (start, 1);
        }
        self.line += memchr_iter(b'\n', &text[self.counted..end]).count() as u64;
        self.counted = end;
        Place { cell: self.last as u64, start: start as u64, line: self.line }
    }
}

/// Where in a column a hit is.
pub(crate) struct Place {
    pub(crate) cell: u64,
    /// Where the cell begins in the text.
    pub(crate) start: u64,
    /// The line in the cell, from 1.
    pub(crate) line: u64,
}

/// The column of a batch by its name.
pub(crate) fn column<'b>(
    batch: &'b arrow_array::RecordBatch,
    name: &str,
) -> PyResult<&'b ArrayRef> {
    batch.column_by_name(name).ok_or_else(|| {
        let schema = batch.schema();
        let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        PyValueError::new_err(format!("no column {name:?}; there are {}", names.join(", ")))
    })
}
