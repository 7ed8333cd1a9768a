//! Options of dnsmasq: `address=/x/0.0.0.0` is about x and all under it.
//!
//! Hides nothing. What stands behind the last slash is where questions or answers are sent to.
//! `server=/x/#` asks the usual servers, which allows x again.

use std::ops::Range;

use super::line::{comment, trim};
use super::{Place, Surroundings, line};

pub(super) fn place(around: &Surroundings<'_>) -> Option<Place> {
    line::place(around, within)
}

fn within(line: &[u8], at: usize) -> Place {
    let end = comment(line, b"#;");
    if at >= end {
        return Place::comment(end..line.len());
    }
    let value = trim(line, 0..end);
    let Some((key, names)) = names(line, value.clone()) else { return Place::unnamed(value) };
    let target = names.end + usize::from(names.end < value.end);
    if at < names.start {
        return Place::no_data(value.start..names.start);
    }
    if at >= names.end {
        return Place::no_data(names.end..value.end);
    }
    let is_name = |b: &&u8| **b != b'/';
    let before = line[names.start..at].iter().rev().take_while(is_name).count();
    let behind = line[at..names.end].iter().take_while(is_name).count();
    let asks = matches!(key, b"server" | b"local");
    Place {
        is_subtree: true,
        is_exception: asks && line[target..value.end].trim_ascii() == b"#",
        ..Place::unnamed(at - before..at + behind)
    }
}

/// Whether a line is an option about names.
pub(super) fn is_entry(line: &[u8]) -> bool {
    names(line, trim(line, 0..comment(line, b"#;"))).is_some()
}

/// The key of an option, and the names between its slashes.
fn names(line: &[u8], value: Range<usize>) -> Option<(&[u8], Range<usize>)> {
    let equals = value.start + memchr::memchr(b'=', &line[value.clone()])?;
    let key = line[value.start..equals].trim_ascii();
    let is_key = !key.is_empty() && key.iter().all(|b| b.is_ascii_lowercase() || *b == b'-');
    let behind = trim(line, equals + 1..value.end);
    (is_key && line[behind.clone()].starts_with(b"/")).then_some(())?;
    let start = behind.start + 1;
    let last = memchr::memrchr(b'/', &line[start..behind.end]);
    Some((key, start..last.map_or(behind.end, |len| start + len)))
}
