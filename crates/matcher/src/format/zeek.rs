//! Logs and intelligence files of Zeek: columns that a `#fields` line names, parted by tabs.
//!
//! Hides what is written as `\x..`, which is not found. Lines that begin with `#` are comments or
//! directives, and what stands behind a `#` and a blank is one up to the end of its column.

use super::csv::{Column, Csv, Followed};
use super::line::comment;
use super::{Place, Surroundings};
use crate::facts::Row;
use crate::hit::Role;

/// The columns of a feed, from the lines of its beginning.
pub(super) fn columns<'l>(lines: impl Iterator<Item = &'l [u8]>) -> Csv {
    let mut csv = Csv {
        separator: b'\t',
        quotes: false,
        skips_blanks: false,
        header: Vec::new(),
        pair: None,
    };
    for line in lines {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(separator) = line.strip_prefix(b"#separator ") {
            csv.separator = separator_of(separator).unwrap_or(csv.separator);
        }
        let fields = line.strip_prefix(b"#fields");
        if let Some(names) = fields.and_then(|names| names.strip_prefix(&[csv.separator])) {
            csv.header = names.split(|&b| b == csv.separator).map(column).collect();
            break;
        }
    }
    csv
}

/// `\x09`, or the byte itself.
fn separator_of(text: &[u8]) -> Option<u8> {
    match text.trim_ascii() {
        [byte] => Some(*byte),
        [b'\\', b'x', hex @ ..] if hex.len() == 2 => {
            u8::from_str_radix(str::from_utf8(hex).ok()?, 16).ok()
        }
        _ => None,
    }
}

fn column(name: &[u8]) -> Column {
    let name = String::from_utf8_lossy(name);
    let name = name.trim_ascii();
    let is_source = ["meta.source", "meta.url"].contains(&name);
    let column = Column::new(name);
    if is_source { column.in_role(Role::Reference) } else { column }
}

pub(super) fn place(
    csv: &Csv,
    around: &Surroundings<'_>,
    followed: &mut Followed,
    eol: u8,
) -> Option<Place> {
    around.begins.then_some(())?;
    let record = around.record.clone();
    if around.haystack[record.clone()].starts_with(b"#") {
        return Some(Place::comment(record));
    }
    let place = csv.place(around, followed, eol)?;
    let field = place.field.clone();
    // What stands before the column is a blank too.
    let text = &around.haystack[field.clone()];
    let mark = field.start + comment(text, b"#");
    match mark < field.end && around.at >= mark {
        true => Some(Place { role: Some(Role::Comment), field: mark..field.end, ..place }),
        false => Some(Place { field: field.start..mark, ..place }),
    }
}

/// The fields of a record that say a fact of those beside them.
pub(super) fn row(csv: &Csv, record: &[u8], eol: u8) -> Row {
    match record.starts_with(b"#") {
        true => Row::default(),
        false => csv.row(record, eol, |text| comment(text, b"#")),
    }
}

/// Whether a line is a directive that only Zeek has.
pub(super) fn is_directive(line: &[u8]) -> bool {
    line.starts_with(b"#fields\t") || line.starts_with(b"#separator ")
}
