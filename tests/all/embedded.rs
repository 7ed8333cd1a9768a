//! The text of every row of the tables again, within a field, a string, a long line, and over every cut.
//!
//! A row says what its text means alone. Here the same text stands where feeds have it, and has to
//! mean the same: to the oracle, which reads the feed that is made, and to the row.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use feedsieve::{Image, Source};
use feedsieve_tests::{Format, Outcome, expected, table};

use crate::product::{format_of, image_of, outcome, scanner_of};

/// The rows whose feed is one line of UTF-16-free text, and that line.
fn lines() -> Vec<(table::Row, Vec<u8>)> {
    let is_text = |row: &table::Row| matches!(row.format, Format::Text | Format::List);
    let rows = table::rows().into_iter().filter(|row| is_text(row) && !row.options.most_specific);
    let line = |row: table::Row| {
        let line = row.feed.strip_suffix(b"\n").unwrap_or(&row.feed).to_vec();
        let is_one = !line.contains(&b'\n') && !is_utf16(&line);
        is_one.then_some((row, line))
    };
    rows.filter_map(line).collect()
}

fn is_utf16(feed: &[u8]) -> bool {
    feed.starts_with(b"\xff\xfe") || feed.starts_with(b"\xfe\xff")
}

/// Whether the line means the same within another one, or in a field.
///
/// Comments, commands and headings are of lists and of the beginning of a feed, a byte order mark is of the
/// beginning too, and a lone CR ends a line only where no LF does.
fn keeps_its_meaning(row: &table::Row, line: &[u8]) -> bool {
    let has_comment = row.format == Format::List && line.iter().any(|b| b"#;".contains(b));
    // Commands of a list allow, and remark in quotes.
    let is_command = row.exceptions > 0 || row.suppressed.contains_key("comment");
    let is_heading = line.starts_with(b"#") || line.starts_with(b"\xef\xbb\xbf");
    !has_comment && !is_command && !is_heading && !line.contains(&b'\r')
}

/// What differed, and how much was compared.
#[derive(Default)]
struct Report {
    wrong: String,
    differ: usize,
    compared: usize,
}

impl Report {
    /// Compares product and oracle on a feed, and both with the row where that means the same.
    fn compare(
        &mut self,
        row: &table::Row,
        image: &Image,
        feed: &[u8],
        format: Format,
        same: bool,
    ) {
        let mut wanted = expected(&row.inventory, feed, format, &row.options);
        for hit in &mut wanted.hits {
            hit.also.truncate(feedsieve::SCAN_LIMITS.also);
        }
        let found = self.compare_with(row, image, feed, format, &wanted);
        if found == wanted && same && concerned(&found) != concerned_in(row) {
            let (found, row_says) = (concerned(&found), concerned_in(row));
            self.note(row, feed, &format!("found {found:?}\n  row   {row_says:?}"));
        }
    }

    fn compare_with(
        &mut self,
        row: &table::Row,
        image: &Image,
        feed: &[u8],
        format: Format,
        wanted: &Outcome,
    ) -> Outcome {
        let scanner = scanner_of(image, format_of(format), &row.options);
        let mut found = outcome(&scanner, Source::slice("feed", feed));
        for hit in &mut found.hits {
            // A line of more than 64 KiB has no field, which only the product says.
            hit.flags.retain(|flag| flag != "long-record");
        }
        self.compared += 1;
        if found != *wanted {
            self.note(row, feed, &format!("product {found:?}\n  wanted  {wanted:?}"));
        }
        found
    }

    fn note(&mut self, row: &table::Row, feed: &[u8], what: &str) {
        self.differ += 1;
        if self.differ <= 25 {
            let feed = String::from_utf8_lossy(feed);
            let feed: String =
                feed.trim_matches(|c| PADDING.contains(c)).chars().take(200).collect();
            let _ = writeln!(self.wrong, "\n{}: {feed:?}\n  {what}", row.name);
        }
    }

    fn finish(self, least: usize) {
        println!("{} comparisons", self.compared);
        assert!(self.wrong.is_empty(), "rows that differ:{}", self.wrong);
        assert!(self.compared >= least, "{} comparisons", self.compared);
    }
}

type Concerned = BTreeSet<[String; 4]>;

/// Whom a feed concerns, and by what.
fn concerned(outcome: &Outcome) -> Concerned {
    let hits = outcome.hits.iter();
    hits.map(|h| [&h.participant, &h.asset, &h.relation, &h.indicator].map(Clone::clone)).collect()
}

fn concerned_in(row: &table::Row) -> Concerned {
    let hits = row.hits.iter();
    hits.map(|h| [&h.participant, &h.asset, &h.relation, &h.indicator].map(Clone::clone)).collect()
}

#[test]
fn rows_as_fields_of_csv() {
    let mut report = Report::default();
    for (row, line) in lines() {
        let image = image_of(&row.inventory);
        let mut feed = b"id,note,seen\n1,\"".to_vec();
        for &byte in &line {
            feed.push(byte);
            feed.extend((byte == b'"').then_some(b'"'));
        }
        feed.extend_from_slice(b"\",x\n");
        let same = keeps_its_meaning(&row, &line);
        report.compare(&row, &image, &feed, Format::Csv, same);
    }
    report.finish(LEAST_LINES);
}

#[test]
fn rows_as_strings_of_json() {
    let mut report = Report::default();
    for (row, line) in lines() {
        let Ok(text) = str::from_utf8(&line) else { continue };
        let image = image_of(&row.inventory);
        let string = serde_json::to_string(text).expect("a string is JSON");
        let mut escaped = String::new();
        for c in string.chars() {
            match c.is_ascii() {
                true => escaped.push(c),
                false => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                    let _ = write!(escaped, "\\u{unit:04x}");
                }),
            }
        }
        // A backslash of a text is one more way to defang or to escape; one of JSON is itself.
        let same = keeps_its_meaning(&row, &line) && !line.contains(&b'\\');
        for string in [string, escaped] {
            let feed = format!("{{\"id\":1,\"note\":{string},\"seen\":\"x\"}}\n");
            report.compare(&row, &image, feed.as_bytes(), Format::Ndjson, same);
        }
    }
    report.finish(2 * LEAST_LINES);
}

/// Words that concern nobody, and the blank between them.
const PADDING: &str = "some words of a report ";

#[test]
fn rows_in_long_lines() {
    let mut report = Report::default();
    for (index, (row, line)) in lines().into_iter().enumerate() {
        if line.contains(&b'\r') {
            // Whether it ends a line is decided by the first 64 KiB, so the padding matters.
            continue;
        }
        let image = image_of(&row.inventory);
        let same = keeps_its_meaning(&row, &line);
        let padded = |pad: &str| [pad.as_bytes(), &line, b" ", pad.as_bytes()].concat();
        let short_pad = pad(1);
        let short = padded(&short_pad);
        report.compare(&row, &image, &short, Format::Text, same);
        let mut wanted = expected(&row.inventory, &short, Format::Text, &row.options);
        let mut shift = 0;
        for pad in [pad(20), pad(70)] {
            let more = (pad.len() - short_pad.len()) as u64 - shift;
            shift += more;
            for hit in &mut wanted.hits {
                (hit.at, hit.length) = (hit.at + more, hit.length + 2 * more);
                hit.also.truncate(feedsieve::SCAN_LIMITS.also);
                hit.also.iter_mut().for_each(|also| also.0 += more);
            }
            let long = padded(&pad);
            report.compare_with(&row, &image, &long, Format::Text, &wanted);
            // The oracle is slow, and more of the same words change nothing but offsets.
            if index % 32 == 0 {
                report.compare(&row, &image, &long, Format::Text, same);
            }
        }
    }
    report.finish(3 * LEAST_LINES);
}

fn pad(kib: usize) -> String {
    PADDING.repeat((kib << 10) / PADDING.len() + 1)
}

#[test]
fn rows_over_every_cut() {
    let (mut compared, mut wrong) = (0, String::new());
    for row in table::rows() {
        if row.options.most_specific {
            continue;
        }
        let image = image_of(&row.inventory);
        let scanner = scanner_of(&image, format_of(row.format), &row.options);
        // The borders of longer feeds fall where those of shorter ones do.
        for chunk_bytes in 1..=row.feed.len().min(MOST_CUT_BYTES) {
            let cut = scanner.clone().chunk_bytes(chunk_bytes, 0);
            let found = outcome(&cut, Source::slice("feed", &row.feed));
            compared += 1;
            if !row.agrees_with(&found) && wrong.len() < 9000 {
                let feed = String::from_utf8_lossy(&row.feed);
                let _ = writeln!(wrong, "\n{}, {chunk_bytes}: {feed:?}\n  {found:?}", row.name);
            }
        }
    }
    println!("{compared} comparisons");
    assert!(wrong.is_empty(), "cuts that change something:{wrong}");
    assert!(compared >= LEAST_CUTS, "{compared} comparisons");
}

/// Feeds are cut at each of so many first bytes.
const MOST_CUT_BYTES: usize = 600;

/// Rows of one line, at least: so many does a loop that skips too much not reach.
const LEAST_LINES: usize = 800;

const LEAST_CUTS: usize = 20_000;
