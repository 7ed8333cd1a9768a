//! Whether lines are rows of a table, how its columns are parted, and what they are called.

use memchr::{memchr, memmem};

use super::lines::{Lines, MAX_RECORDS};
use crate::format::csv::{Column, Csv, Field};
use crate::format::header::is_data;
use crate::format::pair::Pair;
use crate::reading::Escapes;

impl<'h> Lines<'h> {
    /// Records under a separator, each as its fields.
    fn records(&self, csv: &Csv) -> Vec<Vec<&'h [u8]>> {
        let mut rest = self.body();
        let mut records = Vec::new();
        // Behind a quote that nothing closes, a feed is read line by line.
        let mut is_open = false;
        while !rest.is_empty() && records.len() < MAX_RECORDS {
            let end = match is_open {
                true => memchr(self.eol, rest).unwrap_or(rest.len()),
                false => record_end(csv, rest, self.eol).unwrap_or_else(|line| {
                    is_open = true;
                    line
                }),
            };
            let record = without_cr(&rest[..end]);
            rest = rest.get(end + 1..).unwrap_or_default();
            if !matches!(record.trim_ascii_start(), [] | [b'#', ..]) && !record.starts_with(b"sep=")
            {
                let fields = csv.fields(record, self.eol).into_iter();
                records.push(fields.map(|field| &record[field.range]).collect());
            }
        }
        records
    }

    /// The separator under which nearly all records have as many fields.
    pub(super) fn csv(&self) -> Option<Csv> {
        let mut lines = self.body().split_inclusive(|&b| b == self.eol);
        let asked = lines.find(|line| !line.trim_ascii().is_empty());
        let asked = asked.and_then(|line| line.strip_prefix(b"sep=")?.first().copied());
        if let Some(separator) = asked {
            return Some(self.dialect(separator));
        }
        let fits = |&separator: &u8| {
            let csv = self.dialect(separator);
            let records = self.records(&csv);
            let mut counts: Vec<usize> = records.iter().map(Vec::len).collect();
            counts.sort_unstable();
            let usual = *counts.get(counts.len() / 2)?;
            let alike = counts.iter().filter(|&&count| count == usual).count();
            let is_comment = separator == b';' && {
                // `192.0.2.0/24 ; SBL1` and `; a whole line`.
                let begins = |record: &&Vec<&[u8]>| {
                    let is_line = || record.get(1).is_some_and(|cell| cell.starts_with(b" "));
                    record[0].ends_with(b" ") || record[0].is_empty() && is_line()
                };
                records.iter().filter(begins).count() * 2 > records.len()
            };
            // A few short records under a header that nobody takes for text are damaged.
            let most = match is_telling(&csv.header) {
                true => counts.len().div_ceil(2),
                false => (counts.len() * 9).div_ceil(10),
            };
            let enough = match records.as_slice() {
                [] => false,
                [record] => !csv.header.is_empty() || is_row(record, separator),
                _ => alike >= most,
            };
            // Tabs may be blanks that the value of a line stands between.
            let says = |at: usize| {
                records
                    .iter()
                    .any(|record| record.get(at).is_some_and(|c| !c.trim_ascii().is_empty()))
            };
            let columns = match separator {
                b'\t' => (0..usual).filter(|&at| says(at)).count(),
                _ => usual,
            };
            (enough && columns >= 2 && !is_comment).then_some((usual, csv))
        };
        let candidates = [b'\t', b',', b';', b'|'];
        let best = candidates.iter().rev().filter_map(fits).max_by_key(|(fields, _)| *fields);
        best.map(|(_, csv)| csv)
    }

    /// The dialect with this separator.
    pub(super) fn dialect(&self, separator: u8) -> Csv {
        let blank_quote = [separator, b' ', b'"'];
        let skips_blanks = {
            let blank = memmem::find_iter(self.body(), &blank_quote).count();
            let none = memmem::find_iter(self.body(), &[separator, b'"']).count();
            let quoted = self.sample().filter(|line| line.starts_with(b"\"")).count();
            blank > none && quoted * 2 > self.sample().count()
        };
        let quotes = separator != b'\t';
        let mut csv = Csv { separator, quotes, skips_blanks, header: Vec::new(), pair: None };
        csv.header = self.header(&csv);
        csv.pair = Pair::of(&csv.header);
        csv
    }

    /// The names of the columns: what the first record holds, or else the heading's last line.
    fn header(&self, csv: &Csv) -> Vec<Column> {
        let mut rest = self.body();
        while !rest.is_empty() {
            let end = record_end(csv, rest, self.eol).unwrap_or_else(|line| line);
            let record = without_cr(&rest[..end]);
            rest = rest.get(end + 1..).unwrap_or_default();
            // A record of empty cells names nothing and has nothing to be named.
            let fields = csv.fields(record, self.eol);
            let is_empty =
                fields.iter().all(|field| record[field.range.clone()].trim_ascii().is_empty());
            if is_empty || record.starts_with(b"sep=") {
                continue;
            }
            // A header names columns of what comes behind it, be that out of sight.
            let has_more = self.is_cut || !rest.trim_ascii().is_empty();
            let names = if has_more { column_names(record, &fields) } else { None };
            return names.or_else(|| self.commented_header(csv, fields.len())).unwrap_or_default();
        }
        Vec::new()
    }

    /// The column names in the last line of the heading that says something, as abuse.ch writes them.
    ///
    /// One column is no table, and that line a sentence.
    fn commented_header(&self, csv: &Csv, columns: usize) -> Option<Vec<Column>> {
        let heading = &self.head[..self.heading];
        let mut lines = heading.split(|&b| b == self.eol).rev().map(without_cr);
        let says = |line: &&[u8]| line.iter().any(|b| *b != b'#' && !b.is_ascii_whitespace());
        let line = lines.find(says)?.strip_prefix(b"#")?;
        let blanks = line.iter().take_while(|&&b| b == b' ').count();
        // A tab behind the mark is a blank, or it ends a first cell that is empty.
        [line.trim_ascii_start(), &line[blanks..]].into_iter().find_map(|line| {
            let fields = csv.fields(line, self.eol);
            let fits = fields.len() == columns && columns > 1;
            fits.then(|| column_names(line, &fields)).flatten()
        })
    }
}

/// Whether a record that stands alone is a row, and no sentence with commas: most cells are data,
/// and none but a column's padding stands beside the separators.
fn is_row(cells: &[&[u8]], separator: u8) -> bool {
    const MIN_COLUMNS: usize = 3;
    let data = cells.iter().filter(|cell| is_data(cell, Escapes::None)).count();
    let is_padded = separator == b'|';
    let is_bare = |cell: &&[u8]| cell.trim_ascii().len() == cell.len();
    cells.len() >= MIN_COLUMNS
        && data * 2 >= cells.len()
        && (is_padded || cells.iter().all(is_bare))
}

/// Whether many columns have names that are words of a program.
fn is_telling(header: &[Column]) -> bool {
    const MIN_COLUMNS: usize = 5;
    let is_word = |column: &Column| {
        let name = column.name();
        let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(goes_on)
    };
    header.len() >= MIN_COLUMNS && header.iter().all(is_word)
}

/// The names that a record's fields are for columns, unless one of them is data.
fn column_names(record: &[u8], fields: &[Field]) -> Option<Vec<Column>> {
    let column = |field: &Field| {
        let cell = &record[field.range.clone()];
        let text = String::from_utf8_lossy(cell);
        match field.escapes {
            _ if is_data(cell, field.escapes) => None,
            Escapes::Quotes => Some(Column::new(&text.trim().replace("\"\"", "\""))),
            _ => Some(Column::new(text.trim())),
        }
    };
    fields.iter().map(column).collect()
}

fn without_cr(record: &[u8]) -> &[u8] {
    record.strip_suffix(b"\r").unwrap_or(record)
}

/// Where the first record ends; `Err` is where its first line ends, if a quote in it never closes.
fn record_end(csv: &Csv, text: &[u8], eol: u8) -> Result<usize, usize> {
    let mut from = 0;
    loop {
        let line = memchr(eol, &text[from..]).map_or(text.len(), |len| from + len);
        match csv.next_quoted(text, 0, from..line, text.len(), eol) {
            Some(Ok(quoted)) => from = quoted.end,
            Some(Err(_)) => return Err(memchr(eol, text).unwrap_or(text.len())),
            None => return Ok(line),
        }
    }
}
