//! A feed as records, and records as fields.

use crate::Format;
use crate::documents;
use crate::json;
use crate::leaks;
use crate::notations;
use crate::pairs;
use crate::rules;
use crate::text::Byte;
use crate::zones;

/// One row of a feed.
pub(crate) struct Record {
    pub(crate) line: u64,
    pub(crate) offset: usize,
    pub(crate) length: usize,
    /// Its bytes as UTF-8.
    pub(crate) width: usize,
    /// Whether its fields are columns that may have names.
    pub(crate) has_columns: bool,
    /// The record as JSON, if it is.
    pub(crate) json: Option<serde_json::Value>,
    pub(crate) fields: Vec<Field>,
}

/// A part of a record that is read by itself.
pub(crate) struct Field {
    pub(crate) name: Option<String>,
    /// What says what stands in it: the column's name in the header, or the keys of JSON.
    pub(crate) names: Vec<String>,
    /// The text of a comment.
    pub(crate) comment: bool,
    /// Not just what stands between fields.
    pub(crate) whole: bool,
    /// A name stands for all under it.
    pub(crate) subtree: bool,
    /// The feed allows what it names.
    pub(crate) exception: bool,
    /// The port that belongs to it and is written beside it.
    pub(crate) port: Option<u16>,
    /// What it is read as, where that is not what is written.
    pub(crate) stands_for: Option<Vec<Byte>>,
    pub(crate) bytes: Vec<Byte>,
}

impl Field {
    pub(crate) fn plain(bytes: &[Byte]) -> Self {
        Self {
            name: None,
            names: Vec::new(),
            comment: false,
            whole: true,
            subtree: false,
            exception: false,
            port: None,
            stands_for: None,
            bytes: bytes.to_vec(),
        }
    }

    pub(crate) fn comment(bytes: &[Byte]) -> Self {
        Self { comment: true, ..Self::plain(bytes) }
    }
}

/// The longest record of a CSV feed; a quote that goes on for longer was never meant as one.
const MAX_RECORD_BYTES: usize = 1 << 20;

/// Only so far is looked for what tells how a feed is written.
const HEAD_BYTES: usize = 64 << 10;

/// What a feed consists of.
pub(crate) struct Records {
    /// Those that hold more than blanks.
    pub(crate) said: Vec<Record>,
    /// How many do not.
    pub(crate) blank: u64,
    /// How often a quote had to be taken as unterminated.
    pub(crate) unterminated: u64,
}

/// The records of a feed.
pub(crate) fn records(
    bytes: &[Byte],
    format: Format,
    is_header: &dyn Fn(&[Field]) -> bool,
) -> Records {
    let feed = Feed::new(bytes);
    let mut out = Vec::new();
    let mut heading_lines = 0;
    let mut start = 0;
    let is_document = matches!(format, Format::Json | Format::Stix | Format::Misp);
    let has_heading =
        is_document || matches!(format, Format::Text | Format::Csv | Format::Tsv | Format::Ndjson);
    if has_heading {
        for &(first, last) in &feed.lines {
            let line = &bytes[first..last];
            if !line.iter().all(|b| b.b.is_ascii_whitespace())
                && line.first().is_none_or(|b| b.b != b'#')
            {
                break;
            }
            heading_lines += 1;
            start = feed.after(last);
            let blanks = line.iter().rev().take_while(|b| is_document && b" \t\r\n".contains(&b.b));
            let last = last - blanks.count();
            // Between the records of a document there may be any blanks.
            if !is_document || first < last {
                out.push(feed.record(first, last, vec![Field::comment(&bytes[first..last])]));
            }
        }
    }
    let mut unterminated = 0;
    let lines = &feed.lines[heading_lines..];
    match format {
        Format::Text => {
            out.extend(
                lines.iter().map(|&(a, b)| feed.record(a, b, vec![Field::plain(&bytes[a..b])])),
            );
        }
        Format::List => {
            out.extend(lines.iter().map(|&(a, b)| feed.record(a, b, list_fields(&bytes[a..b]))));
        }
        Format::Ndjson => {
            out.extend(lines.iter().map(|&(a, b)| {
                let pieces = json::pieces(&bytes[a..b]);
                let whole = pieces.len() == 1;
                let field = |json::Piece { pointer, keys, bytes, .. }| Field {
                    whole: whole || pointer.is_some(),
                    name: pointer,
                    names: keys,
                    ..Field::plain(&bytes)
                };
                let fields = pieces.into_iter().map(field).collect();
                Record { json: parsed(&bytes[a..b]), ..feed.record(a, b, fields) }
            }));
        }
        Format::Json | Format::Stix | Format::Misp => {
            let line_end = if feed.lone_cr { b'\r' } else { b'\n' };
            out.extend(documents::parts(bytes, start, format, line_end).iter().map(|part| {
                let fields = documents::fields(bytes, part, format, line_end);
                let json = parsed(&bytes[part.first..part.end]);
                Record { json, ..feed.record(part.first, part.end, fields) }
            }));
        }
        Format::Csv | Format::Tsv => {
            let heading = &feed.lines[..heading_lines];
            unterminated = table(&feed, format, (start, heading), is_header, &mut out);
        }
        Format::Rpz => {
            let texts: Vec<&[Byte]> = lines.iter().map(|&(a, b)| &bytes[a..b]).collect();
            let fields = zones::fields(&texts);
            out.extend(lines.iter().zip(fields).map(|(&(a, b), f)| feed.record(a, b, f)));
        }
        Format::Zeek => {
            let names = zeek_names(bytes, lines);
            out.extend(lines.iter().map(|&(a, b)| {
                let fields = zeek_fields(&bytes[a..b], &names);
                Record { has_columns: true, ..feed.record(a, b, fields) }
            }));
        }
        Format::Suricata => {
            out.extend(lines.iter().map(|&(a, b)| feed.record(a, b, rules::fields(&bytes[a..b]))));
        }
        Format::Credentials => {
            out.extend(lines.iter().map(|&(a, b)| feed.record(a, b, leaks::fields(&bytes[a..b]))));
        }
        _ => {
            let fields = |a, b| notations::fields(&bytes[a..b], format);
            out.extend(lines.iter().map(|&(a, b)| feed.record(a, b, fields(a, b))));
        }
    }
    let (blank, said): (Vec<Record>, _) = out.into_iter().partition(|record| feed.is_blank(record));
    Records { said, blank: blank.len() as u64, unterminated }
}

/// Everything before the first `#` or `;` that begins the line or follows a blank, and the rest.
fn list_fields(line: &[Byte]) -> Vec<Field> {
    let starts_comment = |i: usize| {
        matches!(line[i].b, b'#' | b';') && (i == 0 || line[i - 1].b.is_ascii_whitespace())
    };
    let end = (0..line.len()).find(|&i| starts_comment(i)).unwrap_or(line.len());
    let mut fields = command_fields(&line[..end]);
    if end < line.len() {
        fields.push(Field::comment(&line[end..]));
    }
    fields
}

/// `add set 192.0.2.0/24 nomatch`, `allow 192.0.2.5;`, `-A INPUT -s 192.0.2.5 -j ACCEPT`, and what
/// such commands say in quotes behind `comment`; or anything else, as it stands.
fn command_fields(line: &[Byte]) -> Vec<Field> {
    let chars: Vec<char> = line.iter().map(|byte| char::from(byte.b)).collect();
    let word: Vec<char> = "comment".chars().collect();
    let open = (0..chars.len()).find_map(|i| {
        let begins = i == 0 || chars[i - 1].is_ascii_whitespace() || chars[i - 1] == '-';
        let gap = matches!(chars.get(i + 7), Some(' ' | '='));
        let quote = chars.get(i + 8) == Some(&'"');
        (begins && chars[i..].starts_with(&word) && gap && quote).then_some(i + 9)
    });
    let remark = open.map(|open| {
        let close = (open..chars.len()).find(|&i| chars[i] == '"').unwrap_or(chars.len());
        open..close
    });
    let said = |i: &usize| !remark.as_ref().is_some_and(|remark| remark.contains(i));
    let text: String = (0..chars.len()).filter(said).map(|i| chars[i]).collect();
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let jump = words.iter().position(|&word| word == "-j" || word == "--jump");
    let target = jump.and_then(|at| words.get(at + 1));
    let ends = chars.iter().rev().find(|c| !c.is_ascii_whitespace()) == Some(&';');
    let lets_pass = |word: &&str| *word == "accept" || *word == "return";
    let allows = match words.as_slice() {
        ["add" | "ipset" | "nft", rest @ ..] => {
            rest.contains(&"nomatch") || rest.iter().any(lets_pass)
        }
        ["ip" | "ip6", "saddr" | "daddr", rest @ ..] => rest.iter().any(lets_pass),
        ["-d", ..] => false,
        ["+d", ..] => true,
        ["allow", ..] if ends => true,
        ["deny", ..] if ends => false,
        ["-A" | "-I" | "iptables" | "ip6tables", ..] => {
            jump != Some(0) && matches!(target, Some(&("ACCEPT" | "RETURN")))
        }
        ["create" | "/ip" | "/ipv6", ..] => false,
        _ => return vec![Field::plain(line)],
    };
    let mut fields = match remark {
        None => vec![Field::plain(line)],
        Some(remark) => vec![
            Field::plain(&line[..remark.start]),
            Field::comment(&line[remark.clone()]),
            Field::plain(&line[remark.end..]),
        ],
    };
    fields.iter_mut().for_each(|field| field.exception = allows);
    fields
}

fn parsed(bytes: &[Byte]) -> Option<serde_json::Value> {
    let raw: Vec<u8> = bytes.iter().map(|byte| byte.b).collect();
    serde_json::from_str(&String::from_utf8_lossy(&raw)).ok()
}

/// What separates the columns of a Zeek file, and what they are called.
fn zeek_names(bytes: &[Byte], lines: &[(usize, usize)]) -> (u8, Vec<String>) {
    let mut separator = b'\t';
    for &(a, b) in lines.iter().filter(|line| line.1 < HEAD_BYTES) {
        let line: Vec<u8> = bytes[a..b].iter().map(|byte| byte.b).collect();
        if let Some(said) = line.strip_prefix(b"#separator ") {
            let hex = String::from_utf8_lossy(said).trim_ascii().replacen("\\x", "", 1);
            let byte = u8::from_str_radix(&hex, 16).ok();
            separator = match said.trim_ascii() {
                [only] => *only,
                [b'\\', b'x', _, _] => byte.unwrap_or(separator),
                _ => separator,
            };
        }
        let names = line.strip_prefix(b"#fields");
        if let Some(names) = names.and_then(|names| names.strip_prefix(&[separator])) {
            let name = |name: &[u8]| String::from_utf8_lossy(name).trim_ascii().to_owned();
            return (separator, names.split(|&b| b == separator).map(name).collect());
        }
    }
    (separator, Vec::new())
}

/// The columns of a line of Zeek, each with a comment that may end it.
fn zeek_fields(line: &[Byte], (separator, names): &(u8, Vec<String>)) -> Vec<Field> {
    if line.first().is_some_and(|byte| byte.b == b'#') {
        return vec![Field::comment(line)];
    }
    let mut fields = Vec::new();
    for (i, cell) in line.split(|byte| byte.b == *separator).enumerate() {
        let name = names.get(i).filter(|name| !name.is_empty());
        let mut about: Vec<String> = name.cloned().into_iter().collect();
        if name.is_some_and(|name| name == "meta.url" || name == "meta.source") {
            about.push("reference".into());
        }
        let begins =
            |k: &usize| cell[*k].b == b'#' && (*k == 0 || cell[*k - 1].b.is_ascii_whitespace());
        let end = (0..cell.len()).find(begins).unwrap_or(cell.len());
        let name = Some(name.cloned().unwrap_or_else(|| format!("col{}", i + 1)));
        let named = |field| Field { name: name.clone(), names: about.clone(), ..field };
        fields.push(named(Field::plain(&cell[..end])));
        if end < cell.len() {
            fields.push(named(Field::comment(&cell[end..])));
        }
    }
    fields
}

/// The rows of a CSV or TSV feed behind a heading, named by the header if there is one.
///
/// That is the first row that is not empty if others come behind it and none of its cells is data,
/// or else the last line of the heading that is more than marks, if it has as many cells.
fn table(
    feed: &Feed<'_>,
    format: Format,
    (start, heading): (usize, &[(usize, usize)]),
    is_header: &dyn Fn(&[Field]) -> bool,
    out: &mut Vec<Record>,
) -> u64 {
    let (separator, quoting) = if format == Format::Csv { (b',', true) } else { (b'\t', false) };
    let mut at = start;
    // Excel's way to name the separator is no header; here it always names a comma.
    let first_line: Vec<u8> = feed.bytes[start..].iter().take(5).map(|byte| byte.b).collect();
    if quoting && first_line == b"sep=," {
        let end = (at..feed.bytes.len()).find(|&i| feed.line_end(i) > 0);
        let end = end.unwrap_or(feed.bytes.len());
        out.push(feed.record(at, end, Vec::new()));
        at = feed.after(end);
    }
    let skips_blanks = quoting && quotes_follow_blanks(feed, start);
    let mut newlines_in_quotes = quoting;
    let mut unterminated = 0;
    let mut header: Option<Vec<String>> = None;
    while at < feed.bytes.len() {
        let style = Style { separator, quoting, skips_blanks, newlines: newlines_in_quotes };
        let Some(Row { mut fields, end, is_too_long }) = feed.row(at, style) else {
            newlines_in_quotes = false;
            unterminated += 1;
            continue;
        };
        if is_too_long {
            newlines_in_quotes = false;
            unterminated += 1;
        }
        let first = at;
        at = feed.after(end);
        if feed.bytes[first..end].iter().all(|b| b.b.is_ascii_whitespace()) {
            // A CR that ends the feed behind a quoted field is half of a line end.
            if first == 0 || feed.line_end(first - 1) > 0 {
                out.push(feed.record(first, end, Vec::new()));
            }
            continue;
        }
        let is_empty = |field: &Field| field.bytes.iter().all(|b| b.b.is_ascii_whitespace());
        if header.is_none() && !fields.iter().all(is_empty) {
            let is_last = feed.bytes[at..].iter().all(|b| b.b.is_ascii_whitespace());
            let commented = || {
                let fits = |cells: &Vec<Field>| {
                    cells.len() == fields.len() && cells.len() > 1 && is_header(cells)
                };
                // A tab behind the mark is a blank, or it ends a first cell that is empty.
                let blanks: [&dyn Fn(u8) -> bool; 2] =
                    [&|b| b == b' ' || b == b'\t', &|b| b == b' '];
                let mut lines = blanks
                    .into_iter()
                    .filter_map(|is_blank| commented_cells(feed, heading, style, is_blank));
                lines.find(fits).map(|cells| names(&cells))
            };
            header = match !is_last && is_header(&fields) {
                true => Some(names(&fields)),
                false => Some(commented().unwrap_or_default()),
            };
        }
        for (i, field) in fields.iter_mut().enumerate() {
            let name = header.iter().flatten().nth(i).filter(|name| !name.is_empty());
            field.names.extend(name.cloned());
            field.name = Some(name.cloned().unwrap_or_else(|| format!("col{}", i + 1)));
        }
        if end - first <= crate::facts::MAX_BYTES {
            pairs::join(header.as_deref().unwrap_or_default(), &mut fields);
        }
        out.push(Record { has_columns: true, ..feed.record(first, end, fields) });
    }
    unterminated
}

fn names(header: &[Field]) -> Vec<String> {
    let name = |field: &Field| {
        let raw: Vec<u8> = field.bytes.iter().map(|b| b.b).collect();
        String::from_utf8_lossy(&raw).trim().to_owned()
    };
    header.iter().map(name).collect()
}

/// The cells of the last line of the heading that says something, without its mark and blanks.
fn commented_cells(
    feed: &Feed<'_>,
    heading: &[(usize, usize)],
    style: Style,
    is_blank: &dyn Fn(u8) -> bool,
) -> Option<Vec<Field>> {
    let lines = heading.iter().rev().map(|&(first, end)| &feed.bytes[first..end]);
    let says = |line: &&[Byte]| line.iter().any(|b| b.b != b'#' && !b.b.is_ascii_whitespace());
    let line = &lines.into_iter().find(says)?[1..];
    let blanks = line.iter().take_while(|b| is_blank(b.b)).count();
    Feed::new(&line[blanks..]).row(0, Style { newlines: false, ..style }).map(|row| row.fields)
}

/// Whether `"a", "b"` is how the feed parts its fields: most of its first lines begin with a
/// quote, and more quotes stand behind a comma and a blank than behind a comma.
fn quotes_follow_blanks(feed: &Feed<'_>, start: usize) -> bool {
    let head: Vec<u8> = feed.bytes.iter().take(HEAD_BYTES).map(|b| b.b).collect();
    let body = head.get(start..).unwrap_or_default();
    let count = |text: &[u8]| body.windows(text.len()).filter(|window| *window == text).count();
    let lines = feed.lines.iter().filter(|line| line.0 >= start && line.0 < head.len());
    let lines = lines.map(|&(first, end)| &head[first..end.min(head.len())]);
    let says = |line: &&[u8]| !matches!(line.trim_ascii(), [] | [b'#', ..]);
    let lines: Vec<&[u8]> = lines.filter(says).take(200).collect();
    let quoted = lines.iter().filter(|line| line.starts_with(b"\"")).count();
    count(b", \"") > count(b",\"") && quoted * 2 > lines.len()
}

/// How the rows of a table are written.
#[derive(Clone, Copy)]
struct Style {
    separator: u8,
    quoting: bool,
    /// Whether a quote may stand behind a separator and blanks.
    skips_blanks: bool,
    /// Whether a quoted field may hold line ends.
    newlines: bool,
}

/// One row of a table.
struct Row {
    fields: Vec<Field>,
    end: usize,
    /// Whether a quote opened so far behind its start that it was taken as a letter.
    is_too_long: bool,
}

struct Feed<'a> {
    bytes: &'a [Byte],
    /// Whether a CR without a LF ends a line.
    lone_cr: bool,
    /// The physical lines, without their ends.
    lines: Vec<(usize, usize)>,
}

impl<'a> Feed<'a> {
    fn new(bytes: &'a [Byte]) -> Self {
        let lone_cr = !bytes.iter().take(HEAD_BYTES).any(|b| b.b == b'\n');
        let mut feed = Self { bytes, lone_cr, lines: Vec::new() };
        let mut first = 0;
        while first < bytes.len() {
            let end = (first..bytes.len()).find(|&i| feed.line_end(i) > 0).unwrap_or(bytes.len());
            feed.lines.push((first, end));
            first = feed.after(end);
        }
        feed
    }

    /// How many bytes of a line end begin at `i`.
    fn line_end(&self, i: usize) -> usize {
        let at = |i: usize| self.bytes.get(i).map(|b| b.b);
        match (at(i), at(i + 1)) {
            (Some(b'\r'), Some(b'\n')) => 2,
            (Some(b'\n'), _) => 1,
            (Some(b'\r'), _) if self.lone_cr => 1,
            _ => 0,
        }
    }

    fn after(&self, end: usize) -> usize {
        end + self.line_end(end)
    }

    fn record(&self, first: usize, end: usize, fields: Vec<Field>) -> Record {
        let line = self.lines.iter().filter(|&&(start, _)| start <= first).count();
        let offset = self.bytes[first].at;
        let stop = match self.bytes.get(end) {
            Some(byte) => byte.at,
            // The last byte of the feed: characters of UTF-16 took two of them or four.
            None => self.bytes.last().map_or(offset, |last| last.at + self.width_of_last()),
        };
        Record {
            line: line as u64,
            offset,
            length: stop - offset,
            width: end - first,
            has_columns: false,
            json: None,
            fields,
        }
    }

    fn width_of_last(&self) -> usize {
        let last = self.bytes[self.bytes.len() - 1];
        let same = self.bytes.iter().filter(|b| b.at == last.at).count();
        let utf16 = self.bytes.iter().zip(self.bytes.iter().skip(1)).any(|(a, b)| b.at != a.at + 1)
            || self.bytes[0].at == 2;
        match (utf16, same) {
            (false, _) => 1,
            (true, 4) => 4,
            (true, _) => 2,
        }
    }

    fn is_blank(&self, record: &Record) -> bool {
        let end = record.offset + record.length;
        let mut inside = self.bytes.iter().filter(|b| record.offset <= b.at && b.at < end);
        inside.all(|b| b" \t\r\n".contains(&b.b))
    }

    /// One row of a table, or nothing if a quote has no end.
    fn row(&self, start: usize, style: Style) -> Option<Row> {
        let Style { separator, quoting, skips_blanks, mut newlines } = style;
        let mut fields = Vec::new();
        let mut is_too_long = false;
        let mut at = start;
        loop {
            let is_blank = |i: usize| self.bytes.get(i).is_some_and(|b| b.b == b' ');
            let mut open = at;
            while skips_blanks && is_blank(open) {
                open += 1;
            }
            let quoted = if quoting && self.bytes.get(open).is_some_and(|b| b.b == b'"') {
                match self.quoted(start, open, separator, newlines) {
                    // Where newlines no longer count, a quote without an end is a letter.
                    None if !newlines => None,
                    None if open - start >= MAX_RECORD_BYTES => {
                        (newlines, is_too_long) = (false, true);
                        None
                    }
                    None => return None,
                    found => found,
                }
            } else {
                None
            };
            let (content, end) = quoted.unwrap_or_else(|| {
                let stops = |i: usize| self.bytes[i].b == separator || self.line_end(i) > 0;
                let end = (at..self.bytes.len()).find(|&i| stops(i)).unwrap_or(self.bytes.len());
                (self.bytes[at..end].to_vec(), end)
            });
            fields.push(Field { bytes: content, ..Field::plain(&[]) });
            if self.bytes.get(end).is_none_or(|b| b.b != separator) {
                return Some(Row { fields, end, is_too_long });
            }
            at = end + 1;
        }
    }

    /// A quoted field that opens at `open`: its content and where it ends.
    fn quoted(
        &self,
        record: usize,
        open: usize,
        separator: u8,
        newlines: bool,
    ) -> Option<(Vec<Byte>, usize)> {
        let at = |i: usize| self.bytes.get(i).map(|b| b.b);
        // A CR that ends the feed may be half of a line end.
        let is_last_cr = |i: usize| at(i) == Some(b'\r') && i + 1 == self.bytes.len();
        let ends_line = |i: usize| self.line_end(i) > 0 || is_last_cr(i);
        let closes_before =
            |i: usize| i >= self.bytes.len() || at(i) == Some(separator) || ends_line(i);
        let mut content = Vec::new();
        let mut i = open + 1;
        while i < self.bytes.len() && i - record < MAX_RECORD_BYTES {
            if !newlines && self.line_end(i) > 0 {
                return None;
            }
            match (at(i), at(i + 1)) {
                (Some(b'"'), Some(b'"')) => {
                    content.push(self.bytes[i]);
                    i += 2;
                }
                (Some(b'"'), _) if closes_before(i + 1) => return Some((content, i + 1)),
                _ => {
                    content.push(self.bytes[i]);
                    i += 1;
                }
            }
        }
        None
    }
}
