//! Decides on a format from the first 64 KiB of a feed, and says why.

use memchr::{memchr, memmem};

use super::csv::{Column, Csv, Field};
use super::header::is_data;
use super::outline::Outline;
use super::pair::Pair;
use super::{Dialect, Format, Zone, list, marks, zeek};
use crate::reading::Escapes;

/// Records that are looked at.
const MAX_RECORDS: usize = 200;

/// Decides what a feed is; `head` is its beginning, the whole of it where it is short.
///
/// # Errors
///
/// Why the feed cannot be read at all.
pub(crate) fn sniff(head: &[u8], asked: Format) -> Result<Dialect, &'static str> {
    if let Some(why) = unreadable(head) {
        return Err(why);
    }
    let bom = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let eol = if head.contains(&b'\n') || !head.contains(&b'\r') { b'\n' } else { b'\r' };
    let text = &head[bom..];
    if asked != Format::Text && is_html(text) {
        return Err("an HTML page where a feed was expected; -f text reads it as text");
    }
    let heading = heading_bytes(text, eol);
    let is_cut = head.len() >= crate::scan::HEAD_BYTES;
    let lines = Lines { head: text, heading, eol, is_cut };
    let (format, why, csv) = match asked {
        Format::Auto => decide(&lines),
        Format::Csv => {
            let csv = lines.csv().unwrap_or_else(|| lines.dialect(b','));
            (asked, "as asked".to_owned(), Some(csv))
        }
        Format::Tsv => (asked, "as asked".to_owned(), Some(lines.dialect(b'\t'))),
        Format::Zeek => (asked, "as asked".to_owned(), Some(lines.zeek())),
        asked => (asked, "as asked".to_owned(), None),
    };
    let heading = if format.has_heading() { heading } else { 0 };
    let zone = match format {
        Format::Rpz => Zone::of(lines.whole().split(|&b| b == eol)),
        _ => Zone::default(),
    };
    Ok(Dialect { format, why, eol, bom, heading_end: (bom + heading) as u64, csv, zone })
}

fn decide(lines: &Lines<'_>) -> (Format, String, Option<Csv>) {
    let sample: Vec<&[u8]> = lines.sample().collect();
    if lines.whole().split(|&b| b == lines.eol).any(zeek::is_directive) {
        let why = "a #fields or #separator line, as Zeek writes them".to_owned();
        return (Format::Zeek, why, Some(lines.zeek()));
    }
    if sample.is_empty() {
        return (Format::Text, "there is nothing to tell a format from".to_owned(), None);
    }
    if let Some((format, why)) = lines.json(&sample) {
        return (format, why.to_owned(), None);
    }
    if let Some((format, why)) = marks::notation(&sample) {
        return (format, why.to_owned(), None);
    }
    let csv = lines.csv();
    let has_header = csv.as_ref().is_some_and(|csv| !csv.header.is_empty());
    if !has_header && let Some(why) = marks::credentials(&sample) {
        return (Format::Credentials, why.to_owned(), None);
    }
    if let Some(csv) = csv {
        let format = if csv.separator == b'\t' { Format::Tsv } else { Format::Csv };
        let separator = char::from(csv.separator);
        let header = if csv.header.is_empty() { "no header" } else { "a header" };
        let why = format!("the lines have as many fields each, parted by {separator:?}; {header}");
        return (format, why, Some(csv));
    }
    if let Some(why) = lines.prose() {
        return (Format::Text, why.to_owned(), None);
    }
    let single = sample.iter().filter(|line| is_single(line)).count();
    match single * 10 >= sample.len() * 7 {
        true => (Format::List, "most lines hold one word".to_owned(), None),
        false => (Format::Text, "no other format fits".to_owned(), None),
    }
}

/// Whether a line holds one word, and perhaps a comment.
fn is_single(line: &[u8]) -> bool {
    let value = list::comment(line).map_or(line, |at| &line[..at]).trim_ascii();
    let is_range = || {
        let text = String::from_utf8_lossy(value);
        // Behind a dash alone stands an item of a text's list.
        let is_end = |end: &str| !end.is_empty() && !end.contains(' ');
        text.split_once('-')
            .is_some_and(|(first, last)| is_end(first.trim()) && is_end(last.trim()))
    };
    !value.starts_with(b"||") && !value.starts_with(b"@@") && (!value.contains(&b' ') || is_range())
}

/// Why bytes that begin so are not read.
fn unreadable(head: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 2] = [
        (b"PK\x03\x04", "a zip archive where a feed was expected; unpack it first"),
        (b"fsieve\r\n", "a compiled image, not a feed"),
    ];
    MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, why)| *why)
}

fn is_html(text: &[u8]) -> bool {
    let start = text.trim_ascii_start();
    let begins = |tag: &[u8]| start.get(..tag.len()).is_some_and(|s| s.eq_ignore_ascii_case(tag));
    begins(b"<!doctype html") || begins(b"<html")
}

/// Bytes of the `#` and empty lines at the start.
fn heading_bytes(text: &[u8], eol: u8) -> usize {
    let mut bytes = 0;
    let mut with_mark = 0;
    for line in text.split_inclusive(|&b| b == eol) {
        match line {
            [b'#', ..] => with_mark = bytes + line.len(),
            line if line.trim_ascii().is_empty() => {}
            _ => break,
        }
        bytes += line.len();
    }
    with_mark
}

/// The lines of the beginning.
struct Lines<'h> {
    head: &'h [u8],
    heading: usize,
    eol: u8,
    /// Whether the feed goes on behind the beginning.
    is_cut: bool,
}

impl<'h> Lines<'h> {
    /// The bytes behind the heading, without a last line that may be cut.
    fn body(&self) -> &'h [u8] {
        self.without_cut(&self.head[self.heading..])
    }

    /// Whether it is JSON, a document or an object a line.
    fn json(&self, sample: &[&[u8]]) -> Option<(Format, &'static str)> {
        const LINES: &str = "every line begins and ends as a JSON object";
        let text = &self.head[self.heading..];
        let is_object = |line: &&[u8]| {
            let line = line.trim_ascii();
            line.starts_with(b"{") && line.ends_with(b"}")
        };
        let objects = sample.iter().filter(|line| is_object(line)).count();
        if sample.len() > 1 && objects == sample.len() {
            return Some((Format::Ndjson, LINES));
        }
        let outline = Outline::of(text);
        let Some(outline) = outline else {
            let is_line = sample.len() == 1 && sample[0].trim_ascii().starts_with(b"{");
            return is_line.then_some((Format::Ndjson, "the line begins as a JSON object"));
        };
        let first_bytes = text.split(|&b| b == self.eol).next().map_or(0, <[u8]>::len);
        let is_first_line = outline.end().is_some_and(|end| end <= first_bytes);
        if is_first_line && sample.len() > 1 && objects * 10 >= sample.len() * 9 {
            return Some((Format::Ndjson, "nearly every line is a JSON object"));
        }
        let (format, why) = outline.kind();
        let is_plain_object = format == Format::Json && text.trim_ascii_start().starts_with(b"{");
        match is_plain_object && is_first_line && sample.len() == 1 {
            // One event is a line of events, but for a document that is an array in an object.
            true if !outline.is_mostly_array(first_bytes) => {
                Some((Format::Ndjson, "the line is a JSON object"))
            }
            _ => Some((format, why)),
        }
    }

    /// What documents begin with whose lines may hold one word each.
    fn prose(&self) -> Option<&'static str> {
        const BEGINNINGS: [(&[u8], &str); 2] =
            [(b"<?xml", "an XML document"), (b"= ", "a title, as AsciiDoc has it")];
        let start = self.head.trim_ascii_start();
        BEGINNINGS.iter().find(|(begins, _)| start.starts_with(begins)).map(|(_, why)| *why)
    }

    fn zeek(&self) -> Csv {
        zeek::columns(self.whole().split(|&b| b == self.eol))
    }

    /// The same with the heading.
    fn whole(&self) -> &'h [u8] {
        self.without_cut(self.head)
    }

    fn without_cut(&self, text: &'h [u8]) -> &'h [u8] {
        match text.iter().rposition(|&b| b == self.eol) {
            Some(end) if self.is_cut => &text[..=end],
            _ => text,
        }
    }

    /// Lines that say something.
    fn sample(&self) -> impl Iterator<Item = &'h [u8]> {
        self.body()
            .split(|&b| b == self.eol)
            .map(<[u8]>::trim_ascii_end)
            .filter(|line| !matches!(line.trim_ascii_start(), [] | [b'#', ..]))
            .take(MAX_RECORDS)
    }

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
    fn csv(&self) -> Option<Csv> {
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
    fn dialect(&self, separator: u8) -> Csv {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_from_the_beginning() {
        let names = |csv: &Csv| csv.header.iter().map(Column::name).collect::<Vec<_>>().join(" ");
        for (head, format, separator, header) in [
            ("192.0.2.1\n192.0.2.2\n", Format::List, 0, ""),
            ("# a\n192.0.2.0/24 ; SBL1\n198.51.100.0/24 ; SBL2\n", Format::List, 0, ""),
            (
                "; a list; of a\n; b\n192.0.2.0/24 ; SBL1\n198.51.100.0/24 ; SBL2\n",
                Format::List,
                0,
                "",
            ),
            ("192.0.2.0 - 192.0.2.9\n192.0.2.20 - 192.0.2.29\n", Format::List, 0, ""),
            ("a,b,c,d,e\n1,2,3,4,5\n1,2,3,4,5\n1,2,3\n", Format::Csv, b',', "a b c d e"),
            ("we saw,b,c,d,e\n1 x,2,3,4,5\n1 x,2,3,4,5\n1 x,2,3\n", Format::Text, 0, ""),
            ("0.0.0.0 a.example\n0.0.0.0 b.example\n", Format::Hosts, 0, ""),
            ("ip,host,note\n192.0.2.1,a.example,\"x,\ny\"\n", Format::Csv, b',', "ip host note"),
            ("192.0.2.1,1,2\n192.0.2.2,1,2\n", Format::Csv, b',', ""),
            (
                "#\n# id,url\n#\n\"1\",\"http://a.example/\"\n\"2\",\"x\"\n",
                Format::Csv,
                b',',
                "id url",
            ),
            ("sep=;\r\nIP;Host\r\n192.0.2.1;a.example\r\n", Format::Csv, b';', "IP Host"),
            ("192.0.2.1\t3\n192.0.2.2\t4\n", Format::Tsv, b'\t', ""),
            ("\"a\", \"b,c\"\n\"d\", \"e\"\n", Format::Csv, b',', "a b,c"),
            ("{\"a\":1}\n{\"a\":2}\n", Format::Ndjson, 0, ""),
            ("{\n \"a\": 1\n}\n", Format::Json, 0, ""),
            ("[{\"a\":1},\n{\"a\":2}]\n", Format::Json, 0, ""),
            ("{\"a\":[{\"b\":1},{\"b\":2}]}\n", Format::Json, 0, ""),
            ("{\"a\":1,\"long\":\"string\",\"b\":[1]}\n", Format::Ndjson, 0, ""),
            ("{\"a\":1}\n{\"a\":[{\"b\":1},{\"b\":2}]}\n", Format::Ndjson, 0, ""),
            ("# x\n0.0.0.0 a.example\n127.0.0.1\tb.example # y\n", Format::Hosts, 0, ""),
            ("192.0.2.1 a.example\n192.0.2.2 b.example\n", Format::Text, 0, ""),
            ("! Title: x\na.example\nb.example/x\n", Format::Adblock, 0, ""),
            ("||a.example^\n@@||b.example^\nc.example##.x\n", Format::Adblock, 0, ""),
            ("a.example CNAME .\nb.example 300 IN CNAME *.\n", Format::Rpz, 0, ""),
            (
                "$TTL 30\n@ IN SOA a. b. 1 2 3 4 5\n NS c.\n\na.example CNAME .\nb.example CNAME rpz-drop.\nc.example CNAME .\nd.example CNAME .\n",
                Format::Rpz,
                0,
                "",
            ),
            (":127.0.0.2:x\na.example\n.b.example\n!c.example\n", Format::Rbldnsd, 0, ""),
            (".a.example\n.b.example\n", Format::List, 0, ""),
            ("a:192.0.2.0-192.0.2.9\nb c:192.0.2.20-192.0.2.29\n", Format::P2p, 0, ""),
            (
                "192.000.002.000 - 192.000.002.009 , 000 , a\n192.000.002.020 - 192.000.002.029 , 000 , b\n",
                Format::P2p,
                0,
                "",
            ),
            ("www IN A 192.0.2.1\nmail IN A 192.0.2.2\n", Format::Text, 0, ""),
            (
                "#fields\tindicator\tmeta.source\na.example\tx\n",
                Format::Zeek,
                b'\t',
                "indicator meta.source",
            ),
            (
                "#separator \\x09\n#path\tconn\n#fields\tts\tip\n1\t192.0.2.1\n",
                Format::Zeek,
                b'\t',
                "ts ip",
            ),
            (
                "alert dns any any -> any any (content:\"a.example\"; sid:1;)\n",
                Format::Suricata,
                0,
                "",
            ),
            (
                "alert tcp any any -> any any \\\n\t(msg:\"a\"; \\\n\tsid:1;)\n\nalert udp any any <> any any \\\n\t(sid:2;)\n",
                Format::Suricata,
                0,
                "",
            ),
            ("# x\npass ip 192.0.2.1 any -> any any (sid:1;)\n", Format::Suricata, 0, ""),
            ("192.0.2.1,3,7\n192.0.2.2,1,5\n", Format::Csv, b',', ""),
            ("a@a.example:x\nb@b.example:y\n", Format::Credentials, 0, ""),
            ("a@a.example;x\nb@b.example|y\nc@c.example:z\n", Format::Credentials, 0, ""),
            (
                "https://a.example/x:a@b.example:y\nb.example:8443/:jan:z\n",
                Format::Credentials,
                0,
                "",
            ),
            (
                "====\nURL: https://a.example/\nUsername: x\nPassword: y\n====\n",
                Format::Credentials,
                0,
                "",
            ),
            ("email,password\na@a.example,x\nb@b.example,y\n", Format::Csv, b',', "email password"),
            ("a@a.example,192.0.2.1\nb@b.example,192.0.2.2\n", Format::Csv, b',', ""),
            ("a@a.example\nb@b.example\n", Format::List, 0, ""),
            ("http://a.example/x\nhttp://b.example:8080/y\n", Format::List, 0, ""),
            ("http://192.0.2.1:8080\n192.0.2.2:443\n", Format::List, 0, ""),
            ("Host: a.example\nUser-Agent: x\nCookie: y\n", Format::Text, 0, ""),
            ("add b 192.0.2.0/24 timeout 1\nadd b 192.0.2.1\n", Format::List, 0, ""),
            ("# x\nipset add b 192.0.2.1\nipset add b 192.0.2.2\n", Format::List, 0, ""),
            (
                "table inet f {\n set b { type ipv4_addr;\n elements = { 192.0.2.0/28, 192.0.2.64/28,\n 192.0.2.32/28, 192.0.2.96/28,\n 192.0.2.16/28, 192.0.2.112/28 }\n }\n}\n",
                Format::List,
                0,
                "",
            ),
            (
                "msFilterList\n# x\n: Expires=1\n-d a.example\n-d b.example /x\n+d c.example\n",
                Format::List,
                0,
                "",
            ),
            (
                "/ip firewall address-list add address=192.0.2.1 comment=\"x\"\n",
                Format::List,
                0,
                "",
            ),
            ("deny 192.0.2.1;\nallow 192.0.2.2;\ndeny all;\n", Format::List, 0, ""),
            (
                "192.0.2.1 - - [22/Nov/2026:01:02:03 +0000] \"GET / HTTP/1.1\" 200 1\n192.0.2.2 - - [22/Nov/2026:01:02:03 +0000] \"GET / HTTP/1.1\" 200 1\n",
                Format::Text,
                0,
                "",
            ),
            (
                "Nov 22 01:02:03 a.example postfix/smtp[1]: to=<b@c.example>, relay=x\nNov 22 01:02:04 a.example postfix/qmgr[1]: removed\n",
                Format::Text,
                0,
                "",
            ),
            ("a|b|c\nd|e|f\n", Format::Csv, b'|', "a b c"),
            ("# x\n64496 | NAME  | 192.0.2.1 | 2026-11-22 01:02:03 | x\n", Format::Csv, b'|', ""),
            ("a.example,some words,2026-11-22,http://b.example/\n", Format::Csv, b',', ""),
            ("We saw a.example, b.example, c.example\n", Format::Text, 0, ""),
            ("a.example and so,b,c\n", Format::Text, 0, ""),
            ("# Host,Path\na.example,/x/\n", Format::Csv, b',', "Host Path"),
            (" \ta.example \t \n \tb.example \t \n", Format::List, 0, ""),
            ("= A report\n\na.example\nb.example\nc.example\nd.example\n", Format::Text, 0, ""),
            ("- a.example\n- b.example\n", Format::Text, 0, ""),
            ("<?xml version=\"1.0\"?>\n<a>\n<b/>\n</a>\n", Format::Text, 0, ""),
            ("address=/a.example/0.0.0.0\nserver=/b.example/\n", Format::Dnsmasq, 0, ""),
            (
                "server:\nlocal-zone: \"a.example\" static\nlocal-zone: \"b.example\" static\n",
                Format::Unbound,
                0,
                "",
            ),
            ("// x\nzone \"a.example\" {\n type master;\n file \"x\";\n};\n", Format::Bind, 0, ""),
            ("", Format::Text, 0, ""),
            ("We saw a.example, and\nthen, later, b.example at\n192.0.2.1.\n", Format::Text, 0, ""),
        ] {
            let dialect = sniff(head.as_bytes(), Format::Auto).expect("readable");
            assert_eq!(dialect.format, format, "{head:?}: {}", dialect.why);
            let csv = dialect.csv.as_ref();
            assert_eq!(csv.map_or(0, |csv| csv.separator), separator, "{head:?}");
            assert_eq!(csv.map_or(String::new(), names), header, "{head:?}");
        }
        // A quoted line end, and then a quote that nothing closes: the first line is a record.
        let unclosed = sniff(b"# a,b,password\nsep=,\n\"\n\",\"a,192.0.2.5", Format::Csv);
        assert_eq!(unclosed.map(|d| d.csv.as_ref().map(names)), Ok(Some("\"".to_owned())));
        assert!(sniff(b"<!DOCTYPE HTML><p>403", Format::Auto).is_err());
        assert!(sniff(b"<!DOCTYPE HTML><p>403", Format::Text).is_ok());
        assert!(sniff(b"PK\x03\x04", Format::Text).is_err());
        assert_eq!(sniff(b"a.example\rb.example", Format::Auto).map(|d| d.eol), Ok(b'\r'));
    }
}
