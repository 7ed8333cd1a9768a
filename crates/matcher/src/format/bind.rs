//! Configuration of BIND: `zone "x" {` takes over x and all under it.
//!
//! Hides nothing. Comments begin with `#` or `//` at a line's start or behind a blank; those
//! between `/*` and `*/` are read as text. The rest of a line that names a zone, and file names,
//! are no data.

use super::line::{comment_where, first_word, trim, value};
use super::{Place, Surroundings, line};

pub(super) fn place(around: &Surroundings<'_>) -> Option<Place> {
    line::place(around, within)
}

fn within(line: &[u8], at: usize) -> Place {
    let end = comment(line);
    if at >= end {
        return Place::comment(end..line.len());
    }
    let option = trim(line, 0..end);
    let key = first_word(line, option.clone());
    match &line[key.clone()] {
        b"zone" => {}
        b"file" => return Place::no_data(option),
        _ => return Place::unnamed(option),
    }
    let name = value(line, key.end..option.end);
    if at < name.start {
        Place::no_data(option.start..name.start)
    } else if at >= name.end {
        Place::no_data(name.end..option.end)
    } else {
        Place { is_subtree: true, ..Place::unnamed(name) }
    }
}

/// Whether a line opens a zone.
pub(super) fn is_entry(line: &[u8]) -> bool {
    let option = trim(line, 0..comment(line));
    let key = first_word(line, option.clone());
    let name = value(line, key.end..option.end);
    &line[key] == b"zone" && !name.is_empty() && line[name.end..option.end].contains(&b'{')
}

fn comment(line: &[u8]) -> usize {
    comment_where(line, |at| line[at] == b'#' || line[at..].starts_with(b"//"))
}
