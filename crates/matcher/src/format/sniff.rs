//! Decides on a format from the first 64 KiB of a feed, and says why.

mod lines;
mod table;

use lines::Lines;

use super::csv::Csv;
use super::outline::Outline;
use super::{Dialect, Format, Zone, list, marks, zeek};

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
    let lines = Lines::new(text, eol, head.len() >= crate::scan::HEAD_BYTES);
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
    let heading = if format.has_heading() { lines.heading } else { 0 };
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
    match single * 10 >= sample.len() * 8 {
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

impl Lines<'_> {
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

    /// What tells documents of running text in which many lines hold one word.
    fn prose(&self) -> Option<&'static str> {
        /// A title stands behind a few attributes at most.
        const MOST_BEFORE_TITLE: usize = 8;
        if self.head.trim_ascii_start().starts_with(b"<?xml") {
            return Some("an XML document");
        }
        let mut lines = self.head.split(|&b| b == self.eol).take(MOST_BEFORE_TITLE);
        lines.any(|line| line.starts_with(b"= ")).then_some("a title, as AsciiDoc has it")
    }

    fn zeek(&self) -> Csv {
        zeek::columns(self.whole().split(|&b| b == self.eol))
    }
}

#[cfg(test)]
mod tests;
