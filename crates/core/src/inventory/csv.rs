//! CSV with a header (RFC 4180), with `#` lines and blank lines between the rows.

use std::ops::Range;
use std::str;

use ::csv::{ByteRecord, Reader, ReaderBuilder};

use super::InventoryError;
use super::load::Loader;
use super::note::NoteKind;
use super::row::{Column, Refused, Row};
use super::shown::Shown;
use super::text::{Text, line_end};

/// Columns of a header that an error names; a file that is no CSV may have any number.
const MAX_COLUMNS_SHOWN: usize = 20;

pub(super) fn load(text: &Text, loader: &mut Loader) -> Result<(), InventoryError> {
    let bytes = text.bytes();
    let mut rows = reader(bytes);
    let mut record = ByteRecord::new();
    let header = loop {
        if !read(&mut rows, &mut record)? {
            return Err(text.syntax(0, "no header", EXPECTED_HEADER));
        }
        if !is_blank(&record) {
            break Header::read(text, &record)?;
        }
    };
    while read(&mut rows, &mut record)? {
        if is_blank(&record) {
            continue;
        }
        let start = start_of(&record);
        // Of all columns that matter none may hold a line break, so one in a row is
        // a comment of several lines at best, and an open quote at worst.
        if record.as_slice().contains(&b'\n') {
            let end = usize::try_from(rows.position().byte()).unwrap_or(bytes.len());
            load_lines(loader, &header, &record, bytes, record_start(bytes, start)..end);
        } else {
            load_record(loader, &header, &record, bytes, start);
        }
    }
    Ok(())
}

const EXPECTED_HEADER: &str = "a header with the columns participant, kind and value";

fn reader(bytes: &[u8]) -> Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .buffer_capacity(bytes.len().clamp(1, 1 << 16))
        .from_reader(bytes)
}

/// Reads the next record; a reader over a slice has no other error than a defect of its own.
fn read(rows: &mut Reader<&[u8]>, record: &mut ByteRecord) -> Result<bool, InventoryError> {
    rows.read_byte_record(record).map_err(|error| InventoryError::Io(error.into()))
}

/// Whether a record says nothing: spreadsheets end with rows of commas.
fn is_blank(record: &ByteRecord) -> bool {
    record.as_slice().iter().all(u8::is_ascii_whitespace)
}

/// Which column of ours each field is.
struct Header {
    columns: Vec<(usize, Column)>,
    /// Fields that a row must have.
    min_fields: usize,
}

impl Header {
    fn read(text: &Text, record: &ByteRecord) -> Result<Self, InventoryError> {
        let at = record_start(text.bytes(), start_of(record));
        let mut columns: Vec<(usize, Column)> = Vec::new();
        for (index, name) in record.iter().enumerate() {
            let Some(column) = str::from_utf8(name).ok().and_then(Column::named) else {
                continue;
            };
            if columns.iter().any(|&(_, other)| other == column) {
                let at = field_offset(text.bytes(), at, index);
                let found = format!("a second column {column}");
                return Err(text.syntax(at, found, "every column once"));
            }
            columns.push((index, column));
        }
        let field_of =
            |wanted| columns.iter().find(|&&(_, column)| column == wanted).map(|&(index, _)| index);
        let missing =
            [Column::Participant, Column::Value].into_iter().find(|&c| field_of(c).is_none());
        if let Some(missing) = missing {
            let found = format!("a header without the column {missing}: {}", names_of(record));
            return Err(text.syntax(at, found, expected_header(record)));
        }
        let needed = [Column::Participant, Column::Kind, Column::Value];
        let last = needed.into_iter().filter_map(field_of).max().unwrap_or_default();
        Ok(Self { columns, min_fields: last + 1 })
    }
}

fn names_of(record: &ByteRecord) -> String {
    let mut names: Vec<String> = record
        .iter()
        .take(MAX_COLUMNS_SHOWN)
        .map(|name| Shown(&String::from_utf8_lossy(name)).to_string())
        .collect();
    if record.len() > MAX_COLUMNS_SHOWN {
        names.push("…".to_owned());
    }
    names.join(", ")
}

/// What to write instead; a single column often is a header with other separators.
fn expected_header(record: &ByteRecord) -> String {
    let separated = record.len() == 1 && record.as_slice().iter().any(|b| b";\t|".contains(b));
    match separated {
        true => "columns parted by commas: participant,kind,value".to_owned(),
        false => EXPECTED_HEADER.to_owned(),
    }
}

fn load_record(
    loader: &mut Loader,
    header: &Header,
    record: &ByteRecord,
    bytes: &[u8],
    start: usize,
) {
    if record.len() < header.min_fields {
        let found = match record.len() {
            1 => "a row of one column".to_owned(),
            fields => format!("a row of {fields} columns"),
        };
        let expected = format!("at least {}, as the header has them", header.min_fields);
        let refused = Refused::new(Column::Participant, found, expected);
        return loader.reject(record_start(bytes, start), refused);
    }
    let offset_of = |wanted| {
        let index = header.columns.iter().find(|&&(_, column)| column == wanted);
        field_offset(bytes, record_start(bytes, start), index.map_or(0, |&(index, _)| index))
    };
    let mut row = Row::default();
    // One check for the record; where it fails, or two fields share a character, each is looked at.
    let whole = str::from_utf8(record.as_slice()).unwrap_or_default();
    for &(index, column) in &header.columns {
        let Some(range) = record.range(index) else { continue };
        if let Some(text) = whole.get(range) {
            row.set(column, text);
            continue;
        }
        let field = record.get(index).unwrap_or_default();
        match str::from_utf8(field) {
            Ok(text) => row.set(column, text),
            Err(_) => {
                let found =
                    format!("{column} {} is not UTF-8", Shown(&String::from_utf8_lossy(field)));
                let refused = Refused::new(column, found, "the file saved as UTF-8");
                return loader.reject(offset_of(column), refused);
            }
        }
    }
    loader.load(&row, offset_of);
}

/// Loads a record that runs over several lines.
///
/// One quote too many makes a reader of CSV swallow every row up to the next
/// quote. Where a column of ours holds the line break, or no quote comes, the row is
/// rejected and the lines behind its first are read as rows of their own.
fn load_lines(
    loader: &mut Loader,
    header: &Header,
    record: &ByteRecord,
    bytes: &[u8],
    range: Range<usize>,
) {
    let raw = &bytes[range.clone()];
    let lines = raw.trim_ascii_end().iter().filter(|&&byte| byte == b'\n').count() + 1;
    let torn = header
        .columns
        .iter()
        .find(|&&(index, _)| record.get(index).is_some_and(|field| field.contains(&b'\n')));
    let field = match (torn, open_field(raw)) {
        (Some(&(index, _)), _) | (None, Some(index)) => index,
        (None, None) => {
            let text = format!("row runs over {lines} lines; perhaps a quote was left open");
            loader.note(range.start, NoteKind::ManyLines, text);
            load_record(loader, header, record, bytes, range.start);
            return;
        }
    };
    let found = format!("a quote that is still open at the end of its line, {lines} lines in all");
    let refused = Refused::new(Column::Value, found, "a closing quote on the same line");
    loader.reject(field_offset(bytes, range.start, field), refused);

    let mut at = line_end(bytes, range.start) + 1;
    while at < range.end {
        let end = line_end(bytes, at);
        let part = record_of_line(&bytes[at..end]);
        // Too few fields are what is left of the row that has been rejected.
        if part.len() >= header.min_fields && !is_blank(&part) && bytes[at] != b'#' {
            load_record(loader, header, &part, bytes, at);
        }
        at = end + 1;
    }
}

/// The fields of one line, as the csv crate reads them; its readers are too dear to make one a line.
fn record_of_line(line: &[u8]) -> ByteRecord {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut record = ByteRecord::new();
    let mut at = 0;
    loop {
        let (end, _) = field_end(line, at);
        let field = &line[at..end];
        match field.strip_prefix(b"\"") {
            Some(quoted) => record.push_field(&unquoted(quoted)),
            None => record.push_field(field),
        }
        match line.get(end) {
            Some(b',') => at = end + 1,
            _ => return record,
        }
    }
}

/// The text of a field behind its opening quote.
fn unquoted(field: &[u8]) -> Vec<u8> {
    let field = field.strip_suffix(b"\"").unwrap_or(field);
    let mut text = Vec::with_capacity(field.len());
    let mut rest = field.iter();
    while let Some(&byte) = rest.next() {
        text.push(byte);
        if byte == b'"' {
            rest.next();
        }
    }
    text
}

fn start_of(record: &ByteRecord) -> usize {
    record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or_default()
}

/// Where a record begins, given where the one before it ended: behind line ends and comments.
fn record_start(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at) {
            Some(b'\n' | b'\r') => at += 1,
            Some(b'#') => at = line_end(bytes, at),
            _ => return at,
        }
    }
}

/// Where the text of a field begins: at its quote, or behind its leading blanks.
fn field_offset(bytes: &[u8], start: usize, index: usize) -> usize {
    let mut at = start;
    for _ in 0..index {
        match field_end(bytes, at) {
            (end, _) if bytes.get(end) == Some(&b',') => at = end + 1,
            _ => break,
        }
    }
    let blanks = bytes[at..].iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count();
    at + blanks
}

/// The field of a record whose quote is never closed.
fn open_field(raw: &[u8]) -> Option<usize> {
    let mut at = 0;
    for index in 0.. {
        match field_end(raw, at) {
            (_, true) => return Some(index),
            (end, false) if raw.get(end) == Some(&b',') => at = end + 1,
            _ => break,
        }
    }
    None
}

/// Where a field ends, and whether that is the end of the text with its quote open.
///
/// This says again what the csv crate does, for it does not tell where a field
/// stood. It is asked for rows that are reported, and no others.
fn field_end(bytes: &[u8], start: usize) -> (usize, bool) {
    let mut at = start;
    if bytes.get(at) == Some(&b'"') {
        at += 1;
        loop {
            match bytes[at..].iter().position(|&byte| byte == b'"') {
                None => return (bytes.len(), true),
                Some(found) => at += found + 1,
            }
            match bytes.get(at) {
                Some(b'"') => at += 1,
                _ => break,
            }
        }
    }
    let rest = bytes[at..].iter().position(|byte| matches!(byte, b',' | b'\n' | b'\r'));
    (rest.map_or(bytes.len(), |found| at + found), false)
}
