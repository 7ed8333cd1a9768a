//! Whether a record names the columns of those behind it.

use std::iter;

use crate::IndicatorKind;
use crate::reading::{Escapes, Text, Value, read};

/// Whether a cell is data, so that the record which it stands in is no header.
///
/// Data is an address, a URL, a mail address or a name with an end that exists, a number, a date, a
/// time and money. Anything else may name a column: `2fa`, `ip:port`, `http.user_agent.original`,
/// `N/A`, and nothing at all. In doubt a cell is a name: without a header, columns of secrets are
/// searched and shown; with a false one, the columns have odd names, and indicators in it are
/// found all the same.
pub(super) fn is_data(cell: &[u8], escapes: Escapes) -> bool {
    let cell = cell.trim_ascii();
    is_number(&String::from_utf8_lossy(cell)) || holds_indicator(cell, escapes)
}

/// Whether there is a digit and no letters but those of numbers, dates, times and money.
fn is_number(cell: &str) -> bool {
    const WORDS: [&str; 26] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon",
        "tue", "wed", "thu", "fri", "sat", "sun", "am", "pm", "utc", "gmt", "eur", "usd", "gbp",
    ];
    // `2026-01-01T12:30:00Z` and `1e5`.
    const BEHIND_DIGITS: [&str; 3] = ["t", "z", "e"];
    let mut rest = cell;
    while let Some(start) = rest.find(char::is_alphabetic) {
        let (before, letters) = rest.split_at(start);
        let end = letters.find(|c: char| !c.is_alphabetic()).unwrap_or(letters.len());
        let is_one_of =
            |words: &[&str]| words.iter().any(|w| w.eq_ignore_ascii_case(&letters[..end]));
        let is_behind_digit = before.ends_with(|c: char| c.is_ascii_digit());
        if !(is_one_of(&WORDS) || is_behind_digit && is_one_of(&BEHIND_DIGITS)) {
            return false;
        }
        rest = &letters[end..];
    }
    cell.contains(|c: char| c.is_ascii_digit())
}

fn holds_indicator(cell: &[u8], escapes: Escapes) -> bool {
    let mut text = Text::default();
    text.rewrite(cell, escapes);
    let mut readings = Vec::new();
    read(&text.bytes, &mut readings);
    let is_url = text.bytes.windows(3).any(|part| part == b"://");
    // As in other text, what is left of `\n` may be a line end or a letter.
    if text.undo_controls() {
        let mut again = Vec::new();
        read(&text.bytes, &mut again);
        again.retain(|reading| !matches!(reading.value, Value::Rejected(_)));
        readings.append(&mut again);
    }
    let mut readings = readings.iter().flat_map(|read| iter::once(read).chain(&read.others));
    is_url || readings.any(|reading| is_indicator(&reading.value, cell))
}

/// Whether what was read in a cell is no column's name.
fn is_indicator(value: &Value, cell: &[u8]) -> bool {
    match value {
        // `::` separates words, and stands for no address.
        Value::Addrs { range, kind: IndicatorKind::Ipv4 | IndicatorKind::Ipv6 } => {
            !range.single().is_some_and(|addr| addr.is_unspecified())
        }
        Value::Addrs { .. } | Value::Rejected(_) => true,
        // Nobody gets mail at an address that is written as a name.
        Value::Mail { mail, .. } => mail
            .rsplit('@')
            .next()
            .is_some_and(|host| has_known_end(host) && !host.ends_with(".arpa")),
        Value::Name { name, .. } => {
            let is_alone = cell.eq_ignore_ascii_case(name.as_bytes());
            has_known_end(name) && !(is_alone && ends_as_column(name))
        }
        Value::BadName { .. } => false,
    }
}

/// Whether the last label of a name is one that exists, or that is kept for examples and the like.
fn has_known_end(name: &str) -> bool {
    const RESERVED: [&str; 7] =
        ["example", "test", "invalid", "localhost", "local", "arpa", "onion"];
    let last = name.rsplit('.').next().unwrap_or_default();
    RESERVED.contains(&last) || psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known())
}

/// Whether a name ends as those of columns do too: `user.name`, `event.id`.
fn ends_as_column(name: &str) -> bool {
    const ENDS: [&str; 12] = [
        "city", "date", "email", "family", "group", "host", "id", "link", "name", "network",
        "phone", "zip",
    ];
    name.rsplit('.').next().is_some_and(|last| ENDS.contains(&last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_are_data() {
        let cells = [
            "192.0.2.1",
            "192.0.2.0/24",
            "2001:db8::1",
            "http://intranet/",
            "a@hospital.example",
            "hospital.example",
            "see a.com",
            "xn--e1afmkfd.xn--p1ai",
            "7",
            "-2.5",
            "1e5",
            "12:30",
            "2026-01-01T12:30:00Z",
            "Mon, 05 Jan 2026",
            "$5",
            "5 EUR",
            "0.0.0.0/0",
        ];
        for cell in cells {
            assert!(is_data(cell.as_bytes(), Escapes::None), "{cell}");
        }
    }

    #[test]
    fn cells_that_may_name_columns() {
        let cells = [
            "",
            " ",
            "ip",
            "ip:port",
            "src/dst",
            "2fa",
            "-",
            "*",
            "#",
            "N/A",
            "(a)",
            "user.name",
            "http.user_agent.original",
            "url.full",
            "id.orig_h",
            "@timestamp",
            "a@b",
            "a..b",
            "::",
            "e5",
            "may",
            "24h",
            "\u{e9}",
        ];
        for cell in cells {
            assert!(!is_data(cell.as_bytes(), Escapes::None), "{cell}");
        }
    }
}
