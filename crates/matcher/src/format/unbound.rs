//! Options of Unbound: `local-zone: "x" always_nxdomain` is about x and all under it,
//! `local-data: "x A 0.0.0.0"` about x.
//!
//! Hides nothing. Zones that are `transparent` are answered as ever, which allows them.

use super::line::{comment, first_word, trim, value};
use super::{Place, Surroundings, line};

pub(super) fn place(around: &Surroundings<'_>) -> Option<Place> {
    line::place(around, within)
}

fn within(line: &[u8], at: usize) -> Place {
    let end = comment(line, b"#");
    if at >= end {
        return Place::comment(end..line.len());
    }
    let option = trim(line, 0..end);
    let Some((is_zone, key_end)) = key(line) else { return Place::unnamed(option) };
    let quoted = value(line, key_end..option.end);
    let name = if is_zone { quoted.clone() } else { first_word(line, quoted.clone()) };
    if at < name.start {
        return Place::no_data(option.start..name.start);
    }
    if at >= name.end {
        return Place::no_data(name.end..option.end);
    }
    let behind = (quoted.end + 1).min(option.end);
    let kind = &line[first_word(line, behind..option.end)];
    Place {
        is_subtree: is_zone,
        is_exception: is_zone && kind.ends_with(b"transparent"),
        ..Place::unnamed(name)
    }
}

/// Whether a line is an option about a name.
pub(super) fn is_entry(line: &[u8]) -> bool {
    key(line).is_some()
}

/// Whether the option is about a zone, and where what it says begins. Behind two colons there is no
/// value, but what running text may hold.
fn key(line: &[u8]) -> Option<(bool, usize)> {
    let start = line.len() - line.trim_ascii_start().len();
    let keys: [(&[u8], bool); 2] = [(b"local-zone:", true), (b"local-data:", false)];
    let has = |key: &[u8]| line[start..].starts_with(key);
    let (key, is_zone) = keys.into_iter().find(|(key, _)| has(key))?;
    let key_end = start + key.len();
    (line.get(key_end) != Some(&b':')).then_some((is_zone, key_end))
}
