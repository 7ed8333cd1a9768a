//! Separated values (RFC 4180, and what is made of it).
//!
//! A quote opens only at a field's start and closes only before a separator or a
//! line end; any other quote is a letter, and two in a row within quotes are one.

use std::ops::Range;

use memchr::memchr;

use super::{Place, Surroundings};
use crate::reading::Escapes;

/// How the values of a feed are separated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Csv {
    pub(crate) separator: u8,
    /// Whether quotes hold fields together; between tabs they are letters.
    pub(crate) quotes: bool,
    /// Whether a quote may stand behind a separator and blanks, as in `"a", "b"`.
    pub(crate) skips_blanks: bool,
    /// The names of the columns; empty without a header.
    pub(crate) header: Vec<String>,
}

/// The bytes between two quotes, the quotes included.
pub(crate) type Quoted = Range<usize>;

/// A field of a record.
pub(super) struct Field {
    /// Its bytes, without quotes.
    pub(super) range: Range<usize>,
    /// How its quotes are read.
    pub(super) escapes: Escapes,
}

impl Csv {
    /// Whether a quote at `at` stands at a field's start; `floor` begins the record or what is known of it.
    fn opens(&self, haystack: &[u8], floor: usize, at: usize, eol: u8) -> bool {
        let mut before = at;
        if self.skips_blanks {
            while before > floor && haystack[before - 1] == b' ' {
                before -= 1;
            }
        }
        before == floor || haystack[before - 1] == self.separator || haystack[before - 1] == eol
    }

    /// Behind the quote that closes what the quote at `open` opens, searched up to `end`.
    ///
    /// The end of the feed closes nothing, but a quote that is the feed's last byte does.
    fn close(&self, haystack: &[u8], open: usize, end: usize, eol: u8) -> Option<usize> {
        let mut at = open + 1;
        loop {
            at += memchr(b'"', &haystack[at..end])?;
            let run = haystack[at..].iter().take_while(|&&b| b == b'"').count();
            at += run;
            let behind = match haystack.get(at) {
                Some(b'\r') if eol == b'\n' => haystack.get(at + 1).is_none_or(|&b| b == eol),
                Some(&byte) => byte == self.separator || byte == eol,
                None => true,
            };
            if run % 2 == 1 && behind {
                return Some(at);
            }
            if at >= end {
                return None;
            }
        }
    }

    /// The next quoted field that begins in `haystack[from..to]`, closed before `end`.
    ///
    /// `Err` is the position of a quote that opens and does not close.
    pub(crate) fn next_quoted(
        &self,
        haystack: &[u8],
        floor: usize,
        range: Range<usize>,
        end: usize,
        eol: u8,
    ) -> Option<Result<Quoted, usize>> {
        let mut from = range.start;
        self.quotes.then_some(())?;
        loop {
            let open = from + memchr(b'"', haystack.get(from..range.end)?)?;
            if self.opens(haystack, floor, open, eol) {
                let close = self.close(haystack, open, end, eol);
                return Some(close.map(|close| open..close).ok_or(open));
            }
            from = open + 1;
        }
    }

    /// The field that begins at `start`, and where the next one does. Unless the record `ends` at
    /// `end`, a quote that does not close before may close behind.
    fn field(
        &self,
        haystack: &[u8],
        start: usize,
        end: usize,
        ends: bool,
        eol: u8,
    ) -> (Range<usize>, usize) {
        let mut at = start;
        if self.skips_blanks {
            while at < end && haystack[at] == b' ' {
                at += 1;
            }
        }
        if self.quotes && haystack.get(at) == Some(&b'"') && at < end {
            match self.close(haystack, at, end, eol) {
                Some(close) => return (at + 1..close - 1, close + 1),
                None if !ends => return (at + 1..end, end + 1),
                None => {}
            }
        }
        let len = memchr(self.separator, &haystack[start..end]).unwrap_or(end - start);
        (start..start + len, start + len + 1)
    }

    /// The fields of a record, its line end left out.
    pub(super) fn fields(&self, record: &[u8], eol: u8) -> Vec<Field> {
        let mut fields = Vec::new();
        let mut start = 0;
        while start <= record.len() {
            let (range, next) = self.field(record, start, record.len(), true, eol);
            let escapes = if range.start > start { Escapes::Quotes } else { Escapes::None };
            fields.push(Field { range, escapes });
            start = next;
        }
        fields
    }

    /// `None` where the record begins too far away to count columns.
    pub(super) fn place(&self, around: &Surroundings<'_>, eol: u8) -> Option<Place> {
        around.begins.then_some(())?;
        let Range { start, end } = around.record;
        let (mut start, mut column) = (start, 0);
        loop {
            let (field, next) = self.field(around.haystack, start, end, around.ends, eol);
            if around.at < next || next > end {
                let is_quoted =
                    self.quotes && field.start > start && around.haystack[field.start - 1] == b'"';
                let escapes = if is_quoted { Escapes::Quotes } else { Escapes::None };
                let name = self.header.get(column).filter(|name| !name.is_empty());
                let place = match name {
                    Some(name) => Place::named(field, name.clone(), &[name]),
                    None => {
                        Place { name: Some(format!("col{}", column + 1)), ..Place::unnamed(field) }
                    }
                };
                return Some(Place { escapes, ..place });
            }
            (start, column) = (next, column + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_cut_into_fields() {
        let comma = Csv { separator: b',', quotes: true, skips_blanks: false, header: Vec::new() };
        let blank = Csv { skips_blanks: true, ..comma.clone() };
        for (csv, record, expected) in [
            (&comma, "a,b,,c", &["a", "b", "", "c"][..]),
            (&comma, "", &[""]),
            (&comma, "\"a,b\",\"\",\"say \"\"hi\"\"\"", &["a,b", "", "say \"\"hi\"\""]),
            (&comma, "\"a\"\",b\",c", &["a\"\",b", "c"]),
            (&comma, "a\"b,c\"d", &["a\"b", "c\"d"]),
            (&comma, "\"a \"b\" c\",d", &["a \"b\" c", "d"]),
            (&comma, "\"open,b", &["\"open", "b"]),
            (&comma, "a, \"b,c\"", &["a", " \"b", "c\""]),
            (&blank, "a, \"b,c\", d", &["a", "b,c", " d"]),
        ] {
            let fields: Vec<_> = csv
                .fields(record.as_bytes(), b'\n')
                .into_iter()
                .map(|f| &record[f.range])
                .collect();
            assert_eq!(fields, expected, "{record}");
        }
    }
}
