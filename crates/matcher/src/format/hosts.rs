//! Hosts files: an address, the names that it is given, and comments behind `#` or `;`.
//!
//! Hides nothing. An unspecified or loopback address is where blocked names are sent, and no
//! data; any other is. A line that begins with something else is an entry of a list.

use std::net::IpAddr;

use super::line::{comment, first_word, word_at};
use super::{Place, Surroundings, line};

pub(super) fn place(around: &Surroundings<'_>) -> Option<Place> {
    line::place(around, within)
}

fn within(line: &[u8], at: usize) -> Place {
    let value = 0..comment(line, b"#;");
    if at >= value.end {
        return Place::comment(value.end..line.len());
    }
    let first = first_word(line, value.clone());
    match address(&line[first.clone()]) {
        None => Place::unnamed(value),
        Some(addr) if at < first.end && is_sink(addr) => Place::no_data(first),
        Some(_) => Place::unnamed(word_at(line, value, at)),
    }
}

/// Whether a line sends names to an address at which nobody answers.
pub(super) fn is_entry(line: &[u8]) -> bool {
    let value = 0..comment(line, b"#;");
    let first = first_word(line, value.clone());
    let next = first_word(line, first.end..value.end);
    address(&line[first]).is_some_and(is_sink) && !next.is_empty()
}

fn is_sink(addr: IpAddr) -> bool {
    addr.is_unspecified() || addr.is_loopback()
}

/// The address that a word is, perhaps with a zone.
fn address(word: &[u8]) -> Option<IpAddr> {
    let addr = word.split(|&b| b == b'%').next().unwrap_or_default();
    str::from_utf8(addr).ok()?.parse().ok()
}
