//! Address ranges for peer-to-peer programs: `name:first-last`, or
//! `first - last , level , name` with octets that zeros pad.
//!
//! Zeros before an octet hide nothing from the finder, which takes such addresses for octal and
//! so for ambiguous; here they are decimal. Levels from 128 on let a range through.

use std::net::Ipv4Addr;
use std::ops::Range;

use super::line::{comment, trim};
use super::{Place, Surroundings, line};

/// Blanks at either side of the dash.
const MAX_BLANKS: usize = 8;

/// From this access level on a range is not blocked.
const FIRST_LEVEL_ALLOWED: u32 = 128;

pub(super) fn place(around: &Surroundings<'_>) -> Option<Place> {
    line::place(around, within)
}

fn within(line: &[u8], at: usize) -> Place {
    let end = comment(line, b"#");
    if at >= end {
        return Place::comment(end..line.len());
    }
    let value = trim(line, 0..end);
    let Some(entry) = Entry::of(line, value.clone()) else { return Place::unnamed(value) };
    if at < entry.range.start {
        return Place::unnamed(value.start..entry.range.start);
    }
    if at >= entry.range.end {
        return Place::unnamed(entry.range.end..value.end);
    }
    let meant = format!("{}-{}", entry.first, entry.last);
    Place {
        stands_for: Some(meant.into_bytes().into()),
        is_exception: entry.level.is_some_and(|level| level >= FIRST_LEVEL_ALLOWED),
        ..Place::unnamed(entry.range)
    }
}

/// Whether a line is an entry with a name.
pub(super) fn is_entry(line: &[u8]) -> bool {
    let value = trim(line, 0..comment(line, b"#"));
    let is_more =
        |entry: &Entry| entry.range.start > value.start + 1 || entry.range.end < value.end;
    Entry::of(line, value.clone()).is_some_and(|entry| is_more(&entry))
}

struct Entry {
    /// Where both addresses stand.
    range: Range<usize>,
    first: Ipv4Addr,
    last: Ipv4Addr,
    level: Option<u32>,
}

impl Entry {
    fn of(line: &[u8], value: Range<usize>) -> Option<Self> {
        let first = Self::at(line, value.start, value.end);
        if let Some(mut entry) = first {
            let rest = line[entry.range.end..value.end].trim_ascii_start();
            if rest.is_empty() {
                return Some(entry);
            }
            if let Some(rest) = rest.strip_prefix(b",") {
                let level = rest.split(|&b| b == b',').next().unwrap_or_default().trim_ascii();
                entry.level = str::from_utf8(level).ok().and_then(|level| level.parse().ok());
                return Some(entry);
            }
        }
        let colon = value.start + memchr::memrchr(b':', &line[value.clone()])?;
        // What stands right before may be an address that goes on behind the colon.
        let mut name =
            line[value.start..colon].iter().rev().take_while(|b| !b.is_ascii_whitespace());
        name.all(|&b| b != b':').then_some(())?;
        let start = trim(line, colon + 1..value.end).start;
        Self::at(line, start, value.end).filter(|entry| entry.range.end == value.end)
    }

    /// Two addresses and a dash at `start`.
    fn at(line: &[u8], start: usize, end: usize) -> Option<Self> {
        let blanks = |at: usize| {
            let rest = line[at..end].iter().take(MAX_BLANKS);
            at + rest.take_while(|&&b| b == b' ' || b == b'\t').count()
        };
        let (first, behind) = quad(line, start, end)?;
        let dash = blanks(behind);
        (dash < end && line[dash] == b'-').then_some(())?;
        let (last, behind) = quad(line, blanks(dash + 1), end)?;
        Some(Self { range: start..behind, first, last, level: None })
    }
}

/// A dotted quad of decimal numbers, zeros before them or not, and where it ends.
fn quad(line: &[u8], start: usize, end: usize) -> Option<(Ipv4Addr, usize)> {
    let mut octets = [0; 4];
    let mut at = start;
    for (index, octet) in octets.iter_mut().enumerate() {
        if index > 0 {
            (at < end && line[at] == b'.').then_some(())?;
            at += 1;
        }
        let digits = line[at..end].iter().take_while(|b| b.is_ascii_digit()).count();
        (1..=3).contains(&digits).then_some(())?;
        *octet = str::from_utf8(&line[at..at + digits]).ok()?.parse().ok()?;
        at += digits;
    }
    Some((octets.into(), at))
}
