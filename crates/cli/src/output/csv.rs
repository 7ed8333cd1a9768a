//! A hit as a row of CSV (RFC 4180) that opens in a spreadsheet without running anything.
//!
//! Written by hand because the csv crate quotes what its own separator asks for
//! only. A spreadsheet in half of Europe separates at `;`, and what stands behind
//! one would begin a cell, and perhaps a formula.

use std::io::Write as _;

use feedsieve::{Hit, SCHEMA, Side};

use super::Copies;
use crate::json;
use crate::shown::is_steering;

/// The names are those of the JSON keys; `also` has no room in a cell.
const COLUMNS: [&str; 23] = [
    "schema",
    "feed",
    "line",
    "offset",
    "length",
    "at",
    "field",
    "role",
    "kind",
    "indicator",
    "relation",
    "participant",
    "asset",
    "asset_kind",
    "time",
    "port",
    "protocol",
    "tag",
    "side",
    "raw",
    "flags",
    "also_count",
    "label",
];

/// Appends the names of the columns.
pub(super) fn header(to: &mut Vec<u8>, copies: &Copies) {
    to.extend_from_slice(COLUMNS.join(",").as_bytes());
    for field in &copies.fields {
        to.push(b',');
        cell(to, &format!("data.{field}"));
    }
    to.extend_from_slice(if copies.has_record { b",record\n" } else { b"\n" });
}

/// Appends a hit as a row.
pub(super) fn hit(to: &mut Vec<u8>, hit: &Hit<'_>, copies: &Copies) {
    let mut row = Row { to, is_first: true };
    row.number(Some(SCHEMA));
    row.text(Some(hit.feed));
    row.number(Some(hit.line));
    row.number(Some(hit.offset));
    row.number(Some(hit.length));
    row.number(Some(hit.at));
    row.text(hit.field);
    row.text(Some(hit.role.name()));
    row.text(Some(hit.kind.name()));
    row.text(Some(hit.indicator));
    row.text(Some(hit.relation.name()));
    row.text(Some(hit.participant));
    row.text(Some(hit.asset));
    row.text(Some(hit.asset_kind.name()));
    row.text(hit.time);
    row.number(hit.port);
    row.text(hit.protocol);
    row.text(hit.tag);
    row.text(hit.side.map(Side::name));
    row.text(hit.raw);
    row.words(hit.flags.names());
    // Without `also` beside it the number speaks of all further evidence.
    row.number((hit.also_count > 0).then_some(hit.also_count));
    row.text(hit.label);
    for field in &copies.fields {
        let copied = hit.data.iter().find(|(name, _)| **name == **field);
        row.text(copied.map(|(_, text)| text.as_str()));
    }
    if copies.has_record {
        row.text(hit.record);
    }
    to.push(b'\n');
}

struct Row<'t> {
    to: &'t mut Vec<u8>,
    is_first: bool,
}

impl Row<'_> {
    fn next_cell(&mut self) {
        if !std::mem::replace(&mut self.is_first, false) {
            self.to.push(b',');
        }
    }

    fn number(&mut self, number: Option<impl Into<u64>>) {
        self.next_cell();
        if let Some(number) = number {
            json::number(self.to, number);
        }
    }

    /// Words of ours, parted by blanks.
    fn words<'w>(&mut self, words: impl Iterator<Item = &'w str>) {
        self.next_cell();
        for (index, word) in words.enumerate() {
            if index > 0 {
                self.to.push(b' ');
            }
            self.to.extend_from_slice(word.as_bytes());
        }
    }

    fn text(&mut self, text: Option<&str>) {
        self.next_cell();
        cell(self.to, text.unwrap_or_default());
    }
}

/// Appends a cell: guarded, quoted where that is needed, and nothing in it steers a terminal.
fn cell(to: &mut Vec<u8>, text: &str) {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"._-/:#@[]()<>%&?=+~*!$'{}|^".contains(&b);
    if text.bytes().all(is_plain) && !is_formula(text) {
        return to.extend_from_slice(text.as_bytes());
    }
    to.push(b'"');
    if is_formula(text) {
        to.push(b'\'');
    }
    for c in text.chars() {
        match c {
            '"' => to.extend_from_slice(b"\"\""),
            c if is_steering(c) => {
                write!(to, "{}", c.escape_unicode()).expect("memory takes bytes");
            }
            c => to.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    to.push(b'"');
}

/// Whether a spreadsheet may take a cell for a formula; full-width signs are read as the others.
fn is_formula(text: &str) -> bool {
    text.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_guarded() {
        for (text, expected) in [
            ("hospital.example", "hospital.example"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("a;=1+1", "\"a;=1+1\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("+31", "\"'+31\""),
            ("-x.example", "\"'-x.example\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\\u{9}=1\""),
            ("\r=1", "\"'\\u{d}=1\""),
            ("\u{ff1d}1", "\"'\u{ff1d}1\""),
            ("a\u{1b}[2Jb", "\"a\\u{1b}[2Jb\""),
            ("a\nb", "\"a\\u{a}b\""),
        ] {
            let mut to = Vec::new();
            cell(&mut to, text);
            assert_eq!(String::from_utf8(to).expect("UTF-8"), expected, "{text:?}");
        }
    }
}
