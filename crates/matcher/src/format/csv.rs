//! Separated values (RFC 4180, and what is made of it).
//!
//! A quote opens only at a field's start and closes only before a separator or a
//! line end; any other quote is a letter, and two in a row within quotes are one.

use std::ops::Range;
use std::sync::Arc;

use memchr::memchr;

use super::pair::{self, Joined, Pair};
use super::{Meaning, Place, Surroundings};
use crate::chunk::MAX_WHOLE_BYTES;
use crate::facts::{Fact, Row, fact};
use crate::hit::Role;
use crate::reading::Escapes;

/// How the values of a feed are separated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Csv {
    pub(crate) separator: u8,
    /// Whether quotes hold fields together; between tabs they are letters.
    pub(crate) quotes: bool,
    /// Whether a quote may stand behind a separator and blanks, as in `"a", "b"`.
    pub(crate) skips_blanks: bool,
    /// The columns that have names; empty without a header.
    pub(crate) header: Vec<Column>,
    /// Two of them that make one indicator.
    pub(crate) pair: Option<Pair>,
}

/// What the header says of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// Empty where the header has no name for it.
    name: Arc<str>,
    meaning: Meaning,
    /// The fact that it holds of what stands beside it.
    fact: Option<(Fact, usize)>,
}

impl Column {
    pub(super) fn new(name: &str) -> Self {
        let meaning = Meaning::of(&[name]);
        let fact = fact(name).filter(|_| !meaning.is_secret);
        Self { name: name.into(), meaning, fact }
    }

    /// The same column, whose fields all stand in this role.
    pub(super) fn in_role(mut self, role: Role) -> Self {
        self.meaning.role = Some(role);
        self
    }

    /// Whether its fields are of something that goes from one address to another.
    pub(super) const fn is_of_traffic(&self) -> bool {
        matches!(self.fact, Some((Fact::Port | Fact::Protocol, _)))
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// How far a record was followed.
#[derive(Debug)]
pub(super) struct Followed {
    /// Where the record begins.
    record: usize,
    /// Where one of its fields begins, and how many stand before it.
    field: usize,
    column: usize,
    /// What closes the field where it is quoted, or how far that was searched.
    close: Result<usize, usize>,
    /// The field's first separator stands here or behind.
    unparted: usize,
    /// Whether an earlier field of the record opens with a quote that nothing closes.
    is_open: bool,
}

impl Default for Followed {
    fn default() -> Self {
        Self::at(0)
    }
}

impl Followed {
    pub(super) const fn at(record: usize) -> Self {
        let (column, unparted) = (0, 0);
        Self { record, field: record, column, close: Err(0), unparted, is_open: false }
    }

    /// Where the next field begins.
    pub(super) const fn begin(&self) -> usize {
        self.field
    }

    /// Goes on with the next field.
    pub(super) fn next(&mut self, field: usize) {
        (self.field, self.column) = (field, self.column + 1);
        (self.close, self.unparted) = (Err(0), 0);
    }
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

    /// Behind the quote that closes a field, searched from `from` up to `end`; `Err` is where to
    /// go on with the search.
    ///
    /// The end of the feed closes nothing, but a quote that is the feed's last byte does.
    fn close(&self, haystack: &[u8], from: usize, end: usize, eol: u8) -> Result<usize, usize> {
        let mut at = from;
        while let Some(len) = haystack.get(at..end).and_then(|rest| memchr(b'"', rest)) {
            at += len;
            let run = quotes(&haystack[at..]);
            at += run;
            if run % 2 == 1 && self.ends_field(haystack, at, eol) {
                return Ok(at);
            }
        }
        Err(at.max(end))
    }

    /// Whether a separator, a line end or the feed's end stands at `at`.
    fn ends_field(&self, haystack: &[u8], at: usize, eol: u8) -> bool {
        match haystack.get(at) {
            Some(b'\r') if eol == b'\n' => haystack.get(at + 1).is_none_or(|&b| b == eol),
            Some(&byte) => byte == self.separator || byte == eol,
            None => true,
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
                let close = self.close(haystack, open + 1, end, eol);
                return Some(close.map(|close| open..close).map_err(|_| open));
            }
            from = open + 1;
        }
    }

    /// The field that was followed to, and where the next one begins. Unless the record `ends`
    /// at `end`, a quote that does not close before may close behind.
    pub(super) fn field(
        &self,
        haystack: &[u8],
        followed: &mut Followed,
        end: usize,
        ends: bool,
        eol: u8,
    ) -> (Range<usize>, usize) {
        let start = followed.field;
        let mut at = start;
        if self.skips_blanks {
            while at < end && haystack[at] == b' ' {
                at += 1;
            }
        }
        if self.quotes && haystack.get(at) == Some(&b'"') && at < end {
            match self.followed_close(haystack, followed, at, end, eol) {
                Some(close) => return (at + 1..close - 1, close + 1),
                None if !ends => return (at + 1..end, end + 1),
                None => followed.is_open = true,
            }
        }
        let from = followed.unparted.max(start);
        let len = memchr(self.separator, haystack.get(from..end).unwrap_or_default());
        followed.unparted = len.map_or(end, |len| from + len);
        (start..followed.unparted, followed.unparted + 1)
    }

    /// Behind the quote that closes what the quote at `open` opens.
    fn followed_close(
        &self,
        haystack: &[u8],
        followed: &mut Followed,
        open: usize,
        end: usize,
        eol: u8,
    ) -> Option<usize> {
        if followed.is_open {
            // No quote closes what an earlier one opened, so only one of this very row may.
            let row = quotes(&haystack[open + 1..]);
            let behind = open + 1 + row;
            return (row % 2 == 1 && self.ends_field(haystack, behind, eol)).then_some(behind);
        }
        if let Err(searched) = followed.close {
            followed.close = self.close(haystack, searched.max(open + 1), end, eol);
        }
        followed.close.ok()
    }

    /// The fields of a record, its line end left out.
    pub(super) fn fields(&self, record: &[u8], eol: u8) -> Vec<Field> {
        let mut fields = Vec::new();
        let mut followed = Followed::default();
        while followed.field <= record.len() {
            let start = followed.field;
            let (range, next) = self.field(record, &mut followed, record.len(), true, eol);
            let escapes = if range.start > start { Escapes::Quotes } else { Escapes::None };
            fields.push(Field { range, escapes });
            followed.next(next);
        }
        fields
    }

    /// The texts of a record's fields.
    pub(super) fn cells(&self, record: &[u8], eol: u8) -> Vec<String> {
        let fields = self.fields(record, eol).into_iter();
        let text = |field: Field| {
            let text = String::from_utf8_lossy(&record[field.range]).into_owned();
            if field.escapes == Escapes::Quotes { text.replace("\"\"", "\"") } else { text }
        };
        fields.map(text).collect()
    }

    /// Where the secrets of a record stand.
    pub(super) fn secrets(&self, record: &[u8], eol: u8) -> Vec<Range<usize>> {
        if !self.has_secrets() {
            return Vec::new();
        }
        let fields = self.fields(record, eol).into_iter().enumerate();
        let secrets = fields.filter(|(column, _)| self.is_secret(*column));
        secrets.map(|(_, field)| field.range).collect()
    }

    /// Whether a column holds secrets.
    pub(super) fn has_secrets(&self) -> bool {
        self.header.iter().any(|column| column.meaning.is_secret)
    }

    /// Whether this one does.
    pub(super) fn is_secret(&self, column: usize) -> bool {
        self.header.get(column).is_some_and(|column| column.meaning.is_secret)
    }

    /// The column of this name, which may be `colN` where the header has none.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        let named = |column: &Column| !column.name.is_empty() && &*column.name == name;
        if let Some(column) = self.header.iter().position(named) {
            return Some(column);
        }
        let number: usize = name.strip_prefix("col")?.parse().ok()?;
        let column = number.checked_sub(1).filter(|_| !name.starts_with("col0"))?;
        let is_nameless = match self.header.get(column) {
            Some(column) => column.name.is_empty(),
            None => self.header.is_empty(),
        };
        is_nameless.then_some(column)
    }

    /// What its columns are called.
    pub(super) fn column_names(&self) -> Vec<String> {
        let name = |(index, column): (usize, &Column)| match column.name.is_empty() {
            true => format!("col{}", index + 1),
            false => column.name.to_string(),
        };
        match self.header.is_empty() {
            true => vec!["col1".to_owned()],
            false => self.header.iter().enumerate().map(name).collect(),
        }
    }

    /// One of two columns that make one indicator: the first stands for it, the second for nothing.
    fn joined_place(&self, pair: Pair, place: Place, around: &Surroundings<'_>, eol: u8) -> Place {
        let record = &around.record;
        let joined = || -> Option<Joined> {
            let is_whole = around.ends && record.len() <= MAX_WHOLE_BYTES && !place.is_secret;
            // Whatever else stands in these columns is read as it was found, word by word.
            let is_short = place.field.len() <= pair::MAX_FIELD_BYTES;
            (is_whole && is_short).then(|| pair.joined(self, around.haystack, record, eol))?
        };
        match joined() {
            Some(joined)
                if joined.first.start >= place.field.start
                    && joined.first.end <= place.field.end =>
            {
                let stands_for = Some(joined.text().into_bytes().into());
                Place { field: joined.first, stands_for, escapes: Escapes::None, ..place }
            }
            Some(_) => Place { is_no_data: true, ..place },
            None => place,
        }
    }

    /// The fields of a record that say a fact of those beside them, each cut short by `shown`.
    pub(super) fn row(&self, record: &[u8], eol: u8, shown: impl Fn(&[u8]) -> usize) -> Row {
        let mut row = Row::default();
        let Some(last) = self.header.iter().rposition(|column| column.fact.is_some()) else {
            return row;
        };
        let mut followed = Followed::default();
        for column in &self.header[..=last] {
            if followed.field > record.len() {
                break;
            }
            let start = followed.field;
            let (range, next) = self.field(record, &mut followed, record.len(), true, eol);
            followed.next(next);
            let Some(fact) = column.fact else { continue };
            let is_quoted = range.start > start;
            let text = &record[range];
            let text = String::from_utf8_lossy(&text[..shown(text)]);
            match is_quoted && text.contains("\"\"") {
                true => row.offer(fact, &column.name, &text.replace("\"\"", "\"")),
                false => row.offer(fact, &column.name, &text),
            }
        }
        row
    }

    /// `None` where the record begins too far away to count columns.
    pub(super) fn place(
        &self,
        around: &Surroundings<'_>,
        followed: &mut Followed,
        eol: u8,
    ) -> Option<Place> {
        around.begins.then_some(())?;
        let Range { start, end } = around.record;
        if followed.record != start || around.at < followed.field {
            *followed = Followed::at(start);
        }
        loop {
            let (field, next) = self.field(around.haystack, followed, end, around.ends, eol);
            if around.at < next || next > end {
                let column = followed.column;
                let is_quoted = self.quotes
                    && field.start > followed.field
                    && around.haystack[field.start - 1] == b'"';
                let escapes = if is_quoted { Escapes::Quotes } else { Escapes::None };
                let named = self.header.get(column).filter(|column| !column.name.is_empty());
                let place = match named {
                    Some(Column { name, meaning, .. }) => {
                        Place::meant(field, name.clone(), *meaning)
                    }
                    None => {
                        let name = format!("col{}", column + 1);
                        Place { name: Some(name.into()), ..Place::unnamed(field) }
                    }
                };
                let place = Place { escapes, ..place };
                return Some(match self.pair.filter(|pair| pair.has(column)) {
                    Some(pair) => self.joined_place(pair, place, around, eol),
                    None => place,
                });
            }
            followed.next(next);
        }
    }
}

/// How many quotes a text begins with.
fn quotes(text: &[u8]) -> usize {
    text.iter().take_while(|&&b| b == b'"').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_cut_into_fields() {
        let comma = Csv {
            separator: b',',
            quotes: true,
            skips_blanks: false,
            header: Vec::new(),
            pair: None,
        };
        let blank = Csv { skips_blanks: true, ..comma.clone() };
        for (csv, record, expected) in [
            (&comma, "a,b,,c", &["a", "b", "", "c"][..]),
            (&comma, "", &[""]),
            (&comma, "\"a,b\",\"\",\"say \"\"hi\"\"\"", &["a,b", "", "say \"\"hi\"\""]),
            (&comma, "\"a\"\",b\",c", &["a\"\",b", "c"]),
            (&comma, "a\"b,c\"d", &["a\"b", "c\"d"]),
            (&comma, "\"a \"b\" c\",d", &["a \"b\" c", "d"]),
            (&comma, "\"open,b", &["\"open", "b"]),
            (&comma, "\"a,\"b,\"c", &["\"a", "\"b", "\"c"]),
            (&comma, "\"a,\"\",b\"x", &["\"a", "", "b\"x"]),
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
