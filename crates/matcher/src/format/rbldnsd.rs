//! Data sets of rbldnsd: an address, a range or a name, and what is answered for it.
//!
//! Hides nothing. `!` before an entry excludes it, `.x` is x and all under it, and lines that
//! begin with `:` or `$` say what is answered.

use super::line::{comment, first_word, trim};
use super::{Place, Surroundings, line};

pub(super) fn place(around: &Surroundings<'_>) -> Option<Place> {
    line::place(around, within)
}

fn within(line: &[u8], at: usize) -> Place {
    let end = comment(line, b"#");
    if at >= end {
        return Place::comment(end..line.len());
    }
    let value = trim(line, 0..end);
    let first = line.get(value.start).copied();
    if matches!(first, Some(b':' | b'$')) {
        return Place::no_data(value);
    }
    let is_exception = first == Some(b'!');
    let entry = first_word(line, value.start + usize::from(is_exception)..value.end);
    if at < entry.start {
        Place::no_data(value.start..entry.start)
    } else if at >= entry.end {
        Place::no_data(entry.end..value.end)
    } else {
        Place { is_exception, ..Place::unnamed(entry) }
    }
}

/// Whether a line may be of rbldnsd: a mark, or a word that nothing but an answer follows.
pub(super) fn is_entry(line: &[u8]) -> bool {
    let value = trim(line, 0..comment(line, b"#"));
    let entry = first_word(line, value.clone());
    let behind = line[entry.end..value.end].trim_ascii_start();
    is_mark(line) || behind.is_empty() || behind.starts_with(b":")
}

/// Whether a line is of rbldnsd and no list: an answer, a directive, an exclusion.
pub(super) fn is_mark(line: &[u8]) -> bool {
    match line {
        [b':', rest @ ..] => {
            rest.starts_with(b"127.") || rest.first().is_some_and(u8::is_ascii_digit)
        }
        [b'!', next, ..] => next.is_ascii_alphanumeric() || b"*._".contains(next),
        _ => [&b"$DATASET"[..], b"$SOA", b"$NS"].iter().any(|mark| line.starts_with(mark)),
    }
}
