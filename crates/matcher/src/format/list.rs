//! One indicator a line. A comment begins with `#` or `;` at the line's start or behind a blank.

use super::{Place, Surroundings};
use crate::hit::Role;

/// `None` where the line begins too far away to tell whether this is a comment.
pub(super) fn place(around: &Surroundings<'_>) -> Option<Place> {
    around.begins.then_some(())?;
    let line = &around.haystack[around.record.clone()];
    let marker = comment(line).map_or(around.record.end, |len| around.record.start + len);
    Some(if around.at < marker {
        Place::unnamed(around.record.start..marker)
    } else {
        Place { role: Some(Role::Comment), ..Place::unnamed(marker..around.record.end) }
    })
}

/// Where the comment of a line begins.
pub(super) fn comment(line: &[u8]) -> Option<usize> {
    let begins = |at: usize| at == 0 || line[at - 1].is_ascii_whitespace();
    (0..line.len()).find(|&at| matches!(line[at], b'#' | b';') && begins(at))
}
